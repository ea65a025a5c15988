"""Many at the same moment: no try slips past the limit, and a link works for one only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from registry.accounts import service
from registry.accounts.domain import ACCOUNT_THROTTLE, LinkPurpose
from registry.db import Base, unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.kernel.errors import RegistryError
from tests.accounts.conftest import GOOD, OTHER
from tests.databases import engine_for

PEOPLE = 12


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = engine_for(database_url)
    Base.metadata.create_all(made)
    yield made
    made.dispose()


def at_once(engine: Engine, act: Callable[[Session, int], object]) -> list[bool]:
    """Let many act at the same moment, each in a session of its own; say who was not refused."""
    start = Barrier(PEOPLE)

    def one(number: int) -> bool:
        start.wait()
        try:
            with Session(engine) as session:
                act(session, number)
        except RegistryError:
            return False
        return True

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(one, range(PEOPLE)))


def test_exactly_the_free_tries_get_through(engine: Engine, clock: FixedClock) -> None:
    def attempt(session: Session, number: int) -> None:
        with unit_of_work(session):
            service.begin_sign_in(session, clock, "asel", service.Place(f"10.0.0.{number}", ""))

    assert sum(at_once(engine, attempt)) == ACCOUNT_THROTTLE.free


def test_a_link_works_for_one_only(engine: Engine, clock: FixedClock) -> None:
    with Session(engine) as session, unit_of_work(session):
        new = service.NewAccount("asel", "Asel", frozenset({"officer"}), password=GOOD)
        number = service.create_account(session, SYSTEM, clock, new)
        link = service.issue_link(session, SYSTEM, clock, LinkPurpose.PASSWORD_RESET, number)

    def use(session: Session, _number: int) -> None:
        with unit_of_work(session):
            service.set_password_by_link(session, clock, link.token, OTHER)

    assert sum(at_once(engine, use)) == 1


def test_one_name_is_given_once(engine: Engine, clock: FixedClock) -> None:
    new = service.NewAccount("asel", "Asel", frozenset({"officer"}), password=GOOD)

    def create(session: Session, _number: int) -> None:
        with unit_of_work(session):
            service.create_account(session, SYSTEM, clock, new)

    assert sum(at_once(engine, create)) == 1


def test_people_behind_one_address_do_not_block_each_other(engine: Engine, clock: FixedClock) -> None:
    """Begin and finish lock the same counters; in two orders PostgreSQL would break them off as a deadlock."""
    place = service.Place("10.0.0.1", "")

    def sign_in(session: Session, number: int) -> None:
        # Few names for many people, so that both counters are contested.
        name = f"person{number % 3}"
        for _ in range(10):
            with suppress(service.TooManyTries), unit_of_work(session):
                service.begin_sign_in(session, clock, name, place)
            with unit_of_work(session):
                service.forgive(session, clock, name, place.address)

    assert all(at_once(engine, sign_in))
