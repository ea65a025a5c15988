"""Flags by page and one by one, with what the list needs: total, severity, organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from registry.flags.domain import FlagState, unpacked
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.parties.queries import main_sites
from registry.substances.queries.base import LIKE_ESCAPE, containing
from registry.supervision.queries.tables import table


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """One flag as a person reads it; `organisation`: the code of the firm it is about, if any."""

    id: int
    rule: str
    severity: str
    subject: str
    organisation: str | None
    message: Message
    observed: str | None
    limit: str | None
    unit: str | None
    state: FlagState
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """Which flags are asked for; None or empty: any."""

    state: FlagState | None = FlagState.OPEN
    rule: str | None = None
    subject: str = ""


def flags_page(session: Session, wanted: FlagFilter, limit: int, offset: int) -> tuple[list[ShownFlag], int]:
    """Return one page of flags, newest first, and how many there are in all. Three statements."""
    flag = table("flag")
    query = _matching(select(flag), wanted).order_by(flag.c.opened_at.desc(), flag.c.id.desc())
    total = session.execute(_matching(select(func.count()).select_from(flag), wanted)).scalar_one()
    return _shown(session, session.execute(query.limit(limit).offset(offset)).all()), int(total)


def flag_by_id(session: Session, flag_id: int) -> ShownFlag:
    """Return one flag. Raises `NotFound`."""
    flag = table("flag")
    found = _shown(session, session.execute(select(flag).where(flag.c.id == flag_id)).all())
    if not found:
        raise NotFound(Message(N_("there is no such flag")))
    return found[0]


def rules_flagged(session: Session) -> list[str]:
    """Return the codes of the rules that any flag was raised by."""
    flag = table("flag")
    return list(session.scalars(select(flag.c.rule).distinct().order_by(flag.c.rule)))


def _matching(query: Select[Any], wanted: FlagFilter) -> Select[Any]:
    flag = table("flag")
    if wanted.state is not None:
        query = query.where(flag.c.state == wanted.state.value)
    if wanted.rule:
        query = query.where(flag.c.rule == wanted.rule)
    if wanted.subject.strip():
        query = query.where(func.lower(flag.c.subject).like(containing(wanted.subject), escape=LIKE_ESCAPE))
    return query


def _shown(session: Session, rows: Sequence[Row[Any]]) -> list[ShownFlag]:
    holders = main_sites(session, {row.organisation_id for row in rows if row.organisation_id is not None})
    return [
        ShownFlag(
            row.id,
            row.rule,
            row.severity,
            row.subject,
            holders[row.organisation_id].code if row.organisation_id in holders else None,
            Message(row.msgid, unpacked(row.params)),
            row.observed,
            row.limit_value,
            row.unit,
            FlagState(row.state),
            row.opened_at,
            row.closed_at,
            row.closed_by,
            row.note,
        )
        for row in rows
    ]
