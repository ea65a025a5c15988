"""Working days: weekends as they are everywhere here, and the days a country has set otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """`set_days`: day -> whether it is worked, for public holidays and for weekend days worked in exchange for others."""

    set_days: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))

    def is_worked(self, day: date) -> bool:
        """Say whether `day` is a working day."""
        return self.set_days.get(day, day.weekday() < _SATURDAY)

    def after(self, day: date) -> Iterator[date]:
        """Yield the working days after `day`, the nearest first."""
        while True:
            day += timedelta(days=1)
            if self.is_worked(day):
                yield day

    def last_of(self, day: date, count: int) -> date:
        """Return the last of `count` working days after `day`; `day` itself where none is counted."""
        for number, each in enumerate(self.after(day), 1):
            if number > count:
                break
            day = each
        return day

    def first_of(self, day: date, count: int) -> date:
        """Return the first of `count` working days before `day`; `day` itself where none is counted."""
        while count > 0:
            day -= timedelta(days=1)
            count -= self.is_worked(day)
        return day


WEEKENDS = WorkingDays()
"""Where nothing is set: Mondays to Fridays are worked."""
