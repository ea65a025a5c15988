"""`returns explain`: the entries, or the steps of the formula, that make up one figure."""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.kernel.period import Period
from registry.kernel.text import N_, Message
from registry.parties.queries import sites_by_ids
from registry.permits.domain.facts import bound_base_ng
from registry.quotas.domain.estimates import excess, limit_of_year, limit_pieces
from registry.quotas.domain.lines import Ceilings
from registry.returns.domain import STOCK_COLUMNS, WORKED_OUT, Entry, Explanation, Step
from registry.returns.service.facts import ceilings_by_code
from registry.stock.domain.national import STOCK, TAKEN_ON, figures_of, is_counted
from registry.stock.queries.entries import EntryFact, entries_behind
from registry.stock.queries.totals import yearly_totals
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.lists import substance_by_codes
from registry.substances.queries.products import revisions_with_substances


def explain(
    session: Session, clock: Clock, form: str, period: Period, substance: str, column: str, partner: str | None = None
) -> Explanation:
    """Return what makes up one figure of a return. Raises `NotFound` for a substance that is on no list."""
    found = substance_by_codes(session, [substance], clock.today()).get(substance)
    if found is None:
        raise NotFound(Message(N_("there is no substance with the code “%(code)s”"), {"code": substance}))
    revisions = revisions_with_substances(session, [found.id], period.last_day)
    if column in WORKED_OUT:
        return _worked_out(session, form, period, found.id, substance, column, revisions)
    entries = [
        (entry, base)
        for entry in _entries(session, period, column, partner, revisions)
        if (base := bound_base_ng(revisions[entry.revision_id]).get(found.id)) is not None
    ]
    return Explanation(form, str(period), substance, column, partner, _named(session, entries, revisions))


def _entries(
    session: Session, period: Period, column: str, partner: str | None, revisions: dict[int, RevisionFact]
) -> list[EntryFact]:
    if column not in STOCK_COLUMNS:
        counting = [number for number, revision in revisions.items() if is_counted(column, revision)]
        return entries_behind(session, counting, column, period.first_day, period.last_day, partner)
    if column == "closing_stock":
        return entries_behind(session, revisions, STOCK, None, period.last_day)
    eve = period.first_day.replace(year=period.year - 1, month=12, day=31)
    taken_on = entries_behind(session, revisions, TAKEN_ON, period.first_day, period.last_day)
    return [*entries_behind(session, revisions, STOCK, None, eve), *taken_on]


def _named(
    session: Session, entries: list[tuple[EntryFact, Fraction]], revisions: dict[int, RevisionFact]
) -> tuple[Entry, ...]:
    ids = {entry.site_id for entry, _ in entries} | {
        entry.counterparty_id for entry, _ in entries if entry.counterparty_id
    }
    sites = sites_by_ids(session, ids)
    return tuple(
        Entry(
            entry.reference,
            entry.occurred_on,
            entry.kind,
            sites[entry.site_id].code,
            sites[entry.counterparty_id].code if entry.counterparty_id else "",
            revisions[entry.revision_id].code,
            entry.batch,
            entry.units,
            base,
        )
        for entry, base in entries
    )


def _worked_out(
    session: Session,
    form: str,
    period: Period,
    substance_id: int,
    substance: str,
    column: str,
    revisions: dict[int, RevisionFact],
) -> Explanation:
    figures = figures_of(yearly_totals(session, list(revisions)), revisions).get((period.year, substance_id), {})
    ceiling = ceilings_by_code(session, period).get(substance, Ceilings())
    steps = tuple(Step(Message(piece.label), piece.quantity) for piece in limit_pieces(ceiling, figures))
    limit = limit_of_year(ceiling, figures)
    if column == "excess":
        made = figures.get("manufactured", Fraction(0)) + figures.get("imported", Fraction(0))
        steps = (
            Step(Message(N_("manufactured and imported")), made),
            Step(Message(N_("less the yearly limit (1961 Convention, art. 21)")), -limit),
        )
        limit = excess(ceiling, figures)
    return Explanation(form, str(period), substance, column, None, steps=steps, worked_out_ng=limit)
