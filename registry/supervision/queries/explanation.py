"""One position explained: sums, decided lines, open permits, entries of the ledger. A constant number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.parameters.queries import parameters_on
from registry.parties.queries import main_sites, sites_by_ids
from registry.permits.domain.facts import PermitFact, bound_base_ng, reserved_ng
from registry.permits.domain.kinds import PermitState
from registry.permits.queries.permits import reserving_permits
from registry.quotas.domain.estimates import CarryOver, Piece, carry_over, figures_for
from registry.quotas.domain.kinds import ITEMS, QUOTA_KINDS
from registry.quotas.domain.lines import LineFact, ceilings_of
from registry.quotas.domain.position import headroom_pieces, judged_on
from registry.quotas.domain.states import LINE_STATE_NAMES, LineState
from registry.quotas.queries import CarryOverFact, late_changes, ledger_until, lines_by_substance, lines_until
from registry.stock.domain.national import is_counted
from registry.stock.queries.entries import entries_behind
from registry.substances.domain.facts import SubstanceFact, Treaty
from registry.substances.queries import revisions_by_ids, revisions_with_substances
from registry.supervision.domain import Standing, standing_of
from registry.supervision.queries.positions import positions_on

MOST_ENTRIES = 200
USED_COLUMNS = ("imported", "manufactured", "exported")


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One decided line with the words for its kind, item and state, and the code of its organisation."""

    line: LineFact
    kind: str
    item: str
    state: str
    organisation: str | None


@dataclass(frozen=True, slots=True)
class Reservation:
    """A permit and what it reserves of the substance, in whole nanograms of base. `state`: what it is on the day.

    One that does not stand reserves what customs let pass and no shelf has recorded.
    """

    permit: PermitFact
    holder: str
    quantity_ng: int
    state: PermitState


@dataclass(frozen=True, slots=True)
class Use:
    """One entry of the ledger that used the position (or, exported, widened it), in exact nanograms of base."""

    column: str
    reference: str
    occurred_on: date
    site: str
    product: str
    batch: str
    quantity: Fraction


@dataclass(frozen=True, slots=True)
class Moved:
    """What late postings have changed in what a year takes over: first and last change, and how many there were."""

    first: CarryOverFact
    last: CarryOverFact
    number: int


@dataclass(frozen=True, slots=True)
class PositionExplained:
    """A position with its parts. `uses` holds the youngest entries only; `uses_in_all` counts them all."""

    standing: Standing
    day: date
    headroom: tuple[Piece, ...]
    lines: tuple[ShownLine, ...]
    history: tuple[ShownLine, ...]
    reservations: tuple[Reservation, ...]
    uses: tuple[Use, ...]
    uses_in_all: int
    carried: CarryOver | None = None
    moved: Moved | None = None


def explain_position(session: Session, clock: Clock, year: int, code: str) -> PositionExplained:
    """Return everything the position of one substance and year is made of. Raises `NotFound` for an unknown substance."""
    day = judged_on(year, clock.today())
    substance, position = positions_on(session, clock, year, substance_code=code)[0]
    lines = _lines(session, substance.id)
    uses = _uses(session, substance.id, year, day)
    return PositionExplained(
        standing=standing_of(substance, position, day, parameters_on(session, day)),
        day=day,
        headroom=tuple(headroom_pieces(position)),
        lines=tuple(one for one in lines if one.line.year == year),
        history=tuple(one for one in lines if one.line.year != year),
        reservations=tuple(_reservations(session, substance.id, year, day)),
        uses=tuple(uses[:MOST_ENTRIES]),
        uses_in_all=len(uses),
        carried=_carried(session, substance, year) if substance.treaty == Treaty.NARCOTIC else None,
        moved=_moved(session, year, substance.id),
    )


def _carried(session: Session, substance: SubstanceFact, year: int) -> CarryOver:
    """Return the excess of the year before with its parts, and the stock it closed with."""
    lines = lines_until(session, year - 1, [substance.id]).get(substance.id, ())
    figures = figures_for(ledger_until(session, year - 1, [substance.id]).get(substance.id, {}), year - 1)
    return carry_over(ceilings_of(substance.treaty, year - 1, lines, date(year - 1, 12, 31)), figures)


def _moved(session: Session, year: int, substance_id: int) -> Moved | None:
    changes = late_changes(session, year, substance_id)
    return Moved(changes[0], changes[-1], len(changes)) if changes else None


def _lines(session: Session, substance_id: int) -> list[ShownLine]:
    """Return the lines of all years and states, the youngest year first, each year in the order they were recorded."""
    lines = lines_by_substance(session, [substance_id]).get(substance_id, ())
    holders = main_sites(session, {line.organisation_id for line in lines if line.organisation_id is not None})
    shown = [
        ShownLine(
            line,
            QUOTA_KINDS[line.kind].name,
            ITEMS[line.item].name if line.item is not None else "",
            LINE_STATE_NAMES[LineState(line.state)],
            holders[line.organisation_id].code if line.organisation_id in holders else None,
        )
        for line in lines
    ]
    return sorted(shown, key=lambda one: (-one.line.year, one.line.id))


def _reservations(session: Session, substance_id: int, year: int, day: date) -> list[Reservation]:
    permits = reserving_permits(session, year, day)
    revisions = revisions_by_ids(
        session, {line.revision_id for permit in permits for line in permit.lines.values()}, day
    )
    holders = main_sites(session, {permit.organisation_id for permit in permits})
    found = []
    for permit in permits:
        quantity = sum(
            reserved_ng(revisions[line.revision_id], permit.reserved_units(line, day)).get(substance_id, 0)
            for line in permit.lines.values()
        )
        if quantity:
            found.append(Reservation(permit, holders[permit.organisation_id].code, quantity, permit.state_on(day)))
    return found


def _uses(session: Session, substance_id: int, year: int, day: date) -> list[Use]:
    revisions = revisions_with_substances(session, [substance_id], day)
    base = {number: bound_base_ng(revision).get(substance_id) for number, revision in revisions.items()}
    found = [
        (column, entry)
        for column in USED_COLUMNS
        for entry in entries_behind(
            session,
            [n for n, revision in revisions.items() if base[n] is not None and is_counted(column, revision)],
            column,
            date(year, 1, 1),
            day,
        )
    ]
    sites = sites_by_ids(session, {entry.site_id for _, entry in found})
    uses = [
        Use(
            column,
            entry.reference,
            entry.occurred_on,
            sites[entry.site_id].code,
            revisions[entry.revision_id].code,
            entry.batch,
            entry.units * (base[entry.revision_id] or Fraction(0)),
        )
        for column, entry in found
    ]
    return sorted(uses, key=lambda use: (use.occurred_on, use.reference), reverse=True)
