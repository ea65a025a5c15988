"""What receivers answer: as sent or otherwise, once and again, and how a difference comes to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.flags.queries import worklist
from registry.flags.service import sweep
from registry.intake.check import Report
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.parameters.service import NewValue, set_value
from registry.parties.queries import organisations_by_codes
from registry.stock.domain.parameters import CONFIRMED_BEFORE_USE
from registry.stock.domain.receipts import LineState, SentLine, unconfirmed_on_hand
from registry.stock.queries.receipts import SentFilter, lines_named, sent_lines
from registry.stock.queries.verify import verify
from registry.stock.service.letters import tell_of_arrivals
from registry.stock.service.settlements import rule_on, settle
from registry.stock.watches import WATCHES
from tests.databases import engine_for
from tests.intake.tables import counted
from tests.stock.test_posting import balances
from tests.stock.test_rules import at
from tests.world import BISHKEK, CLOCK, answer, enter, move

SENT = "T-2,2024-03-01,supply,E-WHO,E-PH1,MOR10,A0,100,,,,,"
AUTHORITY = Actor(1, "bakyt", frozenset({"approver"}))


@pytest.fixture
def sent(stocked: Session) -> Session:
    """A pharmacy to which a hundred tablets were sent."""
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,", SENT).written
    return stocked


def line(session: Session, reference: str = "T-2") -> SentLine:
    return lines_named(session, [reference])[reference]


def firm(session: Session, code: str) -> Actor:
    return Actor(1, code, frozenset({"pharmacy"}), organisations_by_codes(session, [code])[code])


def reachable(session: Session) -> None:
    """Give both sides an address."""
    with unit_of_work(session):
        session.execute(
            text("UPDATE organisation SET email = lower(code) || '@example.kg', email_language = 'en'"
                 " WHERE code IN ('E-WHO', 'E-PH1')")
        )  # fmt: skip


def codes(report: Report) -> list[tuple[int | None, str, str]]:
    return [(each.row, each.column, each.code) for each in report.problems]


def test_what_is_sent_lies_there_at_once_and_waits(sent: Session) -> None:
    assert balances(sent)["E-PH1", "A0"] == 100
    assert line(sent).state is LineState.UNCONFIRMED
    report = answer(sent, "T-2,2024-03-02,,,,")
    assert (report.written, report.accepted) == (True, 1)
    assert line(sent).state is LineState.CONFIRMED
    again = answer(sent, "T-2,2024-03-02,,,,")
    assert (again.accepted, again.duplicates) == (0, 1)
    assert line(sent).answered == 1
    assert balances(sent)["E-PH1", "A0"] == 100
    assert verify(sent).faults == ()


def test_a_difference_moves_no_shelf_and_is_flagged_and_told(sent: Session) -> None:
    reachable(sent)
    before = balances(sent)
    report = answer(
        sent, "T-2,2024-03-02,short,5,,", "T-2,2024-03-02,damaged,2,,wet box", "T-2,2024-03-02,other_batch,3,A9,"
    )
    assert report.written, report.as_json()
    assert balances(sent) == before
    assert line(sent).state is LineState.DIFFERENT
    assert {(one.reason, one.units, one.label) for one in line(sent).open} == {
        ("short", 5, None), ("damaged", 2, None), ("other_batch", 3, "A9")}  # fmt: skip
    [flag] = [each for each in worklist(sent) if each.rule == "STK-22"]
    assert flag.subject == "movement T-2"
    [letter] = sent.execute(text("SELECT recipient, subject, body FROM letter")).all()
    assert letter.recipient == "e-who@example.kg"
    assert "T-2" in letter.subject
    assert "MOR10, batch A0: 3 pcs came with another batch number" in letter.body
    assert verify(sent).faults == ()


def test_a_later_answer_counts_and_the_first_one_stays(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,short,5,,").written
    assert answer(sent, "T-2,2024-03-02,,,,found behind the box").written
    assert line(sent).state is LineState.CONFIRMED
    assert sent.execute(text("SELECT number, as_sent FROM receipt ORDER BY number")).all() == [(1, False), (2, True)]
    assert sent.execute(text("SELECT COUNT(*) FROM receipt_difference")).scalar_one() == 1


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        (["T-1,2024-03-02,,,,"], [(2, "reference", "unknown-reference")]),
        (["NOPE,2024-03-02,,,,"], [(2, "reference", "unknown-reference")]),
        (["T-2,2024-02-29,,,,"], [(2, "received_on", "before-the-entry")]),
        (["T-2,2027-01-01,,,,"], [(2, "received_on", "in-the-future")]),
        (["T-2,2024-03-02,short,,,"], [(2, "quantity", "missing")]),
        (["T-2,2024-03-02,short,0,,"], [(2, "quantity", "not-positive")]),
        (["T-2,2024-03-02,short,101,,"], [(2, "quantity", "more-than-sent")]),
        (["T-2,2024-03-02,short,60,,", "T-2,2024-03-02,damaged,41,,"], [(2, "quantity", "more-than-sent")]),
        (["T-2,2024-03-02,,5,,"], [(2, "reason", "missing")]),
        (["T-2,2024-03-02,,,,", "T-2,2024-03-02,short,1,,"], [(2, "reason", "missing")]),
        (["T-2,2024-03-02,short,1,,", "T-2,2024-03-02,short,2,,"], [(3, "reason", "reason-repeated")]),
        (["T-2,2024-03-02,short,1,,", "T-2,2024-03-03,damaged,2,,"], [(3, "received_on", "not-the-same")]),
        (["T-2,2024-03-02,other_batch,1,,"], [(2, "batch", "missing")]),
        (["T-2,2024-03-02,short,1,A9,"], [(2, "batch", "not-here")]),
        (["T-2,2024-03-02,never_sent,99,,"], [(2, "quantity", "not-the-whole")]),
        (["T-2,2024-03-02,lost,1,,"], [(2, "reason", "unknown-value")]),
    ],
)  # fmt: skip
def test_answers_that_are_refused(sent: Session, rows: list[str], wrong: list[tuple[int, str, str]]) -> None:
    report = answer(sent, *rows)
    assert codes(report) == wrong
    assert line(sent).state is LineState.UNCONFIRMED


def test_more_may_arrive_than_was_sent_and_never_came_is_the_whole(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,over,500,,", "T-2,2024-03-02,short,100,,").written
    assert answer(sent, "T-2,2024-03-02,never_sent,,,").written
    assert [(one.reason, one.units) for one in line(sent).open] == [("never_sent", 100)]


def test_nobody_answers_for_another_firm_nor_learns_of_its_lines(sent: Session) -> None:
    for stranger in ("E-WHO", "E-PH2"):
        assert codes(answer(sent, "T-2,2024-03-02,,,,", actor=firm(sent, stranger))) == [
            (2, "reference", "unknown-reference")
        ]
    assert answer(sent, "T-2,2024-03-02,,,,", actor=firm(sent, "E-PH1")).written


def test_what_was_taken_back_is_not_answered_and_ends_the_difference(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,never_sent,,,").written
    assert move(sent, "T-3,2024-03-03,reverse,E-WHO,,MOR10,A0,100,,,T-2,,").written
    assert line(sent).state is LineState.TAKEN_BACK
    assert line(sent).open == ()
    assert codes(answer(sent, "T-2,2024-03-02,,,,")) == [(2, "reference", "taken-back")]
    assert sent_lines(sent, SentFilter(disputed=True), 10) == []


def test_a_difference_ends_by_an_entry_that_corrects_the_shelf(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,short,5,,", "T-2,2024-03-02,damaged,2,,").written
    assert move(
        sent, "T-3,2024-03-04,lose,E-PH1,,MOR10,A0,5,,,,,", "T-4,2024-03-04,dispense,E-PH1,,MOR10,A0,2,,,,R-1,"
    ).written
    for wrong in ("T-4", "T-2", "NOPE"):
        with pytest.raises(Invalid), unit_of_work(sent):
            settle(sent, SYSTEM, CLOCK, "T-2", "short", wrong)
    with unit_of_work(sent):
        settle(sent, firm(sent, "E-PH1"), CLOCK, "T-2", "short", "T-3")
    assert [one.reason for one in line(sent).open] == ["damaged"]
    with pytest.raises(Conflict), unit_of_work(sent):
        settle(sent, SYSTEM, CLOCK, "T-2", "short", "T-3")
    assert codes(answer(sent, "T-2,2024-03-02,,,,")) == [(2, "reference", "settled")]
    again = answer(sent, "T-2,2024-03-02,short,5,,", "T-2,2024-03-02,damaged,2,,")
    assert (again.refused, again.duplicates, again.accepted) == (False, 2, 0)
    assert move(sent, "T-5,2024-03-05,return_supply,E-PH1,E-WHO,MOR10,A0,2,,,,,").written
    with pytest.raises(NotFound), unit_of_work(sent):
        settle(sent, firm(sent, "E-PH2"), CLOCK, "T-2", "damaged", "T-5")
    with unit_of_work(sent):
        settle(sent, firm(sent, "E-WHO"), CLOCK, "T-2", "damaged", "T-5")
    assert line(sent).state is LineState.SETTLED


def test_what_was_over_ends_by_an_entry_of_the_sender_that_adds_it(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,over,5,,").written
    assert move(
        sent, "T-3,2024-03-04,lose,E-PH1,,MOR10,A0,5,,,,,", "T-4,2024-03-04,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,"
    ).written
    with pytest.raises(Invalid), unit_of_work(sent):
        settle(sent, SYSTEM, CLOCK, "T-2", "over", "T-3")
    with unit_of_work(sent):
        settle(sent, SYSTEM, CLOCK, "T-2", "over", "T-4")
    assert line(sent).state is LineState.SETTLED


def test_the_authority_rules_and_both_sides_are_told(sent: Session) -> None:
    reachable(sent)
    assert answer(sent, "T-2,2024-03-02,short,5,,").written
    with pytest.raises(Forbidden), unit_of_work(sent):
        rule_on(sent, firm(sent, "E-WHO"), CLOCK, "T-2", "short", "counted wrongly", "No. 7")
    with unit_of_work(sent):
        rule_on(sent, AUTHORITY, CLOCK, "T-2", "short", "counted wrongly", "No. 7")
    assert line(sent).state is LineState.SETTLED
    told = (
        sent.execute(text("SELECT recipient FROM letter WHERE body LIKE '%counted wrongly%' ORDER BY 1"))
        .scalars()
        .all()
    )
    assert told == ["e-ph1@example.kg", "e-who@example.kg"]


def test_stk_21_receipt_in_time(sent: Session) -> None:
    """Sent on Friday 1 March; with five working days it is late from Saturday 9 March on."""
    assert _swept(sent, "2024-03-08") == {}
    assert _swept(sent, "2024-03-09") == {"STK-21": "receipts of E-PH1"}
    assert answer(sent, "T-2,2024-03-02,,,,").written
    assert _swept(sent, "2024-03-09") == {}


def test_stk_22_received_otherwise(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,short,5,,").written
    assert _swept(sent, "2024-03-03") == {"STK-22": "movement T-2"}
    with unit_of_work(sent):
        rule_on(sent, AUTHORITY, CLOCK, "T-2", "short", "counted wrongly", "No. 7")
    assert _swept(sent, "2024-03-03") == {}


def _swept(session: Session, day: str) -> dict[str, str]:
    with unit_of_work(session):
        sweep(session, SYSTEM, at(day), WATCHES)
    return {flag.rule: flag.subject for flag in worklist(session) if flag.rule in {"STK-21", "STK-22"}}


def test_stk_23_confirmed_stands(sent: Session) -> None:
    back = "T-3,2024-03-03,reverse,E-WHO,,MOR10,A0,100,,,T-2,,"
    assert answer(sent, "T-2,2024-03-02,,,,").written
    refused = enter(sent, back, clock=at("2024-03-03"))
    assert [(each.rule.code, each.severity.value) for each in refused.findings] == [("STK-23", "refuse")]
    assert answer(sent, "T-2,2024-03-02,short,1,,").written, "a difference may be ended by taking the entry back"
    assert enter(sent, back, clock=at("2024-03-03")).written


def test_stk_23_neither_what_ended_a_difference_nor_the_entry_it_was_about_is_taken_back(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,short,5,,").written
    assert move(sent, "T-3,2024-03-04,return_supply,E-PH1,E-WHO,MOR10,A0,5,,,,,").written
    with unit_of_work(sent):
        settle(sent, firm(sent, "E-PH1"), CLOCK, "T-2", "short", "T-3")
    assert move(sent, "T-4,2024-03-04,supply,E-WHO,E-PH1,MOR10,A0,50,,,,,").written
    for back in (
        "T-5,2024-03-05,reverse,E-PH1,,MOR10,A0,5,,,T-3,,",
        "T-6,2024-03-05,reverse,E-WHO,,MOR10,A0,100,,,T-2,,",
    ):
        refused = enter(sent, back, clock=at("2024-03-05"))
        assert [(each.rule.code, each.severity.value) for each in refused.findings] == [("STK-23", "refuse")]


def test_stk_23_a_file_reports_it_as_a_fact(sent: Session) -> None:
    assert answer(sent, "T-2,2024-03-02,,,,").written
    report = move(sent, "T-3,2024-03-03,reverse,E-WHO,,MOR10,A0,100,,,T-2,,", clock=at("2024-03-03"))
    assert report.written
    assert ("STK-23", "flag") in [(each.rule.code, each.severity.value) for each in report.findings]


def asked_for(session: Session, day: str = "2024-01-01") -> None:
    """Make confirmation a condition of use from a day on."""
    with unit_of_work(session):
        set_value(session, SYSTEM, CLOCK, NewValue(CONFIRMED_BEFORE_USE, "on", date.fromisoformat(day), "No. 1"))


def test_stk_24_confirmed_first(sent: Session) -> None:
    use = "T-{n},2024-03-04,dispense,E-PH1,,MOR10,A0,{units},,,,R-1,"
    entered = lambda n, units: enter(sent, use.format(n=n, units=units), clock=at("2024-03-04"))  # noqa: E731
    assert entered(3, 10).written, "nobody asks for it"
    asked_for(sent)
    refused = entered(4, 1)
    assert [(each.rule.code, each.observed, each.limit) for each in refused.findings] == [("STK-24", "1", "0")]
    assert enter(sent, "T-5,2024-03-04,return_supply,E-PH1,E-WHO,MOR10,A0,1,,,,,", clock=at("2024-03-04")).written
    assert answer(sent, "T-2,2024-03-02,,,,").written
    assert entered(6, 89).written


def test_stk_24_only_what_is_free_is_used_and_a_file_only_flags(sent: Session) -> None:
    asked_for(sent)
    assert answer(sent, "T-2,2024-03-02,,,,").written
    assert move(sent, "T-3,2024-03-02,supply,E-WHO,E-PH1,MOR10,A0,50,,,,,").written
    over = enter(sent, "T-4,2024-03-04,dispense,E-PH1,,MOR10,A0,101,,,,R-1,", clock=at("2024-03-04"))
    assert [(each.rule.code, each.limit) for each in over.findings] == [("STK-24", "100")]
    assert enter(sent, "T-4,2024-03-04,dispense,E-PH1,,MOR10,A0,100,,,,R-1,", clock=at("2024-03-04")).written
    told = move(sent, "T-5,2024-03-04,dispense,E-PH1,,MOR10,A0,1,,,,R-1,", clock=at("2024-03-04"))
    assert told.written
    assert "STK-24" in [each.rule.code for each in told.findings]


def test_stk_24_what_is_used_up_waits_no_more_and_using_frees_nothing(sent: Session) -> None:
    assert move(
        sent,
        "T-3,2024-03-02,dispense,E-PH1,,MOR10,A0,60,,,,R-1,",
        "T-4,2024-03-03,supply,E-WHO,E-PH1,MOR10,A0,50,,,,,",
        "T-5,2024-03-03,return_supply,E-PH1,E-WHO,MOR10,A0,20,,,,,",
    ).written
    assert enter(sent, "T-6,2024-03-03,reverse,E-PH1,,MOR10,A0,20,,,T-5,,", clock=at("2024-03-03")).written
    assert answer(sent, "T-4,2024-03-03,,,,").written
    asked_for(sent)
    use = "T-{n},2024-03-04,dispense,E-PH1,,MOR10,A0,{units},,,,R-1,"
    assert enter(sent, use.format(n=7, units=30), clock=at("2024-03-04")).written
    over = enter(sent, use.format(n=8, units=21), clock=at("2024-03-04"))
    assert [(each.rule.code, each.limit) for each in over.findings] == [("STK-24", "20")], "forty of the 100 lie there"
    assert enter(sent, use.format(n=8, units=20), clock=at("2024-03-04")).written


@pytest.mark.parametrize(
    ("days", "waits"),
    [
        ([], 0),
        ([(120, 120)], 120),
        ([(120, 120), (-72, 0), (50, 0)], 48),
        ([(120, 120), (50, 0), (-72, 0)], 98),
        ([(120, 120), (50, 0), (-50, 0), (50, 0), (-50, 0)], 120),
        ([(10, 0), (30, 40), (-40, 0), (5, 5)], 5),
        ([(-5, 0), (5, 5), (5, 0)], 0),
    ],
)
def test_what_waits_is_never_more_than_what_lay_there(days: list[tuple[int, int]], waits: int) -> None:
    assert unconfirmed_on_hand(days) == waits


def test_receivers_are_told_once_of_each_hour_that_has_ended(stocked: Session) -> None:
    def told(moment: str) -> list[tuple[str, str]]:
        clock = FixedClock(datetime.fromisoformat(moment).replace(tzinfo=BISHKEK), BISHKEK)
        with unit_of_work(stocked):
            tell_of_arrivals(stocked, clock)
        return [tuple(row) for row in stocked.execute(text("SELECT recipient, body FROM letter"))]

    reachable(stocked)
    clock = FixedClock(datetime(2024, 3, 1, 10, 20, tzinfo=BISHKEK), BISHKEK)
    for number, minute in ((2, 20), (3, 40)):
        opening = f"O-{number},2024-01-01,opening_stock,E-WHO,,MOR10,B{number},1000,,,,,"
        sent = f"T-{number},2024-03-01,supply,E-WHO,E-PH1,MOR10,B{number},10,,,,,"
        assert move(stocked, opening, sent, clock=FixedClock(clock.moment.replace(minute=minute), BISHKEK)).written
    assert told("2024-03-01T10:59") == []
    [(recipient, body)] = told("2024-03-01T11:01")
    assert recipient == "e-ph1@example.kg"
    assert body.startswith("E-WHO has entered goods as sent to E-PH1: lines 2")
    assert len(told("2024-03-01T12:01")) == 1, "the same hour is told once"


def test_the_statements_do_not_grow_with_the_lines(stocked: Session) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,").written
    lines = [f"S-{n},2024-03-01,supply,E-WHO,E-PH{1 + n % 2},MOR10,A0,2,,,,," for n in range(60)]
    assert move(stocked, *lines).written
    taken = []
    for some in (range(2), range(2, 60)):
        rows = [f"S-{n},2024-03-02,{'short,1' if n % 4 < 2 else ','},," for n in some]
        with counted(stocked) as seen:
            assert answer(stocked, *rows).written
        taken.append(len(seen))
    assert taken[0] == taken[1]
    listed = []
    for limit in (2, 60):
        with counted(stocked) as seen:
            assert len(sent_lines(stocked, SentFilter(disputed=True), limit)) == min(limit, 30)
        listed.append(len(seen))
    assert listed[0] == listed[1]


def at_once(*calls: Callable[[], object]) -> None:
    """Run the calls in threads that start together."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        call()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_confirmations_at_once_are_one(stocked_url: str) -> None:
    engine = engine_for(stocked_url)
    with Session(engine) as session:
        assert move(session, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,", SENT).written
    outcomes = []

    def confirm() -> None:
        with Session(engine) as session:
            report = answer(session, "T-2,2024-03-02,,,,")
            outcomes.append((report.accepted, report.duplicates))

    at_once(confirm, confirm, confirm, confirm)
    with Session(engine) as session:
        assert sorted(outcomes) == [(0, 1)] * 3 + [(1, 0)]
        assert line(session).answered == 1
    engine.dispose()


def test_a_confirmation_and_the_reversal_never_pass_each_other(stocked_url: str) -> None:
    """Whoever comes second is refused: nothing is ever both confirmed and taken back."""
    engine = engine_for(stocked_url)
    numbers = range(2, 8)
    with Session(engine) as session:
        rows = [SENT.replace("T-2", f"T-{n}").replace(",100,", ",10,") for n in numbers]
        assert move(session, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,", *rows).written
    for number in numbers:
        outcomes = []

        def confirm(number: int = number, outcomes: list[bool] = outcomes) -> None:
            with Session(engine) as session:
                outcomes.append(answer(session, f"T-{number},2024-03-02,,,,").written)

        def take_back(number: int = number, outcomes: list[bool] = outcomes) -> None:
            with Session(engine) as session:
                row = f"B-{number},2024-03-03,reverse,E-WHO,,MOR10,A0,10,,,T-{number},,"
                outcomes.append(enter(session, row, clock=at("2024-03-03")).written)

        at_once(confirm, take_back)
        assert sorted(outcomes) == [False, True]
        with Session(engine) as session:
            assert line(session, f"T-{number}").state in {LineState.CONFIRMED, LineState.TAKEN_BACK}
    engine.dispose()
