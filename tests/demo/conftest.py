"""Databases with the lists, and with a demo country, made once for each kind and copied for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.db import unit_of_work
from registry.demo.cli import demo
from registry.demo.service import load
from registry.kernel.clock import FixedClock
from registry.settings import Settings
from registry.substances.service import load_reference
from tests.conftest import BISHKEK, NOW
from tests.databases import Databases, engine_for

CLOCK = FixedClock(NOW, BISHKEK)
Made = dict[tuple[str, str], str]


@contextmanager
def opened(url: str) -> Iterator[Session]:
    engine = engine_for(url)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture(scope="session")
def made() -> Made:
    """Addresses of databases made so far, by kind and content."""
    return {}


@pytest.fixture
def with_lists(databases: Databases, made: Made) -> str:
    """The address of a database that holds the lists; nobody writes to it."""
    key = databases.kind, "lists"
    if key not in made:
        url = databases.fresh()
        with opened(url) as session, unit_of_work(session):
            load_reference(session, CLOCK)
        made[key] = url
    return made[key]


@pytest.fixture
def with_country(databases: Databases, made: Made, with_lists: str) -> Callable[[str], str]:
    """Returns the address of a database that holds a demo country; nobody writes to it."""

    def find(size: str) -> str:
        key = databases.kind, size
        if key not in made:
            url = databases.copy_of(with_lists)
            with opened(url) as session:
                load(session, CLOCK, size)
            made[key] = url
        return made[key]

    return find


@pytest.fixture
def lists(databases: Databases, with_lists: str) -> Iterator[Session]:
    """A session on a database of its own with every list edition loaded."""
    with opened(databases.copy_of(with_lists)) as session:
        yield session


@pytest.fixture
def small(databases: Databases, with_country: Callable[[str], str]) -> Iterator[Session]:
    """A session on a database of its own with the small demo country."""
    with opened(databases.copy_of(with_country("small"))) as session:
        yield session


@pytest.fixture(params=["small", "country"])
def country(
    request: pytest.FixtureRequest, databases: Databases, with_country: Callable[[str], str]
) -> Iterator[Session]:
    """A session that only reads the small country, or the whole one (on SQLite)."""
    if request.param == "country" and databases.kind != "sqlite":
        pytest.skip("the whole country is loaded on one database")
    with opened(with_country(request.param)) as session:
        yield session


@pytest.fixture
def app_with_lists(databases: Databases, with_lists: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of its own with the lists, at the tests' moment."""
    settings = Settings(database_url=databases.copy_of(with_lists), instance=str(tmp_path), secret_key="tests")
    application = create_app(settings)
    application.extensions["registry.clock"] = CLOCK
    if demo.name not in application.cli.commands:
        application.cli.add_command(demo)
    yield application
    with application.app_context():
        for engine in application.extensions["sqlalchemy"].engines.values():
            engine.dispose()
