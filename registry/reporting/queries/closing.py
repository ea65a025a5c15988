"""What the authority closed and reopened; one statement each."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry.reporting.domain.closing import Act
from registry.reporting.models import PeriodAct


def acts_between(session: Session, first: date, last: date) -> list[Act]:
    """Return the acts about any of the days, in the order they count and were done."""
    rows = session.scalars(
        select(PeriodAct)
        .where(PeriodAct.first_on <= last, PeriodAct.last_on >= first)
        .order_by(PeriodAct.effective_on, PeriodAct.id)
    )
    return [_act(row) for row in rows]


def latest_acts(session: Session, site_ids: list[int] | None, limit: int) -> list[Act]:
    """Return the latest acts, the youngest first; with `site_ids` those about these sites or about all."""
    query = select(PeriodAct).order_by(PeriodAct.id.desc()).limit(limit)
    if site_ids is not None:
        query = query.where(or_(PeriodAct.site_id.is_(None), PeriodAct.site_id.in_(site_ids)))
    return [_act(row) for row in session.scalars(query)]


def _act(row: PeriodAct) -> Act:
    return Act(row.site_id, row.period, row.first_on, row.last_on, row.closed, row.effective_on, row.until)
