"""Who owes a report for which days, what a site may state of them, and what marks a report."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.accounts.domain import Role
from registry.audit.models import AuditEvent
from registry.db import unit_of_work
from registry.flags.service.sweep import sweep
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Conflict, Forbidden, NotFound, RuleRefused, Stale
from registry.kernel.parameters import DEFAULTS
from registry.kernel.workdays import WorkingDays
from registry.reporting.domain.calendar import due_on
from registry.reporting.domain.parameters import PHARMACIES, WHOLESALERS
from registry.reporting.domain.spans import Every, span_named, span_of
from registry.reporting.models import SiteReport
from registry.reporting.queries.reports import owed_by_all
from registry.reporting.service import state_report
from registry.reporting.watches import WATCHES
from tests.intake.tables import counted
from tests.reporting.world import (
    STOCK,
    dispense,
    on,
    owed,
    pharmacies_report,
    set_to,
    shown,
    site,
    state,
    states,
)
from tests.world import move, table_of, take_in


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_span_is_named_by_its_code(code: str, first: date, last: date) -> None:
    span = span_named(code)
    assert span is not None
    assert (span.first, span.last, span.code) == (first, last, code)
    assert span_of(span.every, last) == span_of(span.every, first) == span
    assert first in span
    assert date(2025, 1, 1) not in span


@pytest.mark.parametrize("code", ["2024-13", "2024-00", "2024-Q5", "24-01", "1850-01", "", "2024-1", "２０２４"])
def test_what_is_no_span_has_no_name(code: str) -> None:
    assert span_named(code) is None


def test_a_report_is_due_on_the_next_working_day(stocked: Session) -> None:
    """5 May 2024 is a Sunday; a Monday that is a holiday moves it on."""
    pharmacies_report(stocked)
    april = {one.duty.span.code: one.duty.due_on for one in owed(stocked, on(2024, 6, 15))}
    assert april["2024-04"] == date(2024, 5, 6)
    assert april["2024-03"] == date(2024, 4, 5)
    assert take_in(stocked, "holidays", table_of("day,kind,name", "2024-05-06,holiday,Test")).written
    moved = {one.duty.span.code: one.duty.due_on for one in owed(stocked, on(2024, 6, 15))}
    assert moved["2024-04"] == date(2024, 5, 7)


def test_nobody_owes_before_an_act_says_so(stocked: Session) -> None:
    assert states(stocked, on(2024, 6, 15)) == {}
    assert owed_by_all(stocked, date(2024, 6, 15)) == []
    pharmacies_report(stocked, since=date(2024, 4, 1))
    assert states(stocked, on(2024, 6, 15)) == {"2024-04": "late", "2024-05": "late", "2024-06": "running"}
    assert states(stocked, on(2024, 6, 15), "E-HOS") == {}


def test_an_act_of_the_middle_of_a_month_counts_from_the_next(stocked: Session) -> None:
    pharmacies_report(stocked, since=date(2024, 4, 2))
    assert sorted(states(stocked, on(2024, 6, 15))) == ["2024-05", "2024-06"]


def test_a_change_of_the_length_leaves_no_month_out(stocked: Session) -> None:
    pharmacies_report(stocked)
    set_to(stocked, PHARMACIES, "quarter", date(2024, 5, 1))
    assert sorted(states(stocked, on(2024, 6, 15))) == ["2024-01", "2024-02", "2024-03", "2024-04", "2024-Q2"]
    set_to(stocked, WHOLESALERS, "year")
    assert states(stocked, on(2025, 1, 31), "E-WHO")["2024"] == "due"
    assert states(stocked, on(2025, 2, 1), "E-WHO")["2024"] == "late"


def test_only_days_with_a_licence_are_owed(stocked: Session) -> None:
    """The licences of the example hold from 2023 to the end of 2025."""
    pharmacies_report(stocked, since=date(2025, 11, 1))
    found = {one.duty.span.code: one.duty for one in owed(stocked, on(2026, 3, 1))}
    assert sorted(found) == ["2025-11", "2025-12"]
    assert (found["2025-11"].closing, found["2025-12"].closing) == (False, True)
    licence = "number,organisation,acts,substances,valid_from,valid_to"
    renewed = "L-2,E-PH1,acquisition;storage;dispensing,narcotic,2026-01-01,2026-02-10"
    assert take_in(stocked, "licences", table_of(licence, renewed)).written
    found = {one.duty.span.code: one.duty for one in owed(stocked, on(2026, 3, 1))}
    assert sorted(found) == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [one.closing for one in found.values()] == [False, False, False, True]
    # The last report reaches to the last day of the licence, and is due so many days after that.
    assert (found["2026-02"].until, found["2026-02"].due_on) == (date(2026, 2, 10), date(2026, 2, 16))


@pytest.mark.parametrize(
    ("day", "found"), [((2024, 5, 31), "running"), ((2024, 6, 1), "due"), ((2024, 6, 5), "due"), ((2024, 6, 6), "late")]
)
def test_where_a_report_stands_on_both_sides_of_its_days(
    stocked: Session, day: tuple[int, int, int], found: str
) -> None:
    pharmacies_report(stocked)
    assert states(stocked, on(*day))["2024-05"] == found


def test_rpt_02_a_report_is_made_after_its_last_day(stocked: Session) -> None:
    pharmacies_report(stocked)
    with pytest.raises(RuleRefused) as refused:
        state(stocked, on(2024, 5, 31), "2024-05", nil=True)
    assert refused.value.findings[0].rule.code == "RPT-02"
    state(stocked, on(2024, 6, 1), "2024-05", nil=True)
    assert states(stocked, on(2024, 6, 1))["2024-05"] == "reported"


def test_rpt_01_nothing_is_reported_where_nothing_is_recorded(stocked: Session) -> None:
    pharmacies_report(stocked)
    assert move(stocked, STOCK).written
    dispense(stocked, "D-1", "2024-04-30")
    for period, nil in (("2024-04", True), ("2024-05", False)):
        with pytest.raises(RuleRefused) as refused:
            state(stocked, on(2024, 6, 3), period, nil=nil)
        assert refused.value.findings[0].rule.code == "RPT-01"
    assert stocked.query(SiteReport).count() == 0
    state(stocked, on(2024, 6, 3), "2024-04")
    state(stocked, on(2024, 6, 3), "2024-05", nil=True)
    rows = stocked.query(SiteReport).order_by(SiteReport.period)
    assert [(row.period, row.nil, row.entries) for row in rows] == [("2024-04", False, 1), ("2024-05", True, 0)]
    event = stocked.query(AuditEvent).filter_by(subject="report E-PH1 2024-05").one()
    assert '"nil": true' in event.detail or '"nil":true' in event.detail


def test_what_others_send_is_a_movement_of_the_receiver_too(stocked: Session) -> None:
    pharmacies_report(stocked)
    opening = "O-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,"
    assert move(stocked, opening, "S-1,2024-05-02,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,").written
    with pytest.raises(RuleRefused):
        state(stocked, on(2024, 6, 3), "2024-05", nil=True)
    state(stocked, on(2024, 6, 3), "2024-05")


def test_a_later_entry_of_its_days_marks_a_report_until_it_is_made_again(stocked: Session) -> None:
    pharmacies_report(stocked)
    assert move(stocked, STOCK).written
    state(stocked, on(2024, 6, 3), "2024-05", nil=True)
    dispense(stocked, "D-1", "2024-06-01")
    assert states(stocked, on(2024, 6, 3))["2024-05"] == "reported", "an entry of the day after changes nothing"
    dispense(stocked, "D-2", "2024-05-31")
    assert states(stocked, on(2024, 6, 3))["2024-05"] == "changed"
    state(stocked, on(2024, 6, 4), "2024-05")
    assert states(stocked, on(2024, 6, 4))["2024-05"] == "reported"
    assert [row.number for row in stocked.query(SiteReport).order_by(SiteReport.number)] == [1, 2]
    with pytest.raises(Conflict):
        state(stocked, on(2024, 6, 4), "2024-05")


def test_a_sheet_that_changed_since_it_was_shown_is_not_affirmed(stocked: Session) -> None:
    pharmacies_report(stocked)
    assert move(stocked, STOCK).written
    dispense(stocked, "D-1", "2024-05-30")
    seen = shown(stocked, on(2024, 6, 3), "2024-05")
    dispense(stocked, "D-2", "2024-05-31")
    with pytest.raises(Stale):
        state(stocked, on(2024, 6, 3), "2024-05", seen=seen)
    state(stocked, on(2024, 6, 3), "2024-05")
    assert stocked.query(SiteReport).one().digest not in ("", seen)


def test_a_report_is_its_own_sites_and_of_a_span_it_owes(stocked: Session) -> None:
    pharmacies_report(stocked)
    clock = on(2024, 6, 3)
    for period in ("2024-Q1", "2023-12", "nonsense"):
        with pytest.raises(NotFound):
            state(stocked, clock, period, nil=True, seen="x")
    other = Actor("pol", "polina", frozenset({Role.PHARMACY.value}), site(stocked, "E-PH2").organisation_id)
    with pytest.raises(Forbidden), unit_of_work(stocked):
        state_report(stocked, other, clock, site(stocked), "2024-05", nil=True, seen="x")


def test_a_closing_report_made_before_a_renewal_does_not_cover_the_whole_month(stocked: Session) -> None:
    pharmacies_report(stocked, since=date(2026, 1, 1))
    licence = "number,organisation,acts,substances,valid_from,valid_to"
    first = "L-2,E-PH1,acquisition;storage;dispensing,narcotic,2026-01-01,2026-02-10"
    assert take_in(stocked, "licences", table_of(licence, first)).written
    state(stocked, on(2026, 2, 11), "2026-02", nil=True)
    assert states(stocked, on(2026, 2, 12))["2026-02"] == "reported"
    again = "L-3,E-PH1,acquisition;storage;dispensing,narcotic,2026-02-20,2026-12-31"
    assert take_in(stocked, "licences", table_of(licence, again)).written
    assert states(stocked, on(2026, 3, 1))["2026-02"] == "due"


def test_rpt_03_a_late_report_is_a_flag_until_it_is_made(stocked: Session) -> None:
    pharmacies_report(stocked, since=date(2024, 5, 1))
    assert flags(stocked, (2024, 6, 5)) == set()
    assert flags(stocked, (2024, 6, 6)) == {("RPT-03", "report E-PH1"), ("RPT-03", "report E-PH2")}
    state(stocked, on(2024, 6, 6), "2024-05", nil=True)
    assert flags(stocked, (2024, 6, 6)) == {("RPT-03", "report E-PH2")}


def test_rpt_04_what_changed_after_a_report_is_a_flag_until_it_is_reported_again(stocked: Session) -> None:
    pharmacies_report(stocked, since=date(2024, 5, 1))
    assert move(stocked, STOCK).written
    state(stocked, on(2024, 6, 3), "2024-05", nil=True)
    assert flags(stocked, (2024, 6, 3)) == set()
    dispense(stocked, "D-1", "2024-05-31")
    assert flags(stocked, (2024, 6, 3)) == {("RPT-04", "report E-PH1")}
    state(stocked, on(2024, 6, 3), "2024-05")
    assert flags(stocked, (2024, 6, 3)) == set()


def flags(session: Session, day: tuple[int, int, int]) -> set[tuple[str, str]]:
    """Return what the watch of this room finds."""
    return {(one.rule.code, one.subject) for watch in WATCHES for one in watch.look(session, on(*day))}


def test_the_sweep_takes_what_the_watch_finds(stocked: Session) -> None:
    pharmacies_report(stocked, since=date(2024, 5, 1))
    with unit_of_work(stocked):
        swept = sweep(stocked, SYSTEM, on(2024, 6, 6), WATCHES)
    assert (swept.opened, swept.standing) == (2, 2)


def test_the_statements_grow_neither_with_the_sites_nor_with_the_months(stocked: Session) -> None:
    pharmacies_report(stocked, since=date(2024, 4, 1))
    state(stocked, on(2024, 6, 3), "2024-04", nil=True)
    with counted(stocked) as few:
        assert len(owed_by_all(stocked, date(2024, 6, 15))) == 6
    set_to(stocked, WHOLESALERS, "month")
    set_to(stocked, PHARMACIES, "month", date(2023, 1, 1))
    state(stocked, on(2024, 6, 3), "2024-05", nil=True)
    with counted(stocked) as many:
        assert len(owed_by_all(stocked, date(2024, 6, 15))) > 20
    assert len(many) == len(few) <= 8


def test_the_due_day_of_a_quarter_and_a_year() -> None:
    worked = WorkingDays()
    assert due_on(Every.QUARTER, date(2024, 3, 31), DEFAULTS, worked) == date(2024, 4, 15)
    assert due_on(Every.YEAR, date(2024, 12, 31), DEFAULTS, worked) == date(2025, 1, 31)
    assert due_on(Every.MONTH, date(2024, 8, 31), DEFAULTS, worked) == date(2024, 9, 5)
