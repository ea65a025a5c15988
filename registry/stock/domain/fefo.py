"""Which batches to take first: those that expire first, never what has expired. A suggestion, nothing more. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Lying(Protocol):
    """What lies of a batch on a shelf, in units of account."""

    @property
    def units(self) -> int:
        """Return how much lies there."""


Shelf = TypeVar("Shelf", bound=Lying)


def picked(shelves: Iterable[Shelf], wanted: int | None) -> list[tuple[Shelf, int]]:
    """Return how much to take of each shelf until `wanted` is there; None: all there is. `shelves`: the first to expire first."""
    taken, left = [], wanted
    for shelf in shelves:
        if left == 0:
            break
        units = shelf.units if left is None else min(shelf.units, left)
        taken.append((shelf, units))
        left = None if left is None else left - units
    return taken
