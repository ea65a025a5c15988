"""The worklist: one flag a rule and subject, closed once, with a note, by somebody."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.flags.domain import FlagState
from registry.flags.queries import open_counts, worklist
from registry.flags.service import close_flag, raise_flags
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import Message

RULE = Rule("TST-01", "A rule of the tests.", "none", Severity.FLAG, ("test",))
OFFICER = Actor(1, "officer", frozenset({"officer"}))


def finding(subject: str, severity: Severity = Severity.FLAG) -> Finding:
    message = Message("%(what)s on %(day)s", {"what": "something", "day": date(2026, 1, 2)})
    return Finding(RULE, message, severity, observed="2", limit="1", unit="g", subject=subject)


def flagged(session: Session, clock: FixedClock, *findings: Finding, organisation: int | None = None) -> None:
    with unit_of_work(session):
        raise_flags(session, clock, findings, organisation)


def test_only_flags_are_kept_and_once_per_subject(session: Session, clock: FixedClock) -> None:
    flagged(
        session,
        clock,
        finding("a"),
        finding("a"),
        finding("b"),
        finding("c", Severity.NOTE),
        finding("d", Severity.REFUSE),
    )
    flagged(session, clock, finding("a"))
    assert sorted(flag.subject for flag in worklist(session)) == ["a", "b"]
    assert open_counts(session) == {"TST-01": 2}


def test_a_flag_keeps_its_sentence_and_figures(session: Session, clock: FixedClock) -> None:
    flagged(session, clock, finding("a"))
    [flag] = worklist(session)
    assert str(flag.message) == "something on 2026-01-02"
    assert (flag.rule, flag.observed, flag.limit, flag.unit, flag.state) == ("TST-01", "2", "1", "g", "open")
    assert flag.opened_at == clock.now()


def test_closing_takes_a_note_and_happens_once(session: Session, clock: FixedClock) -> None:
    flagged(session, clock, finding("a"))
    [flag] = worklist(session)
    with unit_of_work(session):
        close_flag(session, OFFICER, clock, flag.id, "looked into")
    assert worklist(session) == []
    [closed] = worklist(session, state=FlagState.CLOSED)
    assert (closed.closed_by, closed.note, closed.closed_at) == ("officer", "looked into", clock.now())
    with pytest.raises(Conflict), unit_of_work(session):
        close_flag(session, OFFICER, clock, flag.id, "again")
    with pytest.raises(NotFound), unit_of_work(session):
        close_flag(session, OFFICER, clock, flag.id + 1000, "nothing")
    [unchanged] = worklist(session, state=FlagState.CLOSED)
    assert unchanged.note == "looked into"


def test_a_worklist_of_one_organisation_and_rule(session: Session, clock: FixedClock) -> None:
    flagged(session, clock, finding("a"), organisation=7)
    flagged(session, clock, finding("b"), organisation=8)
    assert [flag.subject for flag in worklist(session, organisation_id=7)] == ["a"]
    assert worklist(session, rule="TST-02") == []
    assert len(worklist(session, state=None)) == 2
