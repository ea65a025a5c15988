"""Sends that break off before, within and after the commit: no entry is lost, none stands twice."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from registry.stock.domain.paper import CAPTIONS
from tests.api.programs import Program, token_of
from tests.databases import Databases
from tests.pages import Office, build, cheap_hashes, close

__all__ = ["cheap_hashes"]

SENDS = 100
ROWS = 2
TRIES = 60


class Cut(Exception):
    """The connection broke."""


class Line:
    """A line that breaks off, at each point of a send about as often."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.cuts: Counter[str] = Counter()

    def may_cut(self, where: str) -> None:
        if self.chance.random() < 1 / 4:
            self.cuts[where] += 1
            raise Cut(where)

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Break off transactions with everything done and nothing committed."""

        def before(_session: Session) -> None:
            self.may_cut("during")

        event.listen(Session, "before_commit", before)
        try:
            yield
        finally:
            event.remove(Session, "before_commit", before)


def insist(line: Line, send: Callable[[], int]) -> int:
    """Send until an answer arrives, as the queue of a browser and a program do; return how often it took."""
    for tried in range(1, TRIES + 1):
        try:
            line.may_cut("before")
            status = send()
            line.may_cut("after")
            if status in {200, 201}:
                return tried
        except Cut:
            continue
    raise AssertionError("never answered")


def row(number: int, place: int) -> dict[str, str]:
    return {"occurred_on": "2024-06-14", "kind": "opening_stock", "product": "MOR10", "quantity": str(number + 1), "batch": f"Q-{number:03d}-{place}"}  # fmt: skip


def page(number: int) -> Mapping[str, object]:
    """Return one page of the queue under its token."""
    rows = [row(number, place) for place in range(1, ROWS + 1)]
    cells = {name: [one.get(name, "") for one in rows] for name in CAPTIONS}
    return {"site": "E-IMP", "token": f"20240614-{number:08d}", "step": "record", "row": ["1", "2"], **cells}


def queued(client: FlaskClient, number: int) -> int:
    return client.post("/stock/journal", data=page(number), headers={"Accept": "application/json"}).status_code


def called(program: Program, number: int) -> int:
    """Send as a program does: with a key for each set of entries."""
    movements = [
        row(number, place) | {"site": "E-IMP", "reference": f"API-{number:03d}-{place}"} for place in range(1, ROWS + 1)
    ]
    return program.post("/movements", {"movements": movements}, key=f"set-{number:06d}").status_code


@pytest.fixture
def office(databases: Databases, tmp_path: Path, cheap_hashes: None) -> Iterator[Office]:
    app = build(databases.copy_of(databases.stocked()), tmp_path)
    yield Office(app)
    close(app)


def test_a_hundred_interrupted_sends_lose_nothing_and_double_nothing(office: Office) -> None:
    program, client = Program(office, token_of(office, "imran")), office.browser("imran")
    line = Line(11)
    taken = 0
    with line.breaking():
        for number in range(SENDS):
            taken += insist(line, partial(queued, client, number) if number % 2 else partial(called, program, number))
    assert min(line.cuts[where] for where in ("before", "during", "after")) >= SENDS // 10
    assert taken > SENDS
    with office.rows() as session:
        found = session.execute(
            text("SELECT b.label, m.units FROM movement m JOIN batch b ON b.id = m.batch_id WHERE b.label LIKE 'Q-%'")
        ).all()
        wanted = Counter((f"Q-{number:03d}-{place}", number + 1) for number in range(SENDS) for place in (1, 2))
        assert Counter((label, units) for label, units in found) == wanted
        lying = "SELECT SUM(s.units) FROM balance s JOIN batch b ON b.id = s.batch_id WHERE b.label LIKE 'Q-%'"
        assert session.execute(text(lying)).scalar() == ROWS * sum(range(1, SENDS + 1))


def test_one_page_sent_by_many_at_once_stands_once(office: Office) -> None:
    clients = [office.browser("imran") for _ in range(8)]
    barrier, answers = threading.Barrier(len(clients)), []

    def send(client: FlaskClient) -> None:
        barrier.wait(30)
        answer = client.post("/stock/journal", data=page(7), headers={"Accept": "application/json"})
        answers.append((answer.status_code, answer.json["accepted"], answer.json["duplicates"]))

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [(200, 0, ROWS)] * (len(clients) - 1) + [(200, ROWS, 0)]
    with office.rows() as session:
        assert session.execute(text("SELECT COUNT(*) FROM batch WHERE label LIKE 'Q-007-%'")).scalar() == ROWS
