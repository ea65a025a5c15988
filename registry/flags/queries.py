"""Reading the worklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.flags.domain import FlagState, Step, unpacked
from registry.flags.models import Flag, FlagEvent, FlagSweep
from registry.kernel.text import Message


@dataclass(frozen=True, slots=True)
class FlagFact:
    """One flag as it stands; `organisation_id`: whose matter it is; `assignee`: the user name of who works on it."""

    id: int
    rule: str
    severity: str
    subject: str
    organisation_id: int | None
    message: Message
    observed: str | None
    limit: str | None
    unit: str | None
    state: FlagState
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None
    assignee: str | None


@dataclass(frozen=True, slots=True)
class EventFact:
    """Something done with a flag; `observed`: what stood at that moment."""

    at: datetime
    actor: str
    step: Step
    note: str | None
    observed: str | None


@dataclass(frozen=True, slots=True)
class SweepFact:
    """One run of all watches and what came of it."""

    at: datetime
    actor: str
    day: date
    opened: int
    returned: int
    closed: int
    standing: int


def worklist(
    session: Session,
    *,
    state: FlagState | None = FlagState.OPEN,
    organisation_id: int | None = None,
    rule: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[FlagFact]:
    """Return flags, newest first, of one state, organisation or rule where given."""
    query = select(Flag).order_by(Flag.opened_at.desc(), Flag.id.desc()).limit(limit).offset(offset)
    if state is not None:
        query = query.where(Flag.state == state.value)
    if organisation_id is not None:
        query = query.where(Flag.organisation_id == organisation_id)
    if rule is not None:
        query = query.where(Flag.rule == rule)
    return [_fact(flag) for flag in session.scalars(query)]


def _fact(flag: Flag) -> FlagFact:
    return FlagFact(
        flag.id,
        flag.rule,
        flag.severity,
        flag.subject,
        flag.organisation_id,
        Message(flag.msgid, unpacked(flag.params)),
        flag.observed,
        flag.limit_value,
        flag.unit,
        FlagState(flag.state),
        flag.opened_at,
        flag.closed_at,
        flag.closed_by,
        flag.note,
        flag.assignee,
    )


def open_counts(session: Session) -> dict[str, int]:
    """Return the number of open flags by rule."""
    query = select(Flag.rule, func.count()).where(Flag.state == FlagState.OPEN.value).group_by(Flag.rule)
    return dict(session.execute(query).all())


def flag_history(session: Session, flag_id: int) -> list[EventFact]:
    """Return what was done with a flag since it was raised, the oldest first."""
    query = select(FlagEvent).where(FlagEvent.flag_id == flag_id).order_by(FlagEvent.id)
    return [EventFact(one.at, one.actor, Step(one.step), one.note, one.observed) for one in session.scalars(query)]


def last_sweep(session: Session) -> SweepFact | None:
    """Return the newest sweep, None where none was ever run."""
    one = session.scalars(select(FlagSweep).order_by(FlagSweep.id.desc()).limit(1)).first()
    if one is None:
        return None
    return SweepFact(one.at, one.actor, one.day, one.opened, one.returned, one.closed, one.standing)
