"""Sixteen writers race for one position. With the guard nothing is granted beyond it; without it, it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.errors import RuleRefused
from registry.permits.domain.checks import Case
from registry.permits.queries import application_by_id, positions
from registry.permits.service import case_of, cases, issue, issuing
from tests.databases import Databases, engine_for
from tests.permits.acting import APPROVER, JUNE, OFFICER, apply, case, row

WRITERS = 16
TABLETS = 10_000
FITTING = 5
"""400 g are left of the example's morphine; one case asks for 75 g."""

Step = Callable[[Session, int], object]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """Databases made once, copied for every test."""
    return {}


@pytest.fixture
def url(databases: Databases, made: dict[str, str]) -> str:
    """A database with sixteen proposed cases for the same position."""
    if databases.kind not in made:
        made[databases.kind] = with_cases(databases)
    return databases.copy_of(made[databases.kind])


def with_cases(databases: Databases) -> str:
    address = databases.copy_of(databases.stocked())
    engine = engine_for(address)
    with Session(engine) as session:
        report = apply(session, *(row(f"A-{number}", TABLETS) for number in range(WRITERS)))
        assert report.written, report.as_json()
        for number in range(WRITERS):
            with unit_of_work(session):
                found = case(session, f"A-{number}").id
                cases.take_up(session, OFFICER, JUNE, found, 1)
                cases.propose(session, OFFICER, JUNE, found, 2)
    engine.dispose()
    return address


def race(url: str, prepare: Step, act: Step) -> tuple[list[int], list[BaseException]]:
    """Let all writers prepare, then act at once, each on its own connection; return who succeeded, and surprises."""
    barrier = threading.Barrier(WRITERS)
    done: list[int] = []
    surprises: list[BaseException] = []
    engine = engine_for(url)

    def write(number: int) -> None:
        try:
            with Session(engine) as session:
                found = case(session, f"A-{number}").id
                prepare(session, found)
                session.rollback()
                barrier.wait(60)
                with unit_of_work(session):
                    act(session, found)
            done.append(number)
        except RuleRefused:
            pass
        except BaseException as error:
            surprises.append(error)
            barrier.abort()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    engine.dispose()
    return done, surprises


def left_over(url: str) -> Fraction:
    engine = engine_for(url)
    with Session(engine) as session:
        found = next(p.headroom for s, p in positions(session, 2024, JUNE.today()) if s.code == "NM 009")
    engine.dispose()
    return found


def test_no_unit_is_granted_beyond_the_position(url: str) -> None:
    done, surprises = race(url, lambda *_: None, lambda session, found: issue(session, APPROVER, JUNE, found, 3))
    assert surprises == []
    assert len(done) == FITTING
    assert left_over(url) == 25 * 10**9
    engine = engine_for(url)
    with Session(engine) as session:
        numbers = session.execute(
            text("SELECT number FROM permit WHERE number LIKE 'KG-I-%' ORDER BY number")
        ).scalars()
        assert list(numbers) == [f"KG-I-2024-{number:06d}" for number in range(1, FITTING + 1)]
        grantable, reserved = session.execute(
            text(
                "SELECT p.grantable_ng, p.reserved_ng FROM quota_position p JOIN substance s ON s.id = p.substance_id"
                " WHERE p.year = 2024 AND s.code = 'NM 009'"
            )
        ).one()
        assert reserved <= grantable
        assert grantable - reserved == 25 * 10**9
    engine.dispose()


def test_without_the_guard_the_position_is_overdrawn(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check made before the barrier is trusted, and the reservation is not conditional: this test can see."""
    seen: dict[int, Case] = {}

    def look(session: Session, found: int) -> None:
        row_ = application_by_id(session, found)
        assert row_ is not None
        seen[found] = case_of(session, JUNE, row_)

    monkeypatch.setattr(issuing, "judged_under_lock", lambda _session, _clock, row_: seen[row_.id])
    monkeypatch.setattr(issuing, "reserve", lambda *_, **__: True)
    done, surprises = race(url, look, lambda session, found: issue(session, APPROVER, JUNE, found, 3))
    assert surprises == []
    assert len(done) > FITTING
    assert left_over(url) < 0


def test_one_case_is_issued_once(url: str) -> None:
    """All writers issue the same case: one succeeds, the others find it changed."""
    engine = engine_for(url)
    with Session(engine) as session:
        same = case(session, "A-0").id
    engine.dispose()
    done, surprises = race(url, lambda *_: None, lambda session, _: issue(session, APPROVER, JUNE, same, 3))
    assert len(done) == 1
    assert {type(each).__name__ for each in surprises} <= {"Conflict", "Stale", "TransitionRefused"}
    assert len(surprises) == WRITERS - 1
