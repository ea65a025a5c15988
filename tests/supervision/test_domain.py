"""How a position stands, on both sides of each boundary and on it; which returns fall due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from forms.catalogue import all_editions
from forms.edition import Form
from registry.kernel.period import Period
from registry.parameters.catalogue import all_rules
from registry.quotas.domain.kinds import ASSESSMENT, ESTIMATE
from registry.quotas.domain.position import Position
from registry.quotas.domain.rules import under_used
from registry.quotas.domain.use import share_expected
from registry.substances.domain.facts import SubstanceFact, Treaty
from registry.supervision.domain import returns_due, standing_of

GRAM = 10**9
MORPHINE = SubstanceFact(1, "NM 009", "morphine", Treaty.NARCOTIC.value)
SEPTEMBER = date(2026, 9, 30)


def position(used: Fraction | int, granted: int = 1000 * GRAM, reserved: int = 0, treaty: str = "1961") -> Position:
    return Position(
        year=2026,
        substance_id=1,
        treaty=treaty,
        estimate_total=Fraction(granted),
        state_quota=None,
        exported=Fraction(0),
        manufactured=Fraction(0),
        imported=Fraction(used),
        reserved=Fraction(reserved),
        headroom=Fraction(granted) - used - reserved,
        bound_by=ESTIMATE.code if treaty == "1961" else ASSESSMENT.code,
    )


@pytest.mark.parametrize(("used", "under"), [(499, True), (500, False), (501, False)])
@pytest.mark.parametrize("day", [SEPTEMBER, date(2026, 12, 31), date(2027, 5, 1)])
def test_half_must_be_used_by_the_end_of_september(used: int, under: bool, day: date) -> None:
    standing = standing_of(MORPHINE, position(used * GRAM), day)
    assert standing.is_under_used is under
    assert (standing.under_use is not None) is under


@pytest.mark.parametrize("used", [0, 499, 500, 501])
def test_from_september_on_the_badge_and_the_rule_agree(used: int) -> None:
    for day in (SEPTEMBER, SEPTEMBER + timedelta(days=60)):
        flagged = under_used(MORPHINE, position(used * GRAM), day) is not None
        assert standing_of(MORPHINE, position(used * GRAM), day).is_under_used is flagged


def test_before_september_the_share_of_the_time_gone_counts() -> None:
    # 273 days to 30 September; 1 July is the 182nd: 182/273 is two thirds of the half, one third of the quota.
    day = date(2026, 7, 1)
    assert share_expected(2026, day) == Fraction(1, 3)
    third = Fraction(1000 * GRAM, 3)
    assert not standing_of(MORPHINE, position(third), day).is_under_used
    assert standing_of(MORPHINE, position(third - 1), day).is_under_used


def test_before_the_year_begins_nothing_is_expected() -> None:
    assert share_expected(2026, date(2025, 12, 31)) is None
    assert not standing_of(MORPHINE, position(0), date(2025, 12, 31)).is_under_used


def test_where_nothing_was_granted_or_nothing_binds_nothing_is_under_used() -> None:
    assert not standing_of(MORPHINE, position(0, granted=0), SEPTEMBER).is_under_used
    precursor = SubstanceFact(2, "1988:x", "x", Treaty.PRECURSOR.value)
    assert not standing_of(precursor, position(0, treaty="1988"), SEPTEMBER).is_under_used


@pytest.mark.parametrize(
    ("reserved", "near", "over"), [(399, False, False), (400, True, False), (500, True, False), (501, True, True)]
)
def test_near_the_ceiling_used_and_reserved_together(reserved: int, near: bool, over: bool) -> None:
    standing = standing_of(MORPHINE, position(500 * GRAM, reserved=reserved * GRAM), SEPTEMBER)
    assert (standing.is_near, standing.is_over) == (near, over)


def test_nothing_granted_and_something_used_is_over() -> None:
    standing = standing_of(MORPHINE, position(1, granted=0), SEPTEMBER)
    assert standing.is_over
    assert standing.is_near
    assert standing.bound_percent is None


def test_the_granted_whole_is_what_the_binding_side_allows() -> None:
    base = position(500 * GRAM, reserved=100 * GRAM)
    bound = replace(base, state_quota=Fraction(700 * GRAM), headroom=Fraction(100 * GRAM))
    assert standing_of(MORPHINE, bound, SEPTEMBER).granted == 700 * GRAM


@pytest.mark.parametrize(
    ("today", "period", "left"),
    [
        (date(2026, 4, 30), Period(2026, 1), 0),
        (date(2026, 5, 1), Period(2026, 2), 91),
        (date(2026, 1, 31), Period(2025, 4), 0),
        (date(2026, 2, 1), Period(2026, 1), 88),
    ],
)
def test_the_quarterly_form_is_due_until_its_day(today: date, period: Period, left: int) -> None:
    due = returns_due(today, [all_editions()[Form.A][-1]])[0]
    assert (due.period, due.days_left) == (period, left)


@pytest.mark.parametrize(
    ("today", "year"), [(date(2026, 6, 30), 2025), (date(2026, 7, 1), 2026), (date(2026, 1, 1), 2025)]
)
def test_the_yearly_form_is_due_until_the_end_of_june(today: date, year: int) -> None:
    due = returns_due(today, [all_editions()[Form.C][-1]])[0]
    assert due.period == Period(year)
    assert due.due == date(year + 1, 6, 30)


def test_the_soonest_comes_first() -> None:
    due = returns_due(date(2026, 5, 1), [editions[-1] for editions in all_editions().values()])
    assert [one.due for one in due] == sorted(one.due for one in due)


def test_the_catalogue_finds_the_rules_of_all_rooms() -> None:
    found = all_rules()
    assert {code.partition("-")[0] for code in found} >= {"LIC", "PTY", "QTA", "PRM", "STK"}
    assert all(code == rule.code and rule.text and rule.legal_ground for code, rule in found.items())
