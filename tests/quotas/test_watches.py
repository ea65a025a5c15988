"""Positions and next year's estimates are judged day by day, with nobody touching them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.flags.queries import worklist
from registry.flags.service import Swept, sweep
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.period import estimates_due
from registry.quotas.domain.rules import ESTIMATES_AHEAD
from registry.quotas.watches import WATCHES, estimates, positions
from tests.conftest import BISHKEK
from tests.intake.tables import counted
from tests.world import move, table_of, take_file, take_in

LINES = "year,substance,kind,quantity_g,item,act,act_date"


def on(day: str) -> FixedClock:
    return FixedClock(datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=BISHKEK), BISHKEK)


def decided(session: Session, clock: FixedClock, *rows: str) -> None:
    report = take_in(session, "quotas", table_of(LINES, *rows), clock=clock)
    assert report.written, report.as_json()


def found(session: Session, clock: FixedClock, code: str) -> set[str]:
    return {one.subject for one in positions(session, clock) if one.rule.code == code}


def test_qta_06_under_use_is_seen_from_the_thirtieth_of_september_on(stocked: Session) -> None:
    assert found(stocked, on("2024-09-29"), "QTA-06") == set()
    under = found(stocked, on("2024-09-30"), "QTA-06")
    assert "quota 2024 NM 009" in under, "nothing was moved yet"
    # The assessment of 2024 stays: it is under-used in 2025 as well, also once that year has ended.
    assert found(stocked, on("2025-12-31"), "QTA-06") == under | {"quota 2025 PD 006"}, "the last year still counts"
    assert found(stocked, on("2026-01-01"), "QTA-06") == {"quota 2025 PD 006"}, "older years are history"


def test_qta_06_goes_once_enough_was_used_and_the_sweep_says_so(stocked: Session) -> None:
    with unit_of_work(stocked):
        sweep(stocked, SYSTEM, on("2024-09-30"), WATCHES)
    take_file(stocked, "07-movements")
    with unit_of_work(stocked):
        swept = sweep(stocked, SYSTEM, on("2024-12-31"), WATCHES)
    assert swept.closed > 0
    [morphine] = [one for one in worklist(stocked, state=None, rule="QTA-06") if one.subject == "quota 2024 NM 009"]
    assert (morphine.state, morphine.closed_by) == ("closed", "system")


def test_qta_03_an_assessment_grows_old_by_itself(stocked: Session) -> None:
    decided(stocked, on("2024-01-10"), "2022,PZ 002,assessment,5000,,INCB 1,2022-01-01")
    assert "quota 2024 PZ 002" not in found(stocked, on("2024-12-31"), "QTA-03")
    assert "quota 2025 PZ 002" in found(stocked, on("2025-01-01"), "QTA-03")
    decided(stocked, on("2025-02-01"), "2025,PZ 002,assessment,6000,,INCB 2,2025-02-01")
    assert "quota 2025 PZ 002" not in found(stocked, on("2025-02-01"), "QTA-03")


def test_qta_02_a_state_quota_is_missed_before_anything_moves(stocked: Session) -> None:
    decided(stocked, on("2024-01-10"), "2024,NO 002,estimate,50,consumption,INCB 3,2024-01-01")
    assert "quota 2024 NO 002" in found(stocked, on("2024-01-10"), "QTA-02")
    assert "quota 2024 NO 002" not in found(stocked, on("2025-01-10"), "QTA-02"), "nothing was used in that year"
    decided(stocked, on("2024-01-11"), "2024,NO 002,state_quota,50,,Act 4,2024-01-11")
    assert "quota 2024 NO 002" not in found(stocked, on("2024-01-11"), "QTA-02")


def test_what_a_posting_flags_the_watch_finds_too_and_leaves_open(stocked: Session) -> None:
    """Every flag of these rules that a deed raises stands for the watch: else the sweep would close it at night."""
    take_file(stocked, "07-movements")
    rules = {rule.code for watch in WATCHES for rule in watch.rules}
    raised = {(one.rule, one.subject) for one in worklist(stocked, limit=1000) if one.rule in rules}
    with unit_of_work(stocked):
        sweep(stocked, SYSTEM, on("2026-11-22"), WATCHES)
    assert raised <= {(one.rule, one.subject) for one in worklist(stocked, limit=1000)}


def test_qta_07_what_was_overdrawn_stays_in_sight_in_later_years(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    assert found(stocked, on("2026-11-22"), "QTA-07") == set()
    # A later estimate of the past year replaces the earlier one: what had happened now exceeds it.
    decided(stocked, on("2025-02-01"), "2024,NM 009,state_quota,1,,Act 9,2024-12-31")
    assert found(stocked, on("2026-11-22"), "QTA-07") == {"quota 2024 NM 009"}


@pytest.mark.parametrize(("days", "flagged"), [(-1, False), (0, True)])
def test_qta_10_the_estimates_of_the_next_year(stocked: Session, days: int, flagged: bool) -> None:
    day = estimates_due(2025) - ESTIMATES_AHEAD + timedelta(days=days)
    assert day.year == 2024
    assert [one.subject for one in estimates(stocked, on(day.isoformat()))] == ["estimates 2025"] * flagged


def test_qta_10_goes_down_substance_by_substance(stocked: Session) -> None:
    clock = on("2024-12-01")
    [before] = estimates(stocked, clock)
    assert (before.observed, before.limit) == (before.message.params["wanted"].__str__(), "0")
    decided(stocked, clock, "2025,NM 009,estimate,100,consumption,INCB 5,2024-11-01")
    after = estimates(stocked, clock)
    left = int(before.observed or 0) - 1
    assert [one.observed for one in after] == [str(left)] * bool(left)


def test_statements_do_not_grow_with_positions(stocked: Session) -> None:
    clock = on("2026-11-22")

    def taken() -> int:
        with counted(stocked) as seen:
            positions(stocked, clock)
            estimates(stocked, clock)
        return len(seen)

    before = taken()
    decided(stocked, clock, *(f"{year},{code},estimate,50,consumption,INCB {year},{year}-01-01"
                              for year in range(2015, 2027) for code in ("NH 002", "NP 001", "NO 002")))  # fmt: skip
    assert taken() == before


def test_the_sweep_of_the_example_year_twice_changes_nothing(stocked: Session, clock: FixedClock) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,").written
    with unit_of_work(stocked):
        first = sweep(stocked, SYSTEM, clock, WATCHES)
    with unit_of_work(stocked):
        assert sweep(stocked, SYSTEM, clock, WATCHES) == Swept(0, 0, 0, first.standing)
