"""A month, a quarter or a year of the calendar: what a report is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from registry.kernel.text import N_, Message

MONTHS = 12
FIRST_YEAR, LAST_YEAR = 1961, 2099
_CODE = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|([0-9]{2})))?", re.ASCII)


class Every(StrEnum):
    """How long the spans are."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


LENGTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One month, quarter or year. `first`: its first day."""

    first: date
    every: Every

    @property
    def last(self) -> date:
        """Return the last day."""
        months = self.first.year * MONTHS + self.first.month - 1 + LENGTHS[self.every]
        return date(months // MONTHS, months % MONTHS + 1, 1) - timedelta(days=1)

    @property
    def code(self) -> str:
        """Return ``2026-03``, ``2026-Q1`` or ``2026``: as it stands in addresses, rows and files."""
        if self.every is Every.MONTH:
            return f"{self.first:%Y-%m}"
        return str(self.first.year) if self.every is Every.YEAR else f"{self.first.year}-Q{(self.first.month + 2) // 3}"

    @property
    def words(self) -> Message:
        """Return it as people read it."""
        said = {"year": self.first.year, "month": f"{self.first.month:02d}", "quarter": (self.first.month + 2) // 3}
        msgids = {
            Every.MONTH: N_("%(month)s.%(year)s"),
            Every.QUARTER: N_("quarter %(quarter)s of %(year)s"),
            Every.YEAR: N_("year %(year)s"),
        }
        return Message(msgids[self.every], said)

    def __contains__(self, day: date) -> bool:
        """Say whether `day` falls into it."""
        return self.first <= day <= self.last


def span_of(every: Every, day: date) -> Span:
    """Return the span that holds `day`."""
    length = LENGTHS[every]
    return Span(date(day.year, (day.month - 1) // length * length + 1, 1), every)


def months_between(first: date, last: date) -> Iterator[Span]:
    """Yield the months that two days and those between them fall into, the oldest first."""
    month = span_of(Every.MONTH, first)
    while month.first <= last:
        yield month
        month = span_of(Every.MONTH, month.last + timedelta(days=1))


def span_named(code: str) -> Span | None:
    """Return the span with this code, None for what is none."""
    found = _CODE.fullmatch(code)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    year, quarter, month = int(found[1]), found[2], found[3]
    if quarter:
        return Span(date(year, int(quarter) * 3 - 2, 1), Every.QUARTER)
    if month is None:
        return Span(date(year, 1, 1), Every.YEAR)
    return Span(date(year, int(month), 1), Every.MONTH) if 1 <= int(month) <= MONTHS else None
