"""Register numbers: gapless series by kind and year of issue, drawn in the transaction that uses them."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.permits.domain.kinds import PermitKind
from registry.permits.models import Permit


def draw_number(session: Session, kind: PermitKind, year: int, country: str) -> str:
    """Draw the next number of the kind and year of issue, like ``KG-I-2026-000001``; the row is locked until commit.

    Numbers that came with permits of a file are passed over: they stand in the register already.
    """
    key = {"kind": kind.code, "year": year}
    drawn = session.execute(
        text(
            "INSERT INTO permit_number (kind, year, last) VALUES (:kind, :year, 1)"
            " ON CONFLICT (kind, year) DO UPDATE SET last = permit_number.last + 1 RETURNING last"
        ),
        key,
    ).scalar_one()
    prefix, number = f"{country}-{kind.letter}-{year}-", drawn
    while session.scalar(select(Permit.id).where(Permit.number == f"{prefix}{number:06d}")) is not None:
        number += 1
    if number != drawn:
        session.execute(
            text("UPDATE permit_number SET last = :last WHERE kind = :kind AND year = :year"), key | {"last": number}
        )
    return f"{prefix}{number:06d}"
