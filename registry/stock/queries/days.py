"""One product at one site on one day: what lay there, what came, what went, and what daily sheets made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows
from registry.stock.domain.kinds import REVERSE
from registry.stock.domain.lines import SHEET_REFERENCE

Place = tuple[int, int, date]
"""Site, product, day."""


@dataclass(slots=True)
class DayShelf:
    """One batch on one day, in units of account. `corrected`: reversals of that day.

    `sheets`: what entries of daily sheets changed, by the kind of the entry; what they took back is taken off.
    """

    batch_id: int
    revision_id: int
    label: str
    expires_on: date | None
    opening: int
    received: int = 0
    issued: int = 0
    corrected: int = 0
    sheets: dict[str, int] = field(default_factory=dict)

    @property
    def closing(self) -> int:
        """Return what the ledger holds at the close of the day."""
        return self.opening + self.received - self.issued + self.corrected + sum(self.sheets.values())


_LEGS = (
    "SELECT asked.site, asked.product, asked.day, m.batch_id, m.occurred_on, m.reference, m.kind, m.reverses_id,"
    " {delta} AS delta FROM {source} JOIN batch b ON b.product_id = asked.product JOIN movement m"
    " ON m.{side} = asked.site AND m.batch_id = b.id AND m.occurred_on >= asked.day AND {delta} <> 0"
)
_DAYS = (
    "WITH legs AS ({here} UNION ALL {there}) SELECT x.site, x.product, x.day, x.batch_id,"
    " CASE WHEN x.occurred_on > x.day THEN 'later' WHEN x.reference LIKE :sheet THEN COALESCE(o.kind, x.kind)"
    " WHEN x.reverses_id IS NOT NULL THEN 'corrected' WHEN x.delta > 0 THEN 'received' ELSE 'issued' END, SUM(x.delta)"
    " FROM legs x LEFT JOIN movement o ON o.id = x.reverses_id GROUP BY 1, 2, 3, 4, 5"
)


def day_shelves(session: Session, places: Collection[Place]) -> dict[Place, list[DayShelf]]:
    """Return the shelves of each product at a site as of a day, the first to expire first; two statements.

    Worked back from the balance of today, so that a sheet and the balances cannot disagree.
    """
    source, parameters = inline_rows(
        session, "asked", {"site": "int", "product": "int", "day": "day"}, sorted(set(places))
    )
    rows = session.execute(
        text(
            "SELECT asked.site, asked.product, asked.day, b.id, b.revision_id, b.label, b.expires_on, s.units"
            f" FROM {source} JOIN batch b ON b.product_id = asked.product"
            " JOIN balance s ON s.site_id = asked.site AND s.batch_id = b.id"
            " ORDER BY CASE WHEN b.expires_on IS NULL THEN 1 ELSE 0 END, b.expires_on, b.label"
        ),
        parameters,
    ).all()
    legs = _legs(session, source, parameters) if rows else {}
    found: dict[Place, list[DayShelf]] = defaultdict(list)
    for site, product, day, batch, revision, label, expires_on, units in rows:
        place, ends = (site, product, as_day(day)), as_day(expires_on) if expires_on is not None else None
        parts = dict(legs.get((*place, batch), {}))
        shelf = DayShelf(batch, revision, label, ends, int(units) - sum(parts.values()))
        parts.pop("later", 0)
        shelf.received, shelf.issued = parts.pop("received", 0), -parts.pop("issued", 0)
        shelf.corrected, shelf.sheets = parts.pop("corrected", 0), parts
        found[place].append(shelf)
    return dict(found)


def _legs(
    session: Session, source: str, parameters: Mapping[str, object]
) -> dict[tuple[int, int, date, int], dict[str, int]]:
    here = _LEGS.format(source=source, delta="m.site_delta", side="site_id")
    there = _LEGS.format(source=source, delta="m.counter_delta", side="counterparty_id")
    found: dict[tuple[int, int, date, int], dict[str, int]] = defaultdict(dict)
    given = {**parameters, "sheet": f"{SHEET_REFERENCE}%"}
    for site, product, day, batch, part, units in session.execute(text(_DAYS.format(here=here, there=there)), given):
        found[site, product, as_day(day), batch][part] = int(units)
    return found


@dataclass(frozen=True, slots=True)
class StandingEntry:
    """An entry that nothing has taken back; `delta`: what it changed on the shelf of its site."""

    document: str
    reference: str
    product_id: int
    label: str
    units: int
    delta: int


def entries_of_documents(session: Session, documents: Collection[tuple[int, date, str]]) -> list[StandingEntry]:
    """Return what stands of the entries that name a document, at a site on a day: (site, day, document). One statement."""
    source, parameters = inline_rows(
        session, "asked", {"site": "int", "day": "day", "document": "text"}, sorted(set(documents))
    )
    rows = session.execute(
        text(
            "SELECT m.document, m.reference, b.product_id, b.label, m.units, m.site_delta"
            f" FROM {source} JOIN movement m ON m.occurred_on = asked.day AND m.site_id = asked.site"
            " AND m.document = asked.document AND m.kind <> :taking_back JOIN batch b ON b.id = m.batch_id"
            " LEFT JOIN movement r ON r.reverses_id = m.id WHERE r.id IS NULL ORDER BY m.id"
        ),
        parameters | {"taking_back": REVERSE.code},
    )
    return [StandingEntry(row[0], row[1], row[2], row[3], int(row[4]), int(row[5])) for row in rows]


def standing_units(session: Session, references: Collection[str]) -> dict[str, int]:
    """Return the units of account of entries by reference, those that were taken back left out. One statement, none for none."""
    if not references:
        return {}
    source, parameters = inline_rows(session, "asked", {"reference": "text"}, [(each,) for each in set(references)])
    rows = session.execute(
        text(
            f"SELECT m.reference, m.units FROM {source} JOIN movement m ON m.reference = asked.reference"
            " LEFT JOIN movement r ON r.reverses_id = m.id WHERE r.id IS NULL"
        ),
        parameters,
    )
    return {reference: int(units) for reference, units in rows}
