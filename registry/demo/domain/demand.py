"""How much is used where in a month, and which consignments are ordered for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from registry.demo.domain.world import YEARS, Product, Work, World

SEED = "demo country 1"
MONTHS = 12
JITTER_DAYS = 10
ISSUED_BEFORE_DAYS = 45
VALID_DAYS = 90
SHELF_LIFE_DAYS = 900
SHORT_DATED_DAYS = 45
ARRIVED_BEFORE_DAYS = 30
SHORT_DATED = "DIA-A10"
"""The product of which a batch expires soon after the clock's day."""


def rng(*parts: object) -> Random:
    """Return random numbers of their own for one question: what one site draws never moves another."""
    return Random(" ".join([SEED, *map(str, parts)]))  # noqa: S311 - invented figures, no secrets


def in_packs(units: int, pack: int) -> int:
    """Round up to whole packs."""
    return -(-units // pack) * pack


@dataclass(frozen=True, slots=True)
class Consignment:
    """One product on one import permit; `arriving` may be less than `permitted`."""

    permit: str
    supply: str
    product: str
    arrives_on: date
    issued_on: date
    valid_until: date
    permitted: int
    arriving: int
    label: str
    expires_on: date
    counterpart: str


class Demand:
    """The use of a usual month, worked out once: `uses` by (site, product) in whole units."""

    def __init__(self, world: World, today: date) -> None:
        self.world = world
        self.today = today
        self.uses = self._uses()
        self.extra = {(work.site, work.product): work.monthly * world.size.scale for work in world.works if work.makes}
        self.national = self._national()
        self.consignments = tuple(self._consignments())

    def _uses(self) -> dict[tuple[str, str], int]:
        uses = {}
        for site in self.world.sites.values():
            for product in self.world.products.values():
                units, reach = product.use.get(site.code) or product.use.get(site.kind) or (0, 0)
                everybody = self.world.size.only_small
                if units and (everybody or rng("carries", site.code, product.code).randrange(100) < reach):
                    uses[site.code, product.code] = max(1, units * site.weight * self.world.size.scale // 100)
        return uses

    def _national(self) -> dict[str, int]:
        """Return what the country uses of each product in a month: sites and works together."""
        national = dict.fromkeys(self.world.products, 0)
        for (_, product), units in self.uses.items():
            national[product] += units
        for work in self.world.works:
            national[work.product] += self.taken_by(work, national)
        return national

    def taken_by(self, work: Work, national: Mapping[str, int] | None = None) -> int:
        """Return the units a work takes in a month."""
        if work.monthly:
            return work.monthly * self.world.size.scale
        made = (national or self.national)[work.makes]
        return -(-made // work.made_per_unit)

    def ordered_by(self, wholesaler: str, product: str) -> int:
        """Return what the sites of a wholesaler use of a product in a month."""
        return sum(
            units + self.extra.get((site, code), 0)
            for (site, code), units in self.uses.items()
            if code == product and self.world.sites[site].wholesaler == wholesaler
        )

    def _consignments(self) -> list[Consignment]:
        found = []
        for year in YEARS:
            for supply in self.world.supplies.values():
                for number, (month, day) in enumerate(supply.days, start=1):
                    shift = rng("arrival", supply.code, year, number).randrange(JITTER_DAYS)
                    arrives_on = date(year, month, day) + timedelta(days=shift)
                    for product in self.world.products.values():
                        if product.supply == supply.code and self.national[product.code]:
                            found.append(self._consignment(product, year, number, arrives_on))
        return self._with_one_short_dated(found)

    def _consignment(self, product: Product, year: int, number: int, arrives_on: date) -> Consignment:
        supply = self.world.supplies[product.supply]
        wanted = self.national[product.code] * MONTHS * product.percent[year] // (100 * len(supply.days))
        permitted = in_packs(wanted, product.pack)
        percent = supply.short.get((year, number), 100)
        issued_on = arrives_on - timedelta(days=ISSUED_BEFORE_DAYS)
        issued_on = max(issued_on, date(year, 1, 3))
        return Consignment(
            permit=f"DEMO-I-{year}-{supply.code}-{number}" if product.needs_permit else "",
            supply=supply.code,
            product=product.code,
            arrives_on=arrives_on,
            issued_on=issued_on,
            valid_until=min(issued_on + timedelta(days=VALID_DAYS), date(year, 12, 31)),
            permitted=permitted,
            arriving=in_packs(permitted * percent // 100, product.pack),
            label=f"{product.code}-{year % 100}{number}",
            expires_on=arrives_on + timedelta(days=SHELF_LIFE_DAYS),
            counterpart=f"{supply.export_permit}-{year % 100}-{number}",
        )

    def _with_one_short_dated(self, found: list[Consignment]) -> list[Consignment]:
        """Let the latest consignment of one product expire soon, so that the screen of expiry shows something.

        Soon is counted from the first day of the clock's month.
        """
        month = self.today.replace(day=1)
        latest = max(
            (
                one
                for one in found
                if one.product == SHORT_DATED and one.arrives_on <= month - timedelta(days=ARRIVED_BEFORE_DAYS)
            ),
            key=lambda one: one.arrives_on,
            default=None,
        )
        if latest is None:
            return found
        expires_on = month + timedelta(days=SHORT_DATED_DAYS)
        return [replace(one, expires_on=expires_on) if one is latest else one for one in found]
