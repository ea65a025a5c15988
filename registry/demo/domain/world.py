"""The tables of the demo country, read once from `registry/demo/data`, for one size."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from registry.parties.domain import ORGANISATION_KINDS

FIRST_DAY = date(2025, 1, 1)
LAST_DAY = date(2026, 12, 31)
YEARS = (2025, 2026)
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Size:
    """How much happens. `scale` multiplies quantities; `slots`: releases a day.

    `pace`: releases a month at sites that dispense daily, and at the others.
    """

    name: str
    only_small: bool
    scale: int
    slots: int
    pace: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Site:
    """One site. `weight`: its share of the use of a usual site of its kind, in per cent."""

    code: str
    kind: str
    name_ru: str
    name_ky: str
    region: str
    parent: str
    wholesaler: str
    weight: int

    @property
    def organisation(self) -> str:
        """Return the code of the organisation it belongs to."""
        return self.parent or self.code

    @property
    def is_wholesale(self) -> bool:
        """Say whether goods held here still are stock of the country."""
        return ORGANISATION_KINDS[self.kind].level.is_wholesale


@dataclass(frozen=True, slots=True)
class Supply:
    """Where a group of products comes from. `days`: month and day of consignments in every year.

    `short`: year and number of a consignment -> per cent of the permit that arrived.
    """

    code: str
    source: str
    partner: str
    country: str
    days: tuple[tuple[int, int], ...]
    export_permit: str
    short: Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Product:
    """One product. `use`: kind of site (or one site) -> units a month and share of sites, in per cent, that carry it.

    `percent`: imports of a year in per cent of a year's use.
    """

    code: str
    name: str
    name_ru: str
    name_ky: str
    form: str
    unit: str
    substance: str
    salt: str
    amount_mg: str
    other_ingredients: str
    control: str
    supply: str
    pack: int
    use: Mapping[str, tuple[int, int]]
    percent: Mapping[int, int]

    @property
    def needs_permit(self) -> bool:
        """Say whether trade needs a permit: the compounded products here are Schedule III or exempt ones."""
        return not self.other_ingredients


@dataclass(frozen=True, slots=True)
class Work:
    """What a site does with a product every month: use it up, or make another product of it.

    `monthly`: units taken, 0 for what the made product's demand asks for; `made_per_unit`:
    units made of one unit taken.
    """

    product: str
    site: str
    kind: str
    monthly: int
    makes: str
    made_kind: str
    made_per_unit: int


@dataclass(frozen=True, slots=True)
class World:
    """All tables of one size, by their codes; `tables` holds the rest as rows of text."""

    size: Size
    sites: Mapping[str, Site]
    products: Mapping[str, Product]
    supplies: Mapping[str, Supply]
    works: tuple[Work, ...]
    kinds: Mapping[str, Row]
    tables: Mapping[str, tuple[Row, ...]]

    def source_of(self, product: Product) -> str:
        """Return the site where a product enters the country or is made."""
        return self.supplies[product.supply].source


@cache
def table(name: str) -> tuple[Row, ...]:
    """Return the rows of one data file."""
    text = resources.files("registry.demo").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def sizes() -> dict[str, Size]:
    """Return the sizes a demo country comes in, by name."""
    return {
        row["size"]: Size(
            row["size"],
            bool(row["only_small"]),
            int(row["scale"]),
            int(row["slots"]),
            {"daily": int(row["pace_daily"]), "monthly": int(row["pace_monthly"])},
        )
        for row in table("sizes")
    }


def world_of(size: str) -> World:
    """Return the tables of one size. Raises KeyError for an unknown size."""
    chosen = sizes()[size]
    kinds = {row["kind"]: row for row in table("kinds")}
    sites = {row["code"]: _site(row, kinds[row["kind"]]) for row in _rows("sites", chosen)}
    supplies = {row["supply"]: _supply(row) for row in table("supplies") if row["source"] in sites}
    forms = {row["form"]: row for row in table("forms")}
    products = {
        row["code"]: _product(row, forms[row["form"]]) for row in _rows("products", chosen) if row["supply"] in supplies
    }
    works = tuple(
        _work(row)
        for row in table("works")
        if row["site"] in sites and {row["product"], row["makes"] or row["product"]} <= products.keys()
    )
    tables: dict[str, tuple[Row, ...]] = {
        name: tuple(row for row in _rows(name, chosen) if _known(row, sites, products))
        for name in ("stories", "permits", "applications")
    }
    tables |= {name: tuple(row for row in table(name) if row["site"] in sites) for name in ("gaps", "endings")}
    return World(chosen, sites, products, supplies, works, kinds, tables)


def _known(row: Row, sites: Mapping[str, Site], products: Mapping[str, Product]) -> bool:
    named = {row.get("site", ""), row.get("counterparty", ""), row.get("organisation", "")} - {""}
    return named <= sites.keys() and row["product"] in products


def _rows(name: str, size: Size) -> list[Row]:
    return [row for row in table(name) if row["small"] or not size.only_small]


def _site(row: Row, kind: Row) -> Site:
    ru, ky = (kind[language].format(name=row["name"]) for language in ("ru", "ky"))
    return Site(row["code"], row["kind"], ru, ky, row["region"], row["parent"], row["wholesaler"], int(row["weight"]))


def _supply(row: Row) -> Supply:
    days = tuple((int(day[:2]), int(day[3:])) for day in row["days"].split(";") if day)
    short = {}
    for cell in filter(None, row["short"].split(";")):
        when, percent = cell.split(":")
        short[int(when[:4]), int(when[5:])] = int(percent)
    return Supply(row["supply"], row["source"], row["partner"], row["country"], days, row["export_permit"], short)


def _product(row: Row, form: Row) -> Product:
    use = {}
    for cell in filter(None, row["use"].split(";")):
        who, _, rest = cell.partition(":")
        units, _, reach = rest.partition("@")
        use[who] = (int(units), int(reach))
    local = (
        row["strength"]
        .replace("mg", "мг")
        .replace("ml", "мл")
        .replace("µg/h", "мкг/ч")
        .replace("kg", "кг")
        .replace(".", ",")
    )
    local = local.removesuffix(" g") + " г" if local.endswith(" g") else local
    return Product(
        row["code"],
        f"{row['inn']} {row['strength']}, {form['en']}",
        f"{row['inn_ru']} {local}, {form['ru']}",
        f"{row['inn_ky']} {local}, {form['ky']}",
        row["form"],
        row["unit"],
        row["substance"],
        row["salt"],
        row["amount_mg"],
        row["other_ingredients"],
        row["control"],
        row["supply"],
        int(row["pack"]),
        use,
        {year: int(row[f"percent_{year}"]) for year in YEARS},
    )


def _work(row: Row) -> Work:
    return Work(
        row["product"],
        row["site"],
        row["kind"],
        int(row["monthly"]),
        row["makes"],
        row["made_kind"],
        int(row["made_per_unit"] or 0),
    )
