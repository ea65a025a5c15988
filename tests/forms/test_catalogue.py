"""Editions: chosen by period, one file each, never two for a period."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from forms import unit_groups
from forms.catalogue import EditionsClash, all_editions, arranged, choose
from forms.edition import Edition, Form, PeriodKind, Shape, UnitGroup
from forms.facts import DrugYear, Requirement
from registry.kernel.errors import NotFound
from registry.kernel.period import Period, quarterly_due

OLD = Edition(
    form=Form.C,
    ordinal="1",
    issued=date(2001, 5, 1),
    title="t",
    legal_basis="b",
    period_kind=PeriodKind.YEAR,
    valid_from=Period(2001),
    valid_to=Period(2004),
    due=quarterly_due,
    unit="g",
    groups=(UnitGroup("all", 0),),
    parts=(),
)


@pytest.mark.parametrize(
    ("year", "code", "later"),
    [
        (2011, "2012-12", True),
        (2012, "2012-12", False),
        (2014, "2012-12", False),
        (2015, "2015-12", False),
        (2030, "2015-12", False),
    ],
)
def test_form_c_by_year(year, code, later):
    chosen = choose("C", Period(year))
    assert (chosen.edition.code, chosen.later) == (code, later)


@pytest.mark.parametrize(
    ("period", "later"), [(Period(2015, 4), True), (Period(2016, 1), False), (Period(2026, 3), False)]
)
def test_form_a_by_quarter(period, later):
    assert choose(Form.A, period).later is later


def test_unknown_forms_are_not_found():
    for form in ("Z", "", "D"):
        with pytest.raises(NotFound):
            choose(form, Period(2025))


def test_a_period_after_the_last_closed_edition_is_not_found(monkeypatch):
    monkeypatch.setattr("forms.catalogue.all_editions", lambda: {Form.C: (OLD,)})
    assert choose("C", Period(2004)).edition is OLD
    with pytest.raises(NotFound):
        choose("C", Period(2005))


def test_editions_that_follow_each_other_are_taken_in_any_order():
    new = replace(OLD, issued=date(2005, 1, 1), valid_from=Period(2005), valid_to=None)
    assert arranged([new, OLD]) == {Form.C: (OLD, new)}


@pytest.mark.parametrize(("begins", "word"), [(2004, "overlap"), (2006, "gap"), (2001, "overlap")])
def test_an_overlap_or_a_gap_is_an_error(begins, word):
    new = replace(OLD, issued=date(2005, 1, 1), valid_from=Period(begins), valid_to=None)
    with pytest.raises(EditionsClash, match=word):
        arranged([OLD, new])


def test_two_open_editions_are_an_error():
    first = replace(OLD, valid_to=None)
    with pytest.raises(EditionsClash, match="overlap"):
        arranged([first, replace(OLD, issued=date(2009, 1, 1), valid_from=Period(2009), valid_to=None)])


def test_editions_of_different_forms_may_serve_the_same_years():
    assert set(arranged([OLD, replace(OLD, form=Form.P)])) == {Form.C, Form.P}


def test_an_edition_needs_exactly_one_group_for_the_rest_and_a_known_unit():
    with pytest.raises(ValueError, match="exactly one group"):
        replace(OLD, groups=())
    with pytest.raises(ValueError, match="exactly one group"):
        replace(OLD, groups=(UnitGroup("a", 0), UnitGroup("b", 3)))
    with pytest.raises(ValueError, match="unknown unit"):
        replace(OLD, unit="oz")


@pytest.mark.parametrize("edition", [edition for line in all_editions().values() for edition in line])
def test_columns_of_a_part_by_drug_are_facts_of_a_drug(edition):
    known = {field.name for field in fields(DrugYear)}
    for part in edition.parts:
        if part.shape is Shape.DRUGS:
            assert {column.code for column in part.columns} <= known
        if part.shape is Shape.PARTNERS:
            assert {column.code for column in part.columns} <= {"imported", "exported"}
        if part.shape is Shape.REQUIREMENTS:
            assert {column.code for column in part.columns} <= {field.name for field in fields(Requirement)}
        if part.shape is Shape.SEIZURES:
            assert [column.code for column in part.columns] == ["seized", "disposed"]
        assert (part.shape is Shape.MADE) == bool(part.breaks_down)
        assert {column.code for column in part.breaks_down} <= known
        if part.shape is Shape.BY_HAND:
            assert part.note


def test_estimates_are_due_in_june_before_their_year():
    edition = choose("B", Period(2027)).edition
    assert edition.due(Period(2027)) == date(2026, 6, 30)
    assert [column.code for column in edition.parts[1].columns] == [
        "consumption",
        "manufacture_other",
        "manufacture_schedule_iii",
        "manufacture_not_covered",
        "stocks",
        "special",
        "total",
    ]


@pytest.mark.parametrize(
    ("year", "code", "later"),
    [(2019, "2020-07", True), (2021, "2020-07", False), (2023, "2020-07", False), (2024, "2023-06", False)],
)
def test_form_bp_by_year(year, code, later):
    chosen = choose("BP", Period(year))
    assert (chosen.edition.code, chosen.later, chosen.edition.optional) == (code, later, True)


def test_part_two_changed_its_title():
    titles = {edition.code: edition.parts[1].title for edition in all_editions()[Form.C]}
    assert titles == {
        "2012-12": "Manufacture of drugs",
        "2015-12": "Utilization of drugs for the manufacture of other substances",
    }


def test_due_days():
    assert choose("C", Period(2025)).edition.due(Period(2025)) == date(2026, 6, 30)
    dues = [choose("A", Period(2025)).edition.due(Period(2025, quarter)) for quarter in (1, 2, 3, 4)]
    assert dues == [date(2025, 4, 30), date(2025, 7, 31), date(2025, 10, 31), date(2026, 1, 31)]


def test_other_units_are_converted_before_rounding():
    in_kilograms = replace(OLD, unit="kg", groups=(UnitGroup("all", 2),))
    assert in_kilograms.written("PD 006", 1505) == "1.51"
    assert replace(OLD, unit="mg").written("NF 001", 2) == "2000"


def test_fentanyl_is_potent_and_morphine_is_not():
    assert "NF 001" in unit_groups.POTENT
    assert "NM 009" not in unit_groups.POTENT


def test_captions_fall_back_by_language():
    column = choose("C", Period(2025)).edition.parts[0].columns[0]
    assert column.caption_in("ru-KG", str) == "Изготовлено"
    assert column.caption_in("fr", str) == "Quantité fabriquée"
    assert column.caption_in("ky", str) == "Quantity manufactured"
    assert column.caption_in("ru", lambda message: "Переведено") == "Переведено"
