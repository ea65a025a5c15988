"""Periods of the returns: no day is lost, none counts twice, and what is due when."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.period import Period, annual_due, estimates_due, month_of, quarterly_due

YEARS = st.integers(1900, 2199)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
QUARTERS = (1, 2, 3, 4)


@given(DAYS)
def test_every_day_falls_into_its_year_and_one_quarter(day: date) -> None:
    assert day in Period(day.year)
    assert [quarter for quarter in QUARTERS if day in Period(day.year, quarter)] == [(day.month + 2) // 3]
    assert day not in Period(day.year + 1)
    assert day not in Period(day.year - 1)


@given(YEARS)
def test_quarters_follow_each_other_without_a_gap(year: int) -> None:
    quarters = [Period(year, quarter) for quarter in QUARTERS]
    assert quarters[0].first_day == Period(year).first_day == date(year, 1, 1)
    assert quarters[3].last_day == Period(year).last_day == date(year, 12, 31)
    for one, following in pairwise(quarters):
        assert following.first_day - one.last_day == timedelta(days=1)


@given(YEARS)
def test_months_of_the_quarters_make_the_year(year: int) -> None:
    months = [month for quarter in QUARTERS for month in Period(year, quarter).months]
    assert months == list(Period(year).months) == [year * 100 + month for month in range(1, 13)]


@given(DAYS)
def test_the_month_of_a_day_is_a_month_of_its_period(day: date) -> None:
    assert month_of(day) in Period(day.year).months
    assert divmod(month_of(day), 100) == (day.year, day.month)


@given(YEARS, st.sampled_from(QUARTERS))
def test_form_a_is_due_one_month_after_the_quarter(year: int, quarter: int) -> None:
    period = Period(year, quarter)
    due = quarterly_due(period)
    following = period.last_day + timedelta(days=1)
    assert (due.year, due.month) == (following.year, following.month)
    assert (due + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("quarter", "due"),
    [(1, date(2025, 4, 30)), (2, date(2025, 7, 31)), (3, date(2025, 10, 31)), (4, date(2026, 1, 31))],
)
def test_due_days_of_form_a(quarter: int, due: date) -> None:
    assert quarterly_due(Period(2025, quarter)) == due


def test_due_days_of_annual_returns_and_estimates() -> None:
    assert annual_due(2025) == date(2026, 6, 30)
    assert estimates_due(2026) == date(2025, 6, 30)


def test_how_a_period_is_written() -> None:
    assert (str(Period(2025)), str(Period(2025, 3))) == ("2025", "2025-Q3")


def test_the_last_day_of_february_belongs_to_the_first_quarter() -> None:
    assert date(2024, 2, 29) in Period(2024, 1)
    assert date(2024, 3, 31) in Period(2024, 1)
    assert date(2024, 4, 1) not in Period(2024, 1)
