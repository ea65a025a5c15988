"""Quota lines: from files, proposed and approved, and what the ledger tells."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.flags.queries import worklist
from registry.intake.check import Report
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, Invalid, NotFound, RuleRefused
from registry.quotas.domain.position import Position
from registry.quotas.domain.rules import ALLOCATIONS_WITHIN_QUOTA, NOT_OVERDRAWN, STATE_QUOTA_SET
from registry.quotas.queries import ledger_until, positions, proposed_lines
from registry.quotas.service import (
    ProposedLine,
    approve_line,
    ensure_and_lock_positions,
    propose_line,
    record_ledger_years,
    reserve,
    withdraw_line,
)
from registry.substances.queries import substance_by_codes
from tests.intake.tables import counted
from tests.world import CLOCK, table_of, take_in

COLUMNS = "year,substance,kind,item,quantity_g,organisation,act,act_date,effective_on"
OFFICER = Actor(1, "officer", frozenset({"officer", "approver"}))
APPROVER = Actor(2, "approver", frozenset({"approver"}))
G = 10**9


def record(session: Session, *rows: str) -> Report:
    return take_in(session, "quotas", table_of(COLUMNS, *rows))


def position(session: Session, year: int, code: str = "NM 009", as_of: date | None = None) -> Position:
    facts = substance_by_codes(session, [code], CLOCK.today())
    return positions(session, year, as_of or date(year, 12, 31), {}, facts.values())[0][1]


def stored(session: Session, year: int, code: str = "NM 009") -> object:
    return session.execute(
        text(
            "SELECT p.grantable_ng FROM quota_position p JOIN substance s ON s.id = p.substance_id"
            " WHERE p.year = :year AND s.code = :code"
        ),
        {"year": year, "code": code},
    ).scalar_one_or_none()


def substance(session: Session, code: str = "NM 009") -> int:
    return substance_by_codes(session, [code], CLOCK.today())[code].id


def test_repeating_a_file_changes_nothing(stocked: Session) -> None:
    rows = ["2030,NM 009,estimate,consumption,100,,,,", '2030,nm-009,state_quota,,"90,5",,77,2029-12-01,']
    first = record(stocked, *rows)
    assert (first.accepted, first.duplicates, first.written) == (2, 0, True)
    again = record(stocked, *rows)
    assert (again.accepted, again.duplicates, again.written) == (0, 2, True)
    assert position(stocked, 2030).headroom == Fraction(905, 10) * G
    assert stored(stocked, 2030) == 90_500_000_000


def test_the_same_key_with_other_content_is_an_error(stocked: Session) -> None:
    record(stocked, "2030,NM 009,estimate,consumption,100,,,,")
    report = record(stocked, "2030,NM 009,estimate,consumption,101,,,,", "2030,NM 009,estimate,stocks,5,,,,")
    assert [(each.row, each.code) for each in report.problems] == [(2, "reference-reused")]
    assert not report.written
    assert position(stocked, 2030).headroom == 100 * G
    assert record(stocked, "2030,NM 009,estimate,consumption,101,,act 2,,").written


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("2030,NM 009,estimate,,1,,,,", "item", "missing"),
        ("2030,NM 009,assessment,,1,,,,", "kind", "wrong-kind"),
        ("2030,PD 006,estimate,consumption,1,,,,", "kind", "wrong-kind"),
        ("2030,PD 006,assessment,consumption,1,,,,", "item", "not-wanted"),
        ("2030,NM 009,state_quota,stocks,1,,,,", "item", "not-wanted"),
        ("2030,NM 009,allocation,,1,,,,", "organisation", "missing"),
        ("2030,NM 009,allocation,,1,E-XXX,,,", "organisation", "unknown-organisation"),
        ("2030,NM 009,state_quota,,1,E-IMP,,,", "organisation", "not-wanted"),
        ("2030,NZ 999,state_quota,,1,,,,", "substance", "unknown-substance"),
        ("2030,NM 009,quota,,1,,,,", "kind", "unknown-value"),
        ("2030,NM 009,state_quota,,-1,,,,", "quantity_g", "not-a-quantity"),
        ("2030,NM 009,state_quota,,1.0000001,,,,", "quantity_g", "too-many-decimals"),
        ("2030,NM 009,state_quota,,1,,,,2031-01-01", "effective_on", "dates-in-wrong-order"),
    ],
)
def test_what_cannot_be_is_named(stocked: Session, row: str, column: str, code: str) -> None:
    report = record(stocked, row)
    assert [(each.column, each.code) for each in report.problems] == [(column, code)]
    assert not report.written


def test_zero_is_a_quota_too(stocked: Session) -> None:
    assert record(stocked, "2030,NM 009,estimate,consumption,5,,,,", "2030,NM 009,state_quota,,0,,,,").written
    assert (position(stocked, 2030).headroom, position(stocked, 2030).bound_by) == (0, "state_quota")


def test_statements_do_not_grow_with_the_rows(stocked: Session) -> None:
    assert record(stocked, "2030,NM 009,supplement,consumption,1,,act 0,,").written  # makes the row of the position
    counts = []
    for first, size in ((1, 10), (1000, 200)):
        with counted(stocked) as sent:
            assert record(
                stocked, *(f"2030,NM 009,supplement,consumption,1,,act {first + n},," for n in range(size))
            ).written
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert position(stocked, 2030).estimate_total == 211 * G


def test_two_persons_make_a_line(stocked: Session) -> None:
    command = ProposedLine(2030, "NM 009", "estimate", 100 * G, "consumption", act="letter 5", note="from need")
    number = propose_line(stocked, OFFICER, CLOCK, command)
    assert [(each.id, each.note) for each in proposed_lines(stocked)] == [(number, "from need")]
    assert position(stocked, 2030).headroom == 0
    with pytest.raises(Conflict):
        propose_line(stocked, APPROVER, CLOCK, command)
    with pytest.raises(RuleRefused):
        approve_line(stocked, OFFICER, CLOCK, number)
    approve_line(stocked, APPROVER, CLOCK, number)
    assert position(stocked, 2030).headroom == 100 * G
    assert stored(stocked, 2030) == 100 * G
    with pytest.raises(Conflict):
        approve_line(stocked, APPROVER, CLOCK, number)
    with pytest.raises(Conflict):
        withdraw_line(stocked, OFFICER, CLOCK, number)


def test_a_withdrawn_line_may_be_proposed_again(stocked: Session) -> None:
    command = ProposedLine(2030, "NM 009", "estimate", 100 * G, "consumption")
    withdraw_line(stocked, OFFICER, CLOCK, propose_line(stocked, OFFICER, CLOCK, command))
    assert propose_line(stocked, OFFICER, CLOCK, command)
    with pytest.raises(Invalid):
        propose_line(stocked, OFFICER, CLOCK, ProposedLine(2030, "NZ 999", "estimate", 1, "consumption"))
    with pytest.raises(NotFound):
        approve_line(stocked, APPROVER, CLOCK, 999_999)


def test_allocations_that_eat_the_reserve_are_flagged(stocked: Session) -> None:
    assert not record(stocked, "2030,NM 009,state_quota,,100,,,,", "2030,NM 009,allocation,,90,E-IMP,,,").findings
    report = record(stocked, "2030,NM 009,allocation,,1,E-MAK,,,")
    assert report.written
    assert [each.rule for each in report.findings] == [ALLOCATIONS_WITHIN_QUOTA]
    assert [flag.rule for flag in worklist(stocked, rule=ALLOCATIONS_WITHIN_QUOTA.code)] == [
        ALLOCATIONS_WITHIN_QUOTA.code
    ]


def test_what_the_ledger_tells_moves_this_and_later_years(stocked: Session, clock: FixedClock) -> None:
    record(
        stocked,
        "2030,NM 009,estimate,consumption,100,,,,",
        "2031,NM 009,estimate,consumption,50,,,,",
        "2031,NM 009,estimate,stocks,30,,,,",
    )
    morphine = substance(stocked)
    assert stored(stocked, 2031) == 80 * G
    told = {"imported": Fraction(120 * G), "consumed": Fraction(100 * G), "closing_stock": Fraction(20 * G)}
    record_ledger_years(stocked, clock, {(2030, morphine): told})
    assert position(stocked, 2030).headroom == -20 * G
    # 30 - 20 in stock are wanted, 20 g were imported beyond what was consumed.
    assert position(stocked, 2031).headroom == (50 + 10 - 20) * G
    assert (stored(stocked, 2030), stored(stocked, 2031)) == (-20 * G, 40 * G)
    assert {flag.rule for flag in worklist(stocked)} >= {NOT_OVERDRAWN.code, STATE_QUOTA_SET.code}
    before = ledger_until(stocked, 2031)
    record_ledger_years(stocked, clock, {(2030, morphine): told})
    assert ledger_until(stocked, 2031) == before
    record_ledger_years(stocked, clock, {(2030, morphine): {}})
    assert stored(stocked, 2031) == 80 * G


def test_the_ledger_is_told_in_as_many_statements_for_many_as_for_few(stocked: Session, clock: FixedClock) -> None:
    ids = [row[0] for row in stocked.execute(text("SELECT id FROM substance ORDER BY id LIMIT 120"))]
    counts = []
    for chosen in (ids[:6], ids):
        with counted(stocked) as sent:
            record_ledger_years(stocked, clock, {(2030, each): {"imported": Fraction(1)} for each in chosen})
        counts.append(len(sent))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("need", "granted"), [(99, True), (100, True), (101, False)])
def test_a_reservation_is_conditional(stocked: Session, need: int, granted: bool) -> None:
    record(stocked, "2030,NM 009,estimate,consumption,100,,,,")
    morphine = substance(stocked)
    ensure_and_lock_positions(stocked, [(2030, morphine)])
    assert reserve(stocked, 2030, {morphine: need * G}) is granted
    assert ensure_and_lock_positions(stocked, [(2030, morphine)]) == {(2030, morphine): need * G if granted else 0}


def test_a_precursor_is_counted_and_never_refused(stocked: Session) -> None:
    anhydride = substance(stocked, "1988:acetic-anhydride")
    ensure_and_lock_positions(stocked, [(2030, anhydride)])
    assert reserve(stocked, 2030, {anhydride: 2**63 - 1})
    assert reserve(stocked, 2030, {anhydride: 2**63 - 1})
