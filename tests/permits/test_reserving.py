"""What a permit takes from the quota: while it stands, once it does not, and what customs let pass meanwhile."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.clock import FixedClock
from registry.kernel.mass import NG_PER_G
from registry.kernel.stops import Stop
from registry.permits.domain.facts import LineFact, PermitFact, bound_base_ng, reserved_ng, still_reserved
from registry.permits.queries import permits_by_numbers, positions
from registry.permits.queries.permits import held_lines, reserving_permits
from registry.permits.service.customs import WriteOffAsked, reverse, write_off
from registry.permits.service.stops import stop_permits
from registry.substances.queries.products import revisions_by_ids
from tests.databases import engine_for
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import JUNE, OFFICER
from tests.permits.test_customs import CUSTOMS
from tests.world import BISHKEK, move

__all__ = ["cheap_hashes", "office"]

DAY = date(2024, 6, 10)
TODAY = JUNE.today()
PERMITTED = 100


def permit(kind: str = "import", *, stop: tuple[int, int | None] | None = None, **line: dict[date, int]) -> PermitFact:
    """Return a permit from 10 June for ten days; `stop`: the days after the first from which and until which it is stopped."""
    told = {name: MappingProxyType(units) for name, units in line.items()}
    moved = min((day for day, units in line.get("arrived", {}).items() if units), default=None)
    at = datetime(2024, 6, 10, tzinfo=BISHKEK)
    stops = () if stop is None else (
        Stop(1, "officer", DAY + timedelta(stop[0]), None if stop[1] is None else DAY + timedelta(stop[1]), "x", "a", at),
    )  # fmt: skip
    return PermitFact(
        1, "P", kind, 1, "DE", "Seller", DAY, DAY + timedelta(10), 2024, moved,
        lines=MappingProxyType({1: LineFact(1, 1, 1, PERMITTED, **told)}), stops=stops,
    )  # fmt: skip


def takes(found: PermitFact, days: int) -> int:
    return found.reserved_units(found.lines[1], DAY + timedelta(days))


@pytest.mark.parametrize(("passed", "held"), [(0, 0), (1, 1), (99, 99), (100, 100)])
@pytest.mark.parametrize("kind", ["import", "periodic_import"])
def test_a_stop_frees_all_but_what_customs_let_pass(kind: str, passed: int, held: int) -> None:
    found = permit(kind, stop=(2, 5), passed={DAY + timedelta(1): passed})
    assert [takes(found, days) for days in (-1, 0, 1, 2, 4)] == [0, PERMITTED, PERMITTED, held, held]
    assert [takes(found, days) for days in (5, 10)] == [PERMITTED, PERMITTED], "the stop is lifted"
    assert [takes(found, days) for days in (11, 400)] == [held, held], "its last day is over"


def test_the_arrival_closes_the_one_consignment_and_is_taken_off_several() -> None:
    through, came = {DAY: 80}, {DAY + timedelta(3): 60}
    one = permit(stop=(2, None), passed=through, arrived=came)
    several = permit("periodic_import", stop=(2, None), passed=through, arrived=came)
    assert [takes(one, days) for days in (1, 2, 3, 30)] == [PERMITTED, 80, 0, 0]
    assert [takes(several, days) for days in (1, 2, 3, 30)] == [PERMITTED, 80, 20, 20]
    more = permit("periodic_import", stop=(2, None), passed=through, arrived={DAY + timedelta(3): 90})
    assert takes(more, 3) == 0, "more came than passed: never below zero"


def test_what_customs_takes_back_is_free() -> None:
    found = permit(stop=(2, None), passed={DAY: 80, DAY + timedelta(4): -80})
    assert [takes(found, days) for days in (2, 3, 4)] == [80, 80, 0]


def test_kinds_that_reserve_nothing_reserve_nothing() -> None:
    assert takes(permit("export", passed={DAY: 80}), 1) == 0


EVENTS = st.lists(st.tuples(st.sampled_from(["pass", "arrive", "stop", "lift"]), st.integers(1, 60)), max_size=12)


@given(EVENTS, st.booleans())
def test_reserved_and_used_never_fall_below_what_passed(events: list[tuple[str, int]], several: bool) -> None:
    moved = passed = 0
    stands, arrived = True, False
    for what, units in events:
        closed = arrived and not several
        if what == "pass" and stands and not closed:
            passed = min(PERMITTED, passed + units)
        elif what == "arrive":
            moved, arrived = moved + units, True
        elif what in {"stop", "lift"}:
            stands = what == "lift"
        held = still_reserved((PERMITTED, moved, passed), stands=stands, several=several, arrived=arrived)
        assert held >= 0
        if several or not arrived:
            assert held + moved >= passed
            assert held + moved <= max(PERMITTED, moved)
        else:
            assert held == 0


def passes(session: Session, units: str, clock: FixedClock = JUNE) -> None:
    asked = WriteOffAsked(f"m-{units}", "P-6", TODAY - timedelta(1), "41702/140624/0001", (("MOR10", units),))
    (told,) = write_off(session, CUSTOMS, clock, [asked])
    assert told.problems == ()


def stop(session: Session) -> None:
    stop_permits(session, OFFICER, JUNE, [permits_by_numbers(session, ["P-6"])["P-6"]], "officer", TODAY, "why")


def total(session: Session, day: date = TODAY) -> Fraction:
    """Return what is reserved of morphine."""
    return next(p.reserved for s, p in positions(session, day.year, day) if s.code == "NM 009")


def by_facts(session: Session, day: date = TODAY) -> int:
    """Return the same sum from the facts of the permits, one by one."""
    found = reserving_permits(session, day.year, day)
    revisions = revisions_by_ids(session, {line.revision_id for each in found for line in each.lines.values()}, day)
    (morphine,) = bound_base_ng(next(each for each in revisions.values() if each.code == "MOR10"))
    return sum(
        reserved_ng(revisions[line.revision_id], each.reserved_units(line, day)).get(morphine, 0)
        for each in found
        for line in each.lines.values()
    )


def given_to(session: Session, holder: int) -> list[int]:
    """Return what counts in the allocation of a holder, permit by permit."""
    return [units for *_, units in held_lines(session, 2024, TODAY, [holder])]


def test_the_position_keeps_what_passed_until_the_shelf_records_it(stocked: Session) -> None:
    whole = total(stocked)
    passes(stocked, "40000")
    assert total(stocked) == whole
    stop(stocked)
    assert total(stocked) == whole - 600 * NG_PER_G, "40,000 of 120,000 tablets are on the road"
    assert by_facts(stocked) == total(stocked)
    later = date(2025, 1, 3)
    assert by_facts(stocked, later) == total(stocked, later) == 300 * NG_PER_G, "a new year began"
    found = permits_by_numbers(stocked, ["P-6"])["P-6"]
    assert 40_000 in given_to(stocked, found.organisation_id)
    report = move(stocked, f"M-1,{TODAY},import,E-IMP,,MOR10,B1,39000,P-6,IN,,,", clock=JUNE)
    assert report.written
    assert total(stocked) == by_facts(stocked) == whole - 900 * NG_PER_G
    assert 39_000 in given_to(stocked, found.organisation_id)


def test_a_write_off_taken_back_frees_it(stocked: Session) -> None:
    whole = total(stocked)
    passes(stocked, "40000")
    stop(stocked)
    assert total(stocked) == whole - 600 * NG_PER_G
    reverse(stocked, CUSTOMS, JUNE, "m-back", "m-40000", "turned away at the border")
    assert total(stocked) == by_facts(stocked) == whole - 900 * NG_PER_G


def test_a_stop_waits_for_what_customs_writes_off_at_this_moment(stocked_url: str) -> None:
    """On a connection of its own each: the stop counts what was just let through, though it began before that was told."""
    engine = engine_for(stocked_url)
    done = threading.Event()

    def stop_it() -> None:
        with Session(engine) as session, unit_of_work(session):
            stop(session)
        done.set()

    with Session(engine) as session:
        whole = total(session)
        session.rollback()
        with unit_of_work(session):
            passes(session, "80000")
            thread = threading.Thread(target=stop_it)
            thread.start()
            assert not done.wait(0.5)
        thread.join(60)
        assert done.is_set()
        assert total(session) == whole - 300 * NG_PER_G
        settled = text(
            "SELECT p.reserved_ng FROM quota_position p JOIN substance s ON s.id = p.substance_id"
            " WHERE p.year = 2024 AND s.code = 'NM 009'"
        )
        assert session.execute(settled).scalar_one() == whole - 300 * NG_PER_G
    engine.dispose()


def test_the_pages_say_why_a_stopped_permit_still_reserves(office: Office) -> None:
    with office.work() as session:
        passes(session, "40000")
        stop(session)
    asel = office.browser("asel")
    page = text_of(asel.get("/positions/NM 009/2024"))
    assert "P-6" in page
    assert "suspended" in page
    assert "stay reserved until one does" in text_of(asel.get("/permits/P-6"))
