"""Exact quantities: what is read is what is printed, and nothing is rounded but on purpose."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.mass import (
    LARGEST,
    NG_PER_G,
    PPM,
    UNIT_NAMES,
    UNITS_OF_ACCOUNT,
    NotAQuantity,
    Unit,
    base_ng_per_unit,
    ceiling,
    decimal_text,
    fixed_text,
    floor,
    grams,
    parse_scaled,
    rounded,
    stated,
)

UNITS = st.sampled_from(list(Unit))
WHOLE = st.integers(min_value=1, max_value=LARGEST)
EXACT = st.builds(Fraction, st.integers(-(10**24), 10**24), st.integers(1, 10**12))


@given(WHOLE, UNITS)
def test_what_is_stated_is_read_back(units: int, unit: Unit) -> None:
    text = stated(units, unit)
    places = UNITS_OF_ACCOUNT[unit].places
    assert parse_scaled(text, places) == units
    assert parse_scaled(text.replace(".", ","), places) == units


@given(st.integers(min_value=0, max_value=10**15), st.integers(min_value=0, max_value=999))
def test_groups_of_three_are_read(whole: int, part: int) -> None:
    for blank in (" ", "\u00a0", "\u202f"):
        text = f"{whole:,}".replace(",", blank) + f",{part:03d}"
        assert parse_scaled(text, 3, positive=False) == whole * 1000 + part


@given(st.text(max_size=30), st.integers(0, 9))
def test_any_text_is_read_exactly_or_refused(text: str, places: int) -> None:
    try:
        found = parse_scaled(text, places)
    except NotAQuantity:
        return
    plain = "".join(letter for letter in text if letter not in " \u00a0\u202f").strip().replace(",", ".")
    assert Fraction(plain) * 10**places == found
    assert 0 < found <= LARGEST


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-a-quantity"),
        ("-1", "not-a-quantity"),
        ("\u22121", "not-a-quantity"),
        ("+1", "not-a-quantity"),
        ("1e3", "not-a-quantity"),
        ("1_000", "not-a-quantity"),
        ("NaN", "not-a-quantity"),
        ("Infinity", "not-a-quantity"),
        ("1.", "not-a-quantity"),
        (".5", "not-a-quantity"),
        ("1.2.3", "not-a-quantity"),
        ("1,000.5", "not-a-quantity"),
        ("12 34", "not-a-quantity"),
        ("1 00", "not-a-quantity"),
        ("\u0661\u0662", "not-a-quantity"),
        ("\uff11", "not-a-quantity"),
        ("0.0001", "too-many-decimals"),
        ("0", "not-positive"),
        ("0.000", "not-positive"),
        ("9223372036854775.808", "too-large"),
    ],
)
def test_what_cannot_be_held_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotAQuantity) as refused:
        parse_scaled(text, 3)
    assert refused.value.code == code


def test_the_edge_of_what_can_be_held() -> None:
    assert parse_scaled("9223372036854775.807", 3) == LARGEST
    assert parse_scaled("0", 3, positive=False) == 0
    assert parse_scaled("1.0000", 3) == 1000
    assert parse_scaled("12", 0) == 12
    with pytest.raises(NotAQuantity) as refused:
        parse_scaled("1.5", 0)
    assert refused.value.code == "too-many-decimals"


@given(EXACT, st.integers(0, 9))
def test_rounding_goes_half_up_away_from_zero_on_both_sides(number: Fraction, places: int) -> None:
    result = rounded(number, places)
    step = Fraction(1, 10**places)
    assert result % step == 0
    assert abs(result - number) <= step / 2
    if abs(result - number) == step / 2:
        assert abs(result) > abs(number)
    assert rounded(-number, places) == -result


@pytest.mark.parametrize(
    ("number", "whole"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(499_999, 1_000_000), 0),
        (Fraction(-499_999, 1_000_000), 0),
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(0), 0),
    ],
)
def test_rounding_at_the_half(number: Fraction, whole: int) -> None:
    assert rounded(number, 0) == whole


@given(st.integers(-(10**30), 10**30), st.integers(0, 18))
def test_a_decimal_is_printed_exactly(scaled: int, places: int) -> None:
    number = Fraction(scaled, 10**places)
    text = decimal_text(number)
    assert Fraction(text) == number
    assert not ("." in text and text.endswith("0"))
    assert text != "-0"
    assert fixed_text(number, places) == text


@pytest.mark.parametrize("number", [Fraction(1, 3), Fraction(-5, 7), Fraction(1, 6)])
def test_an_endless_decimal_is_not_cut(number: Fraction) -> None:
    with pytest.raises(ValueError, match="no finite decimal"):
        decimal_text(number)


@pytest.mark.parametrize(
    ("nanograms", "text"), [(896_250_000_000, "896.25"), (1, "0.000000001"), (-NG_PER_G, "-1"), (0, "0")]
)
def test_grams(nanograms: int, text: str) -> None:
    assert grams(nanograms) == text


@given(EXACT)
def test_limits_go_down_and_reservations_go_up(number: Fraction) -> None:
    assert floor(number) <= number <= ceiling(number)
    assert ceiling(number) - floor(number) == (0 if number.denominator == 1 else 1)


@given(st.integers(1, 10**15), st.integers(1, PPM), UNITS)
def test_units_of_account_add_up_to_one_stated_unit(amount_ng: int, base_ppm: int, unit: Unit) -> None:
    whole = base_ng_per_unit(amount_ng, base_ppm, unit) * UNITS_OF_ACCOUNT[unit].per_unit
    assert whole == Fraction(amount_ng * base_ppm, PPM)


def test_every_unit_has_a_name_and_a_unit_of_account() -> None:
    assert set(UNIT_NAMES) == set(UNITS_OF_ACCOUNT) == set(Unit)
