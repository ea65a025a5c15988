"""The quota position of every substance and year, as of a day: quotas, permits and ledger together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.parameters.queries import parameters_on
from registry.permits.queries import reserved
from registry.quotas.domain.estimates import Figures
from registry.quotas.domain.position import Position, judged_on
from registry.quotas.queries import ledger_until, positions
from registry.stock.domain.national import figures_of
from registry.stock.queries.totals import year_totals
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries import revisions_by_ids, substance_by_codes, unknown_substances
from registry.supervision.domain import Standing, standing_of


def positions_on(
    session: Session, clock: Clock, year: int, as_of: date | None = None, substance_code: str | None = None
) -> list[tuple[SubstanceFact, Position]]:
    """Return the positions of `year`, a past year at the close of its 31 December, any other as of today.

    `as_of` asks for another day: what was decided, permitted and moved until then. Raises
    `NotFound` for a substance that is on no list. A constant number of statements.
    """
    usual = judged_on(year, clock.today())
    day = usual if as_of is None else min(as_of, date(year, 12, 31))
    substances = None
    if substance_code is not None:
        found = substance_by_codes(session, [substance_code], day).get(substance_code)
        if found is None:
            raise NotFound(unknown_substances(session, [substance_code], day)[substance_code])
        substances = [found]
    ledger = None if day >= usual else _ledger_on(session, year, day)
    return positions(session, year, day, reserved(session, year, day), substances, ledger)


def standings_on(session: Session, clock: Clock, year: int, treaty: str | None = None) -> list[Standing]:
    """Return how every position of `year` stands on its usual day, by name, of one treaty if given."""
    day = judged_on(year, clock.today())
    parameters = parameters_on(session, day)
    return [
        standing_of(substance, position, day, parameters)
        for substance, position in positions_on(session, clock, year)
        if treaty is None or substance.treaty == treaty
    ]


def _ledger_on(session: Session, year: int, day: date) -> Mapping[int, Mapping[int, Figures]]:
    """Return what the ledger held at the close of `day`: earlier years as they are, this one as far as the day."""
    ledger = {substance: dict(years) for substance, years in ledger_until(session, year - 1).items()}
    if day < date(year, 1, 1):
        return ledger
    totals = year_totals(session, year, until=day)
    rows = [(year - 1, revision, column, units) for (revision, column), units in totals.before.items()]
    rows += [(year, revision, column, units) for (_, revision, column, _), units in totals.inside.items()]
    revisions = revisions_by_ids(session, {row[1] for row in rows}, day)
    for (of_year, substance), figures in figures_of(rows, revisions).items():
        if of_year == year:
            ledger.setdefault(substance, {})[year] = figures
    return ledger
