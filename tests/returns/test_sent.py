"""When a return was sent, and what marks it afterwards."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from forms.catalogue import choose
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.errors import Invalid
from registry.kernel.period import Period
from registry.returns.domain import days_counted
from registry.returns.queries import changed_since, sent_returns
from registry.returns.service.sent import record_sent
from registry.returns.watches import due, stands
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.reporting.world import STOCK, dispense, on
from tests.world import move

__all__ = ["cheap_hashes", "office"]
YEAR, QUARTER = Period(2024), Period(2024, 1)
JULY = on(2025, 7, 1)


def send(session: Session, form: str, period: Period, day: date | None = None) -> None:
    with unit_of_work(session):
        record_sent(session, SYSTEM, JULY, choose(form, period).edition, period, day or JULY.today())


def changes(session: Session) -> dict[tuple[str, str], int]:
    found = changed_since(session, list(sent_returns(session).values()))
    return {(form, str(period)): number for (form, period), number in found.items()}


@pytest.mark.parametrize(
    ("form", "period", "days"),
    [
        ("C", YEAR, (date.min, date(2024, 12, 31))),
        ("A", QUARTER, (date(2024, 1, 1), date(2024, 3, 31))),
        ("B", YEAR, (date.max, date.min)),
    ],
)
def test_the_days_whose_entries_make_a_return(form: str, period: Period, days: tuple[date, date]) -> None:
    """The stocks of a year rest on all the years before it; estimates on no entry."""
    assert days_counted(form, period) == days


def test_an_entry_recorded_after_the_sending_marks_the_returns_of_its_day(stocked: Session) -> None:
    assert move(stocked, STOCK).written
    for form, period in (("C", YEAR), ("A", QUARTER), ("A", Period(2024, 2)), ("B", YEAR)):
        send(stocked, form, period)
    assert set(changes(stocked).values()) == {0}
    dispense(stocked, "D-1", "2025-01-01")
    assert set(changes(stocked).values()) == {0}, "the day after the year"
    dispense(stocked, "D-2", "2024-03-31")
    assert changes(stocked) == {("C", "2024"): 1, ("A", "2024-Q1"): 1, ("A", "2024-Q2"): 0, ("B", "2024"): 0}
    send(stocked, "C", YEAR)
    assert changes(stocked)["C", "2024"] == 0, "sent again"
    assert sent_returns(stocked)["C", YEAR].number == 2


def test_ret_02_changed_figures_are_a_flag_and_what_was_sent_is_no_longer_due(stocked: Session) -> None:
    assert move(stocked, STOCK).written
    assert "return C 2024" in {one.subject for one in due(stocked, JULY)}
    send(stocked, "C", YEAR)
    assert "return C 2024" not in {one.subject for one in due(stocked, JULY)}
    assert stands(stocked, JULY) == []
    dispense(stocked, "D-1", "2024-12-31")
    [finding] = stands(stocked, JULY)
    assert (finding.rule.code, finding.subject, finding.observed) == ("RET-02", "return C 2024", "1")


@pytest.mark.parametrize(("day", "right"), [((2024, 12, 31), False), ((2025, 1, 1), True), ((2025, 7, 2), False)])
def test_a_return_is_sent_after_its_period_and_not_tomorrow(
    stocked: Session, day: tuple[int, int, int], right: bool
) -> None:
    if right:
        send(stocked, "C", YEAR, date(*day))
        return
    with pytest.raises(Invalid):
        send(stocked, "C", YEAR, date(*day))


def test_the_statements_do_not_grow_with_the_returns(stocked: Session) -> None:
    send(stocked, "C", YEAR)
    with counted(stocked) as few:
        stands(stocked, JULY)
    for quarter in (1, 2, 3, 4):
        send(stocked, "A", Period(2024, quarter))
    with counted(stocked) as many:
        stands(stocked, JULY)
    assert len(few) == len(many)


def test_the_pages_say_when_it_was_sent_and_what_changed_since(office: Office) -> None:
    with office.rows() as session:
        assert move(session, STOCK, clock=office.clock).written
    officer = office.browser("asel")
    page = "/returns/A/2024/Q1"
    assert officer.post(f"{page}/sent", data={"sent_on": "31.03.2024"}).status_code == 422
    assert officer.post(f"{page}/sent", data={"sent_on": ""}).status_code == 422
    assert office.browser("chinara").post(f"{page}/sent", data={"sent_on": "30.04.2024"}).status_code == 403
    assert officer.post(f"{page}/sent", data={"sent_on": "30.04.2024"}).status_code == 303
    assert "sent on" in text_of(officer.get(page))
    assert "Changed after it was sent" not in text_of(officer.get(page))
    with office.rows() as session:
        dispense(session, "D-LATE", "2024-03-01")
    told = text_of(officer.get(page))
    assert "Changed after it was sent" in told
    assert "D-LATE" in told
    assert "changed after it was sent" in text_of(officer.get("/returns/"))
    assert "D-LATE" not in text_of(office.browser("asel").get("/returns/A/2024/Q2"))
