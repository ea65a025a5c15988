"""What the ledger already holds of the things a posting names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.stock.domain.kinds import OPENING


@dataclass(frozen=True, slots=True)
class RecordedMovement:
    """One entry as recorded, with its product and batch label.

    `confirmed`: by its receiver, as sent. `settled`: a difference of it has come to its end, or another's by it.
    """

    id: int
    reference: str
    occurred_on: date
    kind: str
    site_id: int
    batch_id: int
    product_id: int
    label: str
    units: int
    site_delta: int
    counterparty_id: int | None
    counter_delta: int
    effect: str
    permit_id: int | None
    country: str | None
    document: str | None
    prescription: str | None
    note: str | None
    reversed_by: str | None
    confirmed: bool
    settled: bool

    def content(self) -> tuple[object, ...]:
        """Return what makes two entries under one reference the same; see `Line.content`."""
        return (
            self.occurred_on, self.kind, self.site_id, self.product_id, self.label, self.units, self.counterparty_id,
            self.permit_id, self.country, self.document, self.prescription, self.note,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchFact:
    """A batch as recorded; `taken_on` names the sites that have an opening stock of it."""

    id: int
    product_id: int
    label: str
    revision_id: int
    expires_on: date | None


def movements_by_reference(session: Session, references: Iterable[str]) -> dict[str, RecordedMovement]:
    """Return the recorded entries under these references; one statement.

    Most files bring new references only, all beyond or between those recorded: the database looks first for
    the one recorded next after the least of them, and joins nothing where that is greater than the greatest.
    """
    source, parameters = inline_rows(session, "wanted", {"reference": "text"}, list(zip(references, strict=True)))
    rows = session.execute(
        text(
            "SELECT m.id, m.reference, m.occurred_on, m.kind, m.site_id, m.batch_id, b.product_id, b.label, m.units,"
            " m.site_delta, m.counterparty_id, m.counter_delta, m.effect, m.permit_id, m.country, m.document,"
            " m.prescription, m.note, r.reference AS reversed_by, COALESCE((SELECT a.as_sent FROM receipt a"
            " WHERE a.movement_id = m.id ORDER BY a.number DESC LIMIT 1), FALSE) AS confirmed,"
            " EXISTS (SELECT 1 FROM receipt_settlement e WHERE e.movement_id = m.id)"
            " OR EXISTS (SELECT 1 FROM receipt_settlement e WHERE e.entry_id = m.id) AS settled"
            f" FROM {source} JOIN movement m ON m.reference = wanted.reference JOIN batch b ON b.id = m.batch_id"
            " LEFT JOIN movement r ON r.reverses_id = m.id WHERE (SELECT MIN(n.reference) FROM movement n"
            f" WHERE n.reference >= (SELECT MIN(reference) FROM {source})) <= (SELECT MAX(reference) FROM {source})"
        ),
        parameters,
    )
    found = (RecordedMovement(**(dict(row._mapping) | {"occurred_on": as_day(row.occurred_on)})) for row in rows)
    return {fact.reference: fact for fact in found}


def sites_of_entries(session: Session, references: Iterable[str]) -> set[int]:
    """Return the sites whose shelves the entries under these references changed; one statement."""
    source, parameters = inline_rows(session, "wanted", {"reference": "text"}, [(ref,) for ref in references])
    rows = session.execute(
        text(
            "SELECT m.site_id, CASE WHEN m.counter_delta <> 0 THEN m.counterparty_id END"
            f" FROM {source} JOIN movement m ON m.reference = wanted.reference"
        ),
        parameters,
    )
    return {number for row in rows for number in row if number is not None}


def batches(session: Session, wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], BatchFact]:
    """Return the batches known under (product id, label); one statement."""
    source, parameters = inline_rows(session, "wanted", {"product_id": "int", "label": "text"}, list(wanted))
    rows = session.execute(
        text(
            f"SELECT b.id, b.product_id, b.label, b.revision_id, b.expires_on FROM {source}"
            " JOIN batch b ON b.product_id = wanted.product_id AND b.label = wanted.label"
        ),
        parameters,
    )
    facts = (BatchFact(row[0], row[1], row[2], row[3], as_day(row[4]) if row[4] else None) for row in rows)
    return {(fact.product_id, fact.label): fact for fact in facts}


def opening_shelves(session: Session, batch_ids: Iterable[int]) -> dict[tuple[int, int], str]:
    """Return (site, batch) -> reference for every opening stock of these batches that is not reversed; one statement."""
    source, parameters = inline_rows(session, "wanted", {"batch_id": "int"}, [(number,) for number in batch_ids])
    rows = session.execute(
        text(
            f"SELECT m.site_id, m.batch_id, m.reference FROM {source}"
            " JOIN movement m ON m.batch_id = wanted.batch_id AND m.kind = :opening"
            " LEFT JOIN movement r ON r.reverses_id = m.id WHERE r.id IS NULL"
        ),
        parameters | {"opening": OPENING.code},
    )
    return {(row[0], row[1]): row[2] for row in rows}


@dataclass(frozen=True, slots=True)
class StatedMovement:
    """One entry as a file would state it, for comparing with rows that are not read yet; `units` of account in `unit`."""

    reference: str
    occurred_on: date
    kind: str
    product: str
    unit: str
    units: int
    batch: str
    document: str | None
    prescription: str | None


def stated_movements(session: Session, site_id: int, references: Iterable[str]) -> list[StatedMovement]:
    """Return which of these references the site has recorded, as stated; one statement."""
    source, parameters = inline_rows(session, "wanted", {"reference": "text"}, [(ref,) for ref in references])
    rows = session.execute(
        text(
            "SELECT m.reference, m.occurred_on, m.kind, p.code, p.unit, m.units, b.label, m.document, m.prescription"
            f" FROM {source} JOIN movement m ON m.reference = wanted.reference AND m.site_id = :site"
            " JOIN batch b ON b.id = m.batch_id JOIN product p ON p.id = b.product_id"
        ),
        parameters | {"site": site_id},
    )
    return [
        StatedMovement(row[0], as_day(row[1]), row[2], row[3], row[4], int(row[5]), row[6], row[7], row[8])
        for row in rows
    ]
