"""Fixtures all tests share: two kinds of database, a clock that stands still, an application."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.db import server_version
from registry.kernel.clock import FixedClock
from registry.settings import Settings
from tests.databases import Databases, engine_for
from tests.postgres import Server
from tests.templates import compile_once

BISHKEK = ZoneInfo("Asia/Bishkek")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=BISHKEK)
URL_VARIABLE = "REGISTRY_TEST_SERVER_URL"
KINDS = ("sqlite", "postgresql")
VERSIONS: list[str] = []

compile_once()


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL once, before the workers, unless an address is given."""
    if hasattr(config, "workerinput") or os.environ.get(URL_VARIABLE):
        return
    if config.getoption("--collect-only"):
        return
    server = Server().start()
    os.environ[URL_VARIABLE] = server.url
    config._registry_server = server  # type: ignore[attr-defined]
    for url in ("sqlite://", server.url):
        with Session(create_engine(url)) as session:
            VERSIONS.append(server_version(session))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that was started here."""
    server = getattr(config, "_registry_server", None)
    if server:
        server.stop()
        os.environ.pop(URL_VARIABLE, None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the versions of both database servers, also in a quiet run."""
    if not hasattr(config, "workerinput"):
        terminalreporter.write_line(f"databases: {', '.join(VERSIONS)}")


@pytest.fixture(scope="session")
def all_databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Databases]:
    folder: Path = tmp_path_factory.mktemp("databases")
    return {kind: Databases(kind, folder, os.environ.get(URL_VARIABLE)) for kind in KINDS}


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest, all_databases: dict[str, Databases]) -> Databases:
    """Databases of one kind; every test that asks for one runs on both."""
    return all_databases[request.param]


@pytest.fixture(scope="session")
def shared_engines(all_databases: dict[str, Databases]) -> Iterator[dict[str, Engine]]:
    engines: dict[str, Engine] = {}
    yield engines
    for engine in engines.values():
        engine.dispose()


@pytest.fixture
def session(databases: Databases, shared_engines: dict[str, Engine]) -> Iterator[Session]:
    """A session whose commits are savepoints of a transaction that is rolled back after the test."""
    if databases.kind not in shared_engines:
        shared_engines[databases.kind] = engine_for(databases.fresh())
    with shared_engines[databases.kind].connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as inner:
            yield inner
        outer.rollback()


@pytest.fixture
def stocked(databases: Databases, shared_engines: dict[str, Engine]) -> Iterator[Session]:
    """Like `session`, on a database with the lists and the example year's country up to its permits."""
    key = f"stocked {databases.kind}"
    if key not in shared_engines:
        shared_engines[key] = engine_for(databases.copy_of(databases.stocked()))
    with shared_engines[key].connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as inner:
            yield inner
        outer.rollback()


@pytest.fixture
def stocked_url(databases: Databases) -> str:
    """The address of a database of this test's own with the example year's country up to its permits."""
    return databases.copy_of(databases.stocked())


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW, BISHKEK)


@pytest.fixture
def database_url(databases: Databases) -> str:
    """The address of a fresh, migrated database of this test's own."""
    return databases.fresh()


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database, with real commits."""
    settings = Settings(database_url=database_url, instance=str(tmp_path), secret_key="tests")
    application = create_app(settings)
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield application
    with application.app_context():
        for engine in application.extensions["sqlalchemy"].engines.values():
            engine.dispose()
