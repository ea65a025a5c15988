"""A site of its own for every test of pages: own database, own clock, cheap hashes.

The shared fixture `app` is not used: pytest-flask would keep one application context open
around all requests of a test, and with it what belongs to one request only.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from registry.accounts import passwords, service
from registry.accounts.models import Account
from registry.accounts.setup import init_app
from registry.app import create_app
from registry.audit.models import AuditEvent
from registry.db import Base, db, unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.settings import Settings
from tests.conftest import BISHKEK, NOW
from tests.databases import Databases, engine_for

GOOD = "seven otters juggle plates"
OTHER = "nine herons borrow ladders"
ORGANISATIONS = {"IMP-01": 11, "PH-02": 12}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash fast: how dear a guess is, is tested once with the real parameters."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


class Site:
    """The application on a database of its own, with a clock that tests move."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.clock = FixedClock(NOW, BISHKEK)
        app.extensions["registry.clock"] = self.clock
        app.extensions["registry.organisation_id"] = lambda _session, code: ORGANISATIONS.get(code)
        app.extensions["registry.organisation_codes"] = lambda _session, ids: {
            number: code for code, number in ORGANISATIONS.items() if number in ids
        }

    def later(self, **step: float) -> None:
        """Move the clock on."""
        self.clock = FixedClock(self.clock.moment + timedelta(**step), BISHKEK)
        self.app.extensions["registry.clock"] = self.clock

    def create(
        self,
        username: str,
        *roles: str,
        password: str | None = GOOD,
        organisation_id: int | None = None,
        **more: object,
    ) -> int:
        """Create an account; by default a real one."""
        command = service.NewAccount(
            username, username.title(), frozenset(roles), organisation_id, password=password, **more
        )
        with self.app.app_context(), unit_of_work(db.session()):
            return service.create_account(db.session(), SYSTEM, self.clock, command)

    def do(self, call: object, *arguments: object, **options: object) -> object:
        """Run a service in a unit of work: ``do(service.set_active, SYSTEM, clock, ...)``."""
        with self.app.app_context(), unit_of_work(db.session()):
            return call(db.session(), *arguments, **options)

    def browser(self, username: str | None = None, password: str = GOOD, address: str = "10.0.0.1") -> FlaskClient:
        """Return a browser, signed in as `username` if given."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        if username is not None:
            answer = self.sign_in(client, username, password)
            assert answer.status_code == 303, answer.text
        return client

    def sign_in(self, client: FlaskClient, username: str, password: str = GOOD) -> TestResponse:
        """Send the sign-in form."""
        return client.post("/sign-in", data={"username": username, "password": password})

    def events(self, action: str | None = None) -> list[tuple[str, str, str, str]]:
        """Return actor, action, subject and outcome of the audit log, oldest first."""
        with self.app.app_context():
            rows = db.session().query(AuditEvent).order_by(AuditEvent.sequence)
            return [
                (row.actor, row.action, row.subject, row.outcome)
                for row in rows
                if action is None or row.action == action
            ]


def is_signed_in(client: FlaskClient) -> bool:
    """Ask for a page that needs a sign-in."""
    answer = client.get("/profile")
    assert answer.status_code in {200, 303}, answer.text
    return answer.status_code == 200


def build(database_url: str, folder: Path, **settings: object) -> Flask:
    """Return the application with accounts on it."""
    app = create_app(Settings(database_url=database_url, instance=str(folder), secret_key="tests", **settings))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    if "accounts" not in app.blueprints:
        init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app


def close(app: Flask) -> None:
    """Let the database go."""
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A site on a fresh database; runs on both kinds."""
    app = build(database_url, tmp_path)
    yield Site(app)
    close(app)


@pytest.fixture
def session(databases: Databases, shared_engines: dict[str, Engine]) -> Iterator[Session]:
    """As the shared fixture, with the tables of accounts."""
    if databases.kind not in shared_engines:
        shared_engines[databases.kind] = engine_for(databases.fresh())
    engine = shared_engines[databases.kind]
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as inner:
            yield inner
        outer.rollback()


__all__ = ["GOOD", "OTHER", "Account", "Site", "build", "close", "is_signed_in"]
