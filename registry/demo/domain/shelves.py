"""What lies on the shelves while the demo country is played through: whole units, the first to expire goes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Taken = list[tuple["Batch", int]]


@dataclass(slots=True)
class Batch:
    """A batch on one shelf: units left, and the last day on which they may be issued."""

    label: str
    expires_on: date
    left: int


class Shelves:
    """The shelves of all sites, by site and product."""

    def __init__(self) -> None:
        self._batches: dict[tuple[str, str], list[Batch]] = {}

    def put(self, site: str, product: str, label: str, expires_on: date, units: int) -> None:
        """Lay units of a batch on a shelf."""
        batches = self._batches.setdefault((site, product), [])
        for batch in batches:
            if batch.label == label:
                batch.left += units
                return
        batches.append(Batch(label, expires_on, units))
        batches.sort(key=lambda batch: (batch.expires_on, batch.label))

    def held(self, site: str, product: str, day: date) -> int:
        """Return the units that may still be issued on `day`."""
        return sum(batch.left for batch in self._usable(site, product, day))

    def largest(self, site: str, product: str) -> Batch | None:
        """Return the batch with most units, None for an empty shelf."""
        batches = [batch for batch in self._batches.get((site, product), ()) if batch.left]
        return max(batches, key=lambda batch: batch.left, default=None)

    def named(self, site: str, product: str, label: str) -> Batch:
        """Return one batch of a shelf. Raises StopIteration where there is none."""
        return next(batch for batch in self._batches[site, product] if batch.label == label)

    def take(self, site: str, product: str, units: int, day: date) -> Taken:
        """Take up to `units` that have not expired on `day`; less where the shelf holds less."""
        taken: Taken = []
        for batch in self._usable(site, product, day):
            if units <= 0:
                break
            part = min(units, batch.left)
            batch.left -= part
            units -= part
            taken.append((batch, part))
        return taken

    def _usable(self, site: str, product: str, day: date) -> list[Batch]:
        shelf = self._batches.get((site, product))
        if shelf is None:
            return []
        if any(not batch.left for batch in shelf):
            # Emptied batches leave the shelf, so that a long play does not grow slower.
            shelf[:] = [batch for batch in shelf if batch.left]
        return [batch for batch in shelf if batch.expires_on >= day]
