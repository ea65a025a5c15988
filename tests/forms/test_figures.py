"""Facts become figures: golden years, rounding, order, what is left out, the shape on the wire."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction as Exact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.facts import Cover, DrugYear, ReturnFacts, SeizureLine, TradeLine, UseLine
from forms.figures import as_json, build
from registry.kernel.errors import Invalid, NotFound
from registry.kernel.mass import decimal_text
from registry.kernel.period import Period
from tests.forms import golden


def annual(*drugs, year=2025):
    return ReturnFacts(Period(year), date(year + 1, 1, 15), Cover("KG"), drugs)


def quarterly(*trade, quarter=1):
    return ReturnFacts(Period(2025, quarter), date(2025, 4, 10), Cover("KG"), trade=trade)


@pytest.mark.parametrize("name", golden.editions())
def test_golden_figures(name):
    made = build(name.partition("_")[0].upper(), golden.facts_of(name))
    expected = golden.expected_of(name)
    figures = [
        [one.part, one.substance, one.column, one.partner, one.quantity, decimal_text(one.exact)]
        for one in made.figures
    ]
    assert figures == expected["figures"]
    assert made.edition.code == expected["edition"]
    loud = [
        [check.code, check.substance, check.status.value, decimal_text(check.difference)]
        for check in made.checks
        if check.status in {"fail", "warn"}
    ]
    assert loud == expected["not_passed"]


def test_the_example_of_the_contract():
    body = as_json(build("C", annual(DrugYear("NM 009", "morphine", consumed=Exact("400.00375")))))
    assert {key: body[key] for key in ("form", "edition", "period", "unit", "as_of", "status")} == {
        "form": "C",
        "edition": "2015-12",
        "period": {"year": 2025},
        "unit": "g",
        "as_of": "2026-01-15",
        "status": "draft",
    }
    assert body["figures"] == [
        {
            "part": "I",
            "substance": "NM 009",
            "name": "morphine",
            "column": "consumed",
            "partner": None,
            "quantity": "400",
            "exact_g": "400.00375",
        }
    ]
    check = next(check for check in body["checks"] if check["code"] == "C-02")
    assert list(check) == ["code", "status", "substance", "difference", "message"]
    assert check["difference"] == "-400.00375"
    json.dumps(body)


def test_the_quarter_stands_in_the_period():
    line = TradeLine("NM 009", "morphine", "imported", "IN", 3, Exact(1))
    assert as_json(build("A", quarterly(line, quarter=3)))["period"] == {"year": 2025, "quarter": 3}


@pytest.mark.parametrize(
    ("exact", "written"),
    [("0.49", "0"), ("0.5", "1"), ("0.51", "1"), ("1.5", "2"), ("2.5", "3"), ("-0.5", "-1"), ("-0.4", "0")],
)
def test_ordinary_drugs_are_whole_grams_rounded_half_up(exact, written):
    made = build("C", annual(DrugYear("NM 009", "morphine", lost=Exact(exact))))
    assert [figure.quantity for figure in made.figures] == [written]
    assert made.figures[0].exact == Exact(exact)


@pytest.mark.parametrize(("exact", "written"), [("0.0004", "0"), ("0.0005", "0.001"), ("1.23450", "1.235"), ("2", "2")])
def test_potent_drugs_keep_milligrams(exact, written):
    made = build("C", annual(DrugYear("NF 001", "fentanyl", consumed=Exact(exact))))
    assert [figure.quantity for figure in made.figures] == [written]


def test_exact_zero_is_left_out_but_what_rounds_to_zero_stays():
    made = build("C", annual(DrugYear("NM 009", "morphine", consumed=Exact(0), lost=Exact(1, 1000))))
    assert [(figure.column, figure.quantity) for figure in made.figures] == [("lost", "0")]


def test_trade_adds_up_by_drug_and_partner_and_cancels_to_nothing():
    lines = [
        TradeLine("NM 009", "morphine", "imported", "IN", 1, Exact("0.3")),
        TradeLine("NM 009", "morphine", "imported", "IN", 1, Exact("0.3")),
        TradeLine("NM 009", "morphine", "imported", "DE", 1, Exact(5)),
        TradeLine("NM 009", "morphine", "exported", "KZ", 1, Exact(2)),
        TradeLine("NC 005", "codeine", "imported", "FR", 1, Exact(2)),
        TradeLine("NC 005", "codeine", "imported", "FR", 1, Exact(-2)),
    ]
    made = build("A", quarterly(*lines))
    assert [(one.part, one.column, one.partner, one.quantity) for one in made.figures] == [
        ("I", "imported", "DE", "5"),
        ("I", "imported", "IN", "1"),
        ("II", "exported", "KZ", "2"),
    ]


def test_figures_stand_by_part_name_column_partner():
    drugs = [
        DrugYear("NM 009", "morphine", manufactured=Exact(1), closing_stock=Exact(2), opening_stock=Exact(3)),
        DrugYear("NC 005", "codeine", consumed=Exact(4), excess=Exact(5)),
    ]
    made = build("C", annual(*drugs))
    assert [(one.part, one.name, one.column) for one in made.figures] == [
        ("I", "codeine", "consumed"),
        ("I", "morphine", "manufactured"),
        ("I", "morphine", "closing_stock"),
        ("-", "codeine", "excess"),
        ("-", "morphine", "opening_stock"),
    ]


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2013, {("NC 005", "1")}), (2015, {("NC 005", "1"), ("X-1", "2"), ("not_attributed", "4")})],
)
def test_each_edition_breaks_down_its_own_items_by_product_made(year, expected):
    uses = (
        UseLine("NM 009", "morphine", "used_other_drugs", "NC 005", "codeine", Exact(1)),
        UseLine("NM 009", "morphine", "used_not_covered", "X-1", "naloxone", Exact(2)),
        UseLine("NM 009", "morphine", "used_not_covered", "not_attributed", "", Exact(4)),
        UseLine("NM 009", "morphine", "used_schedule_iii", "not_attributed", "", Exact(8)),
    )
    made = build("C", ReturnFacts(Period(year), date(year + 1, 1, 15), Cover("KG"), uses=uses))
    assert {(one.partner, one.quantity) for one in made.figures} == expected
    assert {(one.part, one.column) for one in made.figures} == {("II", "used")}


def test_seizures_are_added_up_over_their_origins_in_part_four():
    lines = (
        SeizureLine("NH 001", "heroin", "seized", "TJ", Exact("0.4")),
        SeizureLine("NH 001", "heroin", "seized", "", Exact("0.4")),
        SeizureLine("NH 001", "heroin", "disposed", "", Exact("0.4")),
    )
    for year in (2013, 2025):
        made = build("C", ReturnFacts(Period(year), date(year + 1, 1, 15), Cover("KG"), seizures=lines))
        assert [(one.part, one.column, one.partner, one.quantity, one.exact) for one in made.figures] == [
            ("IV", "seized", None, "1", Exact("0.8")),
            ("IV", "disposed", None, "0", Exact("0.4")),
        ]


def test_notes_say_what_is_not_known():
    notes = [str(note) for note in build("C", annual()).notes]
    assert any("printed grid" in note for note in notes)
    assert any(note.startswith("No entries:") for note in notes)
    assert not any("later edition" in note for note in notes)


def test_a_return_before_the_oldest_edition_says_so():
    made = build("C", annual(year=2010))
    assert made.edition.code == "2012-12"
    assert any("by a later edition (2012-12)" in str(note) for note in made.notes)
    assert any("by a later edition" in note for note in as_json(made)["notes"])


def test_the_period_must_fit_the_form():
    with pytest.raises(Invalid, match="quarterly"):
        build("A", annual())
    with pytest.raises(Invalid, match="annual"):
        build("C", quarterly())
    with pytest.raises(NotFound):
        build("Z", annual())


def test_translation_reaches_every_sentence():
    body = as_json(build("C", golden.facts_of("c_2015_12")), lambda message: f"[{message}]")
    assert all(check["message"].startswith("[") for check in body["checks"])
    assert all(note.startswith("[") for note in body["notes"])


@given(st.fractions(min_value=-1000, max_value=10**9))
def test_a_written_figure_is_never_further_than_half_a_unit(exact):
    edition = build("C", annual()).edition
    for substance, step in (("NM 009", Exact(1)), ("NF 001", Exact(1, 1000))):
        assert abs(Exact(edition.written(substance, exact)) - exact) <= step / 2
