"""Estimates, assessments and state quotas of the demo country, set so that they tell what they are meant to tell.

They are worked out from what the two years add up to: `decisions.csv` says how much room each
leaves, so that one drug is hardly used, one stands at its ceiling, one has no state quota.
All figures are invented; every act says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from forms.columns import (
    CLOSING_STOCK,
    CONSUMED,
    IMPORTED,
    MANUFACTURED,
    OPENING_STOCK,
    USED_OTHER_DRUGS,
    USED_SCHEDULE_III,
)
from registry.demo.domain.tally import YearFigures
from registry.demo.domain.world import YEARS, Row, World, table
from registry.kernel.mass import ceiling, grams
from registry.quotas.domain.estimates import excess
from registry.quotas.domain.kinds import (
    ALLOCATION,
    CONSUMPTION,
    ESTIMATE,
    OTHER_DRUGS,
    SCHEDULE_THREE,
    STATE_QUOTA,
    STOCKS,
    SUPPLEMENT,
)
from registry.quotas.domain.lines import ZERO, Ceilings

DIGITS = 4
HUNDRED = 100
STOCK_PERCENT = 110
USES = {OTHER_DRUGS.code: USED_OTHER_DRUGS.code, SCHEDULE_THREE.code: USED_SCHEDULE_III.code}
"""Item of the estimates -> column of Form C it covers."""
FIRST, SECOND = YEARS
ESTIMATE_ACTS = {FIRST: ("INCB-DEMO-2025", "2024-11-25"), SECOND: ("INCB-DEMO-2026", "2025-11-24")}
STATE_ACTS = {FIRST: ("ДЕМО-612", "2024-12-16"), SECOND: ("ДЕМО-655", "2025-12-15")}
SUPPLEMENT_ACT = ("INCB-DEMO-2026-S1", "2026-06-15")
ALLOCATION_ACT = ("ДЕМО-671", "2026-01-20")


class QuotaRow(NamedTuple):
    """One row of a file of quotas; the cells as text."""

    year: str
    substance: str
    kind: str
    quantity_g: str
    item: str = ""
    organisation: str = ""
    act: str = ""
    act_date: str = ""


def nice(nanograms: Fraction | int) -> int:
    """Round up to four significant digits, as people decide figures."""
    whole = ceiling(Fraction(nanograms))
    step = int("1" + "0" * max(0, len(str(whole)) - DIGITS))
    return -(-whole // step) * step


def quota_rows(world: World, figures: YearFigures) -> list[QuotaRow]:
    """Return every line of quotas for the substances that moved."""
    rows: list[QuotaRow] = []
    for row in table("decisions"):
        years = {year: figures.get((year, row["substance"]), {}) for year in YEARS}
        if not any(years.values()):
            continue
        rows.extend(_narcotic(world, row, years) if row["kind"] == ESTIMATE.code else _standing(row, years))
    return rows


def closing_rows(figures: YearFigures) -> list[tuple[str, ...]]:
    """Return the closing stock of the year before as sent in Form C: what was taken on when the registry began."""
    narcotic = {row["substance"] for row in table("decisions") if row["kind"] == ESTIMATE.code}
    return [
        ("C", str(FIRST - 1), substance, CLOSING_STOCK.code, grams(columns[OPENING_STOCK.code]))
        for (year, substance), columns in sorted(figures.items())
        if year == FIRST and substance in narcotic and columns[OPENING_STOCK.code]
    ]


def _share(quantity: Fraction | int, percent: str) -> Fraction:
    return Fraction(quantity) * int(percent) / HUNDRED


def _above(wanted: int, held: Fraction) -> Fraction:
    return max(ZERO, wanted - held)


def _narcotic(world: World, row: Row, years: Mapping[int, Mapping[str, Fraction]]) -> Iterator[QuotaRow]:
    first, second = years[FIRST], years[SECOND]
    used = {
        year: {item: nice(_share(columns.get(column, ZERO), str(STOCK_PERCENT))) for item, column in USES.items()}
        for year, columns in years.items()
    }
    items = {
        CONSUMPTION.code: nice(_share(first.get(CONSUMED.code, ZERO), str(HUNDRED + int(row["room_2025"])))),
        **used[FIRST],
        STOCKS.code: nice(_share(max(first[OPENING_STOCK.code], first[CLOSING_STOCK.code]), str(STOCK_PERCENT))),
    }
    over = excess(Ceilings({item: Fraction(quantity) for item, quantity in items.items()}), first)
    yield from _estimates(row, FIRST, items)
    lifted = _above(items[STOCKS.code], first[OPENING_STOCK.code])
    yield from _state(row, FIRST, items[CONSUMPTION.code] + sum(used[FIRST].values()) + lifted)
    # The second year is set backwards: the total of estimates leaves `room` above what is imported and made.
    gained = second.get(IMPORTED.code, ZERO) + second.get(MANUFACTURED.code, ZERO)
    total = _share(gained, str(HUNDRED + int(row["room_2026"])))
    added = nice(_share(total, row["supplement_percent"])) if row["supplement_percent"] else 0
    held = second[OPENING_STOCK.code]
    later = {
        **used[SECOND],
        STOCKS.code: nice(_share(max(held, second[CLOSING_STOCK.code]), row["stock_percent"])),
    }
    rest = total + over - sum(used[SECOND].values()) - _above(later[STOCKS.code], held) - added
    later[CONSUMPTION.code] = nice(max(rest, second.get(CONSUMED.code, ZERO) - added))
    yield from _estimates(row, SECOND, later)
    if added:
        act, day = SUPPLEMENT_ACT
        yield QuotaRow(str(SECOND), row["substance"], SUPPLEMENT.code, grams(added), CONSUMPTION.code, "", act, day)
    ceiling_ng = later[CONSUMPTION.code] + sum(used[SECOND].values()) + _above(later[STOCKS.code], held) + added
    yield from _state(row, SECOND, ceiling_ng - over)
    yield from _allocation(world, row, ceiling_ng - over)


def _estimates(row: Row, year: int, items: Mapping[str, int]) -> Iterator[QuotaRow]:
    act, day = ESTIMATE_ACTS[year]
    for item, quantity in items.items():
        if quantity:
            yield QuotaRow(str(year), row["substance"], ESTIMATE.code, grams(quantity), item, "", act, day)


def _state(row: Row, year: int, total: Fraction | int) -> Iterator[QuotaRow]:
    if row["state_percent"]:
        act, day = STATE_ACTS[year]
        quantity = grams(nice(_share(total, row["state_percent"])))
        yield QuotaRow(str(year), row["substance"], STATE_QUOTA.code, quantity, "", "", act, day)


def _allocation(world: World, row: Row, total: Fraction | int) -> Iterator[QuotaRow]:
    if not row["allocation_percent"]:
        return
    product = next(product for product in world.products.values() if product.substance == row["substance"])
    act, day = ALLOCATION_ACT
    quantity = grams(nice(_share(_share(total, row["state_percent"]), row["allocation_percent"])))
    holder = world.sites[world.source_of(product)].organisation
    yield QuotaRow(str(SECOND), row["substance"], ALLOCATION.code, quantity, "", holder, act, day)


def _standing(row: Row, years: Mapping[int, Mapping[str, Fraction]]) -> Iterator[QuotaRow]:
    """Yield an assessment or requirement, which stays until replaced, and the state quotas beside it."""
    most = max(columns.get(IMPORTED.code, ZERO) for columns in years.values())
    quantity = nice(_share(most, str(HUNDRED + int(row["room_2026"]))))
    if not quantity:
        return
    year = row["assessment_year"]
    yield QuotaRow(
        year, row["substance"], row["kind"], grams(quantity), act=f"INCB-DEMO-{year}", act_date=f"{int(year) - 1}-11-25"
    )
    if row["supplement_percent"]:
        act, day = SUPPLEMENT_ACT
        added = grams(nice(_share(quantity, row["supplement_percent"])))
        yield QuotaRow(str(SECOND), row["substance"], SUPPLEMENT.code, added, "", "", act, day)
    for each in YEARS:
        yield from _state(row, each, quantity)
