"""Facts of permits as other rooms read them, and what a permit reserves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.mass import ceiling
from registry.permits.domain.kinds import PERMIT_KINDS, PermitState
from registry.substances.domain.facts import RevisionFact, Treaty


@dataclass(frozen=True, slots=True)
class LineFact:
    """One product on a permit, in whole units of account of the revision in force at issue."""

    id: int
    product_id: int
    revision_id: int
    units: int
    arrived_units: int = 0


@dataclass(frozen=True, slots=True)
class PermitFact:
    """One permit. `lines`: product id -> line; `arrived_on`: the day goods moved on it, None until then."""

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
    lines: Mapping[int, LineFact] = field(default_factory=lambda: MappingProxyType({}))

    def state_on(self, day: date) -> PermitState:
        """Return what the permit is on `day`: goods that moved by then end it, so does its last day."""
        if self.arrived_on is not None and self.arrived_on <= day:
            return PermitState.USED
        return PermitState.VALID if day <= self.expires_on else PermitState.EXPIRED

    def reserves_on(self, year: int, day: date) -> bool:
        """Say whether the permit counts as reserved in the position of `year` on `day` (contract section 4).

        From issue to expiry, both included, until goods arrive. An open permit of an earlier
        quota year counts in the year of the day as well: its goods will arrive then.
        """
        if not PERMIT_KINDS[self.kind].reserves or not self.issued_on <= day <= self.expires_on:
            return False
        if self.arrived_on is not None and self.arrived_on <= day:
            return False
        return self.quota_year <= year if day.year == year else self.quota_year == year


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has moved on a permit in all: the first day, and units of account by product id."""

    first_day: date | None
    units: Mapping[int, int]


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
