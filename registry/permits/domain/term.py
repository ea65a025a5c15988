"""By when an application is to be decided: working days, Saturdays and Sundays left out. Pure."""

from __future__ import annotations

from datetime import date, timedelta

WORKING_DAYS = 10
"""NC-P10, project default. It stands still while the authority waits for the applicant's answer."""
_SATURDAY = 5


def decision_due(submitted_on: date, days: int = WORKING_DAYS) -> date:
    """Return the last of `days` working days after the day of submission.

    Public holidays are not known here: where one falls into the term, the decision may come that much later.
    """
    day = submitted_on
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY:
            days -= 1
    return day
