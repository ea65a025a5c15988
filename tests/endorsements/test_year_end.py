"""What did not arrive is free again in its own year and never after it, and an endorsement frees nothing twice."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from registry.kernel.clock import FixedClock
from registry.supervision.queries.positions import positions_on
from tests.conftest import BISHKEK
from tests.endorsements.acting import PERMITS, asked, certify, stated
from tests.world import move, table_of, take_in

G = 10**9
LAST_MINUTE = FixedClock(datetime(2024, 12, 31, 23, 59, tzinfo=BISHKEK), BISHKEK)
NEXT_YEAR = FixedClock(datetime(2025, 1, 1, 0, 1, tzinfo=BISHKEK), BISHKEK)
"""Both are 31 December in UTC: the country's own day counts."""


def free(session: Session, year: int, clock: FixedClock) -> tuple[int, int]:
    """Return what is used and reserved of morphine in a year, in whole milligrams; nothing where the year has no position."""
    found = [each for one, each in positions_on(session, clock, year, None, None) if one.code == "NM 009"]
    return sum(int(each.used * 1000 / G) for each in found), sum(int(each.reserved * 1000 / G) for each in found)


@pytest.fixture
def december(stocked: Session) -> Session:
    """A permit of 20 December for 1,000 tablets, valid until the end of the year."""
    permit = "D-1,import,E-IMP,IN,Supplier,2024-12-20,2024-12-31,MOR10,1000,IN-D-1"
    assert take_in(stocked, "permits", table_of(PERMITS, permit), clock=LAST_MINUTE).written
    return stocked


def arrive(session: Session, day: str, clock: FixedClock) -> None:
    """Let 600 of the 1,000 tablets come."""
    report = move(session, f"D-{day},{day},import,E-IMP,,MOR10,B1,600,D-1,IN,,,", clock=clock)
    assert report.written, report.as_json()


def endorsed(session: Session, day: date, clock: FixedClock) -> None:
    one = asked("D-1-E1", stated(600, "short_shipment"), permit="D-1", arrived_on=day, endorsed_on=day)
    certify(session, one, clock)


def test_in_its_year_the_rest_is_free_at_once_and_the_endorsement_changes_nothing(december: Session) -> None:
    used, reserved = free(december, 2024, LAST_MINUTE)
    arrive(december, "2024-12-30", LAST_MINUTE)
    base = 600 * 15 // 2
    assert free(december, 2024, LAST_MINUTE) == (used + base, reserved - 7500)
    before = free(december, 2024, LAST_MINUTE)
    endorsed(december, date(2024, 12, 30), LAST_MINUTE)
    assert free(december, 2024, LAST_MINUTE) == before


def test_an_endorsement_before_the_ledger_frees_nothing(december: Session) -> None:
    before = free(december, 2024, LAST_MINUTE)
    endorsed(december, date(2024, 12, 30), LAST_MINUTE)
    assert free(december, 2024, LAST_MINUTE) == before


def test_after_the_year_nothing_comes_back_to_it(december: Session) -> None:
    closed = free(december, 2024, LAST_MINUTE)
    opened = free(december, 2025, NEXT_YEAR)
    endorsed(december, date(2025, 1, 1), NEXT_YEAR)
    arrive(december, "2025-01-01", NEXT_YEAR)
    assert free(december, 2024, LAST_MINUTE) == closed
    assert free(december, 2025, NEXT_YEAR) == (opened[0] + 600 * 15 // 2, opened[1])
