"""What stops a permit that was issued, what lifts a stop, and the new permit that mends one recorded in error."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.db import lock_gate
from registry.deeds.domain import Deed, DeedFact
from registry.deeds.service import begin
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, RuleRefused, TransitionRefused
from registry.kernel.fields import BadCell, Column, as_code, as_country, as_day, as_name, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.persons import as_note
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_, Message
from registry.licences.domain import LICENCE_COVERS, common, covered_on, covering_periods
from registry.licences.queries import licences_of
from registry.parameters.queries import parameters_on
from registry.permits.domain.deeds import PERMIT_DEEDS, QUANTITY, PermitDeed
from registry.permits.domain.facts import PermitFact, bound_base_ng
from registry.permits.domain.kinds import PERMIT_KINDS, STOP_CAUSES
from registry.permits.domain.particulars import write_particulars
from registry.permits.domain.proposals import write_conditions
from registry.permits.models import PermitLine, PermitStop
from registry.permits.queries.permits import permits_by_numbers, permits_of
from registry.permits.service.customs import CUSTOMS_GATE
from registry.permits.service.judging import positions_now
from registry.permits.service.notices import tell_holders
from registry.permits.service.numbers import write_permit
from registry.quotas.domain.position import Position
from registry.quotas.domain.rules import WITHIN_QUOTA, over_quota
from registry.quotas.service import ensure_and_lock_positions, settle_positions
from registry.substances.domain.facts import RevisionFact, SubstanceFact
from registry.substances.queries.lists import substances_by_ids
from registry.substances.queries.products import revisions_by_ids

MENDS: Mapping[str, Column] = MappingProxyType(
    {
        "partner_country": Column("partner_country", as_country),
        "partner": Column("partner", as_name),
        "counterpart_number": Column("counterpart_number", as_code, required=False),
        "expires_on": Column("expires_on", as_day),
        "purpose": Column("purpose", as_note, required=False),
        "customs_office": Column("customs_office", as_name, required=False),
    }
)
MOST_LINKED = 100_000
COVER_GATE = 23
"""Gate of `db.lock_gate`: licences of a holder change, or (shared) a permit is written that they cover."""
COVERS = 64
"""Keys of that gate: a file of licences of many holders takes no more locks than these."""
LICENCE_STOP = "licence"
"""The cause of stops that follow a licence."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A deed on a permit as a page or the interface asks for it. `payload`: what is mended, as typed."""

    number: str
    code: str
    reason: str
    effective_on: date
    payload: Mapping[str, str]


def ask(session: Session, actor: Actor, clock: Clock, asked: Asked, country: str) -> DeedFact:
    """Do or propose one deed on a permit (`domain.deeds.PERMIT_DEEDS`).

    Raises `NotFound`, `TransitionRefused` where the permit is not open to it, `Invalid` with
    every problem of what is to be mended.
    """
    deed = PERMIT_DEEDS[asked.code]
    permit = require_permit(session, asked.number)
    _require_open(deed, permit, clock)
    if asked.effective_on < clock.today():
        message = Message(N_("a stop counts from today or a later day: what has happened until now stays as it was"))
        raise Invalid(message, [Problem("effective_on", "past", message)])
    if deed.replaces:
        _mended(session, clock, permit, asked.payload)
    begun = begin(
        session,
        actor,
        clock,
        Deed(deed.kind, permit.number, asked.reason, asked.effective_on, permit.organisation_id, asked.payload),
    )
    if deed.kind.at_once:
        carry_out(session, actor, clock, begun, country)
    return begun


def require_permit(session: Session, number: str) -> PermitFact:
    """Return a permit by its number. Raises `NotFound`."""
    permit = permits_by_numbers(session, [number]).get(number)
    if permit is None:
        raise NotFound(Message(N_("there is no permit with the number %(number)s"), {"number": number}))
    return permit


def _require_open(deed: PermitDeed, permit: PermitFact, clock: Clock) -> None:
    if permit.state_on(clock.today()) not in deed.sources:
        raise TransitionRefused(Message(N_("“%(step)s” is not possible now"), {"step": Message(deed.kind.name)}))


def covers(organisation_ids: Collection[int]) -> set[int]:
    """Return the keys of `COVER_GATE` for these organisations."""
    return {number % COVERS for number in organisation_ids}


def carry_out(session: Session, actor: Actor, clock: Clock, done: DeedFact, country: str) -> None:
    """Do what a deed says: stop the permit, lift its stops, or put a mended one in its place."""
    deed = PERMIT_DEEDS[done.kind]
    holder = require_permit(session, done.subject).organisation_id
    lock_gate(session, COVER_GATE, covers([holder]), shared=True)
    permit = require_permit(session, done.subject)
    _require_open(deed, permit, clock)
    day = max(done.effective_on, clock.today())
    if not deed.cause:
        _lift(session, actor, clock, permit, day, done.reason)
        return
    stop_permits(session, actor, clock, [permit], deed.cause, day, done.reason)
    if deed.replaces:
        _replace(session, actor, clock, permit, done, country)


def stop_permits(
    session: Session, actor: Actor, clock: Clock, permits: Sequence[PermitFact], cause: str, day: date, note: str
) -> None:
    """Stop permits from `day`: their quota is free again that day but for what customs let pass, and their holders are told.

    The positions are locked first and set anew last. What customs writes off at this moment counts before the stop or
    is refused after it. The number of statements grows with the years concerned, never with the permits.
    """
    if not permits:
        return
    keys = _lock(session, clock, permits)
    lock_gate(session, CUSTOMS_GATE, {permit.id for permit in permits})
    rows = [
        {
            "permit_id": permit.id,
            "cause": cause,
            "from_on": day,
            "note": note,
            "recorded_by": actor.username,
            "recorded_at": clock.now(),
        }
        for permit in permits
    ]
    session.connection().execute(insert(PermitStop), rows)
    _settle(session, clock, keys)
    about = Message(STOP_CAUSES[cause].name)
    tell_holders(session, clock, permits, N_("Permit %(number)s does not stand from %(day)s: %(why)s"), day, about)


def stop_uncovered(session: Session, actor: Actor, clock: Clock, organisation_ids: Collection[int]) -> list[str]:
    """Stop the open permits that no licence of their holders covers any more (PC-S1); return their numbers.

    Follows every change of licences, and waits for whoever writes a permit of these holders meanwhile: it is
    found here then. A stop that begins later is found by the sweep of that day.
    """
    lock_gate(session, COVER_GATE, covers(organisation_ids))
    today = clock.today()
    permits = [
        permit
        for organisation in sorted(set(organisation_ids))
        for permit in permits_of(session, organisation, open_on=today, limit=MOST_LINKED)
    ]
    uncovered = uncovered_on(session, permits, today)
    note = N_("the licences of the holder changed")
    stop_permits(session, actor, clock, uncovered, LICENCE_STOP, today, note)
    return [permit.number for permit in uncovered]


def uncovered_on(session: Session, permits: Sequence[PermitFact], day: date) -> list[PermitFact]:
    """Return those of `permits` whose act and products no licence of the holder covers on `day`."""
    licences = licences_of(session, {permit.organisation_id for permit in permits})
    revisions = _revisions(session, permits, day)
    return [
        permit
        for permit in permits
        if not covered_on(
            common(
                covering_periods(
                    licences.get(permit.organisation_id, ()),
                    None,
                    frozenset({PERMIT_KINDS[permit.kind].act}),
                    revisions[line.revision_id],
                )
                for line in permit.lines.values()
            ),
            day,
        )
    ]


def _lift(session: Session, actor: Actor, clock: Clock, permit: PermitFact, day: date, note: str) -> None:
    """Let a permit stand again: a licence covers it, and its quota is still free."""
    if uncovered_on(session, [permit], day):
        message = Message(N_("no licence of the holder covers the permit: it cannot stand again"))
        raise RuleRefused(message, [Finding(LICENCE_COVERS, message, LICENCE_COVERS.severity)])
    keys = _lock(session, clock, [permit])
    lasting = [code for code, cause in STOP_CAUSES.items() if not cause.for_good]
    session.execute(
        update(PermitStop)
        .where(PermitStop.permit_id == permit.id, PermitStop.until_on.is_(None), PermitStop.cause.in_(lasting))
        .values(until_on=day, lifted_by=actor.username, lifted_at=clock.now(), lifted_note=note)
    )
    _require_room(session, clock, keys, permit)
    tell_holders(
        session, clock, [permit], N_("Permit %(number)s stands again from %(day)s: %(why)s"), day, Message(note)
    )


def _require_room(session: Session, clock: Clock, keys: Sequence[tuple[int, int]], permit: PermitFact) -> None:
    """Set the locked positions anew, the permit counted in; refuse what does not fit."""
    parameters = parameters_on(session, clock.today())
    severity = parameters.severity(WITHIN_QUOTA)
    over = [
        found
        for substance, position in _settle(session, clock, keys)
        if position.binds and position.headroom < 0 and severity is Severity.REFUSE
        for found in [
            over_quota(
                substance,
                position.with_reserved(position.reserved + position.headroom),
                -position.headroom,
                parameters,
            )
        ]
        if found is not None
    ]
    if over:
        message = Message(N_("the quota has no room for permit %(number)s any more"), {"number": permit.number})
        raise RuleRefused(message, over)


def _replace(session: Session, actor: Actor, clock: Clock, old: PermitFact, done: DeedFact, country: str) -> None:
    """Write the permit that takes the place of a stopped one; what has moved on the old one stays there."""
    values, units = _mended(session, clock, old, done.payload)
    today = clock.today()
    keys = _lock(session, clock, [old])
    values |= {
        "organisation_id": old.organisation_id,
        "issued_on": today,
        "quota_year": old.quota_year,
        "particulars": write_particulars(old.particulars),
        "conditions": write_conditions(old.conditions),
        "replaces_id": old.id,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    permit_id, _ = write_permit(session, PERMIT_KINDS[old.kind], today.year, country, values)
    lines = [
        {
            "permit_id": permit_id,
            "product_id": line.product_id,
            "revision_id": line.revision_id,
            "units": units[product],
        }
        for product, line in old.lines.items()
    ]
    session.connection().execute(insert(PermitLine), lines)
    _require_room(session, clock, keys, old)


def _mended(
    session: Session, clock: Clock, old: PermitFact, payload: Mapping[str, str]
) -> tuple[dict[str, object], dict[int, int]]:
    """Return what the new permit says: the old one's words, mended; raises `Invalid` with every problem."""
    values: dict[str, object] = {name: getattr(old, name) for name in MENDS}
    units = {product: line.units for product, line in old.lines.items()}
    products = {revision.code: revision for revision in _revisions(session, [old], clock.today()).values()}
    problems = []
    for name, text in payload.items():
        try:
            if name in MENDS:
                values[name] = MENDS[name].read(text) if text or MENDS[name].required else None
            elif name.removeprefix(QUANTITY) in products:
                revision = products[name.removeprefix(QUANTITY)]
                units[revision.product_id] = scaled_quantity(text, UNITS_OF_ACCOUNT[Unit(revision.unit)].places)
            else:
                unknown = Message(N_("%(name)s cannot be mended"), {"name": name})
                problems.append(Problem(name, "unknown-column", unknown))
        except BadCell as bad:
            problems.append(Problem(name, bad.code, bad.message))
    if problems:
        raise Invalid(Message(N_("this cannot be mended so")), problems)
    return values, units


def _revisions(session: Session, permits: Sequence[PermitFact], day: date) -> Mapping[int, RevisionFact]:
    return revisions_by_ids(session, {line.revision_id for permit in permits for line in permit.lines.values()}, day)


def _lock(session: Session, clock: Clock, permits: Sequence[PermitFact]) -> list[tuple[int, int]]:
    """Lock every position that permits draw on: of their quota years, and of this year."""
    reserving = [permit for permit in permits if PERMIT_KINDS[permit.kind].reserves]
    revisions, year = _revisions(session, reserving, clock.today()), clock.today().year
    keys = sorted(
        {
            (of_year, substance)
            for permit in reserving
            for line in permit.lines.values()
            for substance in bound_base_ng(revisions[line.revision_id])
            for of_year in {permit.quota_year, max(year, permit.quota_year)}
        }
    )
    if keys:
        ensure_and_lock_positions(session, keys)
    return keys


def _settle(session: Session, clock: Clock, keys: Sequence[tuple[int, int]]) -> list[tuple[SubstanceFact, Position]]:
    today = clock.today()
    known = substances_by_ids(session, {substance for _, substance in keys}, today) if keys else {}
    found: list[tuple[SubstanceFact, Position]] = []
    for year in sorted({year for year, _ in keys}):
        wanted = [known[substance] for of_year, substance in keys if of_year == year]
        found.extend(positions_now(session, year, today, wanted).values())
    settle_positions(session, [position for _, position in found])
    return found
