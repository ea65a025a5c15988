"""``flask permit export`` and its like: the exchange with other authorities on the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock, settings_of
from registry.correspondence.catalogue import format_named
from registry.correspondence.service.exporting import READ, export_permit
from registry.db import db, unit_of_work
from registry.permits.cli import permit

__all__ = ["permit"]

NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
FORMAT_HELP = "xml, json, or the name of an official schema."


@permit.command("export")
@click.argument("number")
@click.option("--format", "name", default="xml", show_default=True, metavar="FORMAT", help=FORMAT_HELP)
@click.option("--out", type=NEW_FILE, help="Where the file is written; without it: to standard output.")
@json_option
@as_option
def export(name: str, number: str, out: Path | None, *, as_json: bool, as_username: str) -> None:
    """Write permit NUMBER as a file for other systems; its digest goes into the audit log."""
    session = db.session()
    if out is None and as_json:
        raise click.UsageError("--json needs --out: the file itself goes to standard output")
    with refusals(READ, f"permit {number}", as_username):
        written = format_named(current_app, name)
        actor = acting(session, as_username, READ)
        with unit_of_work(session):
            made = export_permit(session, actor, current_clock(), settings_of(current_app), number, written)
    if out is None:
        click.echo(made.content, nl=False)
        return
    out.write_bytes(made.content)
    answer({"file": str(out), "sha256": made.sha256}, [f"{out}: SHA-256 {made.sha256}"], as_json=as_json)
