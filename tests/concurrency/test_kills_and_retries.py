"""Thirty-two programs issue permits of one position; they are killed, lose answers and repeat themselves.

Whatever is killed, the reserved never exceeds what may be granted, and a request that was
accepted has exactly one effect, however often it was sent.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from registry.db import db, unit_of_work
from registry.permits.service import cases
from tests.api.programs import Program, token_of
from tests.databases import Databases, engine_for
from tests.pages import Office, build, cheap_hashes, close
from tests.permits.acting import JUNE, OFFICER, apply, case, row

__all__ = ["cheap_hashes"]

CLIENTS = 32
TABLETS = 10_000
FITTING = 5
"""400 g are left of the example's morphine; one case asks for 75 g."""
TRIES = 200
FINAL = {200, 422}
"""Issued, or refused by the rules; after anything else a program asks again."""
KILL_PAUSE = 0.4


class Killed(Exception):
    """The program died before it could commit."""


class Client:
    """A program that sends one request until it has seen an answer."""

    def __init__(self, office: Office, token: str, number: int) -> None:
        self.program = Program(office, token)
        self.number = number
        self.chance = random.Random(number)
        self.seen: list[tuple[int, str]] = []
        self.sent = 0

    def insist(self, barrier: threading.Barrier) -> None:
        """Send under one key until an answer arrives, and sometimes once more."""
        barrier.wait(60)
        while self.sent < TRIES:
            self.sent += 1
            try:
                answer = self.program.post(
                    f"/applications/A-{self.number}/steps/issue", {}, key=f"issue-{self.number:05d}", If_Match='"3"'
                )
            except Exception:  # noqa: S112 - whatever killed it, a program without an answer asks again
                continue
            if answer.status_code not in FINAL or self.chance.random() < 1 / 3:
                continue  # the answer was lost on the way
            self.seen.append((answer.status_code, answer.text))
            if len(self.seen) == 2:
                return


@contextmanager
def dying(chance: random.Random) -> Iterator[list[int]]:
    """Let a third of all transactions die with everything done and nothing committed."""
    deaths = [0]

    def die(_session: Session) -> None:
        if chance.random() < 1 / 3:
            deaths[0] += 1
            raise Killed

    event.listen(Session, "before_commit", die)
    try:
        yield deaths
    finally:
        event.remove(Session, "before_commit", die)


@contextmanager
def cutting(engine: Engine) -> Iterator[list[int]]:
    """Cut connections to the server again and again, whatever they are doing; count the cuts."""
    cuts = [0]
    if engine.dialect.name == "sqlite":
        yield cuts
        return
    over = threading.Event()
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 2"
    )

    def cut() -> None:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not over.wait(KILL_PAUSE):
                cuts[0] += len(connection.execute(text(others)).all())

    thread = threading.Thread(target=cut)
    thread.start()
    try:
        yield cuts
    finally:
        over.set()
        thread.join()


@pytest.fixture
def office(databases: Databases, tmp_path: Path, cheap_hashes: None) -> Iterator[Office]:
    """A registry with thirty-two proposed cases for the same position."""
    url = databases.copy_of(databases.stocked())
    engine = engine_for(url)
    with Session(engine) as session:
        assert apply(session, *(row(f"A-{number}", TABLETS) for number in range(CLIENTS))).written
        with unit_of_work(session):
            for number in range(CLIENTS):
                found = case(session, f"A-{number}").id
                cases.take_up(session, OFFICER, JUNE, found, 1)
                cases.propose(session, OFFICER, JUNE, found, 2)
    engine.dispose()
    app = build(url, tmp_path)
    yield Office(app)
    close(app)


def counted(session: Session, sql: str) -> int:
    return int(session.execute(text(sql)).scalar_one())


@pytest.mark.timeout(600)
def test_every_accepted_request_has_one_effect_whatever_is_killed(office: Office, databases: Databases) -> None:
    token = token_of(office, "bakyt")
    clients = [Client(office, token, number) for number in range(CLIENTS)]
    barrier = threading.Barrier(CLIENTS)
    threads = [threading.Thread(target=each.insist, args=(barrier,)) for each in clients]
    with office.rows() as session:
        engine = engine_for(session.get_bind().engine.url.render_as_string(hide_password=False))
    began = time.monotonic()
    with dying(random.Random(7)) as deaths, cutting(engine) as cuts:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(500)
    assert time.monotonic() - began < 500
    engine.dispose()

    assert deaths[0] > CLIENTS // 4
    assert cuts[0] > 0 or engine.dialect.name == "sqlite"
    assert sum(each.sent for each in clients) > 2 * CLIENTS
    assert [each.number for each in clients if len(each.seen) != 2] == []
    # Sent again under its key, an accepted request is answered as the first time.
    assert [each.seen for each in clients if each.seen[0][0] == 200 and each.seen[0] != each.seen[1]] == []
    accepted = {each.number for each in clients if each.seen[0][0] == 200}
    assert len(accepted) == FITTING
    with office.app.app_context():
        db.engine.dispose()  # some of the connections kept were cut
    with office.rows() as session:
        issued = session.execute(
            text(
                "SELECT a.reference, p.number FROM application a JOIN permit p ON p.id = a.permit_id"
                " WHERE a.reference LIKE 'A-%' ORDER BY p.number"
            )
        ).all()
        assert {reference for reference, _ in issued} == {f"A-{number}" for number in accepted}
        assert [number for _, number in issued] == [f"KG-I-2024-{number:06d}" for number in range(1, FITTING + 1)]
        assert counted(session, "SELECT COUNT(*) FROM permit WHERE number LIKE 'KG-I-%'") == FITTING
        assert counted(session, "SELECT COUNT(*) FROM case_event WHERE transition = 'issue'") == FITTING
        done = "SELECT COUNT(*) FROM audit_event WHERE action = 'permits.issue' AND outcome = 'done'"
        assert counted(session, done) == FITTING
        reserved, grantable = session.execute(
            text(
                "SELECT p.reserved_ng, p.grantable_ng FROM quota_position p JOIN substance s ON s.id = p.substance_id"
                " WHERE p.year = 2024 AND s.code = 'NM 009'"
            )
        ).one()
        assert grantable - reserved == 25 * 10**9
