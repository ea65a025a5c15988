"""Totals of estimates, limit and excess, against figures worked by hand (incb-forms section 11)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.quotas.domain.estimates import (
    deduction_pieces,
    excess,
    figures_for,
    limit_of_year,
    opening_stock,
    sum_of,
    total_of_estimates,
    total_pieces,
)
from registry.quotas.domain.lines import Ceilings

NOTHING: dict[str, Fraction] = {}


def estimates(**items: int) -> Ceilings:
    return Ceilings(items={name: Fraction(quantity) for name, quantity in items.items()})


def figures(**columns: int) -> dict[str, Fraction]:
    return {name: Fraction(quantity) for name, quantity in columns.items()}


@pytest.mark.parametrize(("stock", "total"), [(0, 3800), (150, 3650), (799, 3001), (800, 3000), (801, 3000)])
def test_stock_adds_what_is_missing_and_never_subtracts(stock: int, total: int) -> None:
    ceilings = estimates(consumption=3000, stocks=800)
    assert sum_of(total_of_estimates(ceilings, Fraction(stock), Fraction(0), NOTHING)) == total


def test_all_items_are_in_the_total() -> None:
    ceilings = estimates(
        consumption=1, manufacture_other=10, manufacture_schedule_iii=100, manufacture_not_covered=1000, special=10_000
    )
    assert sum_of(total_pieces(ceilings, Fraction(0))) == 11_111


@pytest.mark.parametrize(("made", "total"), [(99, 100), (100, 100), (101, 101)])
@pytest.mark.parametrize("item", ["synthetic_manufacture", "opium_production"])
def test_synthetic_manufacture_and_opium_take_the_place_of_a_smaller_sum(item: str, made: int, total: int) -> None:
    ceilings = estimates(consumption=100, **{item: made})
    assert sum_of(total_pieces(ceilings, Fraction(0))) == total


def test_excess_seizures_released_and_withdrawals_are_taken_off() -> None:
    moved = figures(seized_released=3, special_withdrawn=5)
    assert sum_of(deduction_pieces(Fraction(100), moved)) == -108
    ceilings = estimates(consumption=1000)
    assert sum_of(total_of_estimates(ceilings, Fraction(0), Fraction(100), moved)) == 892


def test_limit_and_excess_of_the_example() -> None:
    ceilings = estimates(consumption=300_000, stocks=80_000)
    year = figures(opening_stock=15_000, imported=150_000, consumed=75_000, lost=375, closing_stock=89_625)
    assert limit_of_year(ceilings, year) == 140_000
    assert excess(ceilings, year) == 10_000


@pytest.mark.parametrize(
    ("column", "item", "counted"),
    [
        ("consumed", "consumption", True),
        ("used_other_drugs", "manufacture_other", True),
        ("used_schedule_iii", "manufacture_schedule_iii", True),
        ("used_not_covered", "manufacture_not_covered", True),
        ("special_acquired", "special", True),
        ("used_industry", "consumption", False),
        ("lost", "consumption", False),
    ],
)
def test_the_limit_counts_what_the_article_names_up_to_its_estimate(column: str, item: str, counted: bool) -> None:
    ceilings = estimates(**{item: 10})
    for moved, within in ((9, 9), (10, 10), (11, 10)):
        assert limit_of_year(ceilings, figures(**{column: moved})) == (within if counted else 0)


def test_exports_widen_and_releases_narrow_the_limit() -> None:
    assert limit_of_year(Ceilings(), figures(exported=7, seized_released=2, special_withdrawn=1)) == 4


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_stock_counts_at_most_what_rose_and_what_was_wanted(before: int, after: int, target: int) -> None:
    limit = limit_of_year(estimates(stocks=target), figures(opening_stock=before, closing_stock=after))
    assert limit == max(0, min(after, target) - before) if before < target else limit == 0


def test_a_year_without_entries_keeps_its_stock() -> None:
    known = {2020: figures(opening_stock=5, closing_stock=7), 2023: figures(opening_stock=7, closing_stock=9)}
    assert figures_for(known, 2019) == {"opening_stock": 0, "closing_stock": 0}
    assert figures_for(known, 2022) == {"opening_stock": 7, "closing_stock": 7}
    assert figures_for(known, 2023) is known[2023]
    assert figures_for(known, 2025)["opening_stock"] == 9


def test_opening_stock_holds_what_was_taken_on() -> None:
    assert opening_stock(figures(closing_stock=10), figures(taken_on=5)) == 15
    assert opening_stock(figures(closing_stock=10), figures(taken_on=5, opening_stock=15)) == 15
