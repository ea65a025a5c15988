"""Finding substances, and what a licence's terms cover."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from registry.kernel.codes import search_key
from registry.substances.domain import ComponentFact, is_scope_term, normalise_scope_term, scope_covers
from registry.substances.domain.schedule_three import NEEDS
from registry.substances.queries import (
    find_substances,
    meant_by,
    schedule_three_limits,
    substances_by_ids,
    substances_on,
    unknown_substances,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("morphine", "NM 009"),
        ("NM009", "NM 009"),
        ("nm-009", "NM 009"),
        ("57-27-2", "NM 009"),
        ("meperidine", "NP 001"),
        ("LSD", "PL 002"),
        ("Acetic Anhydride", "1988:acetic-anhydride"),
        ("1988:acetic-anhydride", "1988:acetic-anhydride"),
        ("diazep", "PD 006"),
    ],
)
def test_a_substance_is_found_by_any_name(lists: Session, words: str, code: str) -> None:
    assert find_substances(lists, words, 5, TODAY)[0].substance.code == code


def test_a_trade_name_is_a_suggestion(lists: Session) -> None:
    match = find_substances(lists, "Abalgin", 5, TODAY)[0]
    assert (match.substance.code, match.kind, match.suggestion) == ("ND 004", "trade", True)
    assert not find_substances(lists, "fentanyl", 5, TODAY)[0].suggestion


def test_each_substance_comes_once_and_no_more_than_asked(lists: Session) -> None:
    found = [match.substance.code for match in find_substances(lists, "morph", 12, TODAY)]
    assert len(found) == len(set(found)) == 12


@pytest.mark.parametrize("words", ["", "  ", "%", "_", "no such thing"])
def test_nothing_is_found_for_nothing(lists: Session, words: str) -> None:
    assert find_substances(lists, words, 5, TODAY) == []


def test_substances_by_id(lists: Session) -> None:
    match = find_substances(lists, "NH 001", 1, TODAY)[0].substance
    assert substances_by_ids(lists, [match.id, -1]) == {match.id: match}
    assert match.schedules == {"1961:I", "1961:IV"}


def test_limits_name_known_conditions_and_drugs(lists: Session) -> None:
    limits = schedule_three_limits(lists, TODAY)
    assert [limit.rule for limit in limits] == ["1"] * 8 + ["2", "3", "4a", "4b", "5", "6", "7", "8"]
    assert {need for limit in limits for need in limit.needs} == set(NEEDS)
    by_drug = {drug: limit for limit in limits for drug in limit.drugs}
    assert (by_drug["NC 005"].max_per_dosage_unit_ng, by_drug["NC 005"].max_undivided_ppm) == (100 * 10**6, 25_000)
    assert by_drug["ND 007"].max_per_dosage_unit_ng == 500_000


def component(code: str, treaty: str, *schedules: str) -> ComponentFact:
    return ComponentFact(1, code, code, treaty, frozenset(schedules), "base", 1, 10**6, Fraction(1))


MORPHINE = component("NM 009", "1961", "1961:I")
HEROIN = component("NH 001", "1961", "1961:I", "1961:IV")
DIAZEPAM = component("PD 006", "1971", "1971:IV")
ANHYDRIDE = component("1988:acetic-anhydride", "1988", "1988:I")


@pytest.mark.parametrize(
    ("term", "covered"),
    [
        ("NM 009", [MORPHINE]),
        ("nm009", [MORPHINE]),
        ("narcotic", [MORPHINE, HEROIN]),
        ("Psychotropic", [DIAZEPAM]),
        ("precursor", [ANHYDRIDE]),
        ("1961:I", [MORPHINE, HEROIN]),
        ("1961:iv", [HEROIN]),
        ("1961:II", []),
        ("1961:III", []),
        ("1971:IV", [DIAZEPAM]),
        ("1988:I", [ANHYDRIDE]),
        ("1988:II", []),
        ("1988:acetic-anhydride", [ANHYDRIDE]),
        ("1988:Acetic anhydride", [ANHYDRIDE]),
    ],
)
def test_what_a_term_covers(term: str, covered: list[ComponentFact]) -> None:
    everything = [MORPHINE, HEROIN, DIAZEPAM, ANHYDRIDE]
    assert [part for part in everything if scope_covers(term, part)] == covered
    assert is_scope_term(term)


def test_schedule_three_covers_preparations_of_it_only() -> None:
    assert scope_covers("1961:III", MORPHINE, schedule_three=True)
    assert not scope_covers("1961:III", DIAZEPAM, schedule_three=True)


@pytest.mark.parametrize("term", ["", "morphine", "1961", "1988:", "NM 9", "all"])
def test_what_is_no_term(term: str) -> None:
    assert not is_scope_term(term)


def test_a_table_that_does_not_exist_is_read_as_a_code() -> None:
    assert normalise_scope_term("1988:IV") == "1988:iv"
    assert not scope_covers("1988:IV", ANHYDRIDE)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("morphine", "NM 009"),
        ("MORPHINE", "NM 009"),
        ("nm-009", "NM 009"),
        ("Pethidine", "NP 001"),
        ("57-27-2", "NM 009"),
        ("morph", None),
        ("Abalgin", None),
        ("", None),
    ],
)
def test_a_whole_name_or_code_decides_a_part_or_a_trade_name_does_not(
    lists: Session, words: str, code: str | None
) -> None:
    meant = meant_by(find_substances(lists, words, 20, TODAY))
    assert (meant.code if meant else None) == code


def test_every_name_of_the_lists_means_its_own_substance(lists: Session) -> None:
    """A name that two substances bear in the lists is the only one that leaves a choice."""
    named: dict[str, set[str]] = {}
    for fact in substances_on(lists, TODAY):
        named.setdefault(search_key(fact.name), set()).add(fact.code)
    for name in sorted(named)[::25]:
        meant = meant_by(find_substances(lists, name, 20, TODAY))
        assert (meant.code if meant else None) == (next(iter(named[name])) if len(named[name]) == 1 else None), name


def test_what_may_have_been_meant_is_offered(lists: Session) -> None:
    said = unknown_substances(lists, ["NM 00", "morfine", "qqqq"], TODAY)
    assert "NM 009 (morphine)" in str(said["morfine"])
    assert "NM 00" in str(said["NM 00"])
    assert str(said["qqqq"]) == "there is no substance with the code “qqqq”"
    assert unknown_substances(lists, [], TODAY) == {}
