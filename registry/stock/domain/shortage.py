"""A shelf that would end a day below zero: which line takes it there, and how much would still fit. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.stock.domain.kinds import REVERSE
from registry.stock.domain.lines import Line


@dataclass(frozen=True, slots=True)
class Fault:
    """The first day a shelf would end below zero, the units missing at its end, and the most missing on any day."""

    day: date
    missing: int
    most: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """The line that takes a shelf below zero, in units of account.

    `available`: what the shelf has for it, once the lines before it took theirs. `largest`: what it may take
    when every other line stays as it is, None where no smaller quantity would help.
    """

    line: Line
    fault: Fault
    available: int
    largest: int | None


def taken_from(line: Line, site_id: int) -> int:
    """Return what a line takes from its batch's shelf at a site, nothing where it adds or does not touch it."""
    delta = (line.site_delta if line.site_id == site_id else 0) + (
        line.counter_delta if line.counter_id == site_id else 0
    )
    return max(0, -delta)


def shortage(takers: Sequence[Line], site_id: int, fault: Fault) -> Shortage:
    """Return the first of `takers`, the lines that take from one shelf, at which it goes below zero.

    Within a day the order is not known and what comes counts before what goes, as the balance of a day does. Lines are
    walked by day, within a day as they stand in the file. Whatever is recorded already stays.
    """
    in_order = sorted(
        (line for line in takers if line.occurred_on <= fault.day), key=lambda one: (one.occurred_on, one.row)
    )
    later = sum(taken_from(line, site_id) for line in in_order)
    for line in in_order:
        units = taken_from(line, site_id)
        later -= units
        if later < fault.missing:
            break
    largest = units - fault.most
    return Shortage(
        line,
        fault,
        max(0, units - (fault.missing - later)),
        largest if largest > 0 and line.kind != REVERSE.code else None,
    )
