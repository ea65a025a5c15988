"""Facts of permits as other rooms read them, and what a permit reserves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.mass import ceiling
from registry.kernel.stops import Stop, strongest_on
from registry.permits.domain.kinds import PERMIT_KINDS, STOP_CAUSES, PermitState
from registry.substances.domain.facts import RevisionFact, Treaty


@dataclass(frozen=True, slots=True)
class LineFact:
    """One product on a permit, in whole units of account of the revision in force at issue.

    `arrived`: day -> units that moved on it, as the ledger tells; short and over arrivals are facts.
    `passed`: day -> units customs let through, below zero where it took a write-off back.
    """

    id: int
    product_id: int
    revision_id: int
    units: int
    arrived: Mapping[date, int] = field(default_factory=lambda: MappingProxyType({}))
    passed: Mapping[date, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def arrived_units(self) -> int:
        """Return what has moved in all."""
        return sum(self.arrived.values())

    def left_on(self, day: date) -> int:
        """Return what has not moved by `day`; never negative."""
        return max(0, self.units - _by(self.arrived, day))


def _by(told: Mapping[date, int], day: date) -> int:
    return sum(units for of_day, units in told.items() if of_day <= day)


def still_reserved(line: tuple[int, int, int], *, stands: bool, several: bool, arrived: bool) -> int:
    """Return what a permit line (units permitted, moved, passed by customs) reserves; the one rule of it.

    While the permit stands, all that is permitted. Once it is stopped or over, what customs has let into the country:
    those goods will come to a shelf whatever becomes of the permit. The arrival of the one consignment closes it; of
    several consignments (`several`) what has moved is taken off.
    """
    units, moved, passed = line
    if not several:
        moved = 0
    return 0 if arrived and not several else max(0, (units if stands else passed) - moved)


@dataclass(frozen=True, slots=True)
class PermitFact:
    """One permit. `lines`: product id -> line; `arrived_on`: the day goods moved on it, None until then.

    `particulars`: see `domain.particulars`; `conditions`: by language; `stops`: when it does not stand, the oldest first;
    `replaces_id`: the permit recorded in error that this one stands for; `token`: the unguessable
    word of its public page.
    """

    id: int
    number: str
    kind: str
    organisation_id: int
    partner_country: str
    partner: str
    issued_on: date
    expires_on: date
    quota_year: int
    arrived_on: date | None
    counterpart_number: str | None = None
    purpose: str | None = None
    customs_office: str | None = None
    eaeu_number: str | None = None
    replaces_id: int | None = None
    token: str = ""
    particulars: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    conditions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lines: Mapping[int, LineFact] = field(default_factory=lambda: MappingProxyType({}))
    stops: tuple[Stop, ...] = ()

    @property
    def several(self) -> bool:
        """Say whether goods may move on it more than once."""
        return PERMIT_KINDS[self.kind].several

    def reserved_units(self, line: LineFact, day: date) -> int:
        """Return what a line takes from the quota on `day` (`still_reserved`, contract section 4).

        From issue to expiry, both included, until goods arrive; longer what customs has let pass.
        """
        if not PERMIT_KINDS[self.kind].reserves or day < self.issued_on:
            return 0
        told = line.units, _by(line.arrived, day), _by(line.passed, day)
        stands = day <= self.expires_on and self.stopped_on(day) is None
        return still_reserved(told, stands=stands, several=self.several, arrived=self.has_moved_by(day))

    def stopped_on(self, day: date) -> Stop | None:
        """Return what stops the permit on `day`; of several the strongest."""
        return strongest_on(self.stops, STOP_CAUSES, day)

    def has_moved_by(self, day: date) -> bool:
        """Say whether goods moved by `day`."""
        return self.arrived_on is not None and self.arrived_on <= day

    def state_on(self, day: date) -> PermitState:
        """Return what the permit is on `day`.

        What stops it comes first. Goods that moved end a permit for one consignment; a
        periodic one ends when nothing is left on any line; the last day ends what is left.
        """
        stop = self.stopped_on(day)
        if stop is not None:
            return STOP_CAUSES[stop.cause].state
        if self.has_moved_by(day) and not self.several:
            return PermitState.USED
        if self.several and self.lines and not any(line.left_on(day) for line in self.lines.values()):
            return PermitState.EXHAUSTED
        return PermitState.VALID if day <= self.expires_on else PermitState.EXPIRED


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has moved on a permit in all: units of account by day and product id; empty: nothing."""

    units: Mapping[tuple[date, int], int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def first_day(self) -> date | None:
        """Return the day of the first arrival."""
        return min((day for (day, _), units in self.units.items() if units), default=None)


def bound_base_ng(revision: RevisionFact) -> dict[int, Fraction]:
    """Return substance id -> exact nanograms of base one unit of account takes from a quota position.

    Left out: narcotic drugs in a Schedule III preparation (1961 art. 2(4)), psychotropics in
    an exempt preparation (1971 art. 3), everything in a product stated as not controlled.
    """
    bound: dict[int, Fraction] = {}
    for part in revision.components:
        if not _lifted(revision, part.treaty):
            bound[part.substance_id] = bound.get(part.substance_id, Fraction(0)) + part.base_ng_per_unit
    return bound


def _lifted(revision: RevisionFact, treaty: str) -> bool:
    if treaty == Treaty.NARCOTIC:
        return revision.schedule_three is True or revision.is_free
    if treaty == Treaty.PSYCHOTROPIC:
        return revision.is_exempt or revision.is_free
    return revision.is_free


def reserved_ng(revision: RevisionFact, units: int) -> dict[int, int]:
    """Return what `units` of a product reserve, by substance: a fraction of a nanogram rounds up."""
    return {substance: ceiling(units * base) for substance, base in bound_base_ng(revision).items()}


def reserved_by_substance(
    lines: Iterable[tuple[int, int]], revisions: Mapping[int, RevisionFact]
) -> dict[int, Fraction]:
    """Add up what permit lines (revision id, units) reserve, by substance, in nanograms."""
    reserved: dict[int, Fraction] = {}
    for revision_id, units in lines:
        for substance, need in reserved_ng(revisions[revision_id], units).items():
            reserved[substance] = reserved.get(substance, Fraction(0)) + need
    return reserved
