"""The cycle of a line: states, persons, versions, reasons, acts, history; on both databases, and two officers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.accounts import service as accounts
from registry.accounts.policy import ACTIONS
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Conflict, Forbidden, Invalid, RegistryError, RuleRefused
from registry.quotas.domain.cycle import Decision, completed, reason_problems, step_problems
from registry.quotas.domain.lines import LineFact, ceilings_of
from registry.quotas.domain.states import (
    APPROVE,
    COUNTING,
    ENDED,
    LINE_STATE_NAMES,
    LINE_STATE_TONES,
    PREPARED,
    PROPOSE,
    PUBLISH,
    REJECT,
    TRANSITIONS,
    WITHDRAW,
    LineState,
    steps_from,
)
from registry.quotas.queries import events_of, line_by_id, lines_of_kind, prepared_lines, published_years
from registry.quotas.service import (
    ProposedLine,
    approve_line,
    draft_line,
    propose_line,
    publish_year,
    reject_line,
    revise_draft,
    take_step,
    withdraw_line,
)
from tests.databases import engine_for
from tests.intake.tables import counted
from tests.world import CLOCK, table_of, take_in

OFFICER = Actor(1, "officer", frozenset({"officer"}))
OTHER = Actor(3, "other", frozenset({"officer"}))
APPROVER = Actor(2, "approver", frozenset({"approver"}))
BOTH = Actor(4, "both", frozenset({"officer", "approver"}))
G = 10**9
ESTIMATE = ProposedLine(2030, "NM 009", "estimate", 100 * G, "consumption")
STATE = ProposedLine(2030, "NM 009", "state_quota", 90 * G)
ACT = Decision(act="77", act_date=date(2029, 12, 20))
LINE = LineFact(1, 2030, 1, "state_quota", None, None, 5 * G, date(2030, 1, 1), state="proposed")


def test_every_state_is_named_and_every_step_asks_the_policy() -> None:
    assert set(LINE_STATE_NAMES) == set(LINE_STATE_TONES) == set(LineState)
    assert {*COUNTING, *PREPARED, *ENDED} == {state.value for state in LineState}
    assert {step.action for step in TRANSITIONS.values()} <= set(ACTIONS)


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("draft", ["propose", "withdraw"]),
        ("proposed", ["approve", "reject", "withdraw"]),
        ("approved", ["publish"]),
        ("published", []),
        ("rejected", []),
        ("withdrawn", []),
        ("error", []),
    ],
)
def test_the_steps_of_each_state(state: str, steps: list[str]) -> None:
    assert [step.step for step in steps_from(state)] == steps


@pytest.mark.parametrize(("state", "counts"), [(state, state in ("approved", "published")) for state in LineState])
def test_only_what_a_second_person_approved_counts(state: LineState, counts: bool) -> None:
    line = replace(LINE, kind="estimate", item="consumption", state=state)
    assert bool(ceilings_of("1961", 2030, [line], date(2030, 6, 1)).items) is counts


@pytest.mark.parametrize(
    ("draft", "standing", "missing"),
    [
        (replace(LINE, kind="supplement", item="consumption"), [], True),
        (replace(LINE, kind="supplement", item="consumption", note="a new ward"), [], False),
        (LINE, [], False),
        (LINE, [replace(LINE, id=2, state="approved")], True),
        (LINE, [replace(LINE, id=2, state="published")], True),
        (LINE, [replace(LINE, id=2, state="proposed")], False),
        (LINE, [replace(LINE, id=2, state="approved", year=2029)], False),
        (replace(LINE, note="more patients"), [replace(LINE, id=2, state="approved")], False),
        (replace(LINE, kind="estimate"), [replace(LINE, kind="estimate", id=2, state="approved")], False),
    ],
)
def test_supplements_and_later_state_quotas_say_why(draft: LineFact, standing: list[LineFact], missing: bool) -> None:
    assert [problem.column for problem in reason_problems(draft, standing)] == (["note"] if missing else [])


@pytest.mark.parametrize(
    ("line", "decision", "missing"),
    [
        (LINE, Decision(), ["act", "act_date"]),
        (LINE, Decision(act="77"), ["act_date"]),
        (LINE, ACT, []),
        (replace(LINE, act="5", act_date=date(2029, 12, 1)), Decision(), []),
        (replace(LINE, kind="estimate"), Decision(), []),
        (LINE, replace(ACT, effective_on=date(2031, 1, 1)), ["effective_on"]),
        (LINE, replace(ACT, effective_on=date(2030, 12, 31)), []),
    ],
)
def test_a_state_quota_is_approved_with_act_and_day(line: LineFact, decision: Decision, missing: list[str]) -> None:
    assert [problem.column for problem in step_problems(APPROVE, line, decision)] == missing


@pytest.mark.parametrize(
    ("line", "decision", "day"),
    [
        (LINE, ACT, date(2030, 1, 1)),
        (LINE, Decision(act="8", act_date=date(2030, 5, 4)), date(2030, 5, 4)),
        (replace(LINE, effective_on=date(2030, 3, 3)), Decision(act="8", act_date=date(2030, 5, 4)), date(2030, 3, 3)),
        (LINE, Decision(act="8", act_date=date(2030, 5, 4), effective_on=date(2030, 6, 1)), date(2030, 6, 1)),
        (replace(LINE, act_date=date(2030, 2, 2), effective_on=date(2030, 2, 2)), Decision(), date(2030, 2, 2)),
    ],
)
def test_an_act_named_at_the_approval_says_from_when(line: LineFact, decision: Decision, day: date) -> None:
    assert completed(line, decision).effective_on == day


def test_the_whole_way_of_a_state_quota(stocked: Session) -> None:
    number = draft_line(stocked, OFFICER, CLOCK, STATE)
    revise_draft(stocked, OTHER, CLOCK, number, replace(STATE, quantity_ng=91 * G), 1)
    take_step(stocked, OFFICER, CLOCK, number, PROPOSE, Decision(version=2))
    with pytest.raises(Invalid) as refused:
        approve_line(stocked, APPROVER, CLOCK, number)
    assert [problem.column for problem in refused.value.problems] == ["act", "act_date"]
    approve_line(stocked, APPROVER, CLOCK, number, replace(ACT, version=3, note="as agreed"))
    take_step(stocked, APPROVER, CLOCK, number, PUBLISH)
    line = line_by_id(stocked, number)
    assert line is not None
    assert (line.state, line.version, line.act, line.act_date, line.effective_on, line.quantity_ng) == (
        "published", 5, "77", date(2029, 12, 20), date(2030, 1, 1), 91 * G,
    )  # fmt: skip
    events = events_of(stocked, [number])[number]
    assert [(event.version, event.step, event.done_by, event.note) for event in events] == [
        (1, "draft", "officer", None),
        (2, "revise", "other", None),
        (3, "propose", "officer", None),
        (4, "approve", "approver", "as agreed"),
        (5, "publish", "approver", None),
    ]
    assert (events[1].detail["quantity_g_before"], events[1].detail["quantity_g"]) == ("90", "91")
    assert events[3].detail["act"] == "77"
    assert published_years(stocked) == [2030]


def test_the_history_is_never_changed(stocked: Session) -> None:
    draft_line(stocked, OFFICER, CLOCK, STATE)
    for table in ("quota_line_event", "carry_over_change", "need_calculation", "need_choice"):
        for statement in (f"UPDATE {table} SET id = id + 1", f"DELETE FROM {table}"):
            if table != "quota_line_event" and stocked.get_bind().dialect.name == "sqlite":
                continue  # SQLite asks its triggers for each row, and there is none
            with pytest.raises(DBAPIError, match="never changed"), stocked.begin_nested():
                stocked.execute(text(statement))


def test_lines_from_a_file_have_a_history_too(stocked: Session) -> None:
    counts = []
    for first, size in ((0, 1), (1, 5), (100, 120)):  # with the first the row of the position is made
        rows = [f"2031,NM 009,supplement,consumption,1,act {first + n}" for n in range(size)]
        with counted(stocked) as sent:
            report = take_in(
                stocked, "quotas", table_of("year,substance,kind,item,quantity_g,act", *rows), source="q.csv"
            )
        assert report.written
        counts.append(len(sent))
    assert counts[1] == counts[2]
    lines = lines_of_kind(stocked, 2031, "supplement")
    events = events_of(stocked, [line.id for line in lines])
    assert len(lines) == 126
    assert {(each.step, each.note, each.done_by) for line in lines for each in events[line.id]} == {
        ("record", "q.csv", "system")
    }


def test_of_two_officers_at_one_line_the_second_is_told(stocked: Session) -> None:
    number = draft_line(stocked, OFFICER, CLOCK, ESTIMATE)
    revise_draft(stocked, OFFICER, CLOCK, number, replace(ESTIMATE, quantity_ng=101 * G), 1)
    with pytest.raises(Conflict, match="since you looked"):
        revise_draft(stocked, OTHER, CLOCK, number, replace(ESTIMATE, quantity_ng=102 * G), 1)
    with pytest.raises(Conflict, match="since you looked"):
        take_step(stocked, OTHER, CLOCK, number, PROPOSE, Decision(version=1))
    take_step(stocked, OTHER, CLOCK, number, PROPOSE, Decision(version=2))
    with pytest.raises(Conflict, match="decided"):
        revise_draft(stocked, OFFICER, CLOCK, number, ESTIMATE, 3)


def test_a_draft_may_not_take_the_key_of_another(stocked: Session) -> None:
    propose_line(stocked, OFFICER, CLOCK, ESTIMATE)
    number = draft_line(stocked, OFFICER, CLOCK, replace(ESTIMATE, act="a"))
    with pytest.raises(RegistryError):
        revise_draft(stocked, OFFICER, CLOCK, number, replace(ESTIMATE, quantity_ng=5))
    revise_draft(stocked, OFFICER, CLOCK, number, replace(ESTIMATE, act="a", quantity_ng=5))
    approve_line(stocked, APPROVER, CLOCK, propose_line(stocked, OFFICER, CLOCK, replace(STATE, act="77")), ACT)
    twin = propose_line(stocked, OFFICER, CLOCK, replace(STATE, note="less", quantity_ng=G))
    with pytest.raises(Conflict, match="recorded already"):
        approve_line(stocked, APPROVER, CLOCK, twin, ACT)


def test_who_may_take_which_step(stocked: Session) -> None:
    number = propose_line(stocked, OFFICER, CLOCK, ESTIMATE)
    with pytest.raises(Forbidden):
        approve_line(stocked, OTHER, CLOCK, number)
    with pytest.raises(Forbidden):
        withdraw_line(stocked, OTHER, CLOCK, number)
    with pytest.raises(Invalid):
        reject_line(stocked, APPROVER, CLOCK, number, Decision(note="  "))
    reject_line(stocked, APPROVER, CLOCK, number, Decision(note="too much"))
    for step in (APPROVE, REJECT, WITHDRAW, PUBLISH):
        with pytest.raises(Conflict):
            take_step(stocked, BOTH, CLOCK, number, step, Decision(note="x"))
    assert propose_line(stocked, OFFICER, CLOCK, ESTIMATE) != number
    approve_line(stocked, APPROVER, CLOCK, prepared_lines(stocked, 2030)[-1].id)
    with pytest.raises(Conflict, match="not published"):
        take_step(stocked, APPROVER, CLOCK, lines_of_kind(stocked, 2030, "estimate")[0].id, PUBLISH)


def hire(session: Session, username: str, role: str, person: str) -> Actor:
    number = accounts.create_account(
        session, SYSTEM, CLOCK, accounts.NewAccount(username, username, frozenset({role}), person=person)
    )
    return Actor(number, username, frozenset({role}))


@pytest.mark.parametrize(("code", "refused"), [("P 17", True), ("p17", True), ("P 18", False), ("", False)])
def test_qta_08_another_account_of_the_same_person_is_no_second_person(
    stocked: Session, code: str, refused: bool
) -> None:
    first, second = hire(stocked, "asan1", "officer", "P 17"), hire(stocked, "asan2", "approver", code)
    number = propose_line(stocked, first, CLOCK, ESTIMATE)
    if not refused:
        approve_line(stocked, second, CLOCK, number)
        return
    with pytest.raises(RuleRefused) as caught:
        approve_line(stocked, second, CLOCK, number)
    assert [finding.rule.code for finding in caught.value.findings] == ["QTA-08"]
    with pytest.raises(RuleRefused):
        reject_line(stocked, second, CLOCK, number, Decision(note="no"))


def test_a_year_is_published_in_as_many_statements_for_many_as_for_few(stocked: Session) -> None:
    codes = ("NM 009", "NF 001", "NM 002", "NC 005", "PD 006")
    counts = []
    for year, chosen in ((2031, codes[:1]), (2032, codes)):
        rows = [f"{year},{code},state_quota,7,9,2030-12-01" for code in chosen]
        assert take_in(stocked, "quotas", table_of("year,substance,kind,quantity_g,act,act_date", *rows)).written
        with counted(stocked) as sent:
            assert publish_year(stocked, APPROVER, CLOCK, year) == len(chosen)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert publish_year(stocked, APPROVER, CLOCK, 2032) == 0
    lines = lines_of_kind(stocked, 2032, "state_quota", {"published"})
    assert len(lines) == len(codes)
    assert {events[-1].step for events in events_of(stocked, [line.id for line in lines]).values()} == {"publish"}
    with pytest.raises(Forbidden):
        publish_year(stocked, OFFICER, CLOCK, 2032)


def race(url: str, act: Callable[[Session, int], object], writers: int = 8) -> tuple[int, list[BaseException]]:
    """Let writers act at once, each on its own connection; return how many did it, and what the others were told."""
    barrier, done, told = threading.Barrier(writers), [], []
    engine = engine_for(url)

    def write(number: int) -> None:
        try:
            with Session(engine) as session:
                barrier.wait(60)
                with unit_of_work(session):
                    act(session, number)
            done.append(number)
        except BaseException as error:
            told.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    engine.dispose()
    return len(done), told


def test_of_many_approvers_at_once_one_approves(stocked_url: str) -> None:
    engine = engine_for(stocked_url)
    with Session(engine) as session, unit_of_work(session):
        number = propose_line(session, OFFICER, CLOCK, ESTIMATE)
    approvers = [Actor(10 + n, f"approver{n}", frozenset({"approver"})) for n in range(8)]
    done, told = race(
        stocked_url, lambda session, n: approve_line(session, approvers[n], CLOCK, number, Decision(version=1))
    )
    assert done == 1
    assert {type(error) for error in told} == {Conflict}
    with Session(engine) as session:
        assert [event.step for event in events_of(session, [number])[number]] == ["propose", "approve"]
    engine.dispose()


def test_of_many_equal_proposals_at_once_one_is_recorded(stocked_url: str) -> None:
    done, told = race(stocked_url, lambda session, _: propose_line(session, OFFICER, CLOCK, ESTIMATE))
    assert done == 1
    assert {type(error) for error in told} == {Conflict}
    engine = engine_for(stocked_url)
    with Session(engine) as session:
        assert len(prepared_lines(session, 2030)) == 1
    engine.dispose()
