"""Drafts of applications."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.permits.models import ApplicationDraft


@dataclass(frozen=True, slots=True)
class DraftFact:
    """A draft as it was last saved; `cells` are what was typed, by name of the field."""

    id: int
    organisation_id: int
    kind: str
    cells: Mapping[str, str]
    version: int
    changed_by: str
    changed_at: datetime


def draft_by_id(session: Session, draft_id: int) -> DraftFact | None:
    """Return one draft; None for one that was submitted or discarded."""
    return next(iter(_drafts(session, ApplicationDraft.id == draft_id, 1)), None)


def drafts_of(session: Session, organisation_id: int, limit: int = 100) -> list[DraftFact]:
    """Return the drafts of an organisation, the one changed last first."""
    return _drafts(session, ApplicationDraft.organisation_id == organisation_id, limit)


def count_drafts(session: Session, organisation_id: int) -> int:
    """Return how many drafts an organisation keeps."""
    kept = select(func.count()).where(ApplicationDraft.organisation_id == organisation_id)
    return int(session.scalar(kept) or 0)


def drafts_below(session: Session, below: int | None, limit: int, organisation_id: int) -> list[DraftFact]:
    """Return the drafts of an organisation begun before the one of id `below`, the youngest first."""
    chosen = ApplicationDraft.organisation_id == organisation_id
    older = chosen if below is None else chosen & (ApplicationDraft.id < below)
    return _drafts(session, older, limit, ApplicationDraft.id.desc())


def _drafts(session: Session, chosen: ColumnElement[bool], limit: int, *by: ColumnElement[int]) -> list[DraftFact]:
    columns = (
        ApplicationDraft.id,
        ApplicationDraft.organisation_id,
        ApplicationDraft.kind,
        ApplicationDraft.cells,
        ApplicationDraft.version,
        ApplicationDraft.changed_by,
        ApplicationDraft.changed_at,
    )
    order = by or (ApplicationDraft.changed_at.desc(), ApplicationDraft.id.desc())
    rows = session.execute(select(*columns).where(chosen).order_by(*order).limit(limit))
    return [DraftFact(row.id, row.organisation_id, row.kind, json.loads(row.cells), *row[4:]) for row in rows]
