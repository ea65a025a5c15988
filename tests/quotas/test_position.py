"""The position: both sides, what binds, which lines count when, and the rules over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from registry.kernel.rules import Severity
from registry.quotas.domain import rules
from registry.quotas.domain.estimates import sum_of
from registry.quotas.domain.lines import LineFact, LineState, ceilings_of, counts_from
from registry.quotas.domain.position import Position, as_json, headroom_pieces, judged_on, position_of
from registry.substances.domain.facts import SubstanceFact

G = 10**9
MORPHINE = SubstanceFact(1, "NM 009", "morphine", "1961")
DIAZEPAM = SubstanceFact(2, "PD 006", "diazepam", "1971")
ANHYDRIDE = SubstanceFact(3, "1988:acetic-anhydride", "acetic anhydride", "1988")
LOCAL = SubstanceFact(4, "national:x", "x", "national")
DAY = date(2026, 6, 1)


def line(kind: str, grams: int, **changes: object) -> LineFact:
    fact = LineFact(
        id=int(changes.pop("id", 1)),  # type: ignore[call-overload]
        year=2026,
        substance_id=1,
        kind=kind,
        item="consumption" if kind in ("estimate", "supplement") else None,
        organisation_id=None,
        quantity_ng=grams * G,
        effective_on=date(2026, 1, 1),
    )
    return replace(fact, **changes)  # type: ignore[arg-type]


def figures(**grams: int) -> dict[str, Fraction]:
    return {column: Fraction(quantity * G) for column, quantity in grams.items()}


def position(
    *lines: LineFact,
    substance: SubstanceFact = MORPHINE,
    year: int = 2026,
    before: dict[str, Fraction] | None = None,
    moved: dict[str, Fraction] | None = None,
    reserved: int = 0,
    as_of: date = DAY,
) -> Position:
    return position_of(substance, year, lines, before or {}, moved or {}, Fraction(reserved * G), as_of)


def test_the_contract_s_own_figures() -> None:
    found = position(
        line("estimate", 10_500),
        line("state_quota", 12_000),
        moved=figures(exported=500, imported=7000),
        reserved=2500,
    )
    assert as_json(found, "NM 009", "morphine") == {
        "substance": "NM 009", "name": "morphine", "treaty": "1961", "estimate_total_g": "10500",
        "state_quota_g": "12000", "exported_g": "500", "manufactured_g": "0", "imported_g": "7000",
        "reserved_g": "2500", "headroom_g": "1500", "bound_by": "estimate",
    }  # fmt: skip


@pytest.mark.parametrize(("quota", "side"), [(99, "state_quota"), (100, "estimate"), (101, "estimate")])
def test_the_smaller_side_binds(quota: int, side: str) -> None:
    found = position(line("estimate", 100), line("state_quota", quota))
    assert (found.headroom, found.bound_by) == (min(quota, 100) * G, side)


def test_without_lines_nothing_may_be_granted() -> None:
    found = position()
    assert (found.estimate_total, found.headroom, found.bound_by, found.state_quota) == (0, 0, "estimate", None)
    assert as_json(found, "NM 009", "morphine")["state_quota_g"] is None
    assert position(substance=DIAZEPAM).bound_by == "assessment"


def test_exports_do_not_widen_an_assessment() -> None:
    lines = (line("assessment", 100),)
    found = position(*lines, substance=DIAZEPAM, moved=figures(exported=40, imported=30), reserved=20)
    assert (found.headroom, found.exported, found.bound_by) == (50 * G, 40 * G, "assessment")


def test_exports_do_not_widen_the_state_quota() -> None:
    found = position(line("estimate", 100), line("state_quota", 100), moved=figures(exported=40))
    assert (found.headroom, found.bound_by) == (100 * G, "state_quota")


def test_last_year_s_excess_is_taken_off() -> None:
    lines = (line("estimate", 100), line("estimate", 50, year=2025, effective_on=date(2025, 1, 1)))
    found = position(*lines, before=figures(imported=60, consumed=60))
    assert found.estimate_total == 90 * G
    assert [piece.quantity for piece in found.pieces] == [100 * G, -10 * G]


def test_it_may_be_negative() -> None:
    assert position(line("estimate", 10), moved=figures(imported=11)).headroom == -G


def test_precursors_only_advise() -> None:
    found = position(line("alr", 100), substance=ANHYDRIDE, reserved=150)
    assert (found.headroom, found.binds, found.grantable_ng, found.bound_by) == (-50 * G, False, None, "alr")
    [finding] = [rules.over_quota(ANHYDRIDE, found, Fraction(1))]
    assert finding is not None
    assert (finding.rule, finding.severity, finding.largest_g) == (rules.WITHIN_REQUIREMENT, Severity.FLAG, None)


def test_what_only_the_country_controls_is_bound_by_its_quota_alone() -> None:
    assert rules.over_quota(LOCAL, position(substance=LOCAL), Fraction(G)) is None
    found = position(line("state_quota", 5), substance=LOCAL)
    assert (found.headroom, found.bound_by) == (5 * G, "state_quota")


def test_a_supplement_adds_from_its_day() -> None:
    lines = (line("estimate", 100), line("supplement", 20, id=2, effective_on=date(2026, 6, 2)))
    assert position(*lines).estimate_total == 100 * G
    assert position(*lines, as_of=date(2026, 6, 2)).estimate_total == 120 * G


def test_a_later_state_quota_replaces_from_its_day() -> None:
    lines = (
        line("estimate", 900),
        line("state_quota", 100),
        line("state_quota", 80, id=2, act="2", effective_on=date(2026, 6, 2)),
    )
    assert position(*lines).state_quota == 100 * G
    assert position(*lines, as_of=date(2026, 6, 2)).state_quota == 80 * G
    assert position(*lines[::-1], as_of=date(2026, 6, 2)).state_quota == 80 * G


@pytest.mark.parametrize(("year", "grams"), [(2025, 0), (2026, 100), (2027, 100), (2040, 100)])
def test_an_assessment_stays_until_replaced(year: int, grams: int) -> None:
    found = position(line("assessment", 100), substance=DIAZEPAM, year=year, as_of=date(year, 12, 31))
    assert found.estimate_total == grams * G


def test_estimates_do_not_stay() -> None:
    assert position(line("estimate", 100), year=2027, as_of=date(2027, 1, 1)).estimate_total == 0
    assert position(line("state_quota", 100), year=2027, as_of=date(2027, 1, 1)).state_quota is None


def test_a_new_assessment_also_replaces_the_supplements_of_the_old() -> None:
    old = (line("assessment", 100), line("supplement", 30, id=2, item=None, effective_on=date(2026, 3, 1)))
    new = line("assessment", 50, id=3, year=2027, effective_on=date(2027, 1, 1))
    assert position(*old, substance=DIAZEPAM).estimate_total == 130 * G
    assert position(*old, substance=DIAZEPAM, year=2027, as_of=date(2027, 5, 1)).estimate_total == 130 * G
    found = position(*old, new, substance=DIAZEPAM, year=2027, as_of=date(2027, 5, 1))
    assert (found.estimate_total, found.ceiling_year) == (50 * G, 2027)


def test_only_approved_lines_count() -> None:
    for state in (LineState.PROPOSED, LineState.WITHDRAWN):
        assert position(line("estimate", 100, state=state)).headroom == 0


def test_next_year_is_judged_by_what_will_count_on_its_first_day() -> None:
    coming = line("estimate", 100, year=2027, effective_on=date(2027, 1, 1))
    later = line("supplement", 5, id=2, year=2027, effective_on=date(2027, 1, 2))
    assert position(coming, later, year=2027).estimate_total == 100 * G


def test_several_establishments_add_up_and_allocations_stand_side_by_side() -> None:
    made = [line("estimate", 10, id=n, item="synthetic_manufacture", organisation_id=n) for n in (1, 2, 3)]
    assert position(*made).estimate_total == 30 * G
    shares = [line("allocation", n, id=n, organisation_id=n) for n in (1, 2)]
    assert ceilings_of("1961", 2026, shares, DAY).allocations == {1: G, 2: 2 * G}


def test_the_day_a_line_counts_from() -> None:
    assert counts_from(2026, None, None) == date(2026, 1, 1)
    assert counts_from(2026, date(2025, 12, 20), None) == date(2026, 1, 1)
    assert counts_from(2026, date(2026, 5, 1), None) == date(2026, 5, 1)
    assert counts_from(2026, date(2026, 5, 1), date(2026, 7, 1)) == date(2026, 7, 1)


def test_every_figure_explains_itself() -> None:
    for found in (
        position(line("estimate", 100), line("state_quota", 90), moved=figures(imported=3, exported=5), reserved=7),
        position(line("estimate", 100), line("state_quota", 200), moved=figures(imported=3, exported=5), reserved=7),
        position(line("assessment", 9), substance=DIAZEPAM, moved=figures(imported=3, exported=5)),
    ):
        assert sum_of(headroom_pieces(found)) == found.headroom
        assert sum((piece.quantity for piece in found.pieces), Fraction(0)) == found.estimate_total


def test_a_past_year_is_judged_on_its_last_day() -> None:
    assert judged_on(2024, DAY) == date(2024, 12, 31)
    assert judged_on(2026, DAY) == DAY
    assert judged_on(2027, DAY) == DAY


@pytest.mark.parametrize(("need", "fits"), [(99, True), (100, True), (101, False)])
def test_qta_01_within_quota(need: int, fits: bool) -> None:
    finding = rules.over_quota(MORPHINE, position(line("estimate", 100)), Fraction(need * G))
    assert (finding is None) is fits
    if finding is not None:
        assert (finding.rule.code, finding.severity, finding.largest_g) == ("QTA-01", Severity.REFUSE, "100")


def test_qta_02_state_quota_set() -> None:
    assert rules.missing_state_quota(MORPHINE, position()) is not None
    assert rules.missing_state_quota(MORPHINE, position(line("state_quota", 1))) is None
    assert rules.missing_state_quota(ANHYDRIDE, position(substance=ANHYDRIDE)) is None


@pytest.mark.parametrize(("year", "old"), [(2026, False), (2028, False), (2029, True), (2030, True)])
def test_qta_03_assessment_fresh(year: int, old: bool) -> None:
    found = position(line("assessment", 1), substance=DIAZEPAM, year=year, as_of=date(year, 6, 1))
    assert (rules.old_assessment(DIAZEPAM, found) is not None) is old
    requirement = position(line("alr", 1), substance=ANHYDRIDE, year=year, as_of=date(year, 6, 1))
    assert rules.old_assessment(ANHYDRIDE, requirement) is None


@pytest.mark.parametrize(("need", "over"), [(39, False), (40, False), (41, True)])
def test_qta_04_within_allocation(need: int, over: bool) -> None:
    found = position(line("estimate", 500), line("allocation", 100, organisation_id=7))
    assert (rules.over_allocation(MORPHINE, found, 7, Fraction(60 * G), Fraction(need * G)) is not None) is over
    assert rules.over_allocation(MORPHINE, found, 8, Fraction(60 * G), Fraction(need * G)) is None


@pytest.mark.parametrize(("share", "over"), [(89, False), (90, False), (91, True)])
def test_qta_05_allocations_leave_the_reserve(share: int, over: bool) -> None:
    found = position(line("state_quota", 100), line("allocation", share, organisation_id=7))
    assert (rules.allocated_too_much(MORPHINE, found) is not None) is over


@pytest.mark.parametrize(
    ("used", "day", "flagged"),
    [
        (49, date(2026, 9, 29), False),
        (49, date(2026, 9, 30), True),
        (50, date(2026, 9, 30), False),
        (51, date(2026, 12, 31), False),
    ],
)
def test_qta_06_under_use(used: int, day: date, flagged: bool) -> None:
    found = position(line("estimate", 100), moved=figures(imported=used))
    assert (rules.under_used(MORPHINE, found, day) is not None) is flagged


@pytest.mark.parametrize(("imported", "flagged"), [(99, False), (100, False), (101, True)])
def test_qta_07_not_overdrawn(imported: int, flagged: bool) -> None:
    found = position(line("estimate", 100), moved=figures(imported=imported), reserved=50)
    assert (rules.overdrawn(MORPHINE, found) is not None) is flagged


@pytest.mark.parametrize(("need", "flagged"), [(99, False), (100, False), (101, True)])
def test_qta_09_within_requirement(need: int, flagged: bool) -> None:
    """A requirement advises: too much is flagged, never refused."""
    found = rules.over_quota(
        ANHYDRIDE, position(line("alr", 100, substance_id=3), substance=ANHYDRIDE), Fraction(need * G)
    )
    assert (found is not None) is flagged
    if found is not None:
        assert (found.rule.code, found.severity) == ("QTA-09", Severity.FLAG)


def test_rules_are_declared_once() -> None:
    codes = [rule.code for rule in rules.RULES]
    assert len(codes) == len(set(codes)) == 10
