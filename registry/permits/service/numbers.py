"""Register numbers: gapless series by kind and year of issue, drawn in the transaction that uses them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.permits.domain.kinds import PermitKind
from registry.permits.models import Permit

_DRAW = text(
    "INSERT INTO permit_number (kind, year, last) VALUES (:kind, :year, 1)"
    " ON CONFLICT (kind, year) DO UPDATE SET last = permit_number.last + 1 RETURNING last"
)


def write_permit(
    session: Session, kind: PermitKind, year: int, country: str, values: Mapping[str, object]
) -> tuple[int, str]:
    """Write a permit under the next number of its kind and year of issue, like ``KG-I-2026-000001``; return id and number.

    The row of the series is locked until commit. Numbers that came with permits of a file are
    passed over: they stand in the register already.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    while True:
        drawn = session.execute(_DRAW, {"kind": kind.code, "year": year}).scalar_one()
        number = f"{country}-{kind.letter}-{year}-{drawn:06d}"
        permit_id = session.execute(
            dialect.insert(Permit)
            .values(number=number, kind=kind.code, **values)
            .on_conflict_do_nothing(index_elements=["number"])
            .returning(Permit.id)
        ).scalar()
        if permit_id is not None:
            return int(permit_id), number
