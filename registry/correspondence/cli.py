"""``flask permit export`` and its like: the exchange with other authorities on the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock, settings_of
from registry.correspondence.catalogue import format_named, official_named
from registry.correspondence.domain.letters import ISSUED, PURPOSES
from registry.correspondence.queries import letters_of, require_permit
from registry.correspondence.service.exporting import READ, export_permit
from registry.correspondence.service.receiving import RECEIVE, ComingFile, receive
from registry.correspondence.service.sending import SEND, Sending, make_paper, send
from registry.db import db, unit_of_work
from registry.permits.cli import permit

__all__ = ["permit"]

OLD_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
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


@permit.command("receive")
@click.argument("file", type=OLD_FILE)
@click.option("--schema", metavar="NAME", help="Official schema of the file; without it: our own, XML or JSON.")
@click.option("--about", default="", metavar="NUMBER", help="Our permit or application; without it the numbers decide.")
@json_option
@as_option
def take_in(file: Path, schema: str | None, about: str, *, as_json: bool, as_username: str) -> None:
    """Take in the permit of another authority from FILE and list where it differs from ours. Exit 1 where it is refused."""
    session, settings = db.session(), settings_of(current_app)
    with refusals(RECEIVE, about or file.name, as_username):
        actor = acting(session, as_username, RECEIVE)
        chosen = official_named(current_app, schema) if schema else None
        with unit_of_work(session):
            coming = ComingFile(file.name, file.read_bytes(), about, chosen)
            taken = receive(session, actor, current_clock(), settings, coming)
    found = [
        {"what": one.code, "about": one.about or None, "ours": one.ours or None, "theirs": one.theirs or None}
        for one in taken.differences
    ]
    told = {
        "id": taken.received.id,
        "number": taken.received.number,
        "country": taken.received.country,
        "ours": taken.ours.number or None,
        "new": taken.is_new,
        "differences": found,
    }
    lines = [f"{taken.received.country} {taken.received.number} -> {taken.ours.number or '?'}"]
    lines += [f"  {one['what']} {one['about'] or ''}: {one['ours']} / {one['theirs']}" for one in found]
    answer(told, lines, as_json=as_json)


@permit.command("send")
@click.argument("number")
@click.option("--purpose", type=click.Choice(list(PURPOSES)), default=ISSUED.code, show_default=True, help="What for.")
@click.option("--reason", default="", help="Why it goes again; needed after the first letter.")
@json_option
@as_option
def send_letter(number: str, purpose: str, reason: str, *, as_json: bool, as_username: str) -> None:
    """Queue the letter about permit NUMBER to the authority of the other country. Without a working key: exit 1, no letter."""
    session, settings, clock = db.session(), settings_of(current_app), current_clock()
    with refusals(SEND, f"permit {number}", as_username):
        actor = acting(session, as_username, SEND)
        made = make_paper(session, clock, settings, number)
        with unit_of_work(session):
            send(session, actor, clock, settings, Sending(number, purpose, reason), made)
    sent = letters_of(session, require_permit(session, number).id)[0]
    told = {"recipient": sent.recipient, "purpose": sent.purpose, "attempt": sent.attempt}
    digests = {"pdf_sha256": sent.pdf_sha256, "xml_sha256": sent.xml_sha256}
    answer(told | digests, [f"{number} -> {sent.recipient}"], as_json=as_json)
