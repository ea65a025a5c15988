"""Closed periods: what happened in one is refused until the authority, two persons of it, reopens it for some days."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.deeds.service import decide
from registry.intake.check import Report
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Forbidden, Invalid, RuleRefused, TransitionRefused
from registry.reporting.domain.closing import CLOSE, DEEDS, REOPEN, Act, closed_by
from registry.reporting.domain.parameters import CLOSE_DAYS
from registry.reporting.domain.spans import span_named
from registry.reporting.pages.closing import fed_returns
from registry.reporting.service.closing import EFFECTS, PeriodAsked, ask, closed_among
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import APPROVER, OFFICER
from tests.reporting.world import STOCK, on, pharmacies_report, set_to, site
from tests.world import enter, move

__all__ = ["cheap_hashes", "office"]
MAY = (date(2024, 5, 1), date(2024, 5, 31))
JUNE_20 = on(2024, 6, 20)


def dispense(session: Session, reference: str, day: str, clock: FixedClock, by_hand: bool = False) -> Report:
    row = f"{reference},{day},dispense,E-PH1,,MOR10,A0,1,,,,R-1,"
    return (enter if by_hand else move)(session, row, clock=clock)


def refused_by(report: Report) -> set[str]:
    return {one.rule.code for one in report.findings if one.severity == "refuse"}


def act(session: Session, kind: str, clock: FixedClock, code: str | None = "E-PH1", period: str = "2024-05") -> None:
    """Let an officer do or propose a deed, and an approver decide on what is proposed."""
    with unit_of_work(session):
        asked = PeriodAsked(kind, site(session, code) if code else None, span_named(period), "why", clock.today())
        deed = ask(session, OFFICER, clock, asked)
    if not DEEDS[kind].at_once:
        with unit_of_work(session):
            done = decide(session, APPROVER, clock, DEEDS[kind], deed.id, approve=True)
            EFFECTS[kind](session, APPROVER, clock, done)


@pytest.fixture
def country(stocked: Session) -> Session:
    """A pharmacy with stock, another with none."""
    assert move(stocked, STOCK).written
    return stocked


@pytest.mark.parametrize(
    ("acts", "today", "closed"),
    [
        pytest.param([], date(2024, 7, 1), None, id="nothing done"),
        pytest.param([Act(1, "p", *MAY, True, date(2024, 6, 10))], date(2024, 6, 9), None, id="the day before"),
        pytest.param([Act(1, "p", *MAY, True, date(2024, 6, 10))], date(2024, 6, 10), True, id="its day"),
        pytest.param([Act(2, "p", *MAY, True, date(2024, 6, 10))], date(2024, 6, 10), None, id="another site"),
        pytest.param([Act(None, "p", *MAY, True, date(2024, 6, 10))], date(2024, 6, 10), True, id="all sites"),
        pytest.param(
            [
                Act(None, "p", *MAY, True, date(2024, 6, 10)),
                Act(1, "p", *MAY, False, date(2024, 6, 11), date(2024, 6, 21)),
            ],
            date(2024, 6, 21),
            False,
            id="the last open day",
        ),
        pytest.param(
            [
                Act(None, "p", *MAY, True, date(2024, 6, 10)),
                Act(1, "p", *MAY, False, date(2024, 6, 11), date(2024, 6, 21)),
            ],
            date(2024, 6, 22),
            True,
            id="the day after",
        ),
    ],
)
def test_the_last_act_of_a_day_counts(acts: list[Act], today: date, closed: bool | None) -> None:
    assert closed_by(acts, 1, date(2024, 5, 1), today) is closed


def test_nothing_closes_until_the_country_says_so(country: Session) -> None:
    pharmacies_report(country)
    assert dispense(country, "D-1", "2024-02-01", on(2025, 12, 1)).written


@pytest.mark.parametrize(("day", "open_still"), [(15, True), (16, False)])
def test_a_period_closes_so_many_days_after_its_report_was_due(country: Session, day: int, open_still: bool) -> None:
    """May 2024 is due on 5 June; ten days later it is open for the last time."""
    pharmacies_report(country)
    set_to(country, CLOSE_DAYS, "10")
    report = dispense(country, "D-1", "2024-05-31", on(2024, 6, day))
    assert report.written is open_still
    assert refused_by(report) == (set() if open_still else {"STK-26"})
    assert dispense(country, "D-2", "2024-06-01", on(2024, 6, day)).written, "June runs"


def test_only_sites_that_owe_reports_have_periods_that_close_by_themselves(country: Session) -> None:
    set_to(country, CLOSE_DAYS, "10")
    assert dispense(country, "D-1", "2024-05-31", on(2024, 12, 1)).written


def test_stk_26_what_happened_in_a_closed_period_is_refused_by_hand_and_by_file(country: Session) -> None:
    act(country, CLOSE.code, JUNE_20)
    for by_hand in (True, False):
        report = dispense(country, "D-1", "2024-05-31", JUNE_20, by_hand)
        assert refused_by(report) == {"STK-26"}
        [finding] = [one for one in report.findings if one.rule.code == "STK-26"]
        assert "05.2024 is closed for E-PH1: ask the authority to reopen it" in str(finding.message)
    for day in ("2024-04-30", "2024-06-01", "2024-06-20"):
        assert dispense(country, f"D-{day}", day, JUNE_20).written, day


def test_a_closed_period_of_the_receiver_closes_its_shelves_for_the_sender_too(country: Session) -> None:
    assert move(country, "O-2,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,").written
    act(country, CLOSE.code, JUNE_20)
    row = "S-{0},{1},supply,E-WHO,{2},MOR10,A0,5,,,,,"
    assert refused_by(move(country, row.format(1, "2024-05-31", "E-PH1"), clock=JUNE_20)) == {"STK-26"}
    assert move(country, row.format(2, "2024-05-31", "E-PH2"), clock=JUNE_20).written


def test_an_entry_of_a_closed_period_is_corrected_with_the_day_of_today(country: Session) -> None:
    assert dispense(country, "D-1", "2024-05-31", JUNE_20).written
    act(country, CLOSE.code, JUNE_20)
    row = "R-1,{},reverse,E-PH1,,MOR10,A0,1,,,D-1,,"
    assert refused_by(move(country, row.format("2024-05-31"), clock=JUNE_20)) == {"STK-26"}
    assert move(country, row.format("2024-06-20"), clock=JUNE_20).written


def test_the_authority_reopens_with_a_second_person_and_for_some_days(country: Session) -> None:
    act(country, CLOSE.code, JUNE_20, code=None)
    with unit_of_work(country):
        asked = PeriodAsked(
            REOPEN.code, site(country), span_named("2024-05"), "an invoice came late", date(2024, 6, 20)
        )
        deed = ask(country, OFFICER, JUNE_20, asked)
    assert not dispense(country, "D-1", "2024-05-31", JUNE_20).written, "proposed is not reopened"
    with pytest.raises((RuleRefused, Forbidden)), unit_of_work(country):
        decide(country, OFFICER, JUNE_20, REOPEN, deed.id, approve=True)
    with unit_of_work(country):
        done = decide(country, APPROVER, JUNE_20, REOPEN, deed.id, approve=True)
        EFFECTS[REOPEN.code](country, APPROVER, JUNE_20, done)
    assert dispense(country, "D-1", "2024-05-31", JUNE_20).written
    assert dispense(country, "D-2", "2024-05-31", on(2024, 6, 30)).written, "the tenth day"
    assert refused_by(dispense(country, "D-3", "2024-05-31", on(2024, 7, 1))) == {"STK-26"}


def test_what_has_not_ended_is_not_closed_and_what_is_open_not_reopened(country: Session) -> None:
    with pytest.raises(Invalid):
        act(country, CLOSE.code, JUNE_20, period="2024-06")
    with pytest.raises(Invalid):
        act(country, CLOSE.code, JUNE_20, period="2024-Q2")
    with pytest.raises(TransitionRefused):
        act(country, REOPEN.code, JUNE_20)
    act(country, CLOSE.code, JUNE_20, period="2024-Q1")
    assert refused_by(dispense(country, "D-1", "2024-03-31", JUNE_20)) == {"STK-26"}
    with pytest.raises(DatabaseError):
        country.execute(text("DELETE FROM period_act"))


def test_the_statements_do_not_grow_with_what_is_asked(country: Session) -> None:
    pharmacies_report(country)
    set_to(country, CLOSE_DAYS, "10")
    one = {(site(country).id, date(2024, 4, 1))}
    with counted(country) as few:
        assert closed_among(country, JUNE_20, one) == one
    numbers = [site(country, code).id for code in ("E-PH1", "E-PH2", "E-HOS", "E-WHO")]
    months = {(number, date(2024, month, 1)) for number in numbers for month in range(1, 6)}
    with counted(country) as many:
        found = closed_among(country, JUNE_20, months)
    assert len(found) == 10, "January to May of the two pharmacies; nobody else owes reports"
    assert len(many) == len(few)


@pytest.mark.parametrize(("period", "returns"), [("2024-03", {"A 2024-Q1", "C 2024"}), ("2024-Q2", {"A 2024-Q2"})])
def test_a_period_says_into_which_returns_it_goes(period: str, returns: set[str]) -> None:
    span = span_named(period)
    assert span is not None
    assert returns <= set(fed_returns(span))
    assert not {one for one in fed_returns(span) if one.startswith("B")}, "estimates are not fed by the ledger"


def test_on_the_pages_an_officer_closes_and_two_persons_reopen(office: Office) -> None:
    with office.rows() as session:
        pharmacies_report(session, since=date(2024, 4, 1))
        assert move(session, STOCK, clock=office.clock).written
    officer, approver, pharmacy = (office.browser(name) for name in ("asel", "bakyt", "polina"))
    assert "No period closes by itself" in text_of(officer.get("/reports/periods"))
    place = "/reports/periods/periods.{}?site=E-PH1&period=2024-05"
    said = {"reason": "all is in", "effective_on": "15.06.2024"}
    assert pharmacy.post(place.format("close"), data=said).status_code == 403
    assert officer.post(place.format("close"), data=said).status_code == 303
    report = text_of(pharmacy.get("/reports/report?site=E-PH1&period=2024-05"))
    assert "This period is closed" in report
    assert "all is in" in report
    assert officer.post(place.format("reopen"), data=said | {"reason": "an invoice"}).status_code == 303
    waiting = text_of(approver.get("/deeds"))
    assert "C 2024" in waiting
    assert "25.06.2024" in waiting or "25 Jun 2024" in waiting
    with office.rows() as session:
        deed = session.execute(text("SELECT MAX(id) FROM deed")).scalar_one()
    assert approver.post(f"/deeds/{deed}", data={"decision": "approve"}).status_code == 303
    assert "This period is closed" not in text_of(pharmacy.get("/reports/report?site=E-PH1&period=2024-05"))
    assert "an invoice" in text_of(pharmacy.get("/reports/report?site=E-PH1&period=2024-05"))
    assert officer.get("/reports/periods/periods.close?period=nonsense").status_code == 404
