"""Deeds as facts; each function takes one statement."""

from __future__ import annotations

import json
from collections.abc import Collection
from types import MappingProxyType

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.deeds.domain import DeedFact, DeedState
from registry.deeds.models import Deed


def deed_by_id(session: Session, deed_id: int) -> DeedFact | None:
    """Return one deed."""
    return next(iter(_read(session, Deed.id == deed_id)), None)


def deeds_by_ids(session: Session, deed_ids: Collection[int]) -> list[DeedFact]:
    """Return deeds by their numbers."""
    return _read(session, Deed.id.in_(sorted(deed_ids)))


def deeds_of(session: Session, subject: str, prefix: str) -> list[DeedFact]:
    """Return every deed of a room (`prefix` of its kinds) done to one subject or proposed, the oldest first."""
    return _read(session, Deed.subject == subject, Deed.kind.startswith(prefix, autoescape=True))


def waiting_deeds(session: Session, limit: int = 100, offset: int = 0) -> list[DeedFact]:
    """Return the deeds that wait for a second person, the oldest first."""
    return _read(session, Deed.state == DeedState.PROPOSED.value, limit=limit, offset=offset)


def waiting_count(session: Session) -> int:
    """Return how many deeds wait for a second person."""
    return session.execute(select(func.count(Deed.id)).where(Deed.state == DeedState.PROPOSED.value)).scalar_one()


def _read(session: Session, *chosen: ColumnElement[bool], limit: int | None = None, offset: int = 0) -> list[DeedFact]:
    query = select(Deed).where(*chosen).order_by(Deed.id).offset(offset)
    rows = session.scalars(query if limit is None else query.limit(limit))
    return [
        DeedFact(
            row.id,
            row.kind,
            row.subject,
            row.organisation_id,
            row.effective_on,
            row.reason,
            MappingProxyType(json.loads(row.payload)),
            DeedState(row.state),
            row.proposed_by,
            row.proposed_at,
            row.decided_by,
            row.decided_at,
            row.decision_note,
        )
        for row in rows
    ]
