"""Databases for the tests: migrated once, copied cheaply."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.db import Base, prepare_engine
from registry.settings import Settings
from tests.world import load_base

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"
_number = itertools.count(1)


class Databases:
    """Fresh, migrated databases of one kind (``sqlite`` or ``postgresql``) for one worker."""

    def __init__(self, kind: str, folder: Path, server_url: str | None) -> None:
        self.kind = kind
        self.folder = folder
        self.server_url = server_url
        self.worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._template: str | None = None
        self._stocked: str | None = None
        self._admin: Engine | None = None

    def template(self) -> str:
        """Return the address of the migrated, empty database that the others are copies of."""
        if self._template is None:
            self._template = self._make_empty(f"template_{self.worker}")
            migrate(self._template, self.folder)
        return self._template

    def stocked(self) -> str:
        """Return the address of a database with the lists and the example's country; made once."""
        if self._stocked is None:
            self._stocked = self.fresh()
            engine = engine_for(self._stocked)
            with Session(engine) as session:
                load_base(session)
            engine.dispose()
        return self._stocked

    def fresh(self) -> str:
        """Return the address of a new copy of the template."""
        return self.copy_of(self.template())

    def copy_of(self, url: str) -> str:
        """Return the address of a new copy of the database at `url` (nobody may be connected to it)."""
        name = f"copy_{self.worker}_{next(_number)}"
        if self.kind == "sqlite":
            target = self.folder / f"{name}.db"
            shutil.copy(url.removeprefix("sqlite:///"), target)
            return f"sqlite:///{target}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{url.rsplit("/", 1)[1]}"')
        return url.rsplit("/", 1)[0] + "/" + name

    def _make_empty(self, name: str) -> str:
        if self.kind == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        assert self.server_url
        self._execute(f'CREATE DATABASE "{name}"')
        return self.server_url.rsplit("/", 1)[0] + "/" + name

    def _execute(self, sql: str) -> None:
        if self._admin is None:
            assert self.server_url
            self._admin = create_engine(self.server_url, isolation_level="AUTOCOMMIT")
        with self._admin.connect() as connection:
            connection.execute(text(sql))


def migrate(url: str, folder: Path) -> None:
    """Run every migration on the database at `url`."""
    app = create_app(Settings(database_url=url, instance=str(folder), secret_key="tests"))
    with app.app_context():
        if any(VERSIONS.glob("*.py")):
            upgrade()
        else:
            Base.metadata.create_all(app.extensions["sqlalchemy"].engine)
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def engine_for(url: str) -> Engine:
    """Return an engine as the application would make it."""
    return prepare_engine(create_engine(url))
