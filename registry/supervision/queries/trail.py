"""The audit log by subject and actor, page after page by its sequence number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.db import folded
from registry.substances.queries.base import LIKE_ESCAPE, containing
from registry.supervision.queries.tables import table


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One event. `detail`: what was recorded with it; `digest`: its seal."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    detail: Mapping[str, object]
    digest: str


def trail(
    session: Session, *, before: int | None = None, subject: str = "", actor: str = "", limit: int = 100
) -> list[TrailEvent]:
    """Return the newest events first, older than sequence `before`; `subject` anywhere in it, `actor` exactly."""
    event = table("audit_event")
    query = select(event).order_by(event.c.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(event.c.sequence < before)
    if subject.strip():
        query = query.where(folded(event.c.subject).like(containing(subject), escape=LIKE_ESCAPE))
    if actor.strip():
        query = query.where(event.c.actor == actor.strip().lower())
    return [
        TrailEvent(row.sequence, row.at, row.actor, row.action, row.subject, row.outcome, _read(row.detail), row.digest)
        for row in session.execute(query)
    ]


def _read(detail: str) -> Mapping[str, object]:
    found = json.loads(detail)
    return found if isinstance(found, dict) else {"": found}
