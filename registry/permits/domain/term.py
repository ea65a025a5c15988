"""By when an application is to be decided: working days, Saturdays and Sundays left out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

Rest = tuple[date, date | None]
"""The day the applicant was asked something, and the day it answered; None: it has not."""
_SATURDAY = 5


def decision_due(submitted_on: date, days: int, rests: Sequence[Rest] = ()) -> date | None:
    """Return the last of `days` working days after the day of submission; None while the clock rests.

    The clock rests after the day the applicant was asked, up to and with the day it answered (NC-P10). Public
    holidays are not known here: where one falls into the term, the decision may come that much later.
    """
    day = submitted_on
    open_since = min((asked for asked, answered in rests if answered is None), default=None)
    while days > 0:
        if open_since is not None and day >= open_since:
            return None
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and not any(asked < day <= (answered or day) for asked, answered in rests):
            days -= 1
    return day
