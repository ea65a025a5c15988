"""What is open at the turn of a year; each function takes one statement."""

from __future__ import annotations

from datetime import date

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from registry.permits.domain.kinds import SEVERAL
from registry.permits.domain.transitions import PENDING
from registry.permits.models import Application, Permit
from registry.permits.queries.merging import FOR_GOOD
from registry.permits.queries.permits import is_stopped


def cases_planned(session: Session, year: int) -> int:
    """Return how many applications planned in `year` nobody has decided."""
    pending = Application.state.in_([state.value for state in PENDING])
    planned = Application.planned_on.between(date(year, 1, 1), date(year, 12, 31))
    return int(session.execute(select(func.count()).select_from(Application).where(pending, planned)).scalar_one())


def permits_left(session: Session, year: int, day: date) -> tuple[int, int]:
    """Return how many permits of the quota year wait for goods on `day`, and how many of them reach across its end."""
    across = func.sum(case((Permit.expires_on > date(year, 12, 31), 1), else_=0))
    row = session.execute(
        select(func.count(), across)
        .select_from(Permit)
        .where(
            Permit.quota_year == year,
            Permit.expires_on >= day,
            or_(Permit.arrived_on.is_(None), Permit.kind.in_(SEVERAL)),
            ~is_stopped(day, FOR_GOOD),
        )
    ).one()
    return int(row[0]), int(row[1] or 0)
