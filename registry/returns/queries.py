"""Reading what was reported before."""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.returns.models import PastFigure, Population
from registry.substances.queries.lists import substances_by_ids

MILLIONTHS = 10**6


def past_figures(session: Session, form: str, year: int, column: str) -> dict[str, Fraction]:
    """Return substance code -> figure sent in `form` of `year` for `column`, in the unit of the form (C: grams)."""
    rows = session.execute(
        select(PastFigure.substance_id, PastFigure.millionths).where(
            PastFigure.form == form, PastFigure.year == year, PastFigure.column_name == column
        )
    ).all()
    codes = substances_by_ids(session, [row.substance_id for row in rows])
    return {codes[row.substance_id].code: Fraction(row.millionths, MILLIONTHS) for row in rows}


def people_in(session: Session, year: int, *, country: str) -> int | None:
    """Return how many people live in `country` by the latest figure for `year` or an earlier one, None without one."""
    query = (
        select(Population.people)
        .where(Population.country == country, Population.year <= year)
        .order_by(Population.year.desc())
        .limit(1)
    )
    return session.scalar(query)
