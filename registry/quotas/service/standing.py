"""Every position there is, as it stands now, for the watches."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.quotas.domain.position import Position, judged_on, positions_of
from registry.quotas.models import QuotaPosition
from registry.quotas.queries import controlled, ledger_until, lines_until
from registry.substances.domain.facts import SubstanceFact

Key = tuple[int, int]
"""Year and substance id: the key of a position."""


def standing_positions(session: Session, clock: Clock) -> Mapping[Key, tuple[SubstanceFact, Position]]:
    """Return the positions of all years up to the present one that have a row; of this and the last also what has a line.

    Years that have not begun are left out, unless something is reserved in them.
    """
    today = clock.today()
    rows = session.execute(select(QuotaPosition.year, QuotaPosition.substance_id, QuotaPosition.reserved_ng))
    reserved = {(year, number): Fraction(held) for year, number, held in rows if year <= today.year or held}
    last = max((year for year, _ in reserved), default=today.year)
    last = max(last, today.year)
    lines, ledger = lines_until(session, last), ledger_until(session, last)
    facts = {fact.id: fact for fact in controlled(session, today)}
    wanted = reserved.keys() | {(year, number) for number in lines for year in (today.year - 1, today.year)}
    found: dict[Key, tuple[SubstanceFact, Position]] = {}
    for year in sorted({year for year, _ in wanted}):
        chosen = [facts[number] for of_year, number in sorted(wanted) if of_year == year and number in facts]
        held = {number: quantity for (of_year, number), quantity in reserved.items() if of_year == year}
        of_year = positions_of(chosen, year, lines, ledger, held, judged_on(year, today))
        found.update({(year, number): (facts[number], position) for number, position in of_year.items()})
    return found
