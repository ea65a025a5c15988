"""The facts of a return, from the ledger, by the transaction-to-form map. Set-based at any size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from forms.facts import (
    Cover,
    DrugYear,
    Estimates,
    ReturnFacts,
    SeizureLine,
    Source,
    TradeEvidence,
    TradeLine,
    UseLine,
)
from registry.kernel.clock import Clock
from registry.kernel.mass import NG_PER_G
from registry.kernel.period import Period
from registry.permits.domain.facts import bound_base_ng
from registry.permits.domain.kinds import TRANSIT
from registry.permits.queries import permits_by_ids
from registry.quotas.domain.estimates import excess, limit_of_year
from registry.quotas.domain.lines import Ceilings, ceilings_of
from registry.quotas.queries import controlled, lines_until
from registry.returns.queries import past_figures
from registry.returns.service.making import BROKEN_DOWN, NOBODY_KNOWS, products_made
from registry.seizures.queries import seized_totals
from registry.settings import Settings
from registry.stock.domain.national import STOCK, TAKEN_ON, TRADE_COLUMNS, is_counted
from registry.stock.queries.making import made_by_document, uses_by_document
from registry.stock.queries.totals import TradeEntries, YearTotals, first_months, trade_entries, year_totals
from registry.substances.domain.facts import RevisionFact, Treaty
from registry.substances.queries.products import factor_use, revisions_by_ids

MONTHS = 100
FLOWS = frozenset(field.name for field in fields(DrugYear)) - {"substance", "name"}
Grams = dict[str, dict[str, Fraction]]


def facts_of(
    session: Session, clock: Clock, settings: Settings, period: Period, as_of: date | None = None
) -> ReturnFacts:
    """Return everything a narcotics return of `period` is made from, as known at the end of `as_of`.

    Figures of the 1961 drugs only; psychotropics have forms of their own. `as_of` earlier
    than today leaves out what was recorded later.
    """
    today = clock.today()
    known_before = _end_of(as_of, settings) if as_of is not None and as_of < today else None
    totals = year_totals(session, period.year, known_before=known_before)
    entries = trade_entries(session, period.first_day, period.last_day)
    revision_ids = {revision for revision, _ in totals.before} | {key[1] for key in totals.inside}
    revisions = revisions_by_ids(session, revision_ids | {entry.revision_id for entry in entries}, period.last_day)
    names = _names(revisions.values())
    inside = _inside(totals, period)
    sources = _sources(inside, revisions)
    in_period = {revision for _, revision, _, _ in inside}
    first = first_months(session, in_period)
    uses = [(number, first[number]) for number in sorted(in_period) if number in first]
    return ReturnFacts(
        period=period,
        as_of=as_of or today,
        cover=Cover(country=settings.country, authority=settings.authority),
        drugs=_drugs(session, period, totals, revisions, names) if period.quarter is None else (),
        trade=_trade(inside, revisions, names),
        uses=_uses(session, period, known_before, inside, revisions) if period.quarter is None else (),
        seizures=_seizures(session, period, known_before) if period.quarter is None else (),
        sources=sources,
        factors=tuple(use for use in factor_use(session, uses) if use.substance in names),
        evidence=_evidence(session, entries, inside, revisions),
        quarter_totals=_quarter_totals(entries, revisions),
    )


def _end_of(day: date, settings: Settings) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), settings.zone)


def _inside(totals: YearTotals, period: Period) -> dict[tuple[int, int, str, str], int]:
    return {key: units for key, units in totals.inside.items() if key[0] in period.months and units}


def _names(revisions: Iterable[RevisionFact]) -> dict[str, str]:
    return {
        part.substance_code: part.substance_name
        for revision in revisions
        for part in revision.components
        if part.treaty == Treaty.NARCOTIC
    }


def _drugs_in(revision: RevisionFact) -> list[tuple[str, Fraction]]:
    """Return the narcotic drugs a unit of the product counts for: code, grams of base."""
    counted = bound_base_ng(revision)
    return [
        (part.substance_code, part.base_ng_per_unit / NG_PER_G)
        for part in revision.components
        if part.treaty == Treaty.NARCOTIC and part.substance_id in counted
    ]


def _grams(totals: Iterable[tuple[int, str, int]], revisions: Mapping[int, RevisionFact]) -> Grams:
    """Fold (revision id, column, units) into substance -> column -> grams."""
    result: Grams = defaultdict(lambda: defaultdict(Fraction))
    for revision_id, column, units in totals:
        if is_counted(column, revisions[revision_id]):
            for code, base in _drugs_in(revisions[revision_id]):
                result[code][column] += units * base
    return result


def _drugs(
    session: Session,
    period: Period,
    totals: YearTotals,
    revisions: Mapping[int, RevisionFact],
    names: Mapping[str, str],
) -> tuple[DrugYear, ...]:
    before = _grams(((revision, column, units) for (revision, column), units in totals.before.items()), revisions)
    inside = _grams(((key[1], key[2], units) for key, units in totals.inside.items()), revisions)
    ceilings = ceilings_by_code(session, period)
    reported = past_figures(session, "C", period.year - 1, "closing_stock")
    drugs = []
    for code in sorted(before.keys() | inside.keys()):
        ceiling = ceilings.get(code, Ceilings())
        columns = dict(inside.get(code, {}))
        held = before.get(code, {}).get(STOCK, Fraction(0))
        change = columns.pop(STOCK, Fraction(0))
        columns["opening_stock"] = held + columns.get(TAKEN_ON, Fraction(0))
        columns["closing_stock"] = held + change
        in_ng = {column: grams * NG_PER_G for column, grams in columns.items()}
        columns["limit"] = limit_of_year(ceiling, in_ng) / NG_PER_G
        columns["excess"] = excess(ceiling, in_ng) / NG_PER_G
        drugs.append(
            DrugYear(
                substance=code,
                name=names[code],
                estimates=_estimates(ceiling),
                reported_closing_before=reported.get(code),
                **{column: grams for column, grams in columns.items() if column in FLOWS},
            )
        )
    return tuple(drug for drug in drugs if _has_figures(drug))


def _has_figures(drug: DrugYear) -> bool:
    return any(getattr(drug, name) for name in FLOWS if isinstance(getattr(drug, name), Fraction))


def ceilings_by_code(session: Session, period: Period) -> dict[str, Ceilings]:
    """Return code -> the estimates of the year, as decided by its last day; a few statements."""
    lines = lines_until(session, period.year)
    return {
        drug.code: ceilings_of(drug.treaty, period.year, lines.get(drug.id, ()), period.last_day)
        for drug in controlled(session, period.last_day)
        if drug.treaty == Treaty.NARCOTIC
    }


def _estimates(ceiling: Ceilings) -> Estimates:
    return Estimates(**{field.name: ceiling.item(field.name) / NG_PER_G for field in fields(Estimates)})


def _trade(
    inside: Mapping[tuple[int, int, str, str], int], revisions: Mapping[int, RevisionFact], names: Mapping[str, str]
) -> tuple[TradeLine, ...]:
    lines: dict[tuple[str, str, str, int], Fraction] = defaultdict(Fraction)
    for (month, revision_id, column, partner), units in inside.items():
        if column in TRADE_COLUMNS:
            for code, base in _drugs_in(revisions[revision_id]):
                lines[code, column, partner, (month % MONTHS + 2) // 3] += units * base
    return tuple(
        TradeLine(code, names[code], column, partner, quarter, grams)
        for (code, column, partner, quarter), grams in sorted(lines.items())
        if grams
    )


def _uses(
    session: Session,
    period: Period,
    known_before: datetime | None,
    inside: Mapping[tuple[int, int, str, str], int],
    revisions: Mapping[int, RevisionFact],
) -> tuple[UseLine, ...]:
    """Return what was used to make something else, by product made; most countries make nothing, and are not asked."""
    if not any(column in BROKEN_DOWN for _, _, column, _ in inside):
        return ()
    days = period.first_day, period.last_day
    uses = uses_by_document(session, BROKEN_DOWN, *days, known_before=known_before)
    made = products_made(made_by_document(session, *days, known_before=known_before), revisions)
    found: dict[tuple[str, str, str, str, str], Fraction] = defaultdict(Fraction)
    for use in uses:
        product = made.get((use.site_id, use.document), NOBODY_KNOWS)
        revision = revisions[use.revision_id]
        names = _names([revision])
        for code, base in _drugs_in(revision):
            found[code, names[code], use.column, product.code, product.name] += use.units * base
    return tuple(UseLine(*key, grams) for key, grams in sorted(found.items()) if grams)


def _seizures(session: Session, period: Period, known_before: datetime | None) -> tuple[SeizureLine, ...]:
    """Return what was seized and disposed of, from the register of seizures: never from the ledger of licit stock."""
    totals = seized_totals(session, period.first_day, period.last_day, known_before=known_before)
    return tuple(
        SeizureLine(
            one.substance_code, one.substance_name, one.column, one.origin or "", Fraction(one.quantity_ng, NG_PER_G)
        )
        for one in totals
        if one.treaty == Treaty.NARCOTIC
    )


def _sources(
    inside: Mapping[tuple[int, int, str, str], int], revisions: Mapping[int, RevisionFact]
) -> tuple[Source, ...]:
    """Return what each product really contributed to each column: only what was counted is a source."""
    found: dict[tuple[str, str, str, bool | None], Fraction] = defaultdict(Fraction)
    for (_, revision_id, column, _), units in inside.items():
        revision = revisions[revision_id]
        if not is_counted(column, revision):
            continue
        for code, base in _drugs_in(revision):
            found[code, column, revision.code, revision.schedule_three] += units * base
    return tuple(
        Source(code, column, product, schedule_three, grams)
        for (code, column, product, schedule_three), grams in sorted(found.items(), key=lambda item: item[0][:3])
        if grams and column not in (STOCK, TAKEN_ON)
    )


def _evidence(
    session: Session,
    entries: list[TradeEntries],
    inside: Mapping[tuple[int, int, str, str], int],
    revisions: Mapping[int, RevisionFact],
) -> tuple[TradeEvidence, ...]:
    """Compare what the return counts as traded with the entries themselves, and ask on which permits they rest."""
    permits = permits_by_ids(session, {entry.permit_id for entry in entries if entry.permit_id is not None})
    in_transit = {number for number, permit in permits.items() if permit.kind == TRANSIT.code}
    counted: dict[tuple[int, str], int] = defaultdict(int)
    for (_, revision_id, column, _), units in inside.items():
        if column in TRADE_COLUMNS:
            counted[revision_id, column] += units
    for entry in entries:
        counted[entry.revision_id, entry.column] -= entry.units
    result: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for entry in entries:
        for code, _ in _drugs_in(revisions[entry.revision_id]):
            result[code][0] += entry.entries
            result[code][1] += entry.entries if entry.permit_id is None else 0
            result[code][3] += entry.entries if entry.permit_id in in_transit else 0
    for (revision_id, _), rest in counted.items():
        if rest:
            for code, _ in _drugs_in(revisions[revision_id]):
                result[code][2] += 1
    return tuple(TradeEvidence(code, *numbers) for code, numbers in sorted(result.items()))


def _quarter_totals(
    entries: list[TradeEntries], revisions: Mapping[int, RevisionFact]
) -> dict[tuple[str, str], Fraction]:
    """Return the sum of the four quarters from the entries themselves, so that the annual check can fail."""
    totals: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for entry in entries:
        for code, base in _drugs_in(revisions[entry.revision_id]):
            totals[code, entry.column] += entry.units * base
    return dict(totals)
