"""The sheet of one site and month: what each shelf held before, what came, what went, what was corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One shelf in one month, in units of account: opening + receipts - issues + corrections = closing.

    `corrections` are reversals recorded in the month, of whatever month the entry reversed was.
    """

    product_id: int
    revision_id: int
    label: str
    expires_on: date | None
    opening: int
    receipts: int
    issues: int
    corrections: int

    @property
    def closing(self) -> int:
        """Return what the shelf held at the close of the month."""
        return self.opening + self.receipts - self.issues + self.corrections


def month_sheet(session: Session, site_id: int, first: date, last: date) -> list[MonthRow]:
    """Return every shelf of the site that held something or moved between two days. One statement.

    Worked back from the balance of today, so that the sheet and the balances cannot disagree
    and a recent month costs only what has moved since.
    """
    rows = session.execute(
        text(
            "WITH legs AS ("
            " SELECT batch_id, occurred_on, site_delta AS delta, reverses_id FROM movement"
            " WHERE site_id = :site AND occurred_on >= :first AND site_delta <> 0"
            " UNION ALL SELECT batch_id, occurred_on, counter_delta, reverses_id FROM movement"
            " WHERE counterparty_id = :site AND occurred_on >= :first AND counter_delta <> 0),"
            " sums AS (SELECT batch_id, SUM(delta) AS since,"
            " SUM(CASE WHEN occurred_on <= :last AND reverses_id IS NULL AND delta > 0 THEN delta ELSE 0 END) AS receipts,"
            " SUM(CASE WHEN occurred_on <= :last AND reverses_id IS NULL AND delta < 0 THEN -delta ELSE 0 END) AS issues,"
            " SUM(CASE WHEN occurred_on <= :last AND reverses_id IS NOT NULL THEN delta ELSE 0 END) AS corrections,"
            " SUM(CASE WHEN occurred_on <= :last THEN 1 ELSE 0 END) AS moved FROM legs GROUP BY batch_id)"
            " SELECT b.product_id, b.revision_id, b.label, b.expires_on, s.units - COALESCE(x.since, 0) AS opening,"
            " COALESCE(x.receipts, 0), COALESCE(x.issues, 0), COALESCE(x.corrections, 0)"
            " FROM balance s JOIN batch b ON b.id = s.batch_id LEFT JOIN sums x ON x.batch_id = s.batch_id"
            " WHERE s.site_id = :site AND (s.units - COALESCE(x.since, 0) <> 0 OR COALESCE(x.moved, 0) > 0)"
            " ORDER BY b.product_id, b.label"
        ),
        {"site": site_id, "first": first.isoformat(), "last": last.isoformat()},
    )
    return [
        MonthRow(
            row[0], row[1], row[2], as_day(row[3]) if row[3] is not None else None,
            int(row[4]), int(row[5]), int(row[6]), int(row[7]),
        )
        for row in rows
    ]  # fmt: skip
