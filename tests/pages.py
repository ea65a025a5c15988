"""What tests of pages share: the application with its rooms, people of every role, the example year.

A module that uses it writes ``from tests.pages import cheap_hashes, office`` and takes `office`
as a fixture. Its day is 15 June 2024: one permit of the example year (P-6) is still open then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from registry.accounts import passwords, service
from registry.app import create_app
from registry.audit.models import AuditEvent
from registry.db import db, unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.parties.queries import organisations_by_codes
from registry.settings import Settings
from tests.conftest import BISHKEK

PASSWORD = "seven otters juggle plates"
MID_JUNE = datetime(2024, 6, 15, 9, 0, tzinfo=BISHKEK)
PEOPLE = {
    "asel": ("officer", None),
    "bakyt": ("approver", None),
    "dinara": ("administrator", None),
    "chinara": ("auditor", None),
    "imran": ("importer", "E-IMP"),
    "maksat": ("importer", "E-MAK"),
    "polina": ("pharmacy", "E-PH1"),
    "hana": ("pharmacy", "E-HOS"),
}
"""User name -> role and, for firms, the code of the organisation."""


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash fast: how dear a guess is, is tested elsewhere."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


class Office:
    """The application on a database of its own, with people and a clock that tests move."""

    def __init__(self, app: Flask, moment: datetime = MID_JUNE) -> None:
        self.app = app
        self.at(moment)

    def at(self, moment: datetime) -> None:
        """Set the clock."""
        self.clock = FixedClock(moment, BISHKEK)
        self.app.extensions["registry.clock"] = self.clock

    def later(self, **step: float) -> None:
        """Move the clock on."""
        self.at(self.clock.moment + timedelta(**step))

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """Give a session that reads."""
        with self.app.app_context():
            yield db.session()

    @contextmanager
    def work(self) -> Iterator[Session]:
        """Give a session whose work is committed."""
        with self.app.app_context(), unit_of_work(db.session()) as session:
            yield session

    def hire(self, *usernames: str) -> None:
        """Create the accounts of `PEOPLE` that are named."""
        for username in usernames:
            role, code = PEOPLE[username]
            with self.work() as session:
                organisation = organisations_by_codes(session, [code])[code] if code else None
                person = service.NewAccount(
                    username, username.title(), frozenset({role}), organisation, language="en", password=PASSWORD
                )
                service.create_account(session, SYSTEM, self.clock, person)

    def browser(self, username: str) -> FlaskClient:
        """Return a browser signed in as one of `PEOPLE`, whose account is made if need be."""
        client = self.app.test_client()
        form = {"username": username, "password": PASSWORD}
        if client.post("/sign-in", data=form).status_code != 303:
            self.hire(username)
            answer = client.post("/sign-in", data=form)
            assert answer.status_code == 303, answer.text
        return client

    def statements(self, client: FlaskClient, address: str) -> int:
        """Return how many SQL statements a page takes; the page must answer.

        It is asked twice: the first answer may also keep the session's hour.
        """
        client.get(address)
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            answer = client.get(address)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert answer.status_code == 200, answer.text
        return len(seen)

    def refusals(self) -> list[tuple[str, str]]:
        """Return who was refused which action, oldest first."""
        with self.rows() as session:
            rows = session.query(AuditEvent).filter(AuditEvent.outcome != "done").order_by(AuditEvent.sequence)
            return [(row.actor, row.action) for row in rows]


def text_of(answer: object) -> str:
    """Return a page as its reader sees the characters, blanks made single."""
    return " ".join(unescape(answer.text).replace("\u00a0", " ").split())  # type: ignore[attr-defined]


def build(url: str, folder: Path, **settings: object) -> Flask:
    """Return the application with all rooms on the database at `url`."""
    app = create_app(Settings(database_url=url, instance=str(folder), secret_key="tests", **settings))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def close(app: Flask) -> None:
    """Let the database go."""
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


@pytest.fixture
def office(stocked_url: str, tmp_path: Path, cheap_hashes: None) -> Iterator[Office]:
    """An office on the example year's country; runs on both kinds of database."""
    app = build(stocked_url, tmp_path)
    yield Office(app)
    close(app)


__all__ = ["PEOPLE", "Office", "build", "cheap_hashes", "close", "office", "text_of"]
