"""Public holidays and shifted working days: read from a file, shown, and counted by every term in working days."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.workdays import WEEKENDS, WorkingDays
from registry.permits.domain.term import decision_due
from registry.permits.queries.desk import waiting_cases
from registry.permits.service import request_information, take_up
from registry.stock.domain.rules import BACK_DATING
from registry.workdays.domain import missing_years
from registry.workdays.queries import set_days, working_days
from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import JUNE, OFFICER, apply, case, row
from tests.world import BISHKEK, table_of, take_in

__all__ = ["cheap_hashes", "office"]

# 2024: 1 May is a Wednesday, 5 May a Sunday, 9 May a Thursday; Saturday 27 April is worked for Tuesday 30 April.
MAY = WorkingDays({date(2024, 4, 27): True, date(2024, 4, 30): False, date(2024, 5, 1): False, date(2024, 5, 5): False})
HEAD = "day,kind,name,act"
LIST = (
    "2024-06-18,holiday,Kurman Ait,12",
    "2024-06-22,workday,for 18 June,12",
)


def send(session: Session, *rows: str) -> Report:
    return take_in(session, "holidays", table_of(HEAD, *rows), SYSTEM, JUNE)


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2024, 4, 26), 0, date(2024, 4, 26)),
        (date(2024, 4, 26), 1, date(2024, 4, 27)),  # the Saturday worked
        (date(2024, 4, 26), 2, date(2024, 4, 29)),
        (date(2024, 4, 29), 1, date(2024, 5, 2)),  # two days off in a row
        (date(2024, 5, 3), 1, date(2024, 5, 6)),  # a holiday on a Sunday takes no working day
    ],
)
def test_terms_forward(start: date, count: int, last: date) -> None:
    assert MAY.last_of(start, count) == last


@pytest.mark.parametrize(
    ("day", "count", "first"),
    [
        (date(2024, 5, 2), 0, date(2024, 5, 2)),
        (date(2024, 5, 2), 1, date(2024, 4, 29)),
        (date(2024, 4, 29), 1, date(2024, 4, 27)),
        (date(2024, 4, 29), 2, date(2024, 4, 26)),
    ],
)
def test_terms_backward(day: date, count: int, first: date) -> None:
    assert MAY.first_of(day, count) == first


def test_a_decision_waits_for_holidays_and_rests_with_the_applicant() -> None:
    monday = date(2024, 4, 29)
    assert decision_due(monday, 3, (), WEEKENDS) == date(2024, 5, 2)
    assert decision_due(monday, 3, (), MAY) == date(2024, 5, 6)
    assert decision_due(date(2024, 4, 26), 1, (), MAY) == date(2024, 4, 27)
    assert decision_due(monday, 3, ((date(2024, 5, 2), date(2024, 5, 3)),), MAY) == date(2024, 5, 7)
    assert decision_due(monday, 3, ((date(2024, 5, 2), None),), MAY) is None


def test_a_list_comes_in_once_and_a_day_may_be_set_anew(stocked: Session) -> None:
    assert (send(stocked, *LIST).accepted, send(stocked, *LIST).duplicates) == (2, 2)
    assert send(stocked, "2024-06-18,workday,taken back,13").accepted == 1
    assert [(each.day.day, each.sort) for each in set_days(stocked, 2024)] == [(18, "workday"), (22, "workday")]
    assert set_days(stocked, 2025) == []
    twice = send(stocked, "2024-07-01,holiday,one,1", "2024-07-01,workday,other,1")
    assert [(problem.row, problem.code) for problem in twice.problems] == [(3, "twice")]
    stocked.commit()
    with pytest.raises(DatabaseError):
        stocked.execute(text("DELETE FROM workday_entry"))
    stocked.rollback()


def test_every_clock_of_working_days_reads_the_list(stocked: Session) -> None:
    """15 June 2024 is a Saturday; without a list ten working days end on the 28th, and so does the reply."""
    apply(stocked, row("A-1", 10), row("A-2", 10, counterpart="IN-2"))
    assert {one.due_on for one in waiting_cases(stocked, BISHKEK, 10)} == {date(2024, 6, 28)}
    send(stocked, LIST[0])
    assert {one.due_on for one in waiting_cases(stocked, BISHKEK, 10)} == {date(2024, 7, 1)}
    send(stocked, LIST[1])
    assert {one.due_on for one in waiting_cases(stocked, BISHKEK, 10)} == {date(2024, 6, 28)}
    number = case(stocked, "A-1").id
    take_up(stocked, OFFICER, JUNE, number, 1)
    request_information(stocked, OFFICER, JUNE, number, 2, "which hospital?")
    assert case(stocked, "A-1").reply_by == date(2024, 6, 28)
    assert working_days(stocked).is_worked(date(2024, 6, 22))


def test_entering_late_is_counted_in_working_days(stocked: Session) -> None:
    """What happened on Monday the 17th is entered in time on Wednesday the 19th when Tuesday is a day off."""
    wednesday = FixedClock(datetime(2024, 6, 19, 9, 0, tzinfo=BISHKEK), BISHKEK)
    head = "reference,occurred_on,kind,site,product,quantity,batch"

    def late(reference: str) -> bool:
        table = table_of(head, f"{reference},2024-06-17,opening_stock,E-WHO,DIA5,1,{reference}")
        report = take_in(stocked, "movements", table, SYSTEM, wednesday)
        assert report.written, report.as_json()
        return BACK_DATING in [finding.rule for finding in report.findings]

    assert late("L-1")
    send(stocked, LIST[0])
    assert not late("L-2")


@pytest.mark.parametrize(
    ("today", "listed", "missing"),
    [
        (date(2024, 10, 31), {2024}, []),
        (date(2024, 11, 1), {2024}, [2025]),
        (date(2024, 12, 31), {2024, 2025}, []),
        (date(2025, 1, 1), {2024}, [2025]),
    ],
)
def test_a_missing_list_is_told_in_time(today: date, listed: set[int], missing: list[int]) -> None:
    assert missing_years(listed, today) == missing


def test_the_page_and_the_interface_show_the_list(office: Office) -> None:
    officer = office.browser("asel")
    assert "No list of public holidays is recorded for 2024" in text_of(officer.get("/working-days"))
    with office.work() as session:
        send(session, *LIST)
    page = text_of(officer.get("/working-days"))
    assert "Kurman Ait" in page
    assert "No list" not in page
    office.at(datetime(2024, 11, 1, 9, 0, tzinfo=BISHKEK))
    assert "recorded for 2025" in text_of(office.browser("asel").get("/working-days"))
    asking = program(office, "imran")
    first = asking.read("/working-days?limit=1")
    assert [one["day"] for one in first["items"]] == ["2024-06-18"]
    rest = asking.read(f"/working-days?limit=1&cursor={first['next']}")
    assert ([one["kind"] for one in rest["items"]], rest["next"]) == (["workday"], None)
    assert asking.read("/working-days?year=2025")["items"] == []
