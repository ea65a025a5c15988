"""What was released on prescriptions, and the most one of them may stand for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from registry.db import inline_rows
from registry.stock.domain.kinds import DISPENSE
from registry.stock.domain.limits import LimitFact
from registry.stock.domain.lines import DAILY_SHEET
from registry.stock.models import PrescriptionLimit

Prescription = tuple[int, str]
"""Site and number: the same number at another site may be another prescription."""


@dataclass(frozen=True, slots=True)
class Released:
    """One entry that released something on a prescription and that nothing has taken back."""

    movement_id: int
    prescription: Prescription
    product_id: int
    revision_id: int
    units: int


def all_limits(session: Session) -> list[LimitFact]:
    """Return every limit ever set; one statement."""
    row = PrescriptionLimit
    rows = session.execute(select(row.subject, row.subject_id, row.effective_on, row.most, row.act))
    return [LimitFact((subject, number), day, most, act) for subject, number, day, most, act in rows]


def released_on(session: Session, prescriptions: Collection[Prescription]) -> list[Released]:
    """Return what the ledger holds as released on these prescriptions; one statement."""
    source, parameters = inline_rows(session, "asked", {"site": "int", "number": "text"}, sorted(set(prescriptions)))
    rows = session.execute(
        text(
            "SELECT m.id, m.site_id, m.prescription, b.product_id, b.revision_id, m.units"
            f" FROM {source} JOIN movement m ON m.site_id = asked.site AND m.prescription = asked.number"
            f" AND m.prescription IS NOT NULL AND m.prescription <> '{DAILY_SHEET}' AND m.kind = :releasing"
            " JOIN batch b ON b.id = m.batch_id LEFT JOIN movement r ON r.reverses_id = m.id WHERE r.id IS NULL"
        ),
        parameters | {"releasing": DISPENSE.code},
    )
    return [Released(row[0], (row[1], row[2]), row[3], row[4], int(row[5])) for row in rows]
