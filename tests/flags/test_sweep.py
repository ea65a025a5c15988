"""The sweep: what stands is on the worklist once, what is gone is closed, what was closed comes back when it got worse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.audit.queries import entries
from registry.db import unit_of_work
from registry.flags.domain import CAUSE_GONE, FlagState, Step, is_farther
from registry.flags.queries import FlagFact, flag_history, last_sweep, worklist
from registry.flags.service import Swept, close_flag, raise_flags, release_flags, sweep, take_flags
from registry.flags.watches import Watch, WatchClash, register, registered
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock, FixedClock
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import Message
from tests.intake.tables import counted

RULE = Rule("TST-11", "A rule of the tests.", "none", Severity.FLAG, ("test",))
OTHER = Rule("TST-12", "Another rule of the tests.", "none", Severity.FLAG, ("test",))
OFFICER = Actor(1, "officer", frozenset({"officer"}))
COLLEAGUE = Actor(2, "colleague", frozenset({"officer"}))


def finding(subject: str, observed: str | None = "40", limit: str | None = "50", **more: object) -> Finding:
    message = Message("%(observed)s of %(limit)s", {"observed": observed, "limit": limit})
    return Finding(RULE, message, Severity.FLAG, observed=observed, limit=limit, unit="g", subject=subject, **more)  # type: ignore[arg-type]


def swept(session: Session, clock: FixedClock, *found: Finding, by: Actor = SYSTEM) -> Swept:
    def look(_session: Session, _clock: Clock) -> list[Finding]:
        return list(found)

    with unit_of_work(session):
        return sweep(session, by, clock, [Watch((RULE,), look)])


def only(session: Session) -> FlagFact:
    [flag] = worklist(session, state=None)
    return flag


def closed_by_officer(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        close_flag(session, OFFICER, clock, only(session).id, "looked into")


def later(clock: FixedClock, days: int) -> FixedClock:
    return FixedClock(clock.moment + timedelta(days=days), clock.zone)


def test_sweeping_twice_raises_nothing_twice(session: Session, clock: FixedClock) -> None:
    assert swept(session, clock, finding("a"), finding("b")) == Swept(2, 0, 0, 2)
    assert swept(session, later(clock, 1), finding("a"), finding("b")) == Swept(0, 0, 0, 2)
    assert sorted(flag.subject for flag in worklist(session)) == ["a", "b"]


def test_what_the_deed_raised_already_is_not_raised_again(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        raise_flags(session, clock, [finding("a")])
    assert swept(session, clock, finding("a")) == Swept(0, 0, 0, 1)
    assert only(session).state == FlagState.OPEN


def test_an_open_flag_says_what_stands_today(session: Session, clock: FixedClock) -> None:
    swept(session, clock, finding("a", "40"))
    swept(session, later(clock, 1), finding("a", "30", organisation_id=7))
    flag = only(session)
    assert (flag.observed, str(flag.message), flag.opened_at) == ("30", "30 of 50", clock.now())
    assert [one.subject for one in worklist(session, organisation_id=7)] == ["a"]


def test_a_flag_whose_cause_is_gone_is_closed_with_the_reason_and_kept(session: Session, clock: FixedClock) -> None:
    swept(session, clock, finding("a"))
    assert swept(session, later(clock, 3)) == Swept(0, 0, 1, 0)
    flag = only(session)
    assert (flag.state, flag.closed_by, flag.note) == ("closed", "system", CAUSE_GONE)
    assert flag.closed_at == later(clock, 3).now()
    assert swept(session, later(clock, 4)) == Swept(0, 0, 0, 0)


def test_a_cause_that_is_back_opens_the_same_flag_again(session: Session, clock: FixedClock) -> None:
    swept(session, clock, finding("a"))
    swept(session, later(clock, 1))
    assert swept(session, later(clock, 2), finding("a")) == Swept(0, 1, 0, 1)
    flag = only(session)
    assert (flag.state, flag.closed_at, flag.closed_by, flag.note) == ("open", None, None, None)
    steps = [(one.step, one.actor, one.note) for one in flag_history(session, flag.id)]
    assert steps == [(Step.CLOSED, "system", CAUSE_GONE), (Step.RETURNED, "system", None)]


@pytest.mark.parametrize(
    ("observed", "limit", "returns"),
    [("40", "50", False), ("45", "50", False), ("39.999999", "50", True), ("40", "51", True), ("40", "49", False)],
)
def test_what_an_officer_closed_comes_back_only_when_it_got_worse(
    session: Session, clock: FixedClock, observed: str, limit: str, returns: bool
) -> None:
    swept(session, clock, finding("a"))
    closed_by_officer(session, clock)
    assert swept(session, later(clock, 1), finding("a", observed, limit)).returned == int(returns)
    flag = only(session)
    assert flag.state == (FlagState.OPEN if returns else FlagState.CLOSED)
    if not returns:
        assert (flag.note, flag.observed) == ("looked into", "40")


def test_slowly_worse_is_measured_from_the_day_of_closing(session: Session, clock: FixedClock) -> None:
    swept(session, clock, finding("a", "40"))
    closed_by_officer(session, clock)
    assert swept(session, later(clock, 1), finding("a", "48")).returned == 0
    assert swept(session, later(clock, 2), finding("a", "41")).returned == 0
    assert swept(session, later(clock, 3), finding("a", "39")).returned == 1
    [closing, opening] = flag_history(session, only(session).id)
    assert (closing.step, closing.note, closing.observed) == (Step.CLOSED, "looked into", "40")
    assert (opening.step, opening.observed) == (Step.RETURNED, "39")


def test_what_an_officer_closed_comes_back_when_its_cause_had_gone_in_between(
    session: Session, clock: FixedClock
) -> None:
    swept(session, clock, finding("a", None, None))
    closed_by_officer(session, clock)
    assert swept(session, later(clock, 1), finding("a", None, None)).returned == 0
    assert swept(session, later(clock, 2)) == Swept(0, 0, 0, 0)
    assert only(session).note == "looked into"
    assert swept(session, later(clock, 3), finding("a", None, None)).returned == 1


@pytest.mark.parametrize(
    ("now", "before", "farther"),
    [
        (("2026-03-01", "2026-01-01"), ("2026-02-01", "2026-01-01"), True),
        (("2026-01-15", "2026-01-01"), ("2026-02-01", "2026-01-01"), False),
        (("3", "1"), ("2", "1"), True),
        (("-3", "1"), ("2", "1"), True),
        (("3", None), ("2", "1"), False),
        (("3", "1"), (None, "1"), False),
        (("KZ", "RU"), ("UZ", "RU"), False),
    ],
)
def test_farther_beyond_the_limit(
    now: tuple[str | None, str | None], before: tuple[str | None, str | None], farther: bool
) -> None:
    assert is_farther(now, before) is farther


def test_flags_of_rules_that_nobody_watches_are_left_alone(session: Session, clock: FixedClock) -> None:
    with unit_of_work(session):
        raise_flags(session, clock, [Finding(OTHER, Message("x"), Severity.FLAG, subject="a")])
    assert swept(session, clock) == Swept(0, 0, 0, 0)
    assert only(session).state == FlagState.OPEN


def test_a_watch_judges_only_by_the_rules_it_declares(session: Session, clock: FixedClock) -> None:
    with pytest.raises(ValueError, match="TST-12"):
        swept(session, clock, Finding(OTHER, Message("x"), Severity.FLAG, subject="a"))


def test_notes_are_no_flags(session: Session, clock: FixedClock) -> None:
    assert swept(session, clock, Finding(RULE, Message("x"), Severity.NOTE, subject="a")).opened == 0
    assert worklist(session, state=None) == []


def test_every_sweep_is_kept_and_audited(session: Session, clock: FixedClock) -> None:
    assert last_sweep(session) is None
    swept(session, clock, finding("a"), by=OFFICER)
    swept(session, later(clock, 1))
    newest = last_sweep(session)
    assert newest is not None
    assert (newest.actor, newest.at, newest.day) == ("system", later(clock, 1).now(), later(clock, 1).today())
    assert (newest.opened, newest.returned, newest.closed, newest.standing) == (0, 0, 1, 0)
    assert [(one.actor, one.action) for one in entries(session, limit=2)] == [
        ("system", "flags.sweep"),
        ("officer", "flags.sweep"),
    ]


def test_taking_and_handing_back(session: Session, clock: FixedClock) -> None:
    swept(session, clock, finding("a"), finding("b"))
    ids = [flag.id for flag in worklist(session)]
    with unit_of_work(session):
        assert take_flags(session, OFFICER, clock, ids) == 2
    with unit_of_work(session):
        assert take_flags(session, COLLEAGUE, clock, ids) == 0
        assert release_flags(session, COLLEAGUE, clock, ids) == 0
    assert {flag.assignee for flag in worklist(session)} == {"officer"}
    with unit_of_work(session):
        assert release_flags(session, OFFICER, clock, ids[:1]) == 1
    assert [flag.assignee for flag in worklist(session)].count(None) == 1
    assert [one.step for one in flag_history(session, ids[0])] == [Step.TAKEN, Step.RELEASED]


def test_a_sweep_takes_as_many_statements_for_a_thousand_as_for_one(session: Session, clock: FixedClock) -> None:
    taken = []
    for size in (2, 1000):
        names = [f"{size} {number}" for number in range(size)]
        for found in ([finding(name) for name in names], [finding(name, "30") for name in names], []):
            with counted(session) as seen:
                swept(session, clock, *found)
            taken.append(len(seen))
    assert taken[:3] == taken[3:]


@pytest.mark.parametrize("statement", ["UPDATE flag_event SET note = 'x'", "DELETE FROM flag_sweep"])
def test_history_and_sweeps_are_only_added_to(session: Session, clock: FixedClock, statement: str) -> None:
    swept(session, clock, finding("a"))
    swept(session, clock)
    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(text(statement))


def test_a_rule_has_one_watch() -> None:
    app = Flask("watched")
    first = Watch((RULE,), lambda _session, _clock: [], "quota ")
    register(app, first)
    for about in ("", "quota 2026", "quota "):
        with pytest.raises(WatchClash, match="TST-11"):
            register(app, Watch((OTHER, RULE), lambda _session, _clock: [], about))
    second = Watch((RULE,), lambda _session, _clock: [], "permit ")
    register(app, second)
    assert registered(app) == (first, second)


def test_a_watch_leaves_flags_on_other_subjects_alone(session: Session, clock: FixedClock) -> None:
    """An application that was flagged by the same rule is another case: the watch of positions does not close it."""
    with unit_of_work(session):
        raise_flags(session, clock, [finding("application A-1, quota 2026 NM 009"), finding("quota 2026 NM 009")])
    with unit_of_work(session):
        swept = sweep(session, SYSTEM, clock, [Watch((RULE,), lambda _session, _clock: [], "quota ")])
    assert swept.closed == 1
    assert [flag.subject for flag in worklist(session)] == ["application A-1, quota 2026 NM 009"]
