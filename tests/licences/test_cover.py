"""LIC-01: which days a licence covers a product at a site. Pure, no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.kernel.rules import Severity
from registry.licences.domain import (
    ACTS,
    ALWAYS,
    LICENCE_COVERS,
    LicenceFact,
    covered_on,
    covering_periods,
    merged,
)
from registry.substances.domain.facts import ComponentFact, RevisionFact

ANY = frozenset[str]()
IMPORT = frozenset({"import"})
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
DAY = timedelta(days=1)


def part(code: str, treaty: str, *schedules: str) -> ComponentFact:
    return ComponentFact(1, code, code, treaty, frozenset(schedules), "base", 1, 10**6, Fraction(1))


MORPHINE = part("NM 009", "1961", "1961:I")
DIAZEPAM = part("PD 006", "1971", "1971:IV")
ACETONE = part("1988:acetone", "1988", "1988:II")
CAFFEINE = part("national:caffeine", "national")


def product(*parts: ComponentFact, control: str = "auto", schedule_three: bool | None = False) -> RevisionFact:
    return RevisionFact(1, 1, "X", 1, date(1900, 1, 1), "X", "tablet", "piece", control, schedule_three, parts)


def licence(*scope: str, acts: str = "import;storage", **changes: object) -> LicenceFact:
    fact = LicenceFact(1, "L", 1, None, frozenset(acts.split(";")), scope, date(1900, 1, 1), None, FIRST, LAST)
    return replace(fact, **changes)  # type: ignore[arg-type]


def test_lic_01_refuses_also_what_is_reported() -> None:
    assert (LICENCE_COVERS.severity, LICENCE_COVERS.reported) == (Severity.REFUSE, Severity.REFUSE)


def test_lic_01_first_and_last_day_count_and_their_neighbours_do_not() -> None:
    periods = covering_periods([licence("narcotic")], None, IMPORT, product(MORPHINE))
    assert periods == ((FIRST, LAST),)
    assert [covered_on(periods, day) for day in (FIRST - DAY, FIRST, LAST, LAST + DAY)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("scope", "acts", "asked", "revision", "covered"),
    [
        ("NM 009", "import", IMPORT, product(MORPHINE), True),
        ("nm009", "import", IMPORT, product(MORPHINE), True),
        ("1961:I", "import", IMPORT, product(MORPHINE), True),
        ("1961:II", "import", IMPORT, product(MORPHINE), False),
        ("psychotropic", "import", IMPORT, product(MORPHINE), False),
        ("narcotic", "export", IMPORT, product(MORPHINE), False),
        ("narcotic", "sale", frozenset({"distribution", "sale"}), product(MORPHINE), True),
        ("narcotic", "storage", ANY, product(MORPHINE), True),
        ("narcotic", "import", IMPORT, product(MORPHINE, DIAZEPAM), False),
        ("1961:III", "import", IMPORT, product(MORPHINE, schedule_three=True), True),
        ("1961:III", "import", IMPORT, product(MORPHINE, schedule_three=None), False),
        ("precursor", "import", IMPORT, product(ACETONE), True),
        ("psychotropic", "import", IMPORT, product(DIAZEPAM, control="exempt_1971"), True),
        ("narcotic", "import", IMPORT, product(DIAZEPAM, control="exempt_1971"), False),
    ],
)
def test_lic_01_scope_and_act(
    scope: str, acts: str, asked: frozenset[str], revision: RevisionFact, covered: bool
) -> None:
    periods = covering_periods([licence(scope, acts=acts)], 7, asked, revision)
    assert periods == (((FIRST, LAST),) if covered else ())


@pytest.mark.parametrize("revision", [product(), product(CAFFEINE), product(MORPHINE, control="none")])
def test_nothing_controlled_needs_no_licence(revision: RevisionFact) -> None:
    assert covering_periods([], 7, IMPORT, revision) == ALWAYS


def test_a_licence_of_one_site_covers_no_other() -> None:
    held = [licence("narcotic", site_id=7)]
    assert covering_periods(held, 7, IMPORT, product(MORPHINE))
    assert not covering_periods(held, 8, IMPORT, product(MORPHINE))
    # An application is the organisation's: any of its sites will do.
    assert covering_periods(held, None, IMPORT, product(MORPHINE))


def test_every_component_on_the_same_day() -> None:
    held = [licence("narcotic"), licence("psychotropic", valid_from=date(2025, 6, 1), valid_to=date(2026, 6, 1))]
    assert covering_periods(held, 7, IMPORT, product(MORPHINE, DIAZEPAM)) == ((date(2025, 6, 1), LAST),)


def test_renewal_without_a_gap_is_one_period_and_with_a_gap_two() -> None:
    seamless = licence("narcotic", valid_from=LAST + DAY, valid_to=date(2026, 12, 31))
    late = replace(seamless, valid_from=LAST + 2 * DAY)
    assert covering_periods([seamless, licence("narcotic")], 7, IMPORT, product(MORPHINE)) == (
        (FIRST, date(2026, 12, 31)),
    )
    assert covering_periods([late, licence("narcotic")], 7, IMPORT, product(MORPHINE)) == (
        (FIRST, LAST),
        (LAST + 2 * DAY, date(2026, 12, 31)),
    )


def test_the_revision_in_force_on_the_day_decides() -> None:
    changed = date(2025, 7, 1)
    held = [
        licence("narcotic", superseded_on=changed),
        licence("psychotropic", effective_on=changed),
    ]
    assert covering_periods(held, 7, IMPORT, product(MORPHINE)) == ((FIRST, changed - DAY),)
    assert covering_periods(held, 7, IMPORT, product(DIAZEPAM)) == ((changed, LAST),)
    replaced_at_once = replace(held[1], superseded_on=changed)
    assert replaced_at_once.in_force is None
    assert not replaced_at_once.is_in_force(changed)
    assert held[1].is_in_force(changed)


DAYS = st.dates(date(2025, 1, 1), date(2025, 3, 31))
PERIODS = st.lists(st.tuples(DAYS, DAYS).map(lambda pair: (min(pair), max(pair))), max_size=6)


@given(PERIODS, DAYS)
def test_merged_periods_hold_the_same_days_and_never_touch(periods: list[tuple[date, date]], day: date) -> None:
    joined = merged(periods)
    assert covered_on(joined, day) == covered_on(periods, day)
    assert all(later[0] > earlier[1] + DAY for earlier, later in pairwise(joined))


@given(st.lists(st.tuples(st.sampled_from(["narcotic", "psychotropic", "NM 009"]), DAYS, DAYS), max_size=6), DAYS)
def test_periods_agree_with_asking_day_by_day(drawn: list[tuple[str, date, date]], day: date) -> None:
    held = [licence(scope, valid_from=min(one, two), valid_to=max(one, two)) for scope, one, two in drawn]
    names = {"NM 009": {"narcotic", "NM 009"}, "PD 006": {"psychotropic"}}
    by_hand = all(
        any(fact.scope[0] in terms and fact.valid_from <= day <= fact.valid_to for fact in held)
        for terms in names.values()
    )
    assert covered_on(covering_periods(held, 7, IMPORT, product(MORPHINE, DIAZEPAM)), day) == by_hand


def test_acts_are_those_of_the_contract() -> None:
    assert len(ACTS) == 20
    assert all(code == act.code for code, act in ACTS.items())
