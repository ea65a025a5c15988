"""What a change of level touches: the shelves as they were at the start of a day, the entries since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.stock.domain.kinds import LEVEL_CHANGE
from registry.stock.queries.recorded import BatchFact

_BATCH = "b.id, b.product_id, b.label, b.revision_id, b.expires_on"


@dataclass(frozen=True, slots=True)
class HeldOn:
    """What a shelf held at the start of `day`, in units of account. `step`: as asked for."""

    site_id: int
    batch: BatchFact
    day: date
    step: int
    units: int


@dataclass(frozen=True, slots=True)
class Touched:
    """One entry that may count otherwise. `original_kind`, `original_on`: of the entry it reverses, if it does."""

    site_id: int
    batch: BatchFact
    reference: str
    occurred_on: date
    kind: str
    units: int
    site_delta: int
    counterparty_id: int | None
    counter_delta: int
    original_kind: str | None
    original_on: date | None


def held_at_start(session: Session, steps: Iterable[tuple[int, date, int]]) -> list[HeldOn]:
    """Return what every shelf held at the start of a day: (site id, day, step) asked; empty ones are left out. One statement."""
    source, parameters = inline_rows(session, "wanted", {"site_id": "int", "day": "day", "step": "int"}, list(steps))
    rows = session.execute(
        text(
            f"SELECT * FROM (SELECT wanted.site_id, {_BATCH}, wanted.day, wanted.step, s.units"
            " - COALESCE((SELECT SUM(m.site_delta) FROM movement m WHERE m.site_id = wanted.site_id"
            " AND m.batch_id = b.id AND m.occurred_on >= wanted.day), 0)"
            " - COALESCE((SELECT SUM(m.counter_delta) FROM movement m WHERE m.counterparty_id = wanted.site_id"
            " AND m.batch_id = b.id AND m.occurred_on >= wanted.day AND m.counter_delta <> 0), 0) AS held"
            f" FROM {source} JOIN balance s ON s.site_id = wanted.site_id JOIN batch b ON b.id = s.batch_id) AS shelves"
            " WHERE held <> 0 ORDER BY 7, 1, 2"
        ),
        parameters,
    )
    return [HeldOn(row[0], _batch(row), as_day(row[6]), int(row[7]), int(row[8])) for row in rows]


def touched_since(session: Session, since: Iterable[tuple[int, date]]) -> list[Touched]:
    """Return the entries that changed shelves of a site on or after a day: (site id, day) asked. One statement.

    The registry's own entries are left out: they follow from the others.
    """
    source, parameters = inline_rows(session, "wanted", {"site_id": "int", "day": "day"}, list(since))
    rows = session.execute(
        text(
            "WITH asked AS (SELECT site_id, day FROM"
            f" {source}), touched AS ("
            " SELECT m.id FROM asked a JOIN movement m ON m.site_id = a.site_id AND m.occurred_on >= a.day"
            " UNION SELECT m.id FROM asked a JOIN movement m ON m.counterparty_id = a.site_id"
            " AND m.occurred_on >= a.day AND m.counter_delta <> 0)"
            f" SELECT m.site_id, {_BATCH}, m.reference, m.occurred_on, m.kind, m.units,"
            " m.site_delta, m.counterparty_id, m.counter_delta, o.kind, o.occurred_on"
            " FROM touched t JOIN movement m ON m.id = t.id JOIN batch b ON b.id = m.batch_id"
            " LEFT JOIN movement o ON o.id = m.reverses_id WHERE m.kind <> :own ORDER BY m.occurred_on, m.id"
        ),
        parameters | {"own": LEVEL_CHANGE.code},
    )
    return [
        Touched(
            row[0], _batch(row), row[6], as_day(row[7]), row[8], int(row[9]), int(row[10]), row[11], int(row[12]),
            row[13], as_day(row[14]) if row[14] is not None else None,
        )
        for row in rows
    ]  # fmt: skip


def _batch(row: Sequence[Any]) -> BatchFact:
    """Return the batch of a row that begins with the site and `_BATCH`."""
    return BatchFact(row[1], row[2], row[3], row[4], as_day(row[5]) if row[5] is not None else None)


def corrections_of(session: Session, references: Iterable[str]) -> dict[str, list[str]]:
    """Return by reference the effects by which a change of level corrected these entries. One statement."""
    source, parameters = inline_rows(session, "wanted", {"reference": "text"}, [(ref,) for ref in references])
    rows = session.execute(
        text(
            f"SELECT m.reference, c.effect FROM {source} JOIN movement m ON m.reference = wanted.reference"
            " JOIN movement c ON c.site_id = m.site_id AND c.batch_id = m.batch_id AND c.occurred_on = m.occurred_on"
            " AND c.kind = :own AND c.document = m.reference"
        ),
        parameters | {"own": LEVEL_CHANGE.code},
    )
    found: dict[str, list[str]] = defaultdict(list)
    for reference, effect in rows:
        found[reference].append(effect)
    return dict(found)
