"""`flask quota position`, `flags sweep`, `audit head` and `verify`, `doctor`, `backup`: what the shell may ask of the whole house."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from flask_migrate import upgrade
from rich.console import Console
from rich.progress import Progress

from registry.accounts.commands import acting, answer, as_option, json_option, refusals, say
from registry.accounts.sessions import current_clock, settings_of
from registry.audit.domain import Head, read_head
from registry.audit.queries import chain_head, verify
from registry.db import db, unit_of_work
from registry.flags.service import sweep
from registry.flags.watches import current_watches
from registry.kernel.codes import substance_code
from registry.kernel.text import Message
from registry.quotas.domain.position import as_json as position_document
from registry.supervision import running
from registry.supervision.queries.positions import positions_on
from registry.supervision.service.backup import Manifest, create_backup, restore_backup, verify_backup
from registry.supervision.service.backup.manifest import FOLDER
from registry.supervision.service.backup.manifest import Progress as Report
from registry.supervision.service.doctor import examine, fails

flags = AppGroup("flags", help="The worklist of flags.")
quota = AppGroup("quota", help="Quotas and their position.")
audit = AppGroup("audit", help="The audit log.")
backup = AppGroup("backup", help="Backups: made, checked, brought back.")


@quota.command("position")
@click.option("--year", type=click.IntRange(1900, 2099), required=True)
@click.option("--substance", help="Code of one substance.")
@click.option("--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), help="Another day than today.")
@json_option
def position_command(year: int, substance: str | None, as_of: datetime | None, *, as_json: bool) -> None:
    """Show the position of every substance of a year, in exact grams of anhydrous base."""
    with refusals("quotas.read", f"position {year}"):
        found = positions_on(
            db.session(),
            current_clock(),
            year,
            as_of.date() if as_of else None,
            substance_code(substance) if substance else None,
        )
    rows = [position_document(position, one.code, one.name) for one, position in found]
    lines = [
        f"{row['substance']:<28} headroom {row['headroom_g']:>16} g, bound by {row['bound_by']}: {row['name']}"
        for row in rows
    ]
    answer({"year": year, "positions": rows}, lines, as_json=as_json)


@flags.command("sweep")
@as_option
@json_option
def sweep_command(as_username: str, *, as_json: bool) -> None:
    """Let every watch look at today: open flags for what was found, close those whose cause is gone."""
    session = db.session()
    with refusals("flags.sweep", "sweep", as_username), unit_of_work(session):
        swept = sweep(session, acting(session, as_username, "flags.sweep"), current_clock(), current_watches())
    said = "opened %(opened)s, opened again %(returned)s, closed %(closed)s; %(standing)s findings stand today"
    answer(swept.as_json(), [said % swept.as_json()], as_json=as_json)


@audit.command("head")
@json_option
def head_command(*, as_json: bool) -> None:
    """Print the end of the chain, to be written down or mailed: keep it where nobody of the registry can write."""
    head = chain_head(db.session())
    answer({"sequence": head.sequence, "digest": head.digest, "head": str(head)}, [str(head)], as_json=as_json)


def _heads(_context: click.Context, _option: click.Parameter, texts: tuple[str, ...]) -> tuple[Head, ...]:
    try:
        return tuple(map(read_head, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@audit.command("verify")
@click.option(
    "--head",
    "heads",
    multiple=True,
    callback=_heads,
    metavar="NUMBER:DIGEST",
    help="A head kept outside that must still be in the chain; may be repeated",
)
@json_option
def verify_command(*, heads: tuple[Head, ...], as_json: bool) -> None:
    """Check the whole chain of the audit log. Exit 1 on any fault."""
    count, faults = verify(db.session(), heads)
    lines = [f"{fault.sequence}: {fault.what}" for fault in faults] or [f"{count} events, the chain holds."]
    answer({"events": count, "ok": not faults, "faults": [asdict(fault) for fault in faults]}, lines, as_json=as_json)
    sys.exit(1 if faults else 0)


@click.command("doctor")
@json_option
@with_appcontext
def doctor(*, as_json: bool) -> None:
    """Examine this installation and say what to do. Exit 1 where something is not working."""
    lines = examine(db.session(), running.place())
    document = [
        {
            "name": line.name,
            "level": line.level.value,
            "seen": say(line.seen),
            "advice": say(line.advice) if line.advice else None,
        }
        for line in lines
    ]
    shown = [
        f"{line.level.value:<4}  {say(Message(line.name))}: {say(line.seen)}"
        + (f"\n      -> {say(line.advice)}" if line.advice else "")
        for line in lines
    ]
    answer({"ok": not fails(lines), "lines": document}, shown, as_json=as_json)
    sys.exit(1 if fails(lines) else 0)


@backup.command("create")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder (default: backups, in the instance folder)."
)
@json_option
def create_command(out: Path | None, *, as_json: bool) -> None:
    """Write the whole database into one sealed file; people may go on working."""
    folder = out or settings_of(current_app).instance_path / FOLDER
    with refusals("backup.create", str(folder.name)), _progress() as report:
        path, manifest = create_backup(running.installation(), folder, report)
    _answer(path, manifest, as_json=as_json)


@backup.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def verify_backup_command(file: Path, *, as_json: bool) -> None:
    """Read every byte of a backup. Exit 1 where one of them is not as it was written."""
    with refusals("backup.verify", file.name):
        manifest = verify_backup(file)
    _answer(file, manifest, as_json=as_json)


@backup.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask: everything recorded since the backup is lost.")
@json_option
def restore_command(file: Path, *, yes: bool, as_json: bool) -> None:
    """Put the content of a backup in the place of what the database holds now."""
    if not yes:
        click.confirm("Everything recorded since the backup will be lost. Go on?", abort=True, err=True)
    db.session.remove()
    with refusals("backup.restore", file.name), _progress() as report:
        manifest = restore_backup(running.installation(), file, upgrade, report)
    _answer(file, manifest, as_json=as_json)


def _answer(path: Path, manifest: Manifest, *, as_json: bool) -> None:
    rows = sum(manifest.rows.values())
    document = {
        "file": str(path),
        "bytes": path.stat().st_size,
        "made_at": manifest.made_at,
        "registry_version": manifest.registry_version,
        "schema_head": manifest.schema_head,
        "database": manifest.database,
        "rows": dict(manifest.rows),
        "digest": manifest.digest,
    }
    lines = [
        str(path),
        f"{manifest.database}, schema {manifest.schema_head}, version {manifest.registry_version}, {manifest.made_at}",
        f"{len(manifest.rows)} tables, {rows} rows, SHA-256 {manifest.digest}",
    ]
    answer(document, lines, as_json=as_json)


@contextmanager
def _progress() -> Iterator[Report]:
    """Show on standard error how far a backup is; nothing where that is no terminal."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1)
        yield lambda name, done, whole: bar.update(task, description=name, completed=done, total=max(whole, 1))
