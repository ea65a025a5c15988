"""What went otherwise than usual, from `stories.csv`: losses, thefts, returns, a reversal, an export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from registry.demo.domain.demand import Demand, in_packs
from registry.demo.domain.entry import Entry
from registry.demo.domain.shelves import Batch, Shelves
from registry.demo.domain.world import Row, World
from registry.stock.domain.kinds import DISPENSE, MOVEMENT_KINDS, REVERSE, MovementKind

PREFIX = "X-"
"""Begins the reference of every movement that is a story; what follows is its id in the table."""


def permitted_units(world: World, demand: Demand, row: Row) -> int:
    """Return what a permit of `permits.csv` allows: per cent of a month's use of the country, in whole packs."""
    product = world.products[row["product"]]
    return in_packs(max(1, demand.national[product.code] * int(row["percent"]) // 100), product.pack)


class Stories:
    """The rows of the table by day; a story on an empty shelf is left out."""

    def __init__(self, world: World, demand: Demand, shelves: Shelves) -> None:
        self.world = world
        self.shelves = shelves
        self._rows: dict[date, list[Row]] = defaultdict(list)
        for row in world.tables["stories"]:
            self._rows[date.fromisoformat(row["day"])].append(row)
        self._permitted = {row["number"]: permitted_units(world, demand, row) for row in world.tables["permits"]}
        self._told: dict[str, tuple[Entry, Batch]] = {}

    def on(self, day: date) -> Iterator[Entry]:
        """Yield what the table tells of `day`."""
        for row in self._rows.get(day, ()):
            entry = self._back(row) if row["kind"] == REVERSE.code else self._told_by(row, day)
            if entry is not None:
                yield entry

    def _told_by(self, row: Row, day: date) -> Entry | None:
        batch = self.shelves.largest(row["site"], row["product"])
        if batch is None:
            return None
        kind = MOVEMENT_KINDS[row["kind"]]
        units = max(1, batch.left * int(row["percent"]) // 100)
        if row["permit"]:
            units = min(units, self._permitted[row["permit"]])
        entry = Entry(
            PREFIX + row["id"], row["day"], kind.code, row["site"], row["product"], str(units), row["counterparty"],
            batch.label, permit=row["permit"], country=row["country"], document=row["document"],
            prescription=f"RX-{day:%y%m%d}-X" if kind is DISPENSE else "", note=row["note"],
        )  # fmt: skip
        self._told[row["id"]] = entry, batch
        self._move(kind, row, batch, units)
        return entry

    def _move(self, kind: MovementKind, row: Row, batch: Batch, units: int) -> None:
        batch.left += kind.shelf * units
        if kind.two_sided:
            self.shelves.put(row["counterparty"], row["product"], batch.label, batch.expires_on, units)

    def _back(self, row: Row) -> Entry | None:
        """Reverse the story that `document` names: the same site, product, batch and quantity on a later day."""
        if row["document"] not in self._told:
            return None
        entry, batch = self._told[row["document"]]
        units = -MOVEMENT_KINDS[entry.kind].shelf * int(entry.quantity)
        self.shelves.put(entry.site, entry.product, batch.label, batch.expires_on, units)
        return Entry(
            PREFIX + row["id"], row["day"], REVERSE.code, entry.site, entry.product, entry.quantity,
            batch=entry.batch, document=entry.reference, note=row["note"],
        )  # fmt: skip
