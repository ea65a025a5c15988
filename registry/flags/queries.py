"""Reading the worklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.flags.domain import FlagState, unpacked
from registry.flags.models import Flag
from registry.kernel.text import Message


@dataclass(frozen=True, slots=True)
class FlagFact:
    """One flag as the worklist shows it."""

    id: int
    rule: str
    subject: str
    message: Message
    observed: str | None
    limit: str | None
    unit: str | None
    state: str
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


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
    return [
        FlagFact(
            f.id,
            f.rule,
            f.subject,
            Message(f.msgid, unpacked(f.params)),
            f.observed,
            f.limit_value,
            f.unit,
            f.state,
            f.opened_at,
            f.closed_at,
            f.closed_by,
            f.note,
        )
        for f in session.scalars(query)
    ]


def open_counts(session: Session) -> dict[str, int]:
    """Return the number of open flags by rule."""
    query = select(Flag.rule, func.count()).where(Flag.state == FlagState.OPEN.value).group_by(Flag.rule)
    return dict(session.execute(query).all())
