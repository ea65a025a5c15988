"""By when an application is to be decided, in working days. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from registry.kernel.workdays import WEEKENDS, WorkingDays

Rest = tuple[date, date | None]
"""The day the applicant was asked something, and the day it answered; None: it has not."""


def decision_due(
    submitted_on: date, days: int, rests: Sequence[Rest] = (), working: WorkingDays = WEEKENDS
) -> date | None:
    """Return the last of `days` working days after the day of submission; None while the clock rests.

    The clock rests after the day the applicant was asked, up to and with the day it answered (NC-P10).
    """
    day = submitted_on
    open_since = min((asked for asked, answered in rests if answered is None), default=None)
    for each in working.after(submitted_on):
        if days <= 0:
            break
        if open_since is not None and each > open_since:
            return None
        if not any(asked < each <= (answered or each) for asked, answered in rests):
            day, days = each, days - 1
    return day
