"""Goods arrive while permits are issued: facts and grants on one position at once, without a deadlock."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.errors import RuleRefused
from registry.kernel.mass import NG_PER_G
from registry.permits.queries import positions
from registry.permits.service import issue
from tests.databases import Databases, engine_for
from tests.permits.acting import APPROVER, JUNE, proposed
from tests.world import move

CASES = 8
TABLETS = 10_000


@pytest.fixture
def url(databases: Databases) -> str:
    """A database with cases for 600 g where 400 g are left, and a permit for 900 g on which goods will arrive."""
    address = databases.copy_of(databases.stocked())
    engine = engine_for(address)
    with Session(engine) as session:
        for number in range(CASES):
            proposed(session, f"A-{number}", TABLETS)
    engine.dispose()
    return address


def test_arrivals_and_grants_at_once(url: str) -> None:
    """Twenty tablets short arrive, which frees 0.15 g: five cases fit before and after, never a sixth."""
    barrier = threading.Barrier(CASES + 1)
    surprises: list[BaseException] = []
    done: list[str] = []
    engine = engine_for(url)

    def write(number: int) -> None:
        try:
            with Session(engine) as session:
                barrier.wait(60)
                if number == CASES:
                    row = "M-1,2024-06-10,import,E-IMP,,MOR10,B1,119980,P-6,IN,,,"
                    report = move(session, row, clock=JUNE)
                    assert report.written, report.as_json()
                    return
                with unit_of_work(session):
                    done.append(issue(session, APPROVER, JUNE, number + 1, 3))
        except RuleRefused:
            pass
        except BaseException as error:
            surprises.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(CASES + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert surprises == []
    assert len(done) == 5
    with Session(engine) as session:
        found = next(p for s, p in positions(session, 2024, JUNE.today()) if s.code == "NM 009")
    engine.dispose()
    assert found.imported * 1000 == 899_850 * NG_PER_G
    assert found.headroom * 100 == 2515 * NG_PER_G
