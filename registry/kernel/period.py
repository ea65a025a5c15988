"""Periods of the returns and the days they are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_IN_QUARTER = 3
LAST_MONTH = 12


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar year, or one quarter of it."""

    year: int
    quarter: int | None = None

    @property
    def first_day(self) -> date:
        """Return the first day of the period."""
        return date(self.year, 1 if self.quarter is None else self.quarter * 3 - 2, 1)

    @property
    def last_day(self) -> date:
        """Return the last day of the period."""
        if self.quarter is None or self.quarter * MONTHS_IN_QUARTER == LAST_MONTH:
            return date(self.year, 12, 31)
        return date(self.year, self.quarter * 3 + 1, 1) - timedelta(days=1)

    @property
    def months(self) -> range:
        """Return the months of the period as numbers ``YYYYMM``."""
        first = self.year * 100 + self.first_day.month
        return range(first, self.year * 100 + self.last_day.month + 1)

    def __contains__(self, day: date) -> bool:
        """Say whether `day` falls into the period."""
        return self.first_day <= day <= self.last_day

    def __str__(self) -> str:
        """Return ``2025`` or ``2025-Q3``."""
        return str(self.year) if self.quarter is None else f"{self.year}-Q{self.quarter}"


def month_of(day: date) -> int:
    """Return the month of `day` as a number ``YYYYMM``, the key of the national totals."""
    return day.year * 100 + day.month


def annual_due(year: int) -> date:
    """Return the day the annual returns of `year` (C, P, D) must be in Vienna: 30 June after it.

    Source: 1961 Convention art. 20(2)(a); Form P cover page.
    """
    return date(year + 1, 6, 30)


def quarterly_due(period: Period) -> date:
    """Return the day Form A of a quarter is due: one month after its end (art. 20(2)(b))."""
    following = period.last_day + timedelta(days=1)
    month_after = date(following.year + following.month // LAST_MONTH, following.month % LAST_MONTH + 1, 1)
    return month_after - timedelta(days=1)


def estimates_due(year: int) -> date:
    """Return the day Form B for `year` must have reached INCB: 30 June of the year before."""
    return date(year - 1, 6, 30)
