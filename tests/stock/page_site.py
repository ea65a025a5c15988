"""A site with the example year on it and people of every role, for the tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from registry.accounts import passwords, service
from registry.app import create_app
from registry.audit.models import AuditEvent
from registry.db import db, unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.parties.queries import sites_by_codes
from registry.settings import Settings
from tests.conftest import BISHKEK, NOW
from tests.databases import Databases, engine_for
from tests.world import table_of, take_file, take_in

GOOD = "seven otters juggle plates"


# Licences of the example end in 2025: entries of November 2026 need new ones.
LICENCES = (
    "number,organisation,acts,substances,valid_from,valid_to",
    "L-IMP,E-IMP,import;export;acquisition;distribution;sale;storage;destruction,narcotic;psychotropic,2026-01-01,2027-12-31",
    "L-WHO,E-WHO,acquisition;storage;distribution;sale,narcotic;psychotropic,2026-01-01,2027-12-31",
    "L-PH1,E-PH1,acquisition;storage;dispensing,narcotic;psychotropic,2026-01-01,2027-12-31",
)
_moved: dict[str, str] = {}


def moved_url(databases: Databases) -> str:
    """Return the address of a copy of the example year with its movements and licences that cover today."""
    if databases.kind not in _moved:
        _moved[databases.kind] = databases.copy_of(databases.stocked())
        engine = engine_for(_moved[databases.kind])
        with Session(engine) as session:
            take_file(session, "07-movements")
            assert take_in(session, "licences", table_of(*LICENCES)).written
        engine.dispose()
    return databases.copy_of(_moved[databases.kind])


class Site:
    """The application with people on it, on a database of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        settings = Settings(database_url=url, instance=str(folder), secret_key="tests")
        self.app: Flask = create_app(settings)
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.clock = FixedClock(NOW, BISHKEK)
        self.app.extensions["registry.clock"] = self.clock

    def account(self, role: str, organisation: str | None = None) -> str:
        """Create an account of `role`, for firms at the organisation of that code; return its name."""
        name = f"{role}-{organisation}".lower() if organisation else role
        with self.app.app_context(), unit_of_work(db.session()):
            session = db.session()
            number = sites_by_codes(session, [organisation])[organisation].organisation_id if organisation else None
            new = service.NewAccount(name, name.title(), frozenset({role}), number, password=GOOD)
            service.create_account(session, SYSTEM, self.clock, new)
        return name

    def browser(self, role: str, organisation: str | None = None, language: str = "en") -> FlaskClient:
        """Return a browser signed in as a new account."""
        client = self.app.test_client()
        name = self.account(role, organisation)
        answer = client.post("/sign-in", data={"username": name, "password": GOOD})
        assert answer.status_code == 303, answer.text
        client.set_cookie("registry_language", language)
        client.get(f"/language/{language}?next=/profile")
        return client

    def refusals(self) -> list[tuple[str, str]]:
        """Return action and subject of what the audit log holds as refused."""
        with self.app.app_context():
            return [(row.action, row.subject) for row in db.session().query(AuditEvent) if row.outcome == "refused"]

    def close(self) -> None:
        """Let the database go."""
        with self.app.app_context():
            for engine in self.app.extensions["sqlalchemy"].engines.values():
                engine.dispose()


def use_cheap_hashes(monkeypatch) -> Iterator[None]:
    """Hash fast: how dear a guess is, is tested elsewhere with the real parameters."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Collect the statements of whatever runs inside."""
    seen: list[str] = []

    def listen(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
