"""``flask reference load``: counts on standard output, refusals with exit 1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from registry.db import Base, db, prepare_engine
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import NotFound
from registry.kernel.text import Message
from registry.substances.cli import reference_group


def actor_named(_session: Session, username: str, _day: date) -> Actor:
    if username != "system":
        raise NotFound(Message("nobody is called %(name)s", {"name": username}))
    return Actor(None, username)


@pytest.fixture
def runner(tmp_path: Path, clock: FixedClock) -> Iterator[FlaskCliRunner]:
    app = Flask("lists")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'lists.db'}"
    db.init_app(app)
    app.cli.add_command(reference_group(actor_named, lambda: clock))
    with app.app_context():
        Base.metadata.create_all(prepare_engine(db.engine))
        yield app.test_cli_runner()
        db.session.remove()
        db.engine.dispose()


def test_the_first_load_adds_and_the_second_does_not(runner: FlaskCliRunner) -> None:
    first = runner.invoke(args=["reference", "load", "--json"])
    second = runner.invoke(args=["reference", "load", "--json"])

    assert first.exit_code == second.exit_code == 0
    assert "yellow-64" in json.loads(first.stdout)["added"]
    assert json.loads(second.stdout)["added"] == []
    assert json.loads(first.stdout)["rows"] == json.loads(second.stdout)["rows"]


def test_people_read_lines(runner: FlaskCliRunner) -> None:
    lines = runner.invoke(args=["reference", "load"]).stdout.splitlines()
    assert any(line.split() == ["yellow-64", "factors.csv", "273", "loaded"] for line in lines)


def test_an_unknown_account_is_refused(runner: FlaskCliRunner) -> None:
    answer = runner.invoke(args=["reference", "load", "--as", "nobody"])
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert "nobody is called nobody" in answer.stderr
