"""Rows of set days -> facts; each function takes one statement."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.kernel.workdays import WorkingDays
from registry.workdays.domain import DAY_SORTS, SetDay
from registry.workdays.models import WorkdayEntry


def working_days(session: Session) -> WorkingDays:
    """Return what is set about every day there is: some twenty a year."""
    return WorkingDays({each.day: DAY_SORTS[each.sort].worked for each in set_days(session)})


def set_days(session: Session, year: int | None = None) -> list[SetDay]:
    """Return every set day, of one year where asked, as it stands now, in the order of the calendar."""
    last = select(func.max(WorkdayEntry.id)).group_by(WorkdayEntry.day)
    query = select(
        WorkdayEntry.day,
        WorkdayEntry.sort,
        WorkdayEntry.name,
        WorkdayEntry.act,
        WorkdayEntry.recorded_at,
        WorkdayEntry.recorded_by,
    ).where(WorkdayEntry.id.in_(last))
    if year is not None:
        query = query.where(WorkdayEntry.day.between(date(year, 1, 1), date(year, 12, 31)))
    return [SetDay(*row) for row in session.execute(query.order_by(WorkdayEntry.day))]
