"""What patients brought back: a register of its own, beside the shelves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.stock.domain.kinds import PATIENT_RETURN


@dataclass(frozen=True, slots=True)
class Returned:
    """One entry of what was brought back; `destroyed_on` None: it still lies apart. `act`: number of the act."""

    id: int
    reference: str
    occurred_on: date
    site_id: int
    revision_id: int
    label: str
    units: int
    destroyed_on: date | None
    act: str | None


_FROM = (
    " FROM movement m JOIN batch b ON b.id = m.batch_id LEFT JOIN movement r ON r.reverses_id = m.id"
    " LEFT JOIN returned_destruction d ON d.movement_id = m.id"
)
_COLUMNS = "m.id, m.reference, m.occurred_on, m.site_id, b.revision_id, b.label, m.units, d.destroyed_on, d.document"


def returned(session: Session, site_ids: Collection[int] | None, limit: int, offset: int) -> tuple[list[Returned], int]:
    """Return one page of what was brought back to the sites (None: to any), what still lies there first, and how many in all.

    Two statements; an entry that was reversed is none.
    """
    source, parameters = inline_rows(session, "here", {"id": "int"}, [(number,) for number in site_ids or ()])
    narrowed = "" if site_ids is None else f" JOIN {source} ON here.id = m.site_id"
    chosen = f"{_FROM}{narrowed} WHERE m.kind = :brought AND r.id IS NULL"
    parameters = ({} if site_ids is None else parameters) | {"brought": PATIENT_RETURN.code}
    total = session.execute(text(f"SELECT COUNT(*){chosen}"), parameters).scalar_one()
    rows = session.execute(
        text(
            f"SELECT {_COLUMNS}{chosen} ORDER BY CASE WHEN d.movement_id IS NULL THEN 0 ELSE 1 END,"
            " m.occurred_on DESC, m.id DESC LIMIT :limit OFFSET :offset"
        ),
        parameters | {"limit": limit, "offset": offset},
    )
    return [_fact(row) for row in rows], int(total)


def returned_named(session: Session, reference: str) -> Returned | None:
    """Return one entry of what was brought back, None for any other and for one that was reversed."""
    row = session.execute(
        text(f"SELECT {_COLUMNS}{_FROM} WHERE m.reference = :reference AND m.kind = :brought AND r.id IS NULL"),
        {"reference": reference, "brought": PATIENT_RETURN.code},
    ).first()
    return None if row is None else _fact(row)


def _fact(row: Row[*tuple[Any, ...]]) -> Returned:
    ended = None if row[7] is None else as_day(row[7])
    return Returned(row[0], row[1], as_day(row[2]), row[3], row[4], row[5], int(row[6]), ended, row[8])
