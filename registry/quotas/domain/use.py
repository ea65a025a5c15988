"""How much of a year's quota should have been used by a day: the one place that works it out."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from registry.kernel.parameters import DEFAULTS, Parameters
from registry.quotas.domain.parameters import UNDER_USE_DAY, UNDER_USE_SHARE
from registry.quotas.domain.position import Position


def share_expected(year: int, day: date, parameters: Parameters = DEFAULTS) -> Fraction | None:
    """Return the share of a year's quota that should be used by the close of `day`; None before the year begins."""
    if day.year < year:
        return None
    whole = (parameters.day_in(UNDER_USE_DAY, year) - date(year, 1, 1)).days + 1
    gone = (day - date(year, 1, 1)).days + 1
    return parameters.percent(UNDER_USE_SHARE) * min(Fraction(1), Fraction(gone, whole))


def expected_use(position: Position, day: date, parameters: Parameters = DEFAULTS) -> Fraction | None:
    """Return what should have been used by the close of `day`; None where nothing binds, or nothing was granted.

    NC-Q7: half of the smaller ceiling by 30 September, unless set otherwise. Before that day the share of the
    time gone until it is asked of the half, so that pages show scarcity while it can be mended; the rule waits for the day.
    """
    share = share_expected(position.year, day, parameters)
    return position.granted * share if position.binds and position.granted > 0 and share is not None else None
