"""Reading requisitions with their answers: two statements, however many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from registry.requisitions.domain import Answer, Requisition
from registry.requisitions.models import RequisitionAnswer, RequisitionRow
from registry.stock.queries.days import standing_units

_FIELDS = (
    "id", "reference", "ward_id", "pharmacy_id", "product_id", "units", "asked_on", "purpose", "recorded_at", "recorded_by",
)  # fmt: skip


def requisition_named(session: Session, reference: str) -> Requisition | None:
    """Return one requisition by its reference."""
    found = _read(session, _rows().where(RequisitionRow.reference == reference))
    return found[0] if found else None


def requisitions(
    session: Session, site_ids: Collection[int] | None, limit: int, offset: int
) -> tuple[list[Requisition], int]:
    """Return one page of what these sites asked for or were asked (None: all sites), the youngest first, and how many in all."""
    condition = (
        or_(RequisitionRow.ward_id.in_(site_ids), RequisitionRow.pharmacy_id.in_(site_ids))
        if site_ids is not None
        else RequisitionRow.id.is_not(None)
    )
    total = session.execute(select(func.count()).select_from(RequisitionRow).where(condition)).scalar_one()
    rows = _rows().where(condition).order_by(RequisitionRow.asked_on.desc(), RequisitionRow.id.desc())
    return _read(session, rows.limit(limit).offset(offset)), total


def _rows() -> Select[Any]:
    return select(*(getattr(RequisitionRow, name) for name in _FIELDS))


def _read(session: Session, rows: Select[Any]) -> list[Requisition]:
    found = [tuple(row) for row in session.execute(rows)]
    row = RequisitionAnswer
    said = session.execute(
        select(row.requisition_id, row.number, row.entry, row.reason, row.recorded_at, row.recorded_by)
        .where(row.requisition_id.in_([one[0] for one in found]))
        .order_by(row.requisition_id, row.number)
    ).all()
    standing = standing_units(session, [entry for _, _, entry, *_ in said if entry is not None])
    answers: dict[int, list[Answer]] = defaultdict(list)
    for number, place, entry, reason, at, by in said:
        answers[number].append(Answer(place, standing.get(entry or "", 0), entry, reason, at, by))
    return [replace(Requisition(*one), answers=tuple(answers[one[0]])) for one in found]
