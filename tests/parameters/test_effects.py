"""What was set takes effect: limits and weights of rules reach quotas, licences, permits and the ledger."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.flags.queries import open_counts
from registry.intake.check import Report
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.mass import LARGEST
from registry.kernel.parameters import DEFAULTS, Parameters
from registry.kernel.rules import Severity
from registry.kernel.workdays import WEEKENDS
from registry.parameters import service
from registry.parameters.catalogue import parameter_named
from registry.permits.domain.kinds import expiry_of
from registry.quotas.domain import rules as quota_rules
from registry.quotas.domain.position import Position
from registry.quotas.service import ensure_and_lock_positions, reserve
from registry.substances.domain.facts import SubstanceFact
from registry.supervision.domain import standing_of
from tests.conftest import BISHKEK
from tests.permits.acting import apply, issued, proposed, row
from tests.world import CLOCK, enter, move, table_of, take_in

G = 10**9
MORPHINE = SubstanceFact(1, "NM 009", "morphine", "1961")
MARCH = FixedClock(datetime(2024, 3, 6, 9, 0, tzinfo=BISHKEK), BISHKEK)


def put(session: Session, code: str, value: str, since: date = date(2020, 1, 1)) -> None:
    with unit_of_work(session):
        service.set_value(session, SYSTEM, CLOCK, service.NewValue(parameter_named(code), value, since, "No. 1"))


def weights(report: Report) -> dict[str, Severity]:
    return {finding.rule.code: finding.severity for finding in report.findings}


def opening(reference: str, on: str, quantity: int = 1000) -> str:
    return f"{reference},{on},opening_stock,E-WHO,,MOR10,{reference},{quantity},,,,,"


def test_a_weight_set_for_a_rule_acts_on_pages_and_in_files(stocked: Session) -> None:
    assert weights(enter(stocked, opening("A-1", "2024-03-01"), clock=MARCH)) == {"STK-10": Severity.FLAG}
    put(stocked, "severity.STK-10", "refuse")
    refused = enter(stocked, opening("A-2", "2024-03-01"), clock=MARCH)
    assert (refused.written, weights(refused)) == (False, {"STK-10": Severity.REFUSE})
    reported = move(stocked, opening("A-3", "2024-03-01"), clock=MARCH)
    assert (reported.written, weights(reported)) == (True, {"STK-10": Severity.FLAG})
    put(stocked, "severity.STK-10", "note")
    assert weights(move(stocked, opening("A-4", "2024-03-01"), clock=MARCH)) == {"STK-10": Severity.NOTE}


def test_a_movement_is_judged_by_what_was_set_on_its_day(stocked: Session) -> None:
    put(stocked, "severity.STK-10", "note", date(2024, 3, 1))
    before = move(stocked, opening("A-1", "2024-02-29"), clock=MARCH)
    after = move(stocked, opening("A-2", "2024-03-01"), clock=MARCH)
    assert (weights(before)["STK-10"], weights(after)["STK-10"]) == (Severity.FLAG, Severity.NOTE)


@pytest.mark.parametrize(("days", "last"), [(0, "2024-03-06"), (1, "2024-03-05"), (3, "2024-03-01"), (4, "2024-02-29")])
def test_back_dating_within_the_working_days_set(stocked: Session, days: int, last: str) -> None:
    """6 March 2024 is a Wednesday: three working days before it is the Friday, exactly in time."""
    put(stocked, "stock.back_dating_days", str(days)) if days != 1 else None
    assert weights(move(stocked, opening("A-1", last), clock=MARCH)) == {}
    too_late = date.fromisoformat(last) - timedelta(days=1)
    assert "STK-10" in weights(move(stocked, opening("A-2", too_late.isoformat()), clock=MARCH))


def test_working_days_pass_over_the_week_end() -> None:
    monday = date(2024, 3, 4)
    assert [WEEKENDS.first_of(monday, count) for count in (0, 1, 2)] == [monday, date(2024, 3, 1), date(2024, 2, 29)]


@pytest.mark.parametrize(("quantity", "flagged"), [(220_000, False), (220_001, True)])
def test_the_tolerance_of_arrivals(stocked: Session, *, quantity: int, flagged: bool) -> None:
    """Permit P-1 is for 200,000 tablets."""
    put(stocked, "stock.arrival_tolerance", "10")
    found = move(stocked, f"I-1,2024-03-05,import,E-IMP,,MOR10,B1,{quantity},P-1,IN,,,", clock=MARCH)
    assert found.written
    assert ("STK-07" in weights(found)) is flagged


@pytest.mark.parametrize(
    ("tolerance", "yielded", "flagged"), [("1", 1010, False), ("1", 1011, True), ("0", 1001, True)]
)
def test_the_tolerance_of_dilution(stocked: Session, *, tolerance: str, yielded: int, flagged: bool) -> None:
    if tolerance != "0":
        put(stocked, "stock.dilution_tolerance", tolerance)
    assert move(stocked, "O-1,2024-03-04,opening_stock,E-MAK,,MOR10,B1,5000,,,,,", clock=MARCH).written
    found = move(
        stocked,
        "X-1,2024-03-05,process_out,E-MAK,,MOR10,B1,1000,,,D-1,,",
        f"X-2,2024-03-05,process_in,E-MAK,,MOR10,B2,{yielded},,,D-1,,",
        clock=MARCH,
    )
    assert found.problems == []
    assert ("STK-16" in weights(found)) is flagged


def position(**more: object) -> Position:
    """A position of 2026 with 100 g granted, of which 45 g were imported."""
    made = {
        "year": 2026,
        "substance_id": 1,
        "treaty": "1961",
        "estimate_total": Fraction(100 * G),
        "state_quota": Fraction(100 * G),
        "exported": Fraction(0),
        "manufactured": Fraction(0),
        "imported": Fraction(45 * G),
        "reserved": Fraction(0),
        "headroom": Fraction(55 * G),
        "bound_by": "estimate",
    }
    return Position(**(made | more))  # type: ignore[arg-type]


def having(**values: str) -> Parameters:
    return Parameters({f"quotas.{name}": value for name, value in values.items()})


def test_the_reserve_that_was_set_bounds_the_allocations() -> None:
    shared = position(allocations={7: Fraction(95 * G)})
    assert quota_rules.allocated_too_much(MORPHINE, shared, DEFAULTS) is not None
    assert quota_rules.allocated_too_much(MORPHINE, shared, having(reserve="5")) is None
    over = quota_rules.allocated_too_much(MORPHINE, shared, having(reserve="5.0001"))
    assert over is not None
    assert over.limit == "94.9999"


def test_under_use_is_asked_for_on_the_day_and_by_the_share_set() -> None:
    june, autumn = date(2026, 6, 30), date(2026, 9, 30)
    assert quota_rules.under_used(MORPHINE, position(), june, DEFAULTS) is None
    assert quota_rules.under_used(MORPHINE, position(), june, having(under_use_day="06-30")) is not None
    assert quota_rules.under_used(MORPHINE, position(), autumn, having(under_use="45")) is None
    assert standing_of(MORPHINE, position(), autumn, DEFAULTS).is_under_used
    assert not standing_of(MORPHINE, position(), autumn, having(under_use="45")).is_under_used


def test_an_assessment_ages_as_fast_as_was_set() -> None:
    old = position(treaty="1971", bound_by="assessment", ceiling_year=2024)
    assert quota_rules.old_assessment(MORPHINE, old, DEFAULTS) is None
    assert quota_rules.old_assessment(MORPHINE, old, having(assessment_years="2")) is not None


def test_a_ceiling_is_near_from_the_share_set() -> None:
    assert not standing_of(MORPHINE, position(), date(2026, 3, 1), DEFAULTS).is_near
    assert standing_of(MORPHINE, position(), date(2026, 3, 1), having(near_ceiling="45")).is_near


def test_a_position_that_only_warns_weighs_as_set() -> None:
    need = Fraction(56 * G)
    found = quota_rules.over_quota(MORPHINE, position(), need, Parameters({"severity.QTA-01": "flag"}))
    assert found is not None
    assert found.severity is Severity.FLAG
    past = quota_rules.granted_too_much(
        MORPHINE,
        position(reserved=Fraction(60 * G), headroom=Fraction(-5 * G)),
        Parameters({"severity.QTA-01": "note"}),
    )
    assert past is not None
    assert past.severity is Severity.NOTE


def test_a_ceiling_that_only_warns_is_reserved_beyond(stocked: Session) -> None:
    with unit_of_work(stocked):
        number = stocked.execute(text("SELECT id FROM substance WHERE code = 'NM 009'")).scalar_one()
        key = (2031, int(number))
        ensure_and_lock_positions(stocked, [key])
        stocked.execute(text("UPDATE quota_position SET grantable_ng = 10 WHERE year = 2031"))
        assert not reserve(stocked, 2031, {key[1]: 11})
        assert reserve(stocked, 2031, {key[1]: 11}, binding=False)
        assert ensure_and_lock_positions(stocked, [key]) == {key: 11}
        assert reserve(stocked, 2031, {key[1]: LARGEST}, binding=False)
        assert ensure_and_lock_positions(stocked, [key]) == {key: LARGEST}


def test_a_permit_is_valid_as_long_as_was_set_on_its_day() -> None:
    issued = date(2024, 6, 15)
    assert expiry_of(issued, 2024, parameters=DEFAULTS) == date(2024, 9, 13)
    assert expiry_of(issued, 2024, parameters=Parameters({"permits.validity_days": "30"})) == date(2024, 7, 15)


def test_a_recorded_permit_is_judged_by_what_was_set_on_its_day(stocked: Session) -> None:
    put(stocked, "permits.validity_days", "30", date(2024, 3, 1))
    rows = [f"V-{n},import,E-IMP,IN,Supplier,{day},{last},MOR10,1" for n, (day, last) in enumerate(
        [("2024-02-29", "2024-05-29"), ("2024-03-01", "2024-03-31"), ("2024-03-01", "2024-04-01")])]  # fmt: skip
    columns = "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity"
    found = take_in(stocked, "permits", table_of(columns, *rows))
    assert [finding.row for finding in found.findings if finding.rule.code == "PRM-11"] == [4]


def test_a_licence_is_said_to_end_soon_within_the_days_set(stocked: Session) -> None:
    columns = "number,organisation,acts,substances,valid_from,valid_to"
    row = "N-{},E-IMP,import,narcotic,2024-01-01,2024-04-05"

    def told(number: int) -> bool:
        return "LIC-02" in weights(take_in(stocked, "licences", table_of(columns, row.format(number)), clock=MARCH))

    assert told(1)
    put(stocked, "licences.ending_days", "29")
    assert not told(2)


def test_a_quota_that_only_warns_lets_the_permit_be_issued_with_a_flag(stocked: Session) -> None:
    """Far more morphine than any ceiling leaves: refused by default, issued and flagged once QTA-01 warns."""
    refused = apply(stocked, row("R-1", 9_000_000))
    assert (refused.written, weights(refused)["QTA-01"]) == (False, Severity.REFUSE)
    put(stocked, "severity.QTA-01", "flag")
    number = issued(stocked, proposed(stocked, "R-2", 9_000_000))
    assert number.startswith("KG-I-2024-")
    assert "QTA-01" in open_counts(stocked)
