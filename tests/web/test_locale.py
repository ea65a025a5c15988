"""Numbers, days, countries and sentences in three languages, without losing a digit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.mass import decimal_text
from registry.kernel.text import Message
from registry.web import catalogue, locale
from registry.web.locale import (
    country_name,
    format_day,
    format_fact,
    format_grams,
    format_moment,
    format_quantity,
    translate_in,
)

NB = "\u00a0"
MIDNIGHT = datetime(2025, 12, 31, 18, 30, tzinfo=UTC)


@pytest.fixture
def sentences(tmp_path, monkeypatch):
    """A small catalogue for Kyrgyz and Russian."""
    texts = {
        "ky": 'msgid "g"\nmsgstr "г"\n\nmsgid "%(what)s on %(day)s: %(amount)s"\nmsgstr "%(day)s күнү %(what)s: %(amount)s"\n\nmsgid "stock"\nmsgstr "калдык"\n\nmsgid "%(n)s broken"\nmsgstr "%(m)s сынган"\n',
        "ru": 'msgid "g"\nmsgstr "г"\n\n#, fuzzy\nmsgid "stock"\nmsgstr "товар"\n',
    }
    for language, text in texts.items():
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "messages.po").write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n' + text, encoding="utf-8"
        )
    monkeypatch.setattr(catalogue.read_catalogue, "__defaults__", (tmp_path,))
    catalogue.translations.cache_clear()
    yield
    catalogue.translations.cache_clear()


@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        ("1234567.891", "ky", f"1{NB}234{NB}567,891"),
        ("1234567.891", "ru", f"1{NB}234{NB}567,891"),
        ("1234567.891", "en", "1,234,567.891"),
        ("0.000000001", "ky", "0,000000001"),
        (Fraction(1, 8), "ru", "0,125"),
        (12, "en", "12"),
        (None, "en", "–"),
        (Fraction(1, 3), "ru", f"≈{NB}0,333333333"),
        ("9223372036854775807.123456789012345678", "en", "9,223,372,036,854,775,807.123456789012345678"),
    ],
)
def test_quantities(value, language, shown):
    assert format_quantity(value, language=language) == shown


@given(st.integers(-(2**63), 2**63), st.integers(0, 18))
def test_no_digit_is_lost(whole, places):
    text = decimal_text(Fraction(whole, 10**places))
    for language in locale.LANGUAGES:
        shown = format_quantity(text, language=language)
        plain = shown.replace(NB, "").replace(",", "." if language != "en" else "").replace("\u2212", "-")
        assert Fraction(plain) == Fraction(text)


def test_rounding_only_on_request():
    assert format_quantity("2.345", places=2, language="ru") == "2,35"
    assert format_quantity("2.344", places=2, language="ru") == "2,34"


def test_grams_with_their_unit(sentences):
    assert format_grams(896_250_000_000, language="ky") == f"896,25{NB}г"
    assert format_grams(1, language="en") == f"0.000000001{NB}g"
    assert format_grams(None, language="en") == "–"


@pytest.mark.parametrize(("language", "shown"), [("ky", "22.11.2026"), ("ru", "22.11.2026"), ("en", "22 Nov 2026")])
def test_days(language, shown):
    assert format_day(date(2026, 11, 22), language=language) == shown


@pytest.mark.parametrize(
    ("language", "shown"), [("ky", "01.01.2026, 00:30"), ("ru", "01.01.2026, 00:30"), ("en", "1 Jan 2026, 00:30")]
)
def test_moments_are_told_in_the_zone_of_the_country(language, shown):
    assert format_moment(MIDNIGHT, language=language) == shown
    assert format_moment(MIDNIGHT, ZoneInfo("UTC"), language="ru") == "31.12.2025, 18:30"


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("KG", "ru", "Кыргызстан"),
        ("KG", "ky", "Кыргызстан"),
        ("DE", "ky", "Германия"),
        ("DE", "en", "Germany"),
        ("ZZZ", "en", "ZZZ"),
    ],
)
def test_countries(code, language, name):
    assert country_name(code, language=language) == name


def test_inner_sentences_and_days_are_translated_and_decimals_untouched(sentences):
    message = Message(
        "%(what)s on %(day)s: %(amount)s", {"what": Message("stock"), "day": date(2026, 3, 1), "amount": "1234.50"}
    )
    assert translate_in("ky", message) == "01.03.2026 күнү калдык: 1234.50"
    assert translate_in("en", message) == "stock on 1 Mar 2026: 1234.50"


@pytest.mark.parametrize(
    ("name", "text", "russian"),
    [
        ("day", "2026-03-01", "01.03.2026"),
        ("day", "2026-02-30", "2026-02-30"),
        ("rest", "1708.324", "1\u00a0708,324"),
        ("batch", "2026.1", "2026.1"),
        ("batch", "2026-03-01", "2026-03-01"),
        ("substance", "morphine", "морфин"),
        ("substance", "desomorphine", "desomorphine"),
    ],
)
def test_a_blank_known_by_its_name_is_written_the_readers_way(name, text, russian):
    message = Message(f"%({name})s", {name: text})
    assert translate_in("ru", message) == russian
    assert translate_in("en", message) == text


def test_fuzzy_and_broken_translations_fall_back_to_english(sentences):
    assert translate_in("ru", Message("stock")) == "stock"
    assert translate_in("ky", Message("%(n)s broken", {"n": 2})) == "2 broken"


def test_plural_forms_follow_cldr():
    assert catalogue.read_catalogue("ky").num_plurals == 2
    assert catalogue.read_catalogue("ru").num_plurals == 3


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("2026-12-20", None, "20.12.2026"),
        ("1800.324", "g", "1\u00a0800,324\u00a0г"),
        ("medical", None, "medical"),
        ("2026-13-45", None, "2026-13-45"),
        (None, "g", ""),
    ],
)
def test_what_a_rule_observed_is_written_the_readers_way(app, value, unit, shown):
    with app.test_request_context("/", headers={"Accept-Language": "ru"}):
        assert format_fact(value, unit) == shown
