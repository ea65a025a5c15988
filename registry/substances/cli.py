"""The command line of the lists: ``flask reference load``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from registry.db import db, unit_of_work
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import RegistryError
from registry.substances.service import Loaded, load_reference

REFUSED = 1


def reference_group(actor_named: Callable[[Session, str, date], Actor], clock: Callable[[], Clock]) -> AppGroup:
    """Return the command group; the application hands in how a username becomes an actor, and its clock."""
    group = AppGroup("reference", help="Lists of controlled substances.")

    @group.command("load")
    @click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
    @click.option("--as", "username", default=SYSTEM.username, show_default=True, help="Account that acts.")
    def load(as_json: bool, username: str) -> None:  # noqa: FBT001 - click passes options by name
        """Load every list edition found; repeating it changes nothing."""
        session = db.session()
        try:
            with unit_of_work(session):
                loaded = load_reference(session, clock(), actor=actor_named(session, username, clock().today()))
        except RegistryError as refused:
            click.echo(str(refused), err=True)
            raise SystemExit(REFUSED) from refused
        click.echo(json.dumps(loaded.as_json(), ensure_ascii=False) if as_json else _lines(loaded))

    return group


def _lines(loaded: Loaded) -> str:
    """Return one line for each file: edition, file, rows, and whether it was new."""
    return "\n".join(
        f"{edition:<24} {name:<26} {rows:>6}  {'loaded' if edition in loaded.added else 'unchanged'}"
        for edition, files in loaded.rows.items()
        for name, rows in files.items()
    )
