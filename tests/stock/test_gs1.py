"""Scanned codes as scanners and keyboards really deliver them."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.stock.domain import gs1
from registry.stock.domain.gs1 import Scan, looks_scanned, read_scan

YEAR = 2026
GTIN = "04601234567893"
GS = "\x1d"
WHOLE = Scan(GTIN, "AB-12/3", date(2027, 3, 31), "S9K2XQ77")
RUSSIAN = str.maketrans(gs1._LATIN, gs1._RUSSIAN)


def read(text: str) -> Scan:
    assert looks_scanned(text), text
    return read_scan(text, YEAR)


@pytest.mark.parametrize(
    "text",
    [
        f"]d201{GTIN}1727033110AB-12/3{GS}21S9K2XQ77",
        f"]C101{GTIN}1727033110AB-12/3{GS}21S9K2XQ77",
        f"]Q301{GTIN}1727033110AB-12/3{GS}21S9K2XQ77",
        f"]D201{GTIN}1727033110AB-12/3{GS}21S9K2XQ77",
        f"{GS}01{GTIN}1727033110AB-12/3{GS}21S9K2XQ77",
        f"]C1{GS}01{GTIN}1727033110AB-12/3{GS}21S9K2XQ77{GS}",
        f"01{GTIN}10AB-12/3{GS}1727033121S9K2XQ77",
        f"01{GTIN}21S9K2XQ77{GS}10AB-12/3{GS}17270331",
        f"]d221S9K2XQ77{GS}17270331{GS}01{GTIN}10AB-12/3",
        f"(01){GTIN}(17)270331(10)AB-12/3(21)S9K2XQ77",
        *(
            f"01{GTIN}1727033110AB-12/3{sign}21S9K2XQ77"
            for sign in ("\u241d", "|", "~", "^", "{GS}", "<GS>", "^]", "@", "#", "\\x1d", "\\u001D")
        ),
    ],
)
def test_one_pack_reads_the_same_whatever_its_scanner_makes_of_it(text: str) -> None:
    assert read(text) == WHOLE


@pytest.mark.parametrize(
    "text", [f"]d201{GTIN}1727033110AB-12/3~21S9K2XQ77", f"]C101{GTIN}10AB-12/3{GS}1727033121S9K2XQ77"]
)
def test_a_scanner_under_the_russian_layout_is_understood(text: str) -> None:
    typed = text.translate(RUSSIAN)
    assert typed != text
    assert read(typed) == WHOLE


def test_the_layouts_have_as_many_keys() -> None:
    assert len(gs1._RUSSIAN) == len(gs1._LATIN) == len(set(gs1._LATIN)) == len(set(gs1._RUSSIAN))


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("270200", date(2027, 2, 28)),
        ("280200", date(2028, 2, 29)),
        ("271200", date(2027, 12, 31)),
        ("270331", date(2027, 3, 31)),
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("260630", date(2026, 6, 30)),
    ],
)
def test_a_day_of_00_is_the_last_of_the_month_and_a_year_is_within_fifty(digits: str, day: date) -> None:
    assert read(f"]d201{GTIN}17{digits}").expires_on == day


def test_the_century_turns_with_the_present_year() -> None:
    assert read_scan(f"01{GTIN}17020131", 2095).expires_on == date(2102, 1, 31)
    assert read_scan(f"01{GTIN}17950131", 2002).expires_on == date(1995, 1, 31)


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4601234567893", GTIN),
        (GTIN, GTIN),
        ("]E04601234567893", GTIN),
        ("96385074", "00000096385074"),
        ("]E496385074", "00000096385074"),
        ("036000291452", "00036000291452"),
    ],
)
def test_plain_trade_item_numbers_are_read(text: str, gtin: str) -> None:
    assert read(text) == Scan(gtin)


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}10AB12317270331",
        f"01{GTIN}10AB1231727033121S9K2XQ77",
        f"01{GTIN}1727033110AB12321S9K2XQ77",
        f"01{GTIN}21S9K2XQ7710AB123456",
        f"01{GTIN}10AB123456789012345678901234",
        f"10AB12301{GTIN}",
    ],
)
def test_a_lost_separator_is_told_and_no_batch_is_guessed(text: str) -> None:
    scan = read_scan(text, YEAR)
    assert scan.fault is not None
    assert scan.fault.msgid == gs1.LOST
    assert scan.batch == ""
    assert scan.gtin in {GTIN, ""}


def test_a_batch_at_the_end_needs_no_separator() -> None:
    assert read(f"01{GTIN}1727033110A2101").batch == "A2101"
    assert read(f"01{GTIN}10A2101").batch == "A2101"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"]d201{GTIN}10AB{GS}05123", gs1.UNKNOWN_PART),
        (f"]d201{GTIN}172703", gs1.TOO_SHORT),
        (f"]d201{GTIN[:9]}", gs1.TOO_SHORT),
        (f"]d201{GTIN[:-1]}4", gs1.WRONG_DIGIT),
        ("]d200123456789012345675", gs1.NO_GTIN),
        (f"]d201{GTIN}17271331", gs1.NO_DAY),
        (f"]d201{GTIN}17270230", gs1.NO_DAY),
        ("]C1hello", gs1.NOT_READ),
        ("]d2" + "9" * 500, gs1.NOT_READ),
    ],
)
def test_what_cannot_be_read_is_answered_clearly(text: str, said: str) -> None:
    scan = read_scan(text, YEAR)
    assert scan.fault is not None
    assert scan.fault.msgid == said


def test_a_wrong_check_digit_of_a_plain_number_is_told() -> None:
    scan = read_scan("4601234567894", YEAR)
    assert scan.fault is not None
    assert (scan.fault.msgid, scan.gtin) == (gs1.WRONG_DIGIT, "")


def test_known_parts_that_do_not_matter_are_passed_over() -> None:
    scan = read(f"]d201{GTIN}3103001500240ABC{GS}710123{GS}91EE06{GS}92xyz={GS}10B7{GS}17270331")
    assert scan == Scan(GTIN, "B7", date(2027, 3, 31))


@pytest.mark.parametrize("text", ["MOR10", "морфин 10", "", "12", "0123456", "10 мг", "морфин 1%", "7"])
def test_what_was_typed_is_not_taken_for_scanned(text: str) -> None:
    assert not looks_scanned(text)


SIGNS = "ABCDEFGHKLMNPRSTUVWXYZabcxyz-/.+_"


@given(
    batch=st.text(SIGNS, min_size=1, max_size=20),
    serial=st.text(SIGNS, min_size=1, max_size=20),
    day=st.dates(date(1977, 1, 1), date(2076, 12, 31)),
    order=st.randoms(use_true_random=False),
    prefix=st.sampled_from(["", "]d2", "]C1", "]Q3", GS]),
    russian=st.booleans(),
)
def test_what_is_printed_comes_back_in_any_order(
    batch: str, serial: str, day: date, order: random.Random, prefix: str, russian: bool
) -> None:
    parts = [f"01{GTIN}", f"17{day:%y%m%d}", f"10{batch}{GS}", f"21{serial}{GS}"]
    order.shuffle(parts)
    text = prefix + "".join(parts)
    scan = read_scan(text.translate(RUSSIAN) if russian and any(sign.isalpha() for sign in text) else text, YEAR)
    assert scan == Scan(GTIN, batch, day, serial)


@given(st.text(max_size=60))
def test_no_text_is_a_fault_of_ours(text: str) -> None:
    scan = read_scan("]d2" + text, YEAR)
    assert scan.gtin or scan.fault is not None
    looks_scanned(text)
