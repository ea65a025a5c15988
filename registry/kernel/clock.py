"""Time is asked of a `Clock`, never of the machine: UTC inside, a day is a day of the country."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What a service may ask about time."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    @property
    def zone(self) -> ZoneInfo:
        """Return the country's time zone."""
        ...

    def today(self) -> date:
        """Return the present day in the country's time zone."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock, read in the country's time zone."""

    zone: ZoneInfo

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may

    def today(self) -> date:
        """Return the present day in the country's time zone."""
        return day_of(self.now(), self.zone)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for tests, the demo country and replays."""

    moment: datetime
    zone: ZoneInfo

    def now(self) -> datetime:
        """Return the fixed moment, in UTC."""
        return self.moment.astimezone(UTC)

    def today(self) -> date:
        """Return the day of the fixed moment in the country's time zone."""
        return day_of(self.moment, self.zone)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day in `zone` on which `moment` (aware) falls.

    23:30 on 31 December in Bishkek belongs to the old year, although UTC still says 17:30
    and a server further east already says January.
    """
    return moment.astimezone(zone).date()
