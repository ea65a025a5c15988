"""A site with the example year on it, and browsers signed in by role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from registry.accounts import passwords, service
from registry.accounts.setup import init_app as init_accounts
from registry.app import create_app
from registry.db import Base, db, unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.parties.queries import organisations_by_codes
from registry.settings import Settings
from registry.supervision.setup import init_app
from tests.conftest import BISHKEK, NOW
from tests.world import take_file

GOOD = "seven otters juggle plates"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash fast: how dear a guess is, is tested elsewhere with the real parameters."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


class Site:
    """The application with people on it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.clock = FixedClock(NOW, BISHKEK)
        app.extensions["registry.clock"] = self.clock

    def browser(self, role: str, organisation_id: int | None = None) -> FlaskClient:
        """Return a browser signed in as a new account of `role`."""
        client = self.app.test_client()
        name = f"{role}{organisation_id or ''}"
        with self.app.app_context(), unit_of_work(db.session()):
            new = service.NewAccount(name, name.title(), frozenset({role}), organisation_id, password=GOOD)
            service.create_account(db.session(), SYSTEM, self.clock, new)
        answer = client.post("/sign-in", data={"username": name, "password": GOOD})
        assert answer.status_code == 303, answer.text
        return client


def build(url: str, folder: Path) -> Flask:
    """Return the application with accounts and supervision on it."""
    app = create_app(Settings(database_url=url, instance=str(folder), secret_key="tests"))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    if "accounts" not in app.blueprints:
        init_accounts(app)
    if "supervision" not in app.blueprints:
        init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app


def close(app: Flask) -> None:
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """An empty site; runs on both kinds of database."""
    app = build(database_url, tmp_path)
    yield Site(app)
    close(app)


@pytest.fixture
def country(stocked_url: str, tmp_path: Path) -> Iterator[Site]:
    """A site with the whole example year; runs on both kinds of database."""
    app = build(stocked_url, tmp_path)
    with app.app_context():
        take_file(db.session(), "07-movements")
        db.session.remove()
    yield Site(app)
    close(app)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements sent while the block runs."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def organisation(site: Site, code: str) -> int:
    """Return the id of an organisation of the example year."""
    with site.app.app_context():
        return organisations_by_codes(db.session(), [code])[code]
