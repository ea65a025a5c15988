"""Products and compositions: duplicates, dated revisions, every problem at once, constant statements."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.substances import models
from registry.substances.domain import is_substance_form, needs_permit, revision_on
from registry.substances.domain.facts import FIRST_DAY, RevisionFact
from registry.substances.queries import (
    current_revisions,
    factor_use,
    find_products,
    revisions_by_ids,
    revisions_for_products,
    revisions_with_substances,
)
from registry.substances.service import record_components, record_products
from tests.intake.tables import counted
from tests.substances.conftest import Record, product

TODAY = date(2026, 11, 22)
MG = 10**6


@pytest.fixture
def later(clock: FixedClock) -> FixedClock:
    return replace(clock, moment=datetime(2026, 12, 1, 9, 0, tzinfo=clock.zone))


@pytest.fixture
def example(add_products: Record, add_components: Record, lists: Session) -> dict[str, RevisionFact]:
    """The products of the example year."""
    rows = [
        product("MOR10"),
        product("FEN01", form="solution for injection"),
        product("MET5", form="oral solution", unit="ml"),
        product("CODRAW", form="substance", unit="g"),
        product("CODPAR", other_ingredients="paracetamol 500 mg"),
        product("DIA5"),
    ]
    assert add_products(*rows).problems == []
    outcome = add_components(
        ("MOR10", "NM 009", "sulfate pentahydrate", 10 * MG),
        ("FEN01", "NF 001", "citrate", 157_000),
        ("MET5", "NM 002", "hydrochloride", 5 * MG),
        ("CODRAW", "NC 005", "phosphate hemihydrate", 1000 * MG),
        ("CODPAR", "NC 005", "phosphate hemihydrate", 8 * MG),
        ("DIA5", "PD 006", "base", 5 * MG),
    )
    assert (outcome.accepted, outcome.problems) == (6, [])
    found = revisions_for_products(lists, [str(row["code"]) for row in rows], TODAY)
    return {code: revisions[-1] for code, revisions in found.items()}


def codes(outcome) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.column, problem.code) for problem in outcome.problems]


def test_base_of_the_example_products(example: dict[str, RevisionFact]) -> None:
    base = {code: revision.components[0].base_ng_per_unit for code, revision in example.items()}
    assert base == {
        "MOR10": Fraction("7.5") * MG,
        "FEN01": Fraction("0.10048") * MG,
        "MET5": Fraction("4.5") * MG / 1000,
        "CODRAW": 740 * MG / Fraction(10**6),
        "CODPAR": Fraction("5.92") * MG,
        "DIA5": 5 * MG,
    }


def test_schedule_three_and_permits_of_the_example(example: dict[str, RevisionFact]) -> None:
    assert {code: revision.schedule_three for code, revision in example.items()} == {
        "MOR10": False,
        "FEN01": False,
        "MET5": False,
        "CODRAW": False,
        "CODPAR": True,
        "DIA5": False,
    }
    assert [code for code, revision in example.items() if not needs_permit(revision)] == ["CODPAR"]
    assert "5.92 mg of codeine" in str(example["CODPAR"].schedule_three_reason)
    assert example["CODPAR"].schedules == {"1961:II", "1961:III"}
    assert example["DIA5"].classes == {"psychotropic"}
    assert [code for code, revision in example.items() if is_substance_form(revision)] == ["CODRAW"]


def test_the_first_composition_counts_from_the_first_day(example: dict[str, RevisionFact]) -> None:
    assert {revision.valid_from for revision in example.values()} == {FIRST_DAY}


def test_a_product_completed_late_has_its_composition_from_the_first_day_too(
    lists: Session, add_products: Record, add_components: Record, later: FixedClock
) -> None:
    add_products(product("LATE"))
    add_products(product("LATE", name="renamed"), at=later)
    add_components(("LATE", "NM 009", "base", MG), at=later)

    in_force = revision_on(revisions_for_products(lists, ["LATE"], TODAY)["LATE"], date(2024, 1, 1))
    assert (in_force.name, len(in_force.components)) == ("renamed", 1)


def test_the_same_rows_again_change_nothing(
    lists: Session, example, add_products: Record, add_components: Record
) -> None:
    before = lists.scalar(select(func.count()).select_from(models.ProductRevision))
    again = add_products(product("MOR10"), product("DIA5"))
    parts = add_components(
        ("MOR10", "NM 009", "sulfate pentahydrate", 10 * MG), ("MOR10", "NM 009", "sulfate", 10 * MG)
    )

    assert (again.accepted, again.duplicates) == (0, 2)
    assert (parts.accepted, parts.duplicates) == (0, 2)
    assert lists.scalar(select(func.count()).select_from(models.ProductRevision)) == before


def test_other_content_is_a_dated_revision_with_the_composition_carried_along(
    lists: Session, example, add_products: Record, later: FixedClock
) -> None:
    outcome = add_products(product("CODPAR", other_ingredients=""), at=later)

    revisions = revisions_for_products(lists, ["CODPAR"], TODAY)["CODPAR"]
    assert outcome.accepted == 1
    assert revision_on(revisions, date(2026, 11, 30)).schedule_three is True
    newest = revision_on(revisions, date(2026, 12, 1))
    assert (newest.valid_from, newest.schedule_three) == (date(2026, 12, 1), False)
    assert newest.components == example["CODPAR"].components


def test_a_changed_component_keeps_the_others(
    lists: Session, add_products: Record, add_components: Record, later: FixedClock
) -> None:
    add_products(product("MIX"))
    add_components(("MIX", "NC 005", "base", 10 * MG), ("MIX", "PP 008", "base", 20 * MG))
    outcome = add_components(("MIX", "NC 005", "base", 12 * MG), at=later)

    revisions = revisions_for_products(lists, ["MIX"], TODAY)["MIX"]
    assert outcome.accepted == 1
    amounts = {part.substance_code: part.amount_ng for part in revisions[-1].components}
    assert amounts == {"NC 005": 12 * MG, "PP 008": 20 * MG}
    assert revision_on(revisions, date(2026, 11, 30)).components[0].amount_ng == 10 * MG


def test_rows_of_one_product_make_one_revision(lists: Session, add_products: Record, add_components: Record) -> None:
    add_products(product("MIX"))
    add_components(("MIX", "NC 005", "base", 10 * MG), ("MIX", "PP 008", "base", 20 * MG))
    assert [len(revision.components) for revision in revisions_for_products(lists, ["MIX"], TODAY)["MIX"]] == [0, 2]


def test_the_unit_of_a_product_never_changes(lists: Session, add_products: Record) -> None:
    add_products(product("SYR", unit="ml"))
    outcome = add_products(product("SYR", unit="l"), product("NEW"))
    assert codes(outcome) == [(2, "unit", "unit-changed")]
    assert "balances could not be compared" in str(outcome.problems[0].message)
    assert "NEW" not in revisions_for_products(lists, ["NEW"], TODAY)


def test_every_problem_of_a_product_file_comes_back_at_once(add_products: Record) -> None:
    outcome = add_products(
        product("A", gtin="4006381333932", country="XX", unit="box", control="maybe"),
        product("B", gtin="4006381333931"),
        product("B"),
        product("C", gtin="12 34"),
        {"code": "D", "name": None, "form": None, "unit": "g"},
    )
    assert sorted(codes(outcome)) == [
        (2, "control", "unknown-value"),
        (2, "country", "unknown-country"),
        (2, "gtin", "not-a-gtin"),
        (2, "unit", "unknown-value"),
        (4, "code", "repeated-key"),
        (5, "gtin", "not-a-gtin"),
        (6, "form", "missing"),
        (6, "name", "missing"),
    ]
    assert (outcome.accepted, outcome.duplicates) == (0, 0)


def test_every_problem_of_a_component_file_comes_back_at_once(add_products: Record, add_components: Record) -> None:
    add_products(product("MOR10"), product("RAW", form="substance", unit="g"))
    outcome = add_components(
        ("MOR1", "NM 009", "base", MG),
        ("MOR10", "morphin", "base", MG),
        ("MOR10", "NM 009", "hydrochloride", MG),
        ("MOR10", "1988:ephedrine", "hydrochloride", MG),
        ("MOR10", "NF 001", "citrate", 0),
        ("RAW", "NC 005", "base", 1000 * MG + 1),
        ("MOR10", "NC 005", "base", MG),
        ("MOR10", "NC 005", "base", 2 * MG),
    )
    assert sorted(codes(outcome)) == [
        (2, "product", "unknown-product"),
        (3, "substance", "unknown-substance"),
        (4, "salt", "ambiguous-salt"),
        (5, "salt", "no-factor-printed"),
        (6, "amount_mg", "not-a-quantity"),
        (7, "amount_mg", "more-than-whole"),
        (9, "amount_mg", "repeated-key"),
    ]
    messages = {problem.row: str(problem.message) for problem in outcome.problems}
    assert "MOR10" in messages[2]
    assert "NM 009 (morphine)" in messages[3]
    assert "hydrochloride anhydrous (89 %); hydrochloride trihydrate (76 %)" in messages[4]


def test_a_whole_gram_fits_into_a_gram(add_products: Record, add_components: Record) -> None:
    add_products(product("RAW", form="substance", unit="g"), product("TON", form="substance", unit="kg"))
    outcome = add_components(("RAW", "NC 005", "base", 1000 * MG), ("TON", "1988:acetone", "base", 10**6 * MG))
    assert (outcome.accepted, outcome.problems) == (2, [])


def test_permits_and_exemptions(lists: Session, add_products: Record, add_components: Record) -> None:
    add_products(
        product("EXEMPT", control="exempt_1971"),
        product("FREE", control="none"),
        product("COUGH", other_ingredients="x"),
        product("COUGHPHEN", other_ingredients="x"),
        product("AMP", form="ampoule", other_ingredients="x"),
        product("PLAIN"),
        product("EPH"),
    )
    add_components(
        ("EXEMPT", "PD 006", "base", MG),
        ("FREE", "PD 006", "base", MG),
        ("COUGH", "NC 005", "base", MG),
        ("COUGHPHEN", "NC 005", "base", MG),
        ("COUGHPHEN", "PP 008", "base", MG),
        ("AMP", "NC 005", "base", MG),
        ("EPH", "1988:ephedrine", "base", MG),
    )
    found = {revision.code: needs_permit(revision) for revision in current_revisions(lists, TODAY)}
    assert found == {
        "EXEMPT": False,
        "FREE": False,
        "COUGH": False,
        "COUGHPHEN": True,
        "AMP": True,
        "PLAIN": False,
        "EPH": True,
    }


def test_products_are_found_by_any_of_their_words(lists: Session, add_products: Record, add_components: Record) -> None:
    add_products(
        product("MOR10", name="Morphine 10 mg", name_ru="Морфин 10 мг", gtin="4006381333931"),
        product("DIA5"),
        product("A%B"),
    )
    add_components(("MOR10", "NM 009", "base", MG))
    for words in ("mor10", "MORPHINE", "морфин", "МОРФИН", "4006381333931", "NM 009"):
        assert [revision.code for revision in find_products(lists, words, 10, TODAY)] == ["MOR10"], words
    assert [revision.code for revision in find_products(lists, "%", 10, TODAY)] == ["A%B"]


def test_revisions_by_ids(lists: Session, example: dict[str, RevisionFact]) -> None:
    ids = [revision.id for revision in example.values()]
    assert revisions_by_ids(lists, ids, TODAY) == {revision.id: revision for revision in example.values()}
    assert revisions_by_ids(lists, [], TODAY) == {}


def test_revisions_that_hold_a_substance_are_found_old_ones_too(
    lists: Session, example: dict[str, RevisionFact], add_products: Record, later: FixedClock
) -> None:
    add_products(product("CODPAR", other_ingredients=""), at=later)
    codeine = example["CODRAW"].components[0].substance_id
    found = revisions_with_substances(lists, [codeine], TODAY)
    assert sorted((revision.code, revision.number) for revision in found.values()) == [
        ("CODPAR", 2),
        ("CODPAR", 3),
        ("CODRAW", 2),
    ]
    assert found[example["CODRAW"].id] == example["CODRAW"]


def test_factors_behind_the_figures(lists: Session, example: dict[str, RevisionFact]) -> None:
    uses = [
        (example["MOR10"].id, date(2024, 5, 1)),
        (example["MOR10"].id, date(2025, 5, 1)),
        (example["DIA5"].id, TODAY),
    ]
    early, since, base = factor_use(lists, uses)
    assert (early.base_ppm, early.printed_ppm, early.edition, early.later_edition) == (
        750_000,
        750_000,
        "yellow 64",
        True,
    )
    assert (since.later_edition, since.edition_from) == (False, date(2025, 1, 1))
    assert (base.salt, base.printed_ppm, base.later_edition) == ("base", 1_000_000, False)


@pytest.mark.parametrize("clean", [True, False])
def test_statements_do_not_grow_with_the_rows(lists: Session, clock: FixedClock, *, clean: bool) -> None:
    numbers = []
    for size in (10, 500):
        names = [f"{size}-{n}" for n in range(size)]
        rows = [{"row": n, **product(name)} for n, name in enumerate(names, start=2)]
        substance = "NM 009" if clean else "NM 909"
        parts = [
            {"row": n, "product": name, "substance": substance, "salt": "base", "amount_ng": n}
            for n, name in enumerate(names, start=2)
        ]
        with counted(lists) as sent:
            assert record_products(lists, SYSTEM, clock, rows).accepted == size
            outcome = record_components(lists, SYSTEM, clock, parts)
            revisions_for_products(lists, names, TODAY)
        assert len(outcome.problems) == (0 if clean else size)
        numbers.append(len(sent))
    assert numbers[0] == numbers[1]
    assert numbers[0] > 0
