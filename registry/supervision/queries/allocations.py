"""The allocations of one substance and year against its state quota, and what each organisation has of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.rules import Severity
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import every_site
from registry.permits.domain.facts import reserved_by_substance
from registry.permits.queries import open_lines
from registry.permits.queries.permits import held_lines
from registry.quotas.domain.parameters import RESERVE
from registry.quotas.domain.position import judged_on
from registry.quotas.domain.rules import WITHIN_ALLOCATION
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries import revisions_by_ids
from registry.supervision.queries.positions import positions_on

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Share:
    """What one organisation may have and has, in exact nanograms; `allocated` None where nothing is allocated to it."""

    site: SiteFact
    allocated: Fraction | None
    used: Fraction
    reserved: Fraction

    @property
    def free(self) -> Fraction | None:
        """Return what is left of the allocation; it may be negative."""
        return None if self.allocated is None else self.allocated - self.used - self.reserved


@dataclass(frozen=True, slots=True)
class Allocations:
    """All shares with the sums they stand in. `binding`: whether going beyond a share is refused."""

    substance: SubstanceFact
    day: date
    state_quota: Fraction | None
    reserve: Fraction
    shares: tuple[Share, ...]
    binding: bool

    @property
    def allocated(self) -> Fraction:
        """Return what is allocated in all."""
        return sum((share.allocated or ZERO for share in self.shares), ZERO)

    @property
    def kept_back(self) -> Fraction | None:
        """Return the reserve of the state quota."""
        return None if self.state_quota is None else self.state_quota * self.reserve

    @property
    def unallocated(self) -> Fraction | None:
        """Return what may still be allocated; it may be negative."""
        return None if self.state_quota is None else self.state_quota * (1 - self.reserve) - self.allocated


def allocations_on(session: Session, clock: Clock, year: int, code: str) -> Allocations:
    """Return the allocations of a substance and year. Raises `NotFound` for an unknown substance.

    A constant number of statements. What a permit gave counts for whoever holds it: what
    arrived is used, what may still arrive is reserved.
    """
    day = judged_on(year, clock.today())
    substance, position = positions_on(session, clock, year, substance_code=code)[0]
    shares = position.allocations or {}
    holders = {site.organisation_id: site for site in every_site(session) if site.is_main}
    held = held_lines(session, year, day, holders)
    still_open = open_lines(session, year, day)
    revisions = revisions_by_ids(session, {revision for _, revision, _ in (*held, *still_open)}, day)

    def of(lines: list[tuple[int, int, int]]) -> dict[int, Fraction]:
        found: dict[int, list[tuple[int, int]]] = {}
        for organisation, revision, units in lines:
            found.setdefault(organisation, []).append((revision, units))
        return {
            organisation: reserved_by_substance(each, revisions).get(substance.id, ZERO)
            for organisation, each in found.items()
        }

    taken, reserved = of(held), of(still_open)
    parameters = parameters_on(session, clock.today())
    has = {number for each in (taken, reserved) for number, quantity in each.items() if quantity}
    named = sorted((has | shares.keys()) & holders.keys(), key=lambda number: holders[number].code)
    return Allocations(
        substance,
        day,
        position.state_quota,
        parameters.percent(RESERVE),
        tuple(
            Share(
                holders[number],
                shares.get(number),
                max(ZERO, taken.get(number, ZERO) - reserved.get(number, ZERO)),
                reserved.get(number, ZERO),
            )
            for number in named
        ),
        binding=parameters.severity(WITHIN_ALLOCATION) is Severity.REFUSE,
    )
