"""Postings, grants, reversals and quota lines at once, again and again: somebody waits, nobody meets a fault.

Whoever is too late is told so in the domain's own words; an error of the database never gets out.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.errors import Conflict, RegistryError
from registry.permits.service import issue
from registry.stock.queries.verify import verify
from tests.databases import Databases, engine_for
from tests.permits.acting import APPROVER, JUNE, proposed
from tests.world import move, table_of, take_file, take_in

ROUNDS = 5
POSTERS = 6
CASES = 4
DECIDERS = 2
TRIES = 20
PRODUCTS = ("MOR10", "FEN01", "MET5", "DIA5")
"""Products of four substances: writers who take them in different orders could wait for each other in a ring."""
QUOTAS = "year,substance,kind,item,quantity_g,act"
SUBSTANCES = ("NM 009", "PD 005")


@pytest.fixture
def url(databases: Databases) -> str:
    """The example year up to its movements, with cases waiting to be issued."""
    address = databases.copy_of(databases.stocked())
    engine = engine_for(address)
    with Session(engine) as session:
        take_file(session, "07-movements")
        for number in range(CASES):
            proposed(session, f"A-{number}", 10)
    engine.dispose()
    return address


def postings(number: int, turn: int, chance: random.Random) -> list[str]:
    """Return rows of several substances and sites in an order of their own, on batches everybody makes anew."""
    products = list(PRODUCTS)
    chance.shuffle(products)
    rows = []
    for place, product in enumerate(products):
        reference = f"W{number}-{turn}-{place}"
        year = chance.choice((2023, 2024))
        rows.append(f"{reference},{year}-05-01,opening_stock,E-IMP,,{product},N{number}-{turn},100,,,,,")
        rows.append(f"{reference}s,{year}-05-02,supply,E-IMP,E-WHO,{product},N{number}-{turn},40,,,,,")
        rows.append(f"{reference}t,{year}-05-03,supply,E-WHO,E-IMP,{product},N{number}-{turn},20,,,,,")
    return rows


class Office:
    """Writers of three sorts on one database; what surprises one of them is kept."""

    def __init__(self, url: str) -> None:
        self.engine = engine_for(url)
        self.barrier = threading.Barrier(POSTERS + CASES + DECIDERS)
        self.surprises: list[BaseException] = []
        self.rows = 0

    def begin(self, work: Callable[[Session, int], None], number: int) -> threading.Thread:
        """Start one writer on a connection of its own."""

        def guarded() -> None:
            try:
                with Session(self.engine) as session:
                    self.barrier.wait(60)
                    work(session, number)
            except BaseException as error:
                self.surprises.append(error)

        thread = threading.Thread(target=guarded)
        thread.start()
        return thread

    def post(self, session: Session, number: int) -> None:
        """Post again and again; a collision is told as a conflict, and the same rows are sent anew."""
        chance = random.Random(number)
        for turn in range(ROUNDS):
            rows = postings(number, turn, chance)
            for _ in range(TRIES):
                with suppress(Conflict):
                    report = move(session, *rows)
                    assert report.written, report.as_json()
                    self.rows += len(rows)
                    break

    def grant(self, session: Session, number: int) -> None:
        """Issue one permit."""
        with suppress(RegistryError), unit_of_work(session):
            issue(session, APPROVER, JUNE, number + 1, 3)

    def decide(self, session: Session, number: int) -> None:
        """Record quota lines of two substances, each writer in an order of its own."""
        for turn in range(ROUNDS):
            codes = SUBSTANCES if number else SUBSTANCES[::-1]
            rows = [f"2024,{code},state_quota,,{9000 + turn},act {number}-{turn}-{code}" for code in codes]
            with suppress(RegistryError):
                take_in(session, "quotas", table_of(QUOTAS, *rows))


def test_nobody_meets_a_fault(url: str) -> None:
    office = Office(url)
    jobs = [(office.post, n) for n in range(POSTERS)] + [(office.grant, n) for n in range(CASES)]
    jobs += [(office.decide, n) for n in range(DECIDERS)]
    for thread in [office.begin(*job) for job in jobs]:
        thread.join(120)
    assert office.surprises == []
    assert office.rows == POSTERS * ROUNDS * len(PRODUCTS) * 3
    with Session(office.engine) as session:
        assert verify(session).faults == ()
    office.engine.dispose()
