"""The tables of the demo country as rows of the contract's files: cells of text under column names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.demo.domain.decisions import QuotaRow, closing_rows, quota_rows
from registry.demo.domain.demand import Consignment, Demand
from registry.demo.domain.entry import Entry
from registry.demo.domain.stories import permitted_units
from registry.demo.domain.tally import YearFigures
from registry.demo.domain.world import YEARS, World, table
from registry.permits.domain.kinds import IMPORT

LICENCE_DAYS = ("2023-01-01", "2028-12-31")
WRITING, UNWRITTEN = timedelta(3), timedelta(20)
"""Days after an arrival on which it is endorsed; for so many days the demo office leaves it lying."""
SEIZURE = (
    "reference seized_on substance quantity_g origin_country place disposal disposed_on document disposal_document"
)
DISPOSAL = frozenset({"disposal", "disposed_on", "disposal_document"})
AUTHORITY = "Учебный регистр (демо)"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: the name of its kind, a name for the journal, the header and the rows."""

    kind: str
    name: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[str]]


def _sheet(kind: str, header: str, rows: Iterable[Sequence[str]]) -> Sheet:
    return Sheet(kind, f"demo {kind}", tuple(header.split()), [list(row) for row in rows])


def organisations(world: World) -> Sheet:
    """Return all sites; those of an organisation with several name it as parent."""
    return _sheet(
        "organisations",
        "code name kind name_ru name_ky region address parent registration_number",
        (
            (
                site.code, site.name_ru, site.kind, site.name_ru, site.name_ky, site.region,
                f"ул. Демонстрационная, {number}", site.parent, f"DEMO-{number:04}",
            )
            for number, site in enumerate(world.sites.values(), start=1)
        ),
    )  # fmt: skip


def licences(world: World, today: date) -> Sheet:
    """Return one licence of every site that may hold stock; some end a few days after `today`."""
    left = {row["site"]: int(row["days_left"]) for row in world.tables["endings"]}
    rows = []
    for site in world.sites.values():
        kind = world.kinds[site.kind]
        if kind["acts"]:
            first, last = LICENCE_DAYS
            if site.code in left:
                last = (today + timedelta(days=left[site.code])).isoformat()
            own = site.code if site.parent else ""
            rows.append(
                (
                    f"DEMO-L-{site.code}",
                    site.organisation,
                    kind["acts"],
                    kind["substances"],
                    first,
                    last,
                    own,
                    AUTHORITY,
                )
            )
    return _sheet("licences", "number organisation acts substances valid_from valid_to site authority", rows)


def products(world: World) -> Sheet:
    """Return all products."""
    return _sheet(
        "products",
        "code name form unit other_ingredients manufacturer country control name_ru name_ky",
        (
            (
                each.code, each.name, each.form, each.unit, each.other_ingredients,
                world.supplies[each.supply].partner, world.supplies[each.supply].country, each.control,
                each.name_ru, each.name_ky,
            )
            for each in world.products.values()
        ),
    )  # fmt: skip


def components(world: World) -> Sheet:
    """Return the composition of every product: one controlled substance each."""
    rows = ((each.code, each.substance, each.salt, each.amount_mg) for each in world.products.values())
    return _sheet("components", "product substance salt amount_mg", rows)


def population() -> Sheet:
    """Return invented round figures of population."""
    return _sheet("population", "country year population", (tuple(row.values()) for row in table("population")))


def authorities() -> Sheet:
    """Return invented authorities of the countries the demo country trades with; no letter ever reaches one."""
    rows = table("authorities")
    return _sheet("authorities", " ".join(rows[0]), (tuple(row.values()) for row in rows))


def seizures(today: date) -> Sheet:
    """Return what was seized by the clock's day; a disposal still to come is left out, and follows with a later load."""
    rows = []
    for row in table("seizures"):
        disposed = row["disposed_on"] and date.fromisoformat(row["disposed_on"]) <= today
        if date.fromisoformat(row["seized_on"]) <= today:
            rows.append(tuple(row[name] if disposed or name not in DISPOSAL else "" for name in SEIZURE.split()))
    return _sheet("seizures", SEIZURE, rows)


def quotas(world: World, figures: YearFigures) -> Sheet:
    """Return every decided line of quotas."""
    return _sheet("quotas", " ".join(QuotaRow._fields), quota_rows(world, figures))


def past_returns(figures: YearFigures) -> Sheet:
    """Return the stocks reported for the year before the registry began."""
    return _sheet("past_returns", "form year substance column quantity", closing_rows(figures))


def permits(world: World, demand: Demand) -> Sheet:
    """Return the permits issued by the clock's day: those of the consignments and those of `permits.csv`."""
    rows = [_permit(world, one) for one in demand.consignments if one.permit and one.issued_on <= demand.today]
    rows += [
        (
            row["number"], row["kind"], row["organisation"], row["partner_country"], row["partner"],
            row["issued_on"], row["expires_on"], row["product"], str(permitted_units(world, demand, row)),
            row["counterpart_number"], row["purpose"],
        )
        for row in world.tables["permits"]
        if date.fromisoformat(row["issued_on"]) <= demand.today
    ]  # fmt: skip
    header = (
        "number kind organisation partner_country partner issued_on expires_on product quantity"
        " counterpart_number purpose"
    )
    return _sheet("permits", header, rows)


def endorsements(demand: Demand) -> Sheet:
    """Return what was certified of the consignments that arrived; of the newest the paper is still to be written."""
    rows = (
        (
            f"{one.permit}-E1", one.permit, one.product, str(one.arriving), one.arrives_on.isoformat(),
            (one.arrives_on + WRITING).isoformat(), one.counterpart,
            "short_shipment" if one.arriving < one.permitted else "",
        )
        for one in demand.consignments
        if one.permit and one.arrives_on + UNWRITTEN <= demand.today
    )  # fmt: skip
    header = "number permit product quantity arrived_on endorsed_on foreign_number reason"
    return _sheet("endorsements", header, rows)


def _permit(world: World, one: Consignment) -> tuple[str, ...]:
    supply = world.supplies[one.supply]
    holder = world.sites[supply.source].organisation
    return (
        one.permit, IMPORT.code, holder, supply.country, supply.partner, one.issued_on.isoformat(),
        one.valid_until.isoformat(), one.product, str(one.permitted), one.counterpart, "",
    )  # fmt: skip


def applications(world: World, demand: Demand) -> Sheet:
    """Return what importers ask for as of the clock's day; nothing outside the running year, which has quotas to fit in.

    Consignments are planned for the year of the day, because the next year has no estimates yet.
    """
    today = demand.today
    last = date(today.year, 12, 31)
    rows = []
    for row in world.tables["applications"] if today.year == YEARS[-1] else ():
        supply = world.supplies[world.products[row["product"]].supply]
        planned_on = min(today + timedelta(days=int(row["days_ahead"])), last)
        units = permitted_units(world, demand, row)
        holder = world.sites[supply.source].organisation
        rows.append(
            (row["reference"], IMPORT.code, holder, supply.country, supply.partner, row["product"], str(units),
             planned_on.isoformat(), "Медицинская", row["justification"])
        )  # fmt: skip
    header = "reference kind organisation partner_country partner product quantity planned_on purpose justification"
    return _sheet("applications", header, rows)


def movements(entries: Sequence[Entry], name: str) -> Sheet:
    """Return one file of movements called `name`."""
    return Sheet("movements", f"demo movements {name}", Entry._fields, entries)
