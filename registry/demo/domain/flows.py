"""The two years played through, day by day: every movement of the demo country in the order of its days.

Nothing leaves a shelf that does not lie on it, so the ledger never goes below zero; who is
short is short. The play always runs to the end of the second year, whatever the clock says,
so that an earlier day's rows are the first rows of a later day's. What hangs on the clock (sites
that have fallen silent, a batch soon to expire) hangs on its month: a load that was interrupted
goes on with the same rows the next day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from registry.demo.domain.demand import Consignment, Demand, in_packs, rng
from registry.demo.domain.entry import Entry
from registry.demo.domain.shelves import Shelves
from registry.demo.domain.stories import Stories
from registry.demo.domain.world import FIRST_DAY, LAST_DAY, Product, Row, Site, Work, World
from registry.stock.domain.kinds import IMPORT, MOVEMENT_KINDS, OPENING, SUPPLY

WHOLESALE_DAY = 5
WORK_DAY = 11
SUPPLY_DAYS = (7, 25)
SATURDAY = 5
COVER_PERCENT = 320
SOURCE_MONTHS = 5
WHOLESALE_MONTHS = 2
OPENING_BATCH = "24"
OPENING_EXPIRY = date(2027, 6, 30)
WHOLE = 100
"""Opening stocks at the wholesale level are whole hundreds, so that their base has no more than six decimals of a gram."""


class Flows:
    """Plays the country through once; `entries` may be asked for one time only."""

    def __init__(self, world: World, today: date) -> None:
        self.world = world
        self.demand = Demand(world, today)
        self.shelves = Shelves()
        self.stories = Stories(world, self.demand, self.shelves)
        self._arrivals: dict[date, list[Consignment]] = defaultdict(list)
        for consignment in self.demand.consignments:
            self._arrivals[consignment.arrives_on].append(consignment)
        self._gaps = {row["site"]: _gap(row, today) for row in world.tables["gaps"]}
        self._wholesalers = sorted({site.wholesaler for site in world.sites.values()} & world.sites.keys())
        self._carried: dict[str, list[tuple[Product, int]]] = defaultdict(list)
        for (site, product), units in self.demand.uses.items():
            self._carried[site].append((world.products[product], units))
        self._receiving = {site: self._receives(site) for site in self._carried}
        self._released: dict[date, list[tuple[str, Product, int]]] = {}

    def entries(self) -> Iterator[tuple[date, Entry]]:
        """Yield every movement with its day, from the first day of the first year to the last of the second."""
        yield from ((FIRST_DAY, entry) for entry in self._openings())
        day = FIRST_DAY
        while day <= LAST_DAY:
            for entry in self._of(day):
                yield day, entry
            day += timedelta(days=1)

    def _of(self, day: date) -> Iterator[Entry]:
        for consignment in self._arrivals.get(day, ()):
            yield self._arrival(consignment, day)
        if day.day == WHOLESALE_DAY and day.month % 2:
            for wholesaler in self._wholesalers:
                yield from self._stock_up(wholesaler, day)
        if day.day == WORK_DAY:
            for work in self.world.works:
                yield from self._work(work, day)
        yield from self._deliveries(day)
        if day.day == 1:
            self._plan_month(day)
        for site, product, units in self._released.pop(day, ()):
            if not self._silent(site, day):
                yield from self._release(self.world.sites[site], product, units, day)
        yield from self.stories.on(day)

    def _deliveries(self, day: date) -> Iterator[Entry]:
        for site, (on, every) in self._receiving.items():
            if on == day.day and day.month % every == on % every and not self._silent(site, day):
                yield from self._receive(self.world.sites[site], day)

    def _silent(self, site: str, day: date) -> bool:
        first, last = self._gaps.get(site, (LAST_DAY, FIRST_DAY))
        return first <= day <= last

    def _receives(self, site: str) -> tuple[int, int]:
        """Return the day of the month on which a site is supplied, and every how many months."""
        daily = self.world.kinds[self.world.sites[site].kind]["pace"] == "daily"
        return rng("supply day", site).randrange(*SUPPLY_DAYS), 1 if daily else 2

    def _openings(self) -> Iterator[Entry]:
        for product in self.world.products.values():
            monthly = self.demand.national[product.code]
            source = self.world.source_of(product)
            if self.world.sites[source].is_wholesale and monthly:
                yield self._opening(source, product, in_packs(monthly * SOURCE_MONTHS, WHOLE))
            for wholesaler in self._wholesalers:
                ordered = self.demand.ordered_by(wholesaler, product.code)
                if ordered:
                    yield self._opening(wholesaler, product, in_packs(ordered * WHOLESALE_MONTHS, WHOLE))
        for (site, code), units in self.demand.uses.items():
            product = self.world.products[code]
            if self.world.source_of(product) != site:
                yield self._opening(site, product, in_packs(units * 3, product.pack))

    def _opening(self, site: str, product: Product, units: int) -> Entry:
        label = f"{product.code}-{OPENING_BATCH}"
        self.shelves.put(site, product.code, label, OPENING_EXPIRY, units)
        reference = f"O-{site}-{product.code}"
        return Entry(
            reference, FIRST_DAY.isoformat(), OPENING.code, site, product.code, str(units), batch=label,
            expires_on=OPENING_EXPIRY.isoformat(),
        )  # fmt: skip

    def _arrival(self, one: Consignment, day: date) -> Entry:
        supply = self.world.supplies[one.supply]
        self.shelves.put(supply.source, one.product, one.label, one.expires_on, one.arriving)
        return Entry(
            f"I-{one.label}", day.isoformat(), IMPORT.code, supply.source, one.product, str(one.arriving),
            batch=one.label, expires_on=one.expires_on.isoformat(), permit=one.permit, country=supply.country,
            document=f"CMR-{one.supply}-{day:%y%m%d}",
        )  # fmt: skip

    def _stock_up(self, wholesaler: str, day: date) -> Iterator[Entry]:
        for product in self.world.products.values():
            ordered = self.demand.ordered_by(wholesaler, product.code)
            source = self.world.source_of(product)
            missing = ordered * (WHOLESALE_MONTHS + 2) - self.shelves.held(wholesaler, product.code, day)
            if ordered and missing > 0 and source != wholesaler and self.world.sites[source].is_wholesale:
                yield from self._supply(source, wholesaler, product, in_packs(missing, product.pack), day)

    def _receive(self, site: Site, day: date) -> Iterator[Entry]:
        for product, units in self._carried[site.code]:
            wanted = (units + self.demand.extra.get((site.code, product.code), 0)) * COVER_PERCENT // 100
            missing = wanted - self.shelves.held(site.code, product.code, day)
            if missing > 0 and self.world.source_of(product) != site.code:
                yield from self._supply(site.wholesaler, site.code, product, in_packs(missing, product.pack), day)

    def _supply(self, sender: str, receiver: str, product: Product, units: int, day: date) -> Iterator[Entry]:
        taken = self.shelves.take(sender, product.code, units, day)
        for number, (batch, part) in enumerate(taken, start=1):
            self.shelves.put(receiver, product.code, batch.label, batch.expires_on, part)
            yield Entry(
                f"S-{receiver}-{product.code}-{day:%y%m%d}-{number}", day.isoformat(), SUPPLY.code, sender,
                product.code, str(part), receiver, batch.label, document=f"TTH-{sender}-{receiver}-{day:%y%m%d}",
            )  # fmt: skip

    def _work(self, work: Work, day: date) -> Iterator[Entry]:
        """Use a product up, or make another of it; nothing is made where the shelf does not hold enough."""
        units = self.demand.taken_by(work)
        if self.shelves.held(work.site, work.product, day) < units:
            return
        document = f"JOB-{work.site}-{work.product}-{day:%y%m%d}"
        for number, (batch, part) in enumerate(self.shelves.take(work.site, work.product, units, day), start=1):
            yield Entry(
                f"W-{work.site}-{work.product}-{day:%y%m%d}-{number}", day.isoformat(), work.kind, work.site,
                work.product, str(part), batch=batch.label, document=document,
            )  # fmt: skip
        if work.makes:
            label = f"{work.makes}-{day:%y%m%d}"
            expires_on = OPENING_EXPIRY.replace(year=day.year + 2)
            self.shelves.put(work.site, work.makes, label, expires_on, units * work.made_per_unit)
            yield Entry(
                f"W-{work.site}-{work.makes}-{day:%y%m%d}", day.isoformat(), work.made_kind, work.site, work.makes,
                str(units * work.made_per_unit), batch=label, expires_on=expires_on.isoformat(), document=document,
            )  # fmt: skip

    def _plan_month(self, first: date) -> None:
        """Spread the month's use of every shelf over its days; a month's use wanders by 15 per cent."""
        days = [first + timedelta(days=number) for number in range(31)]
        days = [day for day in days if day.month == first.month]
        for site, carried in self._carried.items():
            pace = self.world.size.pace[self.world.kinds[self.world.sites[site].kind]["pace"]]
            for product, units in carried:
                draw = rng("use", site, product.code, first)
                used = units * draw.randrange(85, 116) // 100
                chosen = _chosen(days, pace, draw.randrange(len(days)))
                for number, day in enumerate(chosen):
                    part = used * (number + 1) // len(chosen) - used * number // len(chosen)
                    if part:
                        self._released.setdefault(day, []).append((site, product, part))

    def _release(self, site: Site, product: Product, units: int, day: date) -> Iterator[Entry]:
        kind = self.world.kinds[site.kind]
        code = MOVEMENT_KINDS[kind["release"]].code
        slots = self.world.size.slots
        number = 0
        for slot in range(slots):
            part = units * (slot + 1) // slots - units * slot // slots
            for batch, taken in self.shelves.take(site.code, product.code, part, day):
                number += 1
                yield Entry(
                    f"D-{site.code}-{product.code}-{day:%y%m%d}-{number}", day.isoformat(), code, site.code,
                    product.code, str(taken), batch=batch.label,
                    prescription=f"{kind['paper']}-{day:%y%m%d}-{slot + 1}" if kind["paper"] else "",
                )  # fmt: skip


def _chosen(days: list[date], pace: int, start: int) -> list[date]:
    """Return `pace` days of a month: every day, working days, or a few spread evenly from `start`."""
    working = [day for day in days if day.weekday() < SATURDAY]
    if pace >= len(days):
        return days
    if pace > len(working) // 2:
        return working
    return sorted(days[(start + number * len(days) // pace) % len(days)] for number in range(pace))


def _gap(row: Row, today: date) -> tuple[date, date]:
    """Return the first and last day of a silence, counted back from the month's first day; no end: to this day."""
    month = today.replace(day=1)
    first = month - timedelta(days=int(row["first_days_before"]))
    return first, month - timedelta(days=int(row["last_days_before"])) if row["last_days_before"] else LAST_DAY
