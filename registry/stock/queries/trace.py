"""A batch followed: back to how it came into the country's books, forwards to every shelf; each function takes one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows


@dataclass(frozen=True, slots=True)
class BatchOf:
    """A batch of a product by its label; ids of the ledger."""

    id: int
    revision_id: int
    label: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Flow:
    """All entries of one kind between the same two sides together; quantities in units of account, what was reversed left out.

    `permit`: the number of the permit the goods came or left on. `shelf`: how the shelf of `site_id` changed;
    `counter`: how that of the other side did. `reference`: of the first of these entries.
    """

    site_id: int
    counterparty_id: int | None
    kind: str
    permit: str | None
    country: str | None
    entries: int
    units: int
    shelf: int
    counter: int
    first_on: date
    last_on: date
    reference: str


@dataclass(frozen=True, slots=True)
class HeldOf:
    """What a site holds of the batch, in units of account."""

    site_id: int
    units: int


def batch_of(session: Session, product_id: int, label: str) -> BatchOf | None:
    """Return the batch of a product under `label`, None where no entry ever named it."""
    row = session.execute(
        text("SELECT id, revision_id, label, expires_on FROM batch WHERE product_id = :product AND label = :label"),
        {"product": product_id, "label": label},
    ).first()
    return BatchOf(row[0], row[1], row[2], as_day(row[3]) if row[3] else None) if row is not None else None


def flows_of(session: Session, batch_id: int, site_ids: Sequence[int] | None = None) -> list[Flow]:
    """Return how a batch moved, by the first day; only what touched these sites where any are named."""
    narrowed, parameters = "", dict[str, object]()
    if site_ids is not None:
        table, parameters = inline_rows(session, "own", {"id": "int"}, [(number,) for number in site_ids])
        narrowed = (
            f" AND (m.site_id IN (SELECT own.id FROM {table})"
            f" OR (m.counter_delta <> 0 AND m.counterparty_id IN (SELECT own.id FROM {table})))"
        )
    rows = session.execute(
        text(
            "SELECT m.site_id, m.counterparty_id, m.kind, p.number, m.country, COUNT(*), SUM(m.units), SUM(m.site_delta),"
            " SUM(m.counter_delta), MIN(m.occurred_on), MAX(m.occurred_on), MIN(m.reference)"
            " FROM movement m LEFT JOIN movement r ON r.reverses_id = m.id LEFT JOIN permit p ON p.id = m.permit_id"
            f" WHERE m.batch_id = :batch AND m.reverses_id IS NULL AND r.id IS NULL AND m.units > 0{narrowed}"
            " GROUP BY 1, 2, 3, 4, 5 ORDER BY 10, 3, 1, 2"
        ),
        parameters | {"batch": batch_id},
    )
    return [
        Flow(
            site, other, kind, permit, country, int(entries), int(units), int(shelf), int(counter), as_day(first),
            as_day(last), reference,
        )
        for site, other, kind, permit, country, entries, units, shelf, counter, first, last, reference in rows
    ]  # fmt: skip


def held_of(session: Session, batch_id: int, site_ids: Sequence[int] | None = None) -> list[HeldOf]:
    """Return where the batch lies now, the most first; only on these sites where any are named."""
    narrowed, parameters = "", dict[str, object]()
    if site_ids is not None:
        table, parameters = inline_rows(session, "own", {"id": "int"}, [(number,) for number in site_ids])
        narrowed = f" AND site_id IN (SELECT own.id FROM {table})"
    rows = session.execute(
        text(
            f"SELECT site_id, units FROM balance WHERE batch_id = :batch AND units > 0{narrowed}"
            " ORDER BY units DESC, site_id"
        ),
        parameters | {"batch": batch_id},
    )
    return [HeldOf(row[0], int(row[1])) for row in rows]
