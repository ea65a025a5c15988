"""Codes as people write them, the day of a moment, and what the domain says when it says no."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.clock import FixedClock, SystemClock, day_of
from registry.kernel.codes import COUNTRIES, search_key, slug, substance_code
from registry.kernel.errors import Invalid, Problem, RuleRefused
from registry.kernel.fields import (
    BadCell,
    as_code,
    as_country,
    as_day,
    as_grams,
    as_name,
    as_quantity,
    as_substance,
    as_text,
    as_truth,
    as_year,
    choice,
    choices,
    quantity,
)
from registry.kernel.rules import Finding, Rule, Severity, refuses
from registry.kernel.text import Message

BISHKEK = ZoneInfo("Asia/Bishkek")
RULE = Rule("X-1", "a rule", "an act", Severity.REFUSE, ("NC-1",))


@pytest.mark.parametrize("text", ["nm009", "NM 009", "NM-009", " nm  009 ", "NM\u00a0009", "NM\u2013009", "Nm009"])
def test_spellings_of_a_code(text: str) -> None:
    assert substance_code(text) == "NM 009"


@pytest.mark.parametrize("text", ["NM 09", "NM 0090", "N 009", "NM/009", "NM 00\u0669", "\u041d\u041c 009"])
def test_what_only_looks_like_a_code_stays_as_it_is(text: str) -> None:
    assert substance_code(text) == " ".join(text.split())


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert substance_code(substance_code(text)) == substance_code(text)
    assert slug(slug(text)) == slug(text)
    assert search_key(f" {text}  ") == search_key(text)


def test_codes_without_a_number() -> None:
    assert substance_code("1988:Acetic anhydride") == "1988:acetic-anhydride"
    assert slug("Coca leaf") == "coca-leaf"
    assert "KG" in COUNTRIES
    assert "XX" not in COUNTRIES


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2025, 12, 31, 17, 59, 59, tzinfo=UTC), date(2025, 12, 31)),
        (datetime(2025, 12, 31, 18, 0, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2025, 12, 31, 18, 0, 1, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_the_day_changes_at_midnight_of_the_country(moment: datetime, day: date) -> None:
    clock = FixedClock(moment, BISHKEK)
    assert clock.today() == day_of(moment, BISHKEK) == day
    assert clock.now() == moment
    assert clock.now().utcoffset() == timedelta(0)


def test_the_clock_of_the_machine_agrees_with_itself() -> None:
    clock = SystemClock(BISHKEK)
    before, day, after = clock.now(), clock.today(), clock.now()
    assert before.tzinfo is not None
    assert day in {day_of(before, BISHKEK), day_of(after, BISHKEK)}


@pytest.mark.parametrize("hostile", ["100%", "%s", "%(name)s", "%%", "% d", "{0}"])
def test_percent_signs_in_values_stay_what_they_are(hostile: str) -> None:
    assert str(Message("say %(text)s", {"text": hostile})) == f"say {hostile}"
    assert (
        str(Message("outer %(inner)s", {"inner": Message("inner %(x)s", {"x": hostile})})) == f"outer inner {hostile}"
    )
    assert str(Message(hostile)) == hostile


def test_refusals_carry_everything_at_once() -> None:
    problems = [Problem("quantity", "missing", Message("a")), Problem("site", "missing", Message("b"))]
    assert Invalid(Message("wrong"), problems).problems == tuple(problems)
    found = Finding(RULE, Message("broken"), Severity.REFUSE)
    assert RuleRefused(Message("no"), [found]).findings == (found,)
    assert refuses([found])
    assert not refuses([Finding(RULE, Message("broken"), Severity.FLAG), Finding(RULE, Message("b"), Severity.NOTE)])
    assert not refuses([])


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_both_spellings_of_a_day(day: date) -> None:
    assert as_day(day.isoformat()) == as_day(f"{day:%d.%m.%Y}") == as_day(f"{day.isoformat()} 00:00:00") == day


@pytest.mark.parametrize("text", ["2025-02-29", "31.04.2025", "1899-12-31", "2200-01-01", "03/31/2025", "2025-3-1", ""])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(BadCell) as bad:
        as_day(text)
    assert bad.value.code == "not-a-date"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("=1+1", "formula"),
        (" =cmd|' /C calc'!A0", "formula"),
        ("a\x00b", "control-character"),
        ("a\u202eb", "control-character"),
        ("a\ud800", "control-character"),
        ("x" * 1001, "too-long"),
    ],
)
def test_text_no_cell_may_hold(text: str, code: str) -> None:
    with pytest.raises(BadCell) as bad:
        as_text(text)
    assert bad.value.code == code


def test_text_a_cell_may_hold() -> None:
    assert as_text("x" * 1000) == "x" * 1000
    assert as_text(" <b>100%</b> \U0001f600 ") == "<b>100%</b> \U0001f600"
    assert as_name("two\n lines") == "two lines"
    assert as_code("A" * 64) == "A" * 64
    with pytest.raises(BadCell):
        as_code("A" * 65)
    assert as_substance("nm-009") == "NM 009"
    assert as_country("kg") == "KG"
    with pytest.raises(BadCell):
        as_country("KGZ")


def test_years_words_and_quantities_of_cells() -> None:
    assert [as_year(text) for text in ("1900", "2099")] == [1900, 2099]
    for text in ("1899", "2100", "20255", "abcd"):
        with pytest.raises(BadCell):
            as_year(text)
    assert [as_truth(word) for word in ("yes", "Да", "ооба", "no", "нет", "жок")] == [True] * 3 + [False] * 3
    assert choice(["a", "b"])("A") == "a"
    assert choices(["a", "b"])("b; a;b") == ("b", "a")
    with pytest.raises(BadCell):
        choice(["a"])("c")
    assert as_grams("0.000001") == 1000
    with pytest.raises(BadCell):
        as_grams("0.0000001")
    assert as_quantity(" 12,5 ") == "12,5"
    assert quantity(3)("12,5") == 12500
    assert quantity(3, positive=False)("0") == 0
