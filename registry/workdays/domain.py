"""The two sorts of days a country sets, and a set day as a fact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from registry.kernel.text import N_


@dataclass(frozen=True, slots=True)
class DaySort:
    """One sort of set day. `worked`: it counts as a working day."""

    code: str
    name: str
    worked: bool


DAY_SORTS: Mapping[str, DaySort] = MappingProxyType(
    {
        sort.code: sort
        for sort in (
            DaySort("holiday", N_("day off"), worked=False),
            DaySort("workday", N_("working day in exchange"), worked=True),
        )
    }
)


@dataclass(frozen=True, slots=True)
class SetDay:
    """One day as it stands: its sort, what it is called, the act that sets it, who recorded it when."""

    day: date
    sort: str
    name: str
    act: str | None
    recorded_at: datetime
    recorded_by: str


LOOK_AHEAD_FROM_MONTH = 11
"""From November on the list of the coming year is called for."""


def missing_years(listed: Collection[int], today: date) -> list[int]:
    """Return the years whose list is called for and not there: this one, and towards its end the next."""
    wanted = [today.year] + ([today.year + 1] if today.month >= LOOK_AHEAD_FROM_MONTH else [])
    return [year for year in wanted if year not in listed]
