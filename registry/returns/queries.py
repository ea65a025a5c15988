"""Reading what was reported before."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.kernel.period import Period
from registry.returns.domain import Sent, days_counted
from registry.returns.models import PastFigure, Population, ReturnSent
from registry.stock.queries.periods import Since, counted_after
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


def sent_returns(session: Session) -> dict[tuple[str, Period], Sent]:
    """Return the last sending of every return that was sent, by form and period; one statement."""
    rows = session.scalars(select(ReturnSent).order_by(ReturnSent.number))
    return {
        (row.form, period): Sent(row.form, period, row.number, row.sent_on, row.last_entry)
        for row in rows
        for period in (Period(row.year, row.quarter or None),)
    }


def changed_since(session: Session, sent: Sequence[Sent]) -> dict[tuple[str, Period], int]:
    """Return how many entries of the days each return counts were recorded after it was sent; one statement, none for none."""
    found = counted_after(session, [Since(*days_counted(one.form, one.period), one.last_entry) for one in sent])
    return {(one.form, one.period): number for one, number in zip(sent, found, strict=True)}
