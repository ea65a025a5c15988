"""Imported lots and what was decided of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.kernel.parameters import Course
from registry.stock.domain.kinds import IMPORT
from registry.stock.domain.quarantine import Lot, asked_since, is_asked

_LOTS = (
    "SELECT m.id, m.reference, m.occurred_on, m.site_id, m.batch_id, b.revision_id, b.label, b.expires_on, m.units,"
    " m.document, q.released FROM {source} JOIN batch b ON b.id = m.batch_id"
    " LEFT JOIN quarantine_decision q ON q.movement_id = m.id LEFT JOIN movement r ON r.reverses_id = m.id"
    " WHERE m.kind = :kind AND r.id IS NULL AND {condition} ORDER BY m.occurred_on, m.id"
)


def closed_lots(session: Session, course: Course, shelves: Iterable[tuple[int, int]]) -> list[Lot]:
    """Return what lies on the shelves (site, batch) and is not released; one statement, none where nobody ever asked for quarantine."""
    first = asked_since(course)
    if first is None:
        return []
    table, parameters = inline_rows(session, "wanted", {"site_id": "int", "batch_id": "int"}, sorted(set(shelves)))
    source = f"{table} JOIN movement m ON m.site_id = wanted.site_id AND m.batch_id = wanted.batch_id"
    return _lots(session, course, source, first, parameters)


def lots_waiting(session: Session, course: Course, site_ids: Sequence[int] | None) -> list[Lot]:
    """Return the lots nobody has decided on, the oldest first; of any site where none is named. One statement."""
    first = asked_since(course)
    if first is None:
        return []
    source, parameters = "movement m", dict[str, Any]()
    if site_ids is not None:
        table, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
        source = f"{table} JOIN movement m ON m.site_id = wanted.id"
    return [lot for lot in _lots(session, course, source, first, parameters) if lot.released is None]


def _lots(session: Session, course: Course, source: str, first: date, parameters: dict[str, Any]) -> list[Lot]:
    condition = "m.country IS NOT NULL AND m.occurred_on >= :first AND (q.released IS NULL OR q.released IS FALSE)"
    query = _LOTS.format(source=source, condition=condition)
    rows = session.execute(text(query), parameters | {"kind": IMPORT.code, "first": first.isoformat()})
    return [lot for lot in map(_lot, rows) if is_asked(course, lot.occurred_on)]


def lot_named(session: Session, reference: str) -> Lot | None:
    """Return the lot an entry imported, decided or not; one statement."""
    query = _LOTS.format(source="movement m", condition="m.reference = :reference")
    row = session.execute(text(query), {"kind": IMPORT.code, "reference": reference}).first()
    return _lot(row) if row is not None else None


def _lot(row: Row[Any]) -> Lot:
    values = list(row)
    values[2] = as_day(values[2])
    values[7] = as_day(values[7]) if values[7] is not None else None
    values[10] = None if values[10] is None else bool(values[10])
    return Lot(*values)
