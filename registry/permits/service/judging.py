"""Gathering what the checks of applications look at: set-based, many cases as cheap as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.parameters import Parameters
from registry.licences.domain import LicenceFact, common, covering_periods
from registry.licences.queries import licences_of
from registry.parameters.queries import course
from registry.parties.domain import AuthorityFact
from registry.parties.queries import authorities_of, organisation_codes
from registry.permits.domain.checks import ApplicationFact, Case, ForeignEstimate, Original
from registry.permits.domain.facts import bound_base_ng, reserved_by_substance, reserved_ng
from registry.permits.domain.kinds import PERMIT_KINDS, Way
from registry.permits.domain.particulars import day_of
from registry.permits.queries.abroad import foreign_estimates, originals
from registry.permits.queries.cases import counterparts_named, pending_lines
from registry.permits.queries.permits import competing_lines, counterparts_of_permits, reserved
from registry.permits.queries.questions import STOCK_ON_DAY
from registry.quotas.domain.position import Position, judged_on
from registry.quotas.queries import positions
from registry.substances.domain.facts import RevisionFact, SubstanceFact
from registry.substances.queries.detail import prohibitions_against
from registry.substances.queries.products import revisions_by_ids

Pairs = Mapping[int, tuple[SubstanceFact, Position]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Applications with the facts that no other permit changes: what is read before anything is locked."""

    applications: Sequence[tuple[int | None, ApplicationFact]]
    revisions: Mapping[int, RevisionFact]
    own: Mapping[str, int]
    codes: Mapping[int, str]
    licences: Mapping[int, Sequence[LicenceFact]]
    parameters: Parameters
    since: Mapping[str, date]


def cases_for(
    session: Session,
    clock: Clock,
    applications: Sequence[tuple[int | None, ApplicationFact]],
    revisions: Mapping[int, RevisionFact],
    own: Mapping[str, int] | None = None,
) -> list[Case]:
    """Return each (row, application) with its facts, in order; `revisions`: product id -> revision in force today.

    `own`: reference -> id of applications that are recorded already, so that a case does not
    compete with itself. The number of statements grows with the years asked for, never with the rows.
    """
    return judge(session, clock, gather(session, clock, applications, revisions, own or {}))


def gather(
    session: Session,
    clock: Clock,
    applications: Sequence[tuple[int | None, ApplicationFact]],
    revisions: Mapping[int, RevisionFact],
    own: Mapping[str, int],
) -> Gathered:
    """Read holders, licences and parameters; the arguments are those of `cases_for`."""
    today, organisations = clock.today(), {each.organisation_id for _, each in applications}
    set_ = course(session)
    return Gathered(
        applications,
        revisions,
        own,
        organisation_codes(session, organisations),
        licences_of(session, organisations),
        set_.on(today),
        set_.since(today),
    )


def judge(session: Session, clock: Clock, known: Gathered) -> list[Case]:
    """Read what competes with the applications, and return each with all its facts, in order."""
    today, applications, revisions = clock.today(), known.applications, known.revisions
    years = _years(session, today, applications, revisions, known.own)
    named = _counterparts(session, applications)
    world = _world(session, clock, [each for _, each in applications], revisions)
    cases = []
    for row, each in applications:
        own_products = {product: revisions[product] for product, _ in each.lines}
        year = years[each.planned_on.year]
        act = frozenset({PERMIT_KINDS[each.kind].act})
        held = known.licences.get(each.organisation_id, ())
        cases.append(
            Case(
                application=each,
                organisation=known.codes[each.organisation_id],
                revisions=own_products,
                licensed=common(covering_periods(held, None, act, one) for one in own_products.values()),
                positions=year.positions,
                today=today,
                pending=year.others(known.own.get(each.reference), each.reference),
                held=year.held.get(each.organisation_id, {}),
                counterpart_used=bool(
                    named.get((each.partner_country, each.counterpart_number or ""), set()) - {each.reference}
                ),
                licences=tuple(one for one in held if act & one.acts and _stands(one, today)),
                parameters=known.parameters,
                since=known.since,
                row=row,
                **world.of(each, own_products, today),
            )
        )
    return cases


def _stands(licence: LicenceFact, day: date) -> bool:
    """Say whether this is the revision of the licence that stands on `day`, whatever its own dates and stops."""
    return licence.effective_on <= day and (licence.superseded_on is None or day < licence.superseded_on)


@dataclass(frozen=True, slots=True)
class _World:
    """What lies outside the quota: other countries, the permits goods came on, the shelves of a day."""

    abroad: Mapping[tuple[str, int, int], ForeignEstimate]
    prohibited: Collection[tuple[str, int]]
    originals: Mapping[str, Original]
    issuers: Sequence[AuthorityFact]
    shelves: Mapping[tuple[int, int, date], int]

    def of(self, asked: ApplicationFact, revisions: Mapping[int, RevisionFact], today: date) -> dict[str, Any]:
        """Return the facts of one application, as `Case` names them."""
        country, year = asked.partner_country, asked.planned_on.year
        substances = {part.substance_id for revision in revisions.values() for part in revision.components}
        keys = {each: (country, year, each) for each in substances}
        counted_on = day_of(asked.particulars, "stock_on")
        holds = (
            {each: self.shelves.get((asked.organisation_id, each, counted_on), 0) for each in revisions}
            if counted_on
            else None
        )
        return {
            "abroad": {each: self.abroad[key] for each, key in keys.items() if key in self.abroad},
            "prohibited": self.prohibited,
            "issuers": _issuers(self.issuers, country, day_of(asked.particulars, "counterpart_issued_on") or today),
            "original": self.originals.get(asked.particulars.get("original_permit", "")),
            "on_hand": holds,
        }


def _world(
    session: Session, clock: Clock, applications: Sequence[ApplicationFact], revisions: Mapping[int, RevisionFact]
) -> _World:
    today = clock.today()
    leaving = [each for each in applications if PERMIT_KINDS[each.kind].way in (Way.EXPORT, Way.TRANSIT)]
    goods = [
        (each, part.substance_id)
        for each in leaving
        for product, _ in each.lines
        for part in revisions[product].components
    ]
    pairs = {(country, substance) for each, substance in goods for country in _on_the_way(each)}
    keys = {(each.partner_country, each.planned_on.year, substance) for each, substance in goods}
    asked = {
        each.particulars["original_permit"]: each.organisation_id
        for each in applications
        if each.particulars.get("original_permit")
    }
    counted = {
        (each.organisation_id, product, day)
        for each in applications
        for product, _ in each.lines
        for day in [day_of(each.particulars, "stock_on")]
        if day is not None
    }
    named = {each.partner_country for each in applications if each.particulars.get("counterpart_issuer")}
    answers = STOCK_ON_DAY.announce(session, counted) if counted else []
    return _World(
        foreign_estimates(session, clock, keys),
        prohibitions_against(session, pairs, today).keys() if pairs else (),
        originals(session, asked),
        authorities_of(session, named) if named else (),
        {key: units for answer in answers for key, units in answer.items()},
    )


def _issuers(known: Sequence[AuthorityFact], country: str, day: date) -> tuple[str, ...]:
    """Return the names of the authorities that answer in `country` on `day`, of each subject the one that stands."""
    standing = {each.subject: each.name for each in known if each.country == country and each.valid_from <= day}
    return tuple(dict.fromkeys(standing.values()))


def _on_the_way(asked: ApplicationFact) -> list[str]:
    return [asked.partner_country, *(each for each in asked.particulars.get("route", "").split(";") if each)]


Waiting = dict[tuple[int | None, str | None], dict[int, int]]
"""Id of a recorded application, or reference of one in hand -> what it asks for, by substance."""


@dataclass(slots=True)
class _Year:
    """One year applications are judged on: positions, what organisations hold, what waits, by substance."""

    positions: Pairs
    held: Mapping[int, Mapping[int, Fraction]]
    waiting: Waiting
    together: dict[int, int] = field(default_factory=dict)

    def others(self, own_id: int | None, reference: str) -> dict[int, Fraction]:
        """Return what all waiting applications but this one ask for."""
        mine = self.waiting.get((own_id, None), {}) if own_id is not None else self.waiting.get((None, reference), {})
        return {substance: Fraction(need - mine.get(substance, 0)) for substance, need in self.together.items()}


def _years(
    session: Session,
    today: date,
    applications: Sequence[tuple[int | None, ApplicationFact]],
    revisions: Mapping[int, RevisionFact],
    own: Mapping[str, int],
) -> dict[int, _Year]:
    """Read what competes for the quota in the years asked for; compositions of all of it are read at once."""
    days = {each.planned_on.year: judged_on(each.planned_on.year, today) for _, each in applications}
    organisations = {each.organisation_id for _, each in applications}
    substances = substances_of(revisions.values())
    bound = [substance.id for substance in substances]
    waiting = {year: pending_lines(session, year, bound) for year in days}
    others = {year: competing_lines(session, year, day, organisations, bound) for year, day in days.items()}
    every = (*waiting.values(), *(lines for both in others.values() for lines in both))
    known = revisions_by_ids(session, {revision for lines in every for _, revision, _ in lines}, today)
    found: dict[int, _Year] = {}
    for year, day in sorted(days.items()):
        open_, held = others[year]
        taken = reserved_by_substance([(revision, units) for _, revision, units in open_], known)
        pairs = positions(session, year, day, taken, substances)
        given: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for organisation, revision, units in held:
            given[organisation].append((revision, units))
        found[year] = _Year(
            {pair[0].id: pair for pair in pairs},
            {organisation: reserved_by_substance(each, known) for organisation, each in given.items()},
            {},
        )
        for number, revision, units in waiting[year]:
            _add(found[year].waiting.setdefault((number, None), {}), reserved_ng(known[revision], units))
    for _, each in applications:
        if PERMIT_KINDS[each.kind].reserves and each.reference not in own:
            found[each.planned_on.year].waiting[None, each.reference] = _needs(each, revisions)
    for judged in found.values():
        for needs in judged.waiting.values():
            _add(judged.together, needs)
    return found


def _needs(asked: ApplicationFact, revisions: Mapping[int, RevisionFact]) -> dict[int, int]:
    needs: dict[int, int] = {}
    for product, units in asked.lines:
        _add(needs, reserved_ng(revisions[product], units))
    return needs


def _add(needs: dict[int, int], more: Mapping[int, int]) -> None:
    for substance, need in more.items():
        needs[substance] = needs.get(substance, 0) + need


def substances_of(revisions: Iterable[RevisionFact]) -> list[SubstanceFact]:
    """Return the substances that bind something in these products, each once."""
    found: dict[int, SubstanceFact] = {}
    for revision in revisions:
        bound = bound_base_ng(revision)
        for part in revision.components:
            if part.substance_id in bound:
                found[part.substance_id] = SubstanceFact(
                    part.substance_id,
                    part.substance_code,
                    part.substance_name,
                    part.treaty,
                    schedules=part.schedules,
                    national_classes=part.national_classes,
                )
    return list(found.values())


def positions_now(
    session: Session, year: int, today: date, substances: Sequence[SubstanceFact]
) -> dict[int, tuple[SubstanceFact, Position]]:
    """Return substance id -> position of `year`, open permits taken off; a past year at its 31 December."""
    day = judged_on(year, today)
    return {pair[0].id: pair for pair in positions(session, year, day, reserved(session, year, day), substances)}


def _counterparts(
    session: Session, applications: Sequence[tuple[int | None, ApplicationFact]]
) -> dict[tuple[str, str], set[str]]:
    """Return (country, foreign permit number) -> who names it: references of applications, numbers of permits."""
    numbers = {each.counterpart_number for _, each in applications if each.counterpart_number}
    if not numbers:
        return {}
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for country, number, name in (*counterparts_named(session, numbers), *counterparts_of_permits(session, numbers)):
        named[country, number].add(name)
    for _, each in applications:
        if each.counterpart_number:
            named[each.partner_country, each.counterpart_number].add(each.reference)
    return named
