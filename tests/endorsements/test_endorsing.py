"""Recording endorsements: once for every number, corrected by a newer one, with a reason for every difference."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.endorsements.domain.facts import US, Direction, standing
from registry.endorsements.queries import endorsements_of, find_endorsements
from registry.intake.check import Report
from registry.kernel.actor import Actor
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.permits.queries import permits_by_numbers
from tests.databases import Databases, engine_for
from tests.endorsements.acting import arrive, asked, certify, leave, problems, stated
from tests.permits.acting import JUNE, OFFICER
from tests.world import table_of, take_in


def kept(session: Session, number: str = "P-6") -> list[tuple[str, bool]]:
    permit = permits_by_numbers(session, [number])[number]
    every = endorsements_of(session, [permit.id]).get(permit.id, [])
    return [(one.number, one in standing(every)) for one in every]


def test_the_same_number_again_has_no_second_effect_and_other_words_are_a_conflict(stocked: Session) -> None:
    arrive(stocked, 120_000)
    first = certify(stocked, asked())
    assert (first.direction, first.issuer) == (Direction.SENT, US)
    assert certify(stocked, asked()).id == first.id
    for other in (asked("E-1", stated(119_999, "short_shipment")), asked(arrived_on=date(2024, 6, 13)),
                  asked(permit="P-1")):  # fmt: skip
        with pytest.raises(Conflict):
            certify(stocked, other)
    assert kept(stocked) == [("E-1", True)]


def test_a_correction_is_a_newer_endorsement_and_the_error_stays(stocked: Session) -> None:
    certify(stocked, asked())
    assert problems(stocked, asked("E-2")) == [("replaces", "endorsed-already")]
    assert problems(stocked, asked("E-2", replaces="E-9")) == [("replaces", "unknown-endorsement")]
    corrected = asked("E-2", stated(119_000, "damaged"), replaces="E-1")
    second = certify(stocked, corrected)
    assert certify(stocked, corrected).id == second.id
    assert kept(stocked) == [("E-1", False), ("E-2", True)]
    assert problems(stocked, asked("E-3", replaces="E-1")) == [("replaces", "unknown-endorsement")]
    listed, total = find_endorsements(stocked, "p-6")
    assert ([one.number for one in listed], total) == (["E-2", "E-1"], 2)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (stated(119_999), [("lines.0.reason", "missing")]),
        (stated(119_999, "short_shipment"), []),
        (stated(120_000), []),
        (stated(120_000, "damaged"), []),
        (stated(120_001, "short_shipment"), [("lines.0.reason", "does-not-fit")]),
        (stated(119_999, "over_delivery"), [("lines.0.reason", "does-not-fit")]),
        (stated(120_001, "over_delivery"), []),
        (stated(0, "loss_in_transit"), []),
        (stated(119_999, "other"), [("lines.0.text", "missing")]),
        (stated(119_999, "other", "kept by customs as samples"), []),
        (stated("-1"), [("lines.0.quantity", "not-a-quantity")]),
        (stated("0.5"), [("lines.0.quantity", "too-many-decimals")]),
        (stated(1, "no-such-reason"), [("lines.0.reason", "unknown-value")]),
        (stated(1, product="NONE"), [("lines.0.product", "unknown-line"), ("lines", "missing")]),
    ],
)
def test_a_difference_has_a_reason_that_fits(stocked: Session, line: object, wrong: list[tuple[str, str]]) -> None:
    one = asked("E-1", line)
    if wrong:
        found = problems(stocked, one)
        assert set(wrong) <= set(found), found
        assert kept(stocked) == []
    else:
        assert certify(stocked, one).number == "E-1"


def test_days_and_papers(stocked: Session) -> None:
    late = asked(arrived_on=date(2024, 6, 15), endorsed_on=date(2024, 6, 15))
    assert problems(stocked, asked(arrived_on=date(2024, 6, 16), endorsed_on=date(2024, 6, 16))) == [
        ("arrived_on", "future"),
        ("endorsed_on", "future"),
    ]
    assert problems(stocked, asked(arrived_on=date(2024, 6, 15))) == [("endorsed_on", "order")]
    assert problems(stocked, asked(foreign_number=None)) == [("foreign_number", "missing")]
    assert certify(stocked, late).arrived_on == date(2024, 6, 15)
    stocked.execute(text("UPDATE permit SET kind = 'transit' WHERE number = 'P-1'"))
    stocked.commit()
    assert ("permit", "not-endorsed") in problems(stocked, asked("E-2", permit="P-1"))
    with pytest.raises(NotFound):
        certify(stocked, asked("E-3", permit="NO-SUCH"))


def test_an_export_is_endorsed_abroad_against_what_left(stocked: Session) -> None:
    leave(stocked, 1500)
    export = {"permit": "X-1", "foreign_number": "KZ-77"}
    assert problems(stocked, asked("7/24", stated(1400), **export)) == [("lines.0.reason", "missing")]
    one = certify(stocked, asked("7/24", stated(1400, "loss_in_transit"), **export))
    assert (one.direction, one.issuer) == (Direction.RECEIVED, "KZ")
    # Another country may use the same number, and so may we.
    assert certify(stocked, asked("7/24")).issuer == US
    assert find_endorsements(stocked, direction="received", country="KZ")[1] == 1


def test_only_an_officer_records_and_nothing_is_changed(stocked: Session) -> None:
    for role in ("approver", "customs", "importer", "administrator"):
        with pytest.raises(Forbidden):
            certify(stocked, asked(), actor=Actor(9, "x", frozenset({role}), 1))
    certify(stocked, asked())
    for deed in (
        "UPDATE endorsement SET number = 'x'",
        "DELETE FROM endorsement_line",
        "UPDATE endorsement_line SET units = 1",
    ):
        with pytest.raises(DBAPIError):
            stocked.execute(text(deed))
        stocked.rollback()
    assert kept(stocked) == [("E-1", True)]


FILE = "number,permit,product,quantity,arrived_on,endorsed_on,foreign_number,reason,text"


def rows(session: Session, *lines: str) -> Report:
    return take_in(session, "endorsements", table_of(FILE, *lines), OFFICER, JUNE)


def test_by_file_with_every_problem_in_its_row(stocked: Session) -> None:
    good = "E-1,P-6,MOR10,119000,2024-06-12,2024-06-14,IN-P-6,short_shipment,"
    report = rows(
        stocked,
        good,
        "E-2,NO-SUCH,MOR10,1,2024-06-12,2024-06-14,X,,",
        "E-3,P-1,MOR10,1,2024-06-12,2024-06-14,IN-P-1,,",
        "E-4,P-2,FEN01,10000,2024-06-12,2024-06-11,DE-P-2,,",
        "E-5,P-3,MET5,100000,2024-06-12,2024-06-14,,,",
        "E-6,P-5,DIA5,x,2024-06-12,2024-06-14,HU-P-5,,",
        "E-7,P-6,MOR10,120000,2024-06-12,2024-06-14,IN-P-6,,",
    )
    assert not report.written
    assert [(one.row, one.column, one.code) for one in sorted(report.problems, key=lambda one: one.row or 0)] == [
        (3, "permit", "unknown-permit"),
        (4, "reason", "missing"),
        (5, "endorsed_on", "order"),
        (6, "foreign_number", "missing"),
        (7, "quantity", "not-a-quantity"),
        (8, "number", "endorsed-already"),
    ]
    assert rows(stocked, good).written
    assert kept(stocked) == [("E-1", True)]
    again = rows(stocked, good)
    assert (again.duplicates, again.accepted) == (1, 0)
    assert [one.code for one in rows(stocked, good.replace("119000", "118000")).problems] == ["reference-reused"]


def test_a_file_takes_no_more_statements_for_more_rows(stocked: Session) -> None:
    one, two, three = (
        f"E-{number},P-{number},{product},{units},2024-06-12,2024-06-14,X-{number},,"
        for number, product, units in ((2, "FEN01", 10000), (3, "MET5", 100000), (6, "MOR10", 120000))
    )

    def measure(*chosen: str) -> int:
        seen: list[str] = []
        connection = stocked.connection()
        event.listen(connection, "before_cursor_execute", note := lambda *given: seen.append(given[2]))
        assert rows(stocked, *chosen).written
        event.remove(connection, "before_cursor_execute", note)
        return len(seen)

    assert measure(one) == measure(two, three)


@pytest.mark.parametrize("same", [True, False])
def test_of_many_at_once_one_endorsement_stands(databases: Databases, *, same: bool) -> None:
    """Eight officers at once: the same number has one effect, of eight different ones the first is recorded."""
    engine = engine_for(databases.copy_of(databases.stocked()))
    barrier, outcomes = threading.Barrier(8), []

    def officer(number: int) -> None:
        with Session(engine) as session:
            barrier.wait(60)
            try:
                outcomes.append(certify(session, asked("E-1" if same else f"E-{number}")).id)
            except Invalid as refusal:
                outcomes.append(refusal.problems[0].code)

    threads = [threading.Thread(target=officer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    with Session(engine) as session:
        assert len(kept(session)) == 1
    engine.dispose()
    assert len(outcomes) == 8
    assert outcomes.count("endorsed-already") == (0 if same else 7)
