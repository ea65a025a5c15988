"""Files of seizures: what is taken in, what is refused and where, what may be added later. On both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.audit.models import AuditEvent
from registry.db import unit_of_work
from registry.intake.check import Report
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Forbidden, Invalid, NotFound, TransitionRefused
from registry.seizures.domain import DISPOSALS
from registry.seizures.models import Seizure, SeizureDisposal
from registry.seizures.queries import (
    SeizureFilter,
    find_seizures,
    seized_totals,
    seizures_behind,
    seizures_by_references,
)
from registry.seizures.service import withdraw_seizure
from registry.stock.queries.verify import verify
from tests.world import BISHKEK, CLOCK, table_of, take_in

HEAD = "reference,seized_on,substance,quantity_g,origin_country,place,disposal,disposed_on,document,disposal_document"
SHORT = "reference,seized_on,substance,quantity_g"
HEROIN, CANNABIS, AMFETAMINE = "NH 001", "NC 001", "PA 003"
FIRST = f"S-1,2024-03-05,{HEROIN},1200.5,TJ,Batken,,,KUSP 17,"
GONE = "S-1,05.03.2024,nh-001,'1200,5',TJ,Batken,destroyed,2024-09-01,KUSP 17,COURT 4".replace("'", '"')
OFFICER = Actor(1, "asel", frozenset({"officer"}))
YEAR = date(2024, 1, 1), date(2024, 12, 31)


def seize(session: Session, *rows: str, columns: str = HEAD, clock: FixedClock = CLOCK) -> Report:
    return take_in(session, "seizures", table_of(columns, *rows), clock=clock)


def counted(report: Report) -> tuple[int, int, bool]:
    return report.accepted, report.duplicates, report.written


def problems(report: Report) -> set[tuple[int | None, str, str]]:
    return {(problem.row, problem.column, problem.code) for problem in report.problems}


def test_a_seizure_with_only_what_is_needed(stocked: Session) -> None:
    assert counted(seize(stocked, f"S-1,2024-03-05,{HEROIN},0.000001", columns=SHORT)) == (1, 0, True)
    fact = seizures_by_references(stocked, ["S-1"])["S-1"]
    assert (fact.substance_code, fact.quantity_ng, fact.origin, fact.place, fact.disposal) == (HEROIN, 1000, None, None, None)  # fmt: skip


def test_the_same_file_again_changes_nothing(stocked: Session) -> None:
    assert counted(seize(stocked, FIRST)) == (1, 0, True)
    assert counted(seize(stocked, FIRST)) == (0, 1, True)
    assert stocked.execute(select(func.count()).select_from(Seizure)).scalar_one() == 1
    recorded = select(func.count()).where(AuditEvent.action == "seizures.record")
    assert stocked.execute(recorded).scalar_one() == 1


def test_what_became_of_it_may_follow_once_and_the_old_file_stays_a_duplicate(stocked: Session) -> None:
    assert seize(stocked, FIRST).written
    later = FixedClock(CLOCK.moment + timedelta(days=1), BISHKEK)
    assert counted(seize(stocked, GONE, clock=later)) == (1, 0, True)
    fact = seizures_by_references(stocked, ["S-1"])["S-1"]
    assert fact.disposal is not None
    assert (fact.disposal.kind, fact.disposal.disposed_on, fact.disposal.document) == ("destroyed", date(2024, 9, 1), "COURT 4")  # fmt: skip
    assert fact.disposal.recorded_at - fact.recorded_at == timedelta(days=1)
    for row in (FIRST, GONE):
        assert counted(seize(stocked, row)) == (0, 1, True)


def test_both_steps_may_stand_in_one_file(stocked: Session) -> None:
    assert counted(seize(stocked, FIRST, GONE, FIRST)) == (2, 1, True)
    assert seizures_by_references(stocked, ["S-1"])["S-1"].disposal is not None


@pytest.mark.parametrize(
    "row",
    [
        f"S-1,2024-03-06,{HEROIN},1200.5,TJ,Batken,,,KUSP 17,",
        f"S-1,2024-03-05,{CANNABIS},1200.5,TJ,Batken,,,KUSP 17,",
        f"S-1,2024-03-05,{HEROIN},1200.500001,TJ,Batken,,,KUSP 17,",
        f"S-1,2024-03-05,{HEROIN},1200.5,UZ,Batken,,,KUSP 17,",
        f"S-1,2024-03-05,{HEROIN},1200.5,TJ,Osh,,,KUSP 17,",
        f"S-1,2024-03-05,{HEROIN},1200.5,TJ,Batken,,,KUSP 18,",
        f"S-1,2024-03-05,{HEROIN},1200.5,TJ,Batken,released,2024-09-01,KUSP 17,COURT 4",
        f"S-1,2024-03-05,{HEROIN},1200.5,TJ,Batken,destroyed,2024-09-02,KUSP 17,COURT 4",
        f"S-1,2024-03-05,{HEROIN},1200.5,TJ,Batken,destroyed,2024-09-01,KUSP 17,",
    ],
)
def test_other_content_under_a_recorded_reference_is_refused(stocked: Session, row: str) -> None:
    assert seize(stocked, FIRST, GONE).written
    report = seize(stocked, row, f"S-2,2024-03-05,{HEROIN},1,,,,,,")
    assert problems(report) == {(2, "reference", "reference-reused")}
    assert not report.written
    assert set(seizures_by_references(stocked, ["S-1", "S-2"])) == {"S-1"}


def test_a_change_that_comes_with_the_disposal_is_refused(stocked: Session) -> None:
    assert seize(stocked, FIRST).written
    report = seize(stocked, GONE.replace("Batken", "Osh"))
    assert problems(report) == {(2, "reference", "reference-reused")}
    assert seizures_by_references(stocked, ["S-1"])["S-1"].disposal is None


def test_every_bad_cell_comes_back_at_once_with_row_and_column(stocked: Session) -> None:
    report = seize(
        stocked,
        f",2024-03-05,{HEROIN},1,,,,,,",
        f"B-1,2024-02-30,{HEROIN},1,,,,,,",
        "B-2,2024-03-05,XX 999,1,,,,,,",
        f"B-3,2024-03-05,{HEROIN},0,,,,,,",
        f"B-4,2024-03-05,{HEROIN},-1,,,,,,",
        f"B-5,2024-03-05,{HEROIN},1.0000001,,,,,,",
        f"B-6,2024-03-05,{HEROIN},1,XX,,,,,",
        f"B-7,2024-03-05,{HEROIN},1,,,eaten,2024-03-06,,",
        f"B-8,2024-03-05,{HEROIN},1,,,destroyed,,,",
        f"B-9,2024-03-05,{HEROIN},1,,,,2024-03-06,,",
        f"B-10,2024-03-05,{HEROIN},1,,,destroyed,2024-03-04,,",
        f"B-11,2026-11-23,{HEROIN},1,,,destroyed,2026-11-24,,",
        f"B-12,2024-03-05,{HEROIN},1,,12345678901234,,,,",
        f"B-13,2024-03-05,{HEROIN},1,,,,,,COURT 5",
        "B-14,2024-03-05,XX 998,ten,,,destroyed,2024-03-04,,",
        f"B-15,2024-03-05,{HEROIN},1,,,destroyed,2024-03-05,,",
    )
    assert problems(report) == {
        (2, "reference", "missing"),
        (3, "seized_on", "not-a-date"),
        (4, "substance", "unknown-substance"),
        (5, "quantity_g", "not-positive"),
        (6, "quantity_g", "not-a-quantity"),
        (7, "quantity_g", "too-many-decimals"),
        (8, "origin_country", "unknown-country"),
        (9, "disposal", "unknown-value"),
        (10, "disposed_on", "missing"),
        (11, "disposal", "missing"),
        (12, "disposed_on", "dates-in-wrong-order"),
        (13, "seized_on", "in-the-future"),
        (13, "disposed_on", "in-the-future"),
        (14, "place", "personal-number"),
        (15, "disposal", "missing"),
        (15, "disposed_on", "missing"),
        (16, "substance", "unknown-substance"),
        (16, "quantity_g", "not-a-quantity"),
        (16, "disposed_on", "dates-in-wrong-order"),
    }
    assert not report.written
    assert stocked.execute(select(func.count()).select_from(Seizure)).scalar_one() == 0


@pytest.mark.parametrize(
    ("word", "code"),
    [(code, code) for code in DISPOSALS] + [("Destruction", "destroyed"), ("released for licit use", "released"), ("used_licitly", "released"), ("special purposes", "special")],
)  # fmt: skip
def test_words_of_a_disposal(stocked: Session, word: str, code: str) -> None:
    assert seize(stocked, f"S-1,2024-03-05,{HEROIN},1,,,{word},2024-03-05,,").written
    fact = seizures_by_references(stocked, ["S-1"])["S-1"]
    assert fact.disposal is not None
    assert fact.disposal.kind == code


def test_a_disposal_counts_on_its_own_day_and_totals_know_the_origin(stocked: Session) -> None:
    assert seize(
        stocked,
        f"S-1,2023-12-31,{HEROIN},100,TJ,,destroyed,2024-01-01,,",
        f"S-2,2024-01-01,{HEROIN},10,TJ,,,,,",
        f"S-3,2024-12-31,{HEROIN},1,,,destroyed,2025-01-01,,",
        f"S-4,2024-05-05,{AMFETAMINE},7,,,,,,",
    ).written
    totals = {
        (one.substance_code, one.column, one.origin): (one.quantity_ng, one.entries)
        for one in seized_totals(stocked, *YEAR)
    }
    gram = 10**9
    assert totals == {
        (HEROIN, "seized", "TJ"): (10 * gram, 1),
        (HEROIN, "seized", None): (gram, 1),
        (HEROIN, "disposed", "TJ"): (100 * gram, 1),
        (AMFETAMINE, "seized", None): (7 * gram, 1),
    }
    number = seizures_by_references(stocked, ["S-1"])["S-1"].substance_id
    assert [fact.reference for fact in seizures_behind(stocked, number, "disposed", *YEAR)] == ["S-1"]
    assert [fact.reference for fact in seizures_behind(stocked, number, "seized", *YEAR)] == ["S-2", "S-3"]
    assert [fact.reference for fact in seizures_behind(stocked, number, "seized", *YEAR, origin="TJ")] == ["S-2"]


def test_a_seizure_never_touches_licit_stock(stocked: Session) -> None:
    assert seize(stocked, "S-1,2024-03-05,NM 009,500,,,released,2024-04-01,,").written
    for table in ("movement", "balance", "national_total"):
        assert stocked.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one() == 0
    assert verify(stocked).faults == ()


def test_what_was_entered_by_mistake_stays_on_record_and_counts_nowhere(stocked: Session) -> None:
    assert seize(stocked, FIRST, GONE).written
    later = FixedClock(CLOCK.moment + timedelta(days=2), BISHKEK)
    with unit_of_work(stocked):
        withdraw_seizure(stocked, OFFICER, later, "S-1", "weighed in kilograms")
    assert seized_totals(stocked, *YEAR) == []
    before = seized_totals(stocked, *YEAR, known_before=later.moment)
    assert {one.column for one in before} == {"seized", "disposed"}
    assert find_seizures(stocked, SeizureFilter(), 10, 0) == ([], 0)
    [kept], total = find_seizures(stocked, SeizureFilter(state="withdrawn"), 10, 0)
    assert (kept.reference, total) == ("S-1", 1)
    assert kept.withdrawal is not None
    assert kept.withdrawal.reason == "weighed in kilograms"
    # The old file changes nothing; the reference is spent.
    assert counted(seize(stocked, GONE)) == (0, 1, True)
    assert problems(seize(stocked, FIRST.replace("1200.5", "1.2005"))) == {(2, "reference", "reference-reused")}


def test_who_may_withdraw_and_what_it_needs(stocked: Session) -> None:
    assert seize(stocked, FIRST).written
    for role in ("statistician", "approver", "auditor", "administrator", "importer"):
        with pytest.raises(Forbidden):
            withdraw_seizure(stocked, Actor(2, "x", frozenset({role}), 1), CLOCK, "S-1", "why")
    with pytest.raises(NotFound):
        withdraw_seizure(stocked, OFFICER, CLOCK, "S-9", "why")
    with pytest.raises(Invalid):
        withdraw_seizure(stocked, OFFICER, CLOCK, "S-1", "")
    with unit_of_work(stocked):
        withdraw_seizure(stocked, OFFICER, CLOCK, "S-1", "why")
    with pytest.raises(TransitionRefused):
        withdraw_seizure(stocked, OFFICER, CLOCK, "S-1", "again")
    assert problems(seize(stocked, GONE)) == {(2, "reference", "reference-reused")}


def test_known_on_an_earlier_day(stocked: Session) -> None:
    assert seize(stocked, FIRST).written
    later = FixedClock(CLOCK.moment + timedelta(days=1), BISHKEK)
    assert seize(stocked, GONE, clock=later).written
    assert seized_totals(stocked, *YEAR, known_before=CLOCK.moment) == []
    between = seized_totals(stocked, *YEAR, known_before=later.moment)
    assert [one.column for one in between] == ["seized"]
    assert [one.column for one in seized_totals(stocked, *YEAR)] == ["seized", "disposed"]


@pytest.mark.parametrize("words", ["s-1", "batk", "KUSP", "Баткен"])
def test_found_by_reference_place_and_document(stocked: Session, words: str) -> None:
    assert seize(stocked, FIRST.replace("Batken", "Batken Баткен"), f"S-20,2024-03-05,{HEROIN},1,,100%,,,,").written
    found, total = find_seizures(stocked, SeizureFilter(words), 10, 0)
    assert ([fact.reference for fact in found], total) == (["S-1"], 1)
    assert find_seizures(stocked, SeizureFilter("%"), 10, 0)[1] == 1


def test_lists_are_narrowed_by_state_year_and_substance(stocked: Session) -> None:
    assert seize(
        stocked,
        FIRST,
        f"S-2,2025-01-01,{HEROIN},1,,,destroyed,2025-01-02,,",
        f"S-3,2025-01-01,{CANNABIS},1,,,,,,",
    ).written
    heroin = seizures_by_references(stocked, ["S-1"])["S-1"].substance_id

    def references(**asked: object) -> list[str]:
        return [fact.reference for fact in find_seizures(stocked, SeizureFilter(**asked), 10, 0)[0]]  # type: ignore[arg-type]

    assert references() == ["S-3", "S-2", "S-1"]
    assert references(state="held") == ["S-3", "S-1"]
    assert references(state="disposed") == ["S-2"]
    assert references(year=2025, substance_id=heroin) == ["S-2"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE seizure SET quantity_ng = 1", "DELETE FROM seizure", "UPDATE seizure_disposal SET kind = 'other'", "DELETE FROM seizure_disposal", "DELETE FROM seizure_withdrawal"],
)  # fmt: skip
def test_records_are_never_changed(stocked: Session, statement: str) -> None:
    assert seize(stocked, FIRST, GONE).written
    with unit_of_work(stocked):
        withdraw_seizure(stocked, OFFICER, CLOCK, "S-1", "why")
    with pytest.raises(DBAPIError, match="never changed"), stocked.begin_nested():
        stocked.execute(text(statement))


def test_the_number_of_statements_does_not_grow_with_the_rows(stocked: Session) -> None:
    seen: list[str] = []
    connection = stocked.connection()

    def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    counts = []
    # The first file of all also begins the audit log.
    for first, last in ((0, 1), (1, 5), (5, 400)):
        seen.clear()
        rows = [f"N-{n},2024-03-05,{HEROIN},1,,,destroyed,2024-03-06,," for n in range(first, last)]
        assert seize(stocked, *rows).written
        counts.append(len(seen))
    event.remove(connection, "before_cursor_execute", note)
    assert counts[1] == counts[2]
    assert stocked.execute(select(func.count()).select_from(SeizureDisposal)).scalar_one() == 400


def test_the_system_is_named_in_the_record(stocked: Session) -> None:
    at = FixedClock(datetime(2026, 1, 2, 3, 4, tzinfo=BISHKEK), BISHKEK)
    assert seize(stocked, FIRST, clock=at).written
    fact = seizures_by_references(stocked, ["S-1"])["S-1"]
    assert (fact.recorded_by, fact.recorded_at) == (SYSTEM.username, at.moment)
