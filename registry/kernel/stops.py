"""A stop: days on which a permit or a licence does not stand, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Days on which something does not stand: from `from_on` to the day before `until_on` (None: without end)."""

    id: int
    cause: str
    from_on: date
    until_on: date | None
    note: str
    recorded_by: str
    recorded_at: datetime

    def holds_on(self, day: date) -> bool:
        """Say whether it is stopped on `day`."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


def strongest_on(stops: Iterable[Stop], causes: Mapping[str, object], day: date) -> Stop | None:
    """Return what stops on `day`; of several the one whose cause comes last in `causes`."""
    order = list(causes)
    return max((stop for stop in stops if stop.holds_on(day)), key=lambda stop: order.index(stop.cause), default=None)
