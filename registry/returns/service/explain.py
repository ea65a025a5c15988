"""`returns explain`: the entries, or the steps of the formula, that make up one figure."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from sqlalchemy.orm import Session

from forms.catalogue import choose
from forms.columns import USED
from forms.edition import Form, Shape
from registry.kernel.clock import Clock
from registry.kernel.codes import substance_code
from registry.kernel.errors import NotFound
from registry.kernel.period import Period
from registry.kernel.text import N_, Message
from registry.parties.queries import sites_by_ids
from registry.permits.domain.facts import bound_base_ng
from registry.quotas.domain.estimates import excess, limit_of_year, limit_pieces
from registry.quotas.domain.lines import Ceilings
from registry.returns.domain import SEIZURE_COLUMNS, STOCK_COLUMNS, WORKED_OUT, Entry, Explanation, SeizedEntry, Step
from registry.returns.service.facts import ceilings_by_code
from registry.returns.service.making import NOBODY_KNOWS, products_made
from registry.returns.service.requirements import AHEAD, explain_requirement
from registry.seizures.domain import SEIZED, SeizureFact
from registry.seizures.queries import seizures_behind
from registry.stock.domain.national import STOCK, TAKEN_ON, figures_of, is_counted
from registry.stock.queries.entries import EntryFact, entries_behind
from registry.stock.queries.making import made_by_document
from registry.stock.queries.totals import yearly_totals
from registry.substances.domain.facts import RevisionFact, SubstanceFact, Treaty
from registry.substances.queries.lists import substance_by_codes
from registry.substances.queries.near import unknown_substances
from registry.substances.queries.products import revisions_by_ids, revisions_with_substances


def explain(
    session: Session, clock: Clock, form: str, period: Period, substance: str, column: str, partner: str | None = None
) -> Explanation:
    """Return what makes up one figure of a return. Raises `NotFound` for a substance that is on no list.

    `partner`: the country of a figure by partner; for what was used, the product made.
    """
    found = substance_by_codes(session, [substance], clock.today()).get(substance)
    if found is None:
        raise NotFound(unknown_substances(session, [substance], clock.today())[substance])
    if form in AHEAD:
        return explain_requirement(session, form, period, found, column)
    if column in SEIZURE_COLUMNS:
        return Explanation(
            form, str(period), substance, column, partner, seizures=_seizures(session, form, period, found, column)
        )
    revisions = revisions_with_substances(session, [found.id], period.last_day)
    if column in WORKED_OUT:
        return _worked_out(session, form, period, found.id, substance, column, revisions)
    entries = [
        (entry, base)
        for entry in _behind(session, form, period, column, partner, revisions)
        if (base := bound_base_ng(revisions[entry.revision_id]).get(found.id)) is not None
    ]
    return Explanation(form, str(period), substance, column, partner, _named(session, entries, revisions))


def _seizures(
    session: Session, form: str, period: Period, substance: SubstanceFact, column: str
) -> tuple[SeizedEntry, ...]:
    """Return the seizures behind a figure; Form C asks for those of narcotic drugs only."""
    if form == Form.C and substance.treaty != Treaty.NARCOTIC:
        return ()
    found = seizures_behind(session, substance.id, column, period.first_day, period.last_day)
    return tuple(_seized(fact, column) for fact in found)


def _seized(fact: SeizureFact, column: str) -> SeizedEntry:
    day = fact.seized_on if column == SEIZED or fact.disposal is None else fact.disposal.disposed_on
    disposal = fact.disposal.kind if fact.disposal else ""
    return SeizedEntry(
        fact.reference, day, column, fact.origin or "", fact.place or "", disposal, Fraction(fact.quantity_ng)
    )


def _behind(
    session: Session, form: str, period: Period, column: str, partner: str | None, revisions: dict[int, RevisionFact]
) -> list[EntryFact]:
    """Return the entries of the ledger behind a column; `used` is what the edition breaks down by product made."""
    if column != USED.code:
        return _entries(session, period, column, partner, revisions)
    parts = (part for part in choose(form, period).edition.parts if part.shape is Shape.MADE)
    items = [item.code for part in parts for item in part.breaks_down]
    used = (entry for item in items for entry in _entries(session, period, item, None, revisions))
    return sorted(_made_into(session, period, partner, used), key=lambda entry: (entry.occurred_on, entry.reference))


def _made_into(session: Session, period: Period, partner: str | None, entries: Iterable[EntryFact]) -> list[EntryFact]:
    """Keep the entries that were used for one product made, all of them when none is named."""
    if partner is None:
        return list(entries)
    jobs = made_by_document(session, period.first_day, period.last_day)
    numbers = {number for found in jobs.values() for number in found}
    made = products_made(jobs, revisions_by_ids(session, numbers, period.last_day))
    wanted = {partner, substance_code(partner)}
    return [entry for entry in entries if made.get((entry.site_id, entry.document or ""), NOBODY_KNOWS).code in wanted]


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
