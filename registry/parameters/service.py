"""Setting parameters: proposed by one person and approved by another, or taken over by the administrator from an act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts.queries import takes_both_steps
from registry.audit.service import record
from registry.db import forget, lock_gate
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleRefused
from registry.kernel.fields import BadCell
from registry.kernel.parameters import Parameter
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.domain import SECOND_PERSON, Decision, ValueFact
from registry.parameters.models import ParameterDecision, ParameterValue
from registry.parameters.queries import parameters_on, value_by_id

PARAMETERS_GATE = 9
"""Gate of `db.lock_gate`: one change at a time, so that none is decided on what another has just changed."""
APPROVE = "parameters.approve"
MISSING = Message(N_("This field is required."))


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value for a declared parameter; `value` as typed. `act`: number of the act that sets it."""

    parameter: Parameter
    value: str
    effective_on: date | None
    act: str
    act_date: date | None = None
    note: str | None = None


def problems_of(session: Session, clock: Clock, command: NewValue) -> list[Problem]:
    """Return everything that keeps a value from being proposed, for a page that shows it beside its own findings."""
    problems = _problems(session, command)
    if command.effective_on is not None and command.effective_on < clock.today():
        message = Message(N_("a change never reaches back: choose today or a later day"))
        problems.append(Problem("effective_on", "in-the-past", message))
    return problems


def propose(session: Session, actor: Actor, clock: Clock, command: NewValue) -> int:
    """Propose a value; it counts once a second person approves it. Returns its id.

    Raises `Invalid` with every problem: a value out of bounds or in force already, a day gone by, no act.
    """
    lock_gate(session, PARAMETERS_GATE, [1])
    _require_none(problems_of(session, clock, command))
    return _write(session, actor, clock, command, "parameters.propose")


def set_value(session: Session, actor: Actor, clock: Clock, command: NewValue) -> int:
    """Take over a value that an act has set: decided elsewhere and therefore approved at once. Returns its id.

    The day may lie in the past: whoever sets up a country says what has long been in force.
    Raises `Invalid` as `propose` does.
    """
    lock_gate(session, PARAMETERS_GATE, [1])
    _require_none(_problems(session, command))
    value_id = _write(session, actor, clock, command, "parameters.set")
    _decide(session, actor, clock, value_id, Decision.APPROVED, command.effective_on, None)
    return value_id


def approve(session: Session, actor: Actor, clock: Clock, value_id: int) -> None:
    """Approve a proposed value: it counts from the day it names, or from today where that day has gone by.

    Raises `NotFound`; `RuleRefused` for whoever proposed it; `Conflict` when somebody decided it already.
    """
    lock_gate(session, PARAMETERS_GATE, [1])
    fact = _require_waiting(session, value_id)
    if takes_both_steps(session, fact.proposed_by, actor, APPROVE):
        message = Message(N_("you proposed this value: another person approves it"))
        raise RuleRefused(message, [Finding(SECOND_PERSON, message, SECOND_PERSON.severity)])
    counts_from = max(fact.effective_on, clock.today())
    _decide(session, actor, clock, value_id, Decision.APPROVED, counts_from, None)
    detail = {"value": fact.value, "counts_from": counts_from.isoformat(), "act": fact.act}
    record(session, actor, clock, APPROVE, f"parameter {fact.code}", detail)


def reject(session: Session, actor: Actor, clock: Clock, value_id: int, reason: str) -> None:
    """Reject a proposed value with a reason; it stays in the history. Raises as `approve`, and `Invalid` without a reason."""
    lock_gate(session, PARAMETERS_GATE, [1])
    fact = _require_waiting(session, value_id)
    if not reason.strip():
        raise Invalid(Message(N_("say why the value is rejected")), [Problem("note", "missing", MISSING)])
    _decide(session, actor, clock, value_id, Decision.REJECTED, None, reason.strip())
    record(session, actor, clock, "parameters.reject", f"parameter {fact.code}", {"value": fact.value, "note": reason})


def withdraw(session: Session, actor: Actor, clock: Clock, value_id: int) -> None:
    """Withdraw a proposed value; one that counts is never withdrawn, only followed by another."""
    lock_gate(session, PARAMETERS_GATE, [1])
    fact = _require_waiting(session, value_id)
    _decide(session, actor, clock, value_id, Decision.WITHDRAWN, None, None)
    record(session, actor, clock, "parameters.withdraw", f"parameter {fact.code}", {"value": fact.value})


def _problems(session: Session, command: NewValue) -> list[Problem]:
    day = command.effective_on
    stated = {"value": command.value.strip(), "effective_on": day, "act": command.act.strip()}
    problems = [Problem(name, "missing", MISSING) for name, said in stated.items() if not said]
    value = ""
    try:
        value = command.parameter.read(command.value) if command.value.strip() else ""
    except BadCell as bad:
        problems.append(Problem("value", bad.code, bad.message))
    if value and day is not None and parameters_on(session, day).text(command.parameter) == value:
        message = Message(N_("this value is in force on that day already"))
        problems.append(Problem("value", "unchanged", message))
    return problems


def _require_none(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(Message(N_("the parameter cannot be set like this")), problems)


def _require_waiting(session: Session, value_id: int) -> ValueFact:
    fact = value_by_id(session, value_id)
    if fact is None:
        raise NotFound(Message(N_("there is no such value of a parameter")))
    if not fact.waits:
        raise Conflict(Message(N_("somebody has decided on this value already")))
    return fact


def _write(session: Session, actor: Actor, clock: Clock, command: NewValue, action: str) -> int:
    """Write a value that has no problems."""
    value, day = command.parameter.read(command.value), command.effective_on
    if day is None:
        raise Invalid(
            Message(N_("the parameter cannot be set like this")), [Problem("effective_on", "missing", MISSING)]
        )
    row = {
        "code": command.parameter.code,
        "value": value,
        "effective_on": day,
        "act": command.act.strip(),
        "act_date": command.act_date,
        "note": (command.note or "").strip() or None,
        "proposed_by": actor.username,
        "proposed_at": clock.now(),
    }
    value_id = int(session.execute(insert(ParameterValue).values(row).returning(ParameterValue.id)).scalar_one())
    detail = {"value": value, "effective_on": day.isoformat(), "act": command.act.strip()}
    record(session, actor, clock, action, f"parameter {command.parameter.code}", detail)
    return value_id


def _decide(
    session: Session,
    actor: Actor,
    clock: Clock,
    value_id: int,
    decision: Decision,
    counts_from: date | None,
    note: str | None,
) -> None:
    """Write the decision; where somebody decided at the same moment its key is taken and the unit of work says so."""
    session.execute(
        insert(ParameterDecision).values(
            value_id=value_id,
            decision=decision.value,
            effective_on=counts_from,
            decided_by=actor.username,
            decided_at=clock.now(),
            note=note,
        )
    )
    forget(session)
