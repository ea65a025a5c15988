"""A licence stops, or a product gets another revision, in the very moment in which a permit is issued."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.errors import Conflict, RuleRefused
from registry.licences import service as licences
from registry.permits.queries import permits_by_numbers
from registry.permits.service import issue, issuing
from registry.permits.service.stops import LICENCE_STOP
from tests.databases import Databases, engine_for
from tests.permits.acting import APPROVER, JUNE, OFFICER, case, proposed
from tests.world import table_of, take_in

A_MOMENT = 0.5
TODAY = JUNE.today()


@pytest.fixture
def url(databases: Databases) -> str:
    """A database with one proposed case."""
    address = databases.copy_of(databases.stocked())
    engine = engine_for(address)
    with Session(engine) as session:
        proposed(session, "A-1", 100)
    engine.dispose()
    return address


def give(session: Session) -> str:
    return issue(session, APPROVER, JUNE, case(session, "A-1").id, 3)


def suspend(session: Session) -> str:
    licences.ask(session, OFFICER, JUNE, "LIC-E-IMP", "licences.suspend", "inspection", TODAY)
    return ""


class Second(threading.Thread):
    """Somebody who acts on a connection of their own."""

    def __init__(self, engine: Engine, act: Callable[[Session], str]) -> None:
        super().__init__()
        self.engine, self.act = engine, act
        self.answer = ""
        self.error: BaseException | None = None

    def run(self) -> None:
        """Act, and keep what came of it."""
        try:
            with Session(self.engine) as session, unit_of_work(session):
                self.answer = self.act(session)
        except BaseException as error:
            self.error = error


def one_after_the_other(
    url: str, first: Callable[[Session], str], then: Callable[[Session], str]
) -> tuple[str, Second]:
    """Let `first` act and not yet commit while `then` begins, which has to wait; return what came of both."""
    engine = engine_for(url)
    second = Second(engine, then)
    with ExitStack() as stack:
        session = stack.enter_context(Session(engine))
        with unit_of_work(session):
            answer = first(session)
            second.start()
            second.join(A_MOMENT)
            assert second.is_alive(), second.error
    second.join(60)
    engine.dispose()
    return answer, second


def permits(url: str) -> int:
    engine = engine_for(url)
    with Session(engine) as session:
        found = session.execute(text("SELECT COUNT(*) FROM permit WHERE number LIKE 'KG-I-%'")).scalar_one()
    engine.dispose()
    return int(found)


def test_no_permit_is_written_under_a_licence_that_is_being_stopped(url: str) -> None:
    _, second = one_after_the_other(url, suspend, give)
    assert isinstance(second.error, RuleRefused)
    assert "LIC-01" in {finding.rule.code for finding in second.error.findings}
    assert permits(url) == 0


def test_a_stop_of_the_licence_finds_the_permit_that_was_being_written(url: str) -> None:
    number, second = one_after_the_other(url, give, suspend)
    assert second.error is None
    engine = engine_for(url)
    with Session(engine) as session:
        stop = permits_by_numbers(session, [number])[number].stopped_on(TODAY)
    engine.dispose()
    assert stop is not None
    assert stop.cause == LICENCE_STOP


def test_a_product_recorded_anew_while_we_waited_is_a_conflict(
    url: str, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permit would stand on a composition nobody looked at: nothing is written, and the next try has the new one."""
    if databases.kind == "sqlite":
        pytest.skip("SQLite has one writer: nobody records a product while a permit is issued")
    engine, lock = engine_for(url), issuing.ensure_and_lock_positions

    def wait(session: Session, keys: list[tuple[int, int]]) -> object:
        with Session(engine) as other:
            renamed = table_of("code,name,form,unit,other_ingredients", "MOR10,Morphine renamed,tablet,piece,")
            assert take_in(other, "products", renamed, clock=JUNE).written
        return lock(session, keys)

    with Session(engine) as session:
        monkeypatch.setattr(issuing, "ensure_and_lock_positions", wait)
        with pytest.raises(Conflict), unit_of_work(session):
            give(session)
        monkeypatch.setattr(issuing, "ensure_and_lock_positions", lock)
        with unit_of_work(session):
            assert give(session) == "KG-I-2024-000001"
    engine.dispose()
