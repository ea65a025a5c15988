"""The entries of the ledger themselves: behind a figure, on a shelf, in a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.stock.domain.national import read_effect


@dataclass(frozen=True, slots=True)
class EntryFact:
    """One entry that counts for a column. `units`: signed, in units of account.

    `document`: of a reversal, that of the entry it reverses.
    """

    reference: str
    occurred_on: date
    kind: str
    site_id: int
    counterparty_id: int | None
    revision_id: int
    batch: str
    units: int
    document: str | None


REVERSED = "LEFT JOIN movement o ON o.id = m.reverses_id"
DOCUMENT = "CASE WHEN m.reverses_id IS NULL THEN m.document ELSE o.document END"
"""The paper an entry rests on; a reversal itself names the reference it reverses."""


def entries_behind(
    session: Session,
    revision_ids: Iterable[int],
    column: str,
    first: date | None,
    last: date,
    partner: str | None = None,
) -> list[EntryFact]:
    """Return the entries of these product revisions that add to `column` in the days given, oldest first; one statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in revision_ids])
    conditions = ["m.occurred_on <= :last", "m.effect LIKE :column"]
    parameters |= {"last": last.isoformat(), "column": f"%{column}%"}
    if first is not None:
        conditions.append("m.occurred_on >= :first")
        parameters["first"] = first.isoformat()
    if partner is not None:
        conditions.append("m.country = :partner")
        parameters["partner"] = partner
    rows = session.execute(
        text(
            "SELECT m.reference, m.occurred_on, m.kind, m.site_id, m.counterparty_id, b.revision_id, b.label, m.units, m.effect,"
            f" {DOCUMENT}"
            f" FROM {source} JOIN batch b ON b.revision_id = wanted.id JOIN movement m ON m.batch_id = b.id"
            f" {REVERSED} WHERE {' AND '.join(conditions)} ORDER BY m.occurred_on, m.id"
        ),
        parameters,
    )
    return [
        EntryFact(row[0], as_day(row[1]), row[2], row[3], row[4], row[5], row[6], sign * row[7], row[9])
        for row in rows
        for name, sign in read_effect(row[8])
        if name == column
    ]
