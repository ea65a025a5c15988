"""Draws and drawn originals as facts; each function says how many statements it takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from fractions import Fraction

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.audit.domain import Head
from registry.audit.queries import head_before
from registry.kernel.clock import Clock
from registry.originals.domain import OUTCOMES, Draw, Drawn, Result, month_after
from registry.originals.models import OriginalDraw, OriginalDrawn, OriginalResult
from registry.permits.domain.facts import PermitFact
from registry.permits.queries.register import issued_with_counterpart

HUNDRED = 100


def draws(session: Session, month: date | None = None) -> list[Draw]:
    """Return all draws, or that of one month, the youngest first; one statement."""
    query = select(OriginalDraw).order_by(OriginalDraw.month.desc())
    if month is not None:
        query = query.where(OriginalDraw.month == month)
    return [
        Draw(
            row.month,
            row.seed,
            row.event,
            row.population,
            Fraction(row.share) / HUNDRED,
            row.least,
            row.drawn_at,
            row.drawn_by,
        )
        for row in session.scalars(query)
    ]


def last_month(session: Session) -> date | None:
    """Return the last month that was drawn; one statement."""
    return session.scalar(select(func.max(OriginalDraw.month)))


def drawn_of(session: Session, month: date | None = None) -> list[Drawn]:
    """Return what was drawn, in all or of one month, the youngest month first; two statements."""
    return _drawn(session, *([] if month is None else [OriginalDrawn.month == month]))


def drawn_by_id(session: Session, drawn_id: int) -> Drawn | None:
    """Return one drawn original; two statements."""
    return next(iter(_drawn(session, OriginalDrawn.id == drawn_id)), None)


def drawn_for_permit(session: Session, permit_id: int) -> Drawn | None:
    """Return the drawn original of a permit; two statements."""
    return next(iter(_drawn(session, OriginalDrawn.permit_id == permit_id)), None)


def permits_of_month(session: Session, month: date) -> Sequence[PermitFact]:
    """Return what is drawn from: the permits issued here in a month that name a permit of the other country."""
    return issued_with_counterpart(session, month, month_after(month))


def seed_of(session: Session, clock: Clock, month: date) -> Head:
    """Return the last seal of the audit log before a month was over; one statement."""
    return head_before(session, datetime.combine(month_after(month), time(), clock.zone))


def _drawn(session: Session, *chosen: ColumnElement[bool]) -> list[Drawn]:
    rows = session.execute(
        select(OriginalDrawn.id, OriginalDrawn.month, OriginalDrawn.permit_id, OriginalDrawn.due_on)
        .where(*chosen)
        .order_by(OriginalDrawn.month.desc(), OriginalDrawn.id)
    ).all()
    results: dict[int, list[Result]] = defaultdict(list)
    query = select(OriginalResult).join(OriginalDrawn, OriginalDrawn.id == OriginalResult.drawn_id).where(*chosen)
    for row in session.scalars(query.order_by(OriginalResult.id)):
        seen = Result(OUTCOMES[row.outcome], row.seen_on, row.note, row.recorded_at, row.recorded_by)
        results[row.drawn_id].append(seen)
    return [replace(Drawn(*row), results=tuple(results[row.id])) for row in rows]
