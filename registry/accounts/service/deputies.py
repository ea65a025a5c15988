"""Who stands in for whom: recorded once decided, ended before its time. Rights follow from the days alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, or_, update
from sqlalchemy.orm import Session

from registry.accounts.domain import role_problems
from registry.accounts.models import Deputy
from registry.accounts.queries import account_named, is_same_person
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, NotFound, Problem
from registry.kernel.text import N_, Message

ACT_LENGTH = 300
ENDED = Message(N_("the deputy’s time has ended by that day already"))


@dataclass(frozen=True, slots=True)
class NewDeputy:
    """Who stands in for whom (user names), by which act, from which day to which, both included."""

    away: str
    deputy: str
    act: str
    act_date: date | None
    from_on: date | None
    to_on: date | None


def deputy_problems(session: Session, clock: Clock, command: NewDeputy) -> list[Problem]:
    """Say what is wrong with a deputy to be named, all at once."""
    problems = _days(clock.today(), command)
    if not command.act.strip() or len(command.act) > ACT_LENGTH:
        problems.append(Problem("act", "missing", Message(N_("write the number of the act"))))
    if command.act_date is None:
        problems.append(Problem("act_date", "missing", Message(N_("write the day of the act"))))
    return problems + _people(session, command)


def _days(today: date, command: NewDeputy) -> list[Problem]:
    problems = [
        Problem(name, "missing", Message(N_("write the day")))
        for name, day in (("from_on", command.from_on), ("to_on", command.to_on))
        if day is None
    ]
    if command.to_on is not None and command.from_on is not None and command.to_on < command.from_on:
        problems.append(Problem("to_on", "dates-in-wrong-order", Message(N_("the last day is before the first"))))
    elif command.to_on is not None and command.to_on < today:
        problems.append(Problem("to_on", "past", Message(N_("these days are over"))))
    return problems


def _people(session: Session, command: NewDeputy) -> list[Problem]:
    found, problems = {}, []
    for name, username in (("away", command.away), ("deputy", command.deputy)):
        try:
            found[name] = account_named(session, username)
        except NotFound as unknown:
            problems.append(Problem(name, "unknown-value", unknown.message))
        else:
            if not found[name].active:
                said = {"username": found[name].username}
                disabled = Message(N_("the account %(username)s is disabled"), said)
                problems.append(Problem(name, "unknown-value", disabled))
    if problems:
        return problems
    away, deputy = found["away"], found["deputy"]
    if is_same_person(session, away.username, deputy.username):
        return [Problem("deputy", "same-person", Message(N_("nobody stands in for themselves")))]
    mixed = role_problems(away.roles | deputy.roles, deputy.organisation_id)
    if away.organisation_id != deputy.organisation_id or mixed:
        return [Problem("deputy", "mixed-roles", Message(N_("a deputy is of the same authority, service or firm")))]
    return []


def record_deputy(session: Session, actor: Actor, clock: Clock, command: NewDeputy) -> int:
    """Let somebody hold the roles of another in the days of `command`, which was judged before; return its number."""
    values = {
        "account_id": account_named(session, command.away).id,
        "deputy_id": account_named(session, command.deputy).id,
        "act": command.act.strip(),
        "act_date": command.act_date,
        "from_on": command.from_on,
        "to_on": command.to_on,
        "recorded_by": actor.username,
        "recorded_at": clock.now(),
    }
    number = int(session.execute(insert(Deputy).values(values).returning(Deputy.id)).scalar_one())
    detail = {"deputy": command.deputy, "act": command.act, "from": command.from_on, "to": command.to_on}
    record(session, actor, clock, "accounts.record_deputy", f"account {command.away}", detail)
    return number


def end_deputy(session: Session, actor: Actor, clock: Clock, deputy_id: int, day: date) -> None:
    """Let it hold no longer from `day` on. Raises `Conflict` where it was ended from that day on or a sooner one."""
    done = session.execute(
        update(Deputy)
        .where(Deputy.id == deputy_id, or_(Deputy.ended_on.is_(None), Deputy.ended_on > day))
        .values(ended_on=day, ended_by=actor.username, ended_at=clock.now())
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(ENDED)
    record(session, actor, clock, "accounts.end_deputy", f"deputy {deputy_id}", {"from": day})
