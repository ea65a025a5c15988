"""Issuing a permit through HTTP, against the bare transaction of five statements by the same driver."""

from __future__ import annotations

import http.client
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import structlog
from sqlalchemy.engine import make_url

from registry.permits.queries import application_by_reference
from tests.api.programs import new_key, token_of
from tests.browsing import serving
from tests.databases import Databases
from tests.pages import Office, build, close
from tests.permits.acting import proposed

CLIENTS = 8
CEILING = 10**15
BARE = (
    "CREATE TABLE bare_position (id int PRIMARY KEY, reserved bigint NOT NULL, ceiling bigint NOT NULL)",
    "CREATE TABLE bare_permit (id bigserial PRIMARY KEY, number text UNIQUE, units bigint, issued timestamptz DEFAULT now())",
    "CREATE TABLE bare_audit (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), what text, digest text)",
    "CREATE TABLE bare_outbox (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), letter text)",
    f"INSERT INTO bare_position VALUES (1, 0, {CEILING})",
)


class Desk:
    """Proposed cases on a running registry, all of one position, and a driver beside it."""

    def __init__(self, office: Office, address: str, url: str, cases: list[str]) -> None:
        self.address = urlsplit(address).netloc
        self.url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.cases = iter(cases)
        self.taking = threading.Lock()
        self.token = token_of(office, "bakyt")
        self.here = threading.local()
        self.numbers = iter(range(10**9))
        with psycopg.connect(self.url) as connection:
            for statement in BARE:
                connection.execute(statement)

    def take(self) -> str:
        """Return a case that nobody has issued yet."""
        with self.taking:
            return next(self.cases)

    def issue(self) -> None:
        """Issue one proposed permit as a program does: one request on a line that stays open."""
        line: http.client.HTTPConnection | None = getattr(self.here, "line", None)
        if line is None:
            line = self.here.line = http.client.HTTPConnection(self.address)
        headers = {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
            "Idempotency-Key": new_key(), "If-Match": '"3"',
        }  # fmt: skip
        line.request("POST", f"/api/v1/applications/{self.take()}/steps/issue", json.dumps({}), headers)
        answer = line.getresponse()
        body = answer.read()
        assert answer.status == 200, body

    def bare(self) -> None:
        """Lock, look at the ceiling, insert, note, queue: one transaction on one row."""
        driver: psycopg.Connection[tuple[int, int]] | None = getattr(self.here, "driver", None)
        if driver is None:
            driver = self.here.driver = psycopg.connect(self.url)
        with self.taking:
            number = next(self.numbers)
        with driver.transaction():
            row = driver.execute("SELECT reserved, ceiling FROM bare_position WHERE id = 1 FOR UPDATE").fetchone()
            assert row is not None
            assert row[0] + 7_500_000 <= row[1]
            driver.execute("UPDATE bare_position SET reserved = reserved + %s WHERE id = 1", (7_500_000,))
            driver.execute("INSERT INTO bare_permit (number, units) VALUES (%s, %s)", (f"B-{number}", 1))
            driver.execute("INSERT INTO bare_audit (what, digest) VALUES (%s, %s)", (f"issue B-{number}", "0" * 64))
            driver.execute("INSERT INTO bare_outbox (letter) VALUES (%s)", (f"permit B-{number} is issued",))


@contextmanager
def desk(databases: Databases, folder: Path, cases: int) -> Iterator[Desk]:
    """Serve a registry on a copy of the example year with so many proposed cases."""
    url = databases.copy_of(databases.stocked())
    app = build(url, folder)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    office = Office(app)
    references = [f"B-{number}" for number in range(cases)]
    with office.rows() as session:
        for reference in references:
            proposed(session, reference, 1)
        last = application_by_reference(session, references[-1])
    assert last is not None
    assert last.version == 3, last.version
    with serving(app) as address:
        yield Desk(office, address, url, references)
    close(app)


def each_timed(call: Callable[[], None], count: int) -> list[float]:
    """Return the seconds of each of so many calls, one after the other."""
    return [_timed(call) for _ in range(count)]


def together_timed(call: Callable[[], None], count: int) -> tuple[list[float], float]:
    """Let eight clients make so many calls; return the seconds of each, and calls per second of all."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        start = time.perf_counter()
        took = list(pool.map(lambda _: _timed(call), range(count)))
        return took, count / (time.perf_counter() - start)


def _timed(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
