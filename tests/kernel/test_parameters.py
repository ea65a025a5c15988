"""Parameters: one spelling of every value, the value of a day, the weight of rules."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.fields import BadCell
from registry.kernel.parameters import (
    DEFAULTS,
    Change,
    Course,
    Parameter,
    ParameterKind,
    Parameters,
    severity_parameter,
)
from registry.kernel.rules import Rule, Severity

CHOICES = (("binding", "binding"), ("indicative", "indicative"))


def declared(kind: ParameterKind, default: str, **more: object) -> Parameter:
    return Parameter("x.y", "name", kind, default, "group", ("T",), **more)  # type: ignore[arg-type]


DAYS = declared(ParameterKind.DAYS, "90", minimum=1, maximum=365)
PERCENT = declared(ParameterKind.PERCENT, "10")
AUTUMN = declared(ParameterKind.DAY_OF_YEAR, "09-30")
SWITCH = declared(ParameterKind.SWITCH, "off")
CHOICE = declared(ParameterKind.CHOICE, "indicative", choices=CHOICES)


@pytest.mark.parametrize(
    ("parameter", "typed", "kept"),
    [
        (DAYS, " 1 ", "1"),
        (DAYS, "365", "365"),
        (PERCENT, "12,50", "12.5"),
        (PERCENT, "0", "0"),
        (PERCENT, "100", "100"),
        (PERCENT, "33.3333", "33.3333"),
        (AUTUMN, "30.09", "09-30"),
        (AUTUMN, "1.3.", "03-01"),
        (AUTUMN, "12-31", "12-31"),
        (SWITCH, "ON", "on"),
        (CHOICE, "Binding", "binding"),
    ],
)
def test_what_is_typed_is_kept_in_one_spelling(parameter: Parameter, typed: str, kept: str) -> None:
    assert parameter.read(typed) == kept
    assert parameter.read(kept) == kept


@pytest.mark.parametrize(
    ("parameter", "typed", "code"),
    [
        (DAYS, "0", "too-small"),
        (DAYS, "366", "too-large"),
        (DAYS, "1.5", "not-a-number"),
        (DAYS, "007", "not-a-number"),
        (DAYS, "\u0661", "not-a-number"),
        (PERCENT, "100.0001", "too-large"),
        (PERCENT, "-1", "not-a-quantity"),
        (PERCENT, "1.00001", "too-many-decimals"),
        (AUTUMN, "29.02", "not-a-day"),
        (AUTUMN, "31-12", "not-a-day"),
        (AUTUMN, "autumn", "not-a-day"),
        (SWITCH, "yes", "unknown-value"),
        (CHOICE, "", "unknown-value"),
        (CHOICE, "=1", "formula"),
    ],
)
def test_what_cannot_be_a_value_is_refused_with_a_code(parameter: Parameter, typed: str, code: str) -> None:
    with pytest.raises(BadCell) as bad:
        parameter.read(typed)
    assert bad.value.code == code


def test_a_default_out_of_bounds_cannot_be_declared() -> None:
    with pytest.raises(BadCell):
        declared(ParameterKind.DAYS, "0", minimum=1)
    with pytest.raises(ValueError, match="spelling"):
        declared(ParameterKind.PERCENT, "10.0")


def test_what_nobody_set_is_the_default() -> None:
    assert DEFAULTS.number(DAYS) == 90
    assert DEFAULTS.percent(PERCENT) == Fraction(1, 10)
    assert DEFAULTS.day_in(AUTUMN, 2024) == date(2024, 9, 30)
    assert DEFAULTS.switch(SWITCH) is False
    assert DEFAULTS.choice(CHOICE) == "indicative"


def test_what_was_set_is_read_by_kind() -> None:
    assert Parameters({"x.y": "30"}).number(DAYS) == 30
    assert Parameters({"x.y": "12.5"}).percent(PERCENT) == Fraction(1, 8)
    assert Parameters({"x.y": "on"}).switch(SWITCH) is True


def test_a_change_counts_from_its_day_and_the_later_decision_wins_a_tie() -> None:
    course = Course(
        (
            Change("x.y", "60", date(2026, 3, 1)),
            Change("x.y", "30", date(2026, 1, 1)),
            Change("x.y", "45", date(2026, 3, 1)),
        )
    )
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 1)]
    assert [course.on(day).number(DAYS) for day in days] == [90, 30, 30, 45]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 365)), max_size=8), st.integers(0, 6))
def test_the_course_of_any_changes_agrees_with_reading_them_one_by_one(
    changes: list[tuple[int, int]], asked: int
) -> None:
    made = tuple(Change("x.y", str(value), date(2026, 1, 1 + day)) for day, value in changes)
    expected, begun = 90, -1
    for day, value in changes:
        if begun <= day <= asked:
            expected, begun = value, day
    assert Course(made).on(date(2026, 1, 1 + asked)).number(DAYS) == expected


def rule(severity: Severity, *, reported: Severity = Severity.FLAG, fixed: bool = False) -> Rule:
    return Rule("TST-99", "text", "ground", severity, ("T",), reported, fixed=fixed)


def test_the_weight_of_a_rule_may_be_set() -> None:
    flag, refuse = rule(Severity.FLAG), rule(Severity.REFUSE)
    heavier, lighter = Parameters({"severity.TST-99": "refuse"}), Parameters({"severity.TST-99": "note"})
    assert severity_parameter(flag).default == "flag"
    assert DEFAULTS.severity(refuse) is Severity.REFUSE
    assert heavier.severity(flag) is Severity.REFUSE
    assert lighter.severity(refuse) is Severity.NOTE


def test_a_reported_fact_is_never_refused_by_a_weight_that_was_set() -> None:
    note = rule(Severity.NOTE, reported=Severity.NOTE)
    assert DEFAULTS.reported(note) is Severity.NOTE
    assert Parameters({"severity.TST-99": "refuse"}).reported(note) is Severity.FLAG
    assert Parameters({"severity.TST-99": "note"}).reported(rule(Severity.REFUSE)) is Severity.NOTE


def test_the_weight_of_a_fixed_rule_stays() -> None:
    firm = rule(Severity.REFUSE, reported=Severity.REFUSE, fixed=True)
    set_anyway = Parameters({"severity.TST-99": "note"})
    assert (set_anyway.severity(firm), set_anyway.reported(firm)) == (Severity.REFUSE, Severity.REFUSE)
    with pytest.raises(ValueError, match="fixed"):
        severity_parameter(firm)
