"""Refused files and how many of their rows are in the ledger by now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.reporting.domain.refused import RefusedFact, Wrong, unpacked
from registry.reporting.models import RefusedFile, RefusedRow
from registry.stock.queries.merging import recorded_moments
from registry.substances.queries.base import wanted_ids

_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    RefusedFile.id, RefusedFile.organisation_id, RefusedFile.site_id, RefusedFile.name, RefusedFile.digest,
    RefusedFile.size_bytes, RefusedFile.rows, RefusedFile.unnamed, RefusedFile.problems, RefusedFile.sent_at,
    RefusedFile.sent_by, RefusedFile.closed_at, RefusedFile.closed_by, RefusedFile.reason,
)  # fmt: skip


def open_files(session: Session, organisation_id: int | None = None) -> list[RefusedFact]:
    """Return the refused files that nobody has seen to, of one organisation or of all, the oldest first; three statements."""
    query = select(*_COLUMNS).where(RefusedFile.closed_at.is_(None)).order_by(RefusedFile.sent_at, RefusedFile.id)
    if organisation_id is not None:
        query = query.where(RefusedFile.organisation_id == organisation_id)
    return [one for one in _read(session, query) if one.is_open]


def settled_ids(session: Session) -> list[int]:
    """Return the files that are still marked open although every row of them is in the ledger; three statements."""
    query = select(*_COLUMNS).where(RefusedFile.closed_at.is_(None))
    return [one.id for one in _read(session, query) if one.is_settled]


def closed_files(session: Session, organisation_id: int | None, limit: int) -> list[RefusedFact]:
    """Return the files that were settled or discarded last, the youngest first; three statements."""
    query = select(*_COLUMNS).where(RefusedFile.closed_at.is_not(None)).order_by(RefusedFile.closed_at.desc())
    if organisation_id is not None:
        query = query.where(RefusedFile.organisation_id == organisation_id)
    return _read(session, query.limit(limit))


def refused_file(session: Session, file_id: int) -> RefusedFact | None:
    """Return one file; three statements."""
    found = _read(session, select(*_COLUMNS).where(RefusedFile.id == file_id))
    return found[0] if found else None


def what_was_wrong(session: Session, file_id: int) -> tuple[list[Wrong], str | None]:
    """Return what was wrong with a file and its rows as kept, CSV; one statement."""
    row = session.execute(select(RefusedFile.findings, RefusedFile.content).where(RefusedFile.id == file_id)).one()
    return unpacked(row.findings), row.content


def _read(session: Session, query: Select[Any]) -> list[RefusedFact]:
    facts = [RefusedFact(*row) for row in session.execute(query)]
    references = _references(session, [one.id for one in facts])
    posted = recorded_moments(session, {one for some in references.values() for one in some}) if references else {}
    done = Counter({number: sum(one in posted for one in some) for number, some in references.items()})
    return [replace(one, references=len(references.get(one.id, ())), posted=done[one.id]) for one in facts]


def _references(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    if not ids:
        return {}
    keys = wanted_ids(session, "wanted_file", ids)
    found: dict[int, list[str]] = defaultdict(list)
    for file_id, reference in session.execute(
        select(RefusedRow.file_id, RefusedRow.reference).join(keys, keys.c.id == RefusedRow.file_id)
    ):
        found[file_id].append(reference)
    return dict(found)
