"""``flask import`` and ``flask template``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from registry.accounts.commands import acting, as_option, json_option, refusals, say
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db
from registry.exchange.catalogue import UnknownKind, kind_named
from registry.exchange.service import SentFile, action_of, take_in
from registry.exchange.template import blank_workbook
from registry.intake.check import Report
from registry.intake.kinds import FileKind
from registry.intake.reader import Limits
from registry.kernel.errors import Problem
from registry.kernel.progress import heard_by
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_, Message
from registry.web.locale import LANGUAGES, translate_in

REFUSED = 1
SHOWN = 200
COLOURS = {Severity.REFUSE: "red", Severity.FLAG: "yellow", Severity.NOTE: "cyan"}


def _kind(name: str) -> FileKind:
    try:
        return kind_named(name)
    except UnknownKind as unknown:
        raise click.BadParameter(say(unknown.message), param_hint="KIND") from None


@click.command("import")
@click.argument("name", metavar="KIND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Judge everything, write nothing.")
@json_option
@as_option
@with_appcontext
def import_command(*, name: str, file: Path, dry_run: bool, as_json: bool, as_username: str) -> None:
    """Take in FILE, a CSV (UTF-8) or XLSX of the given KIND: all of it or nothing."""
    kind = _kind(name)
    settings = settings_of(current_app)
    limits = Limits(settings.upload_megabytes, settings.upload_rows)
    session = db.session()
    console = Console(stderr=True)
    with refusals(action_of(kind.name), f"{kind.name} {file.name}", as_username):
        actor = acting(session, as_username, action_of(kind.name))
        with file.open("rb") as handle:
            # One byte more than allowed is enough to know that a file is too large.
            sent = SentFile(kind.name, handle.read(limits.megabytes * 2**20 + 1), file.name)
        with _steps_shown(console, file.name):
            report = take_in(session, actor, current_clock(), sent, dry_run=dry_run, limits=limits)
    if as_json:
        click.echo(json.dumps(report.as_json(say), ensure_ascii=False))
    else:
        show(console, report, dry_run=dry_run)
    sys.exit(REFUSED if report.refused else 0)


@contextmanager
def _steps_shown(console: Console, name: str) -> Iterator[None]:
    """Show on a terminal how far the file is, as the page does; nothing where it is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[count]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, count="")

        def hear(step: str, done: int, whole: int) -> None:
            description = f"{escape(name)}: {escape(say(Message(step)))}"
            count = f"{done} / {whole}" if whole else ""
            bar.update(task, description=description, completed=done, total=whole or None, count=count)

        with heard_by(hear):
            yield


def show(console: Console, report: Report, *, dry_run: bool) -> None:
    """Print a report for people: what is wrong by row and column, then what came of it."""
    problems = sorted(report.problems, key=lambda problem: (problem.row or 0, problem.column))
    if problems:
        console.print(_table(N_("Errors"), [_problem_cells(problem) for problem in problems[:SHOWN]]))
    findings = sorted(report.findings, key=lambda finding: finding.row or 0)
    if findings:
        console.print(_table(N_("Findings"), [_finding_cells(finding) for finding in findings[:SHOWN]]))
    left_out = max(0, len(problems) - SHOWN) + max(0, len(findings) - SHOWN)
    if left_out:
        console.print(say(Message(N_("… and %(count)s more: ask with --json for all."), {"count": left_out})))
    counts = Counter(finding.severity for finding in findings)
    message = Message(
        N_(
            "%(rows)s rows: %(accepted)s accepted, %(duplicates)s known already, %(errors)s errors,"
            " %(refusals)s refusals, %(flags)s flags."
        ),
        {
            "rows": report.rows,
            "accepted": report.accepted,
            "duplicates": report.duplicates,
            "errors": len(problems),
            "refusals": counts[Severity.REFUSE],
            "flags": counts[Severity.FLAG],
        },
    )
    console.print(say(message))
    console.print(f"[{'red' if report.refused else 'green'}]{say(_outcome(report, dry_run=dry_run))}")


def _outcome(report: Report, *, dry_run: bool) -> Message:
    if report.refused:
        return Message(N_("Refused: nothing is written."))
    if dry_run:
        return Message(N_("Nothing stands against the file. This was a trial: nothing is written."))
    return Message(N_("Written."))


def _table(title: str, rows: Sequence[tuple[str, str, str]]) -> Table:
    heads = (N_("Row"), N_("Column or rule"), N_("What is wrong, and what would be right"))
    table = Table(title=say(Message(title)), title_justify="left")
    for head in heads:
        table.add_column(say(Message(head)), overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _problem_cells(problem: Problem) -> tuple[str, str, str]:
    return str(problem.row or "-"), escape(problem.column or "-"), escape(say(problem.message))


def _finding_cells(finding: Finding) -> tuple[str, str, str]:
    colour = COLOURS[finding.severity]
    text = say(finding.message)
    if finding.largest_quantity is not None:
        fits = Message(N_("the most that would fit: %(most)s"), {"most": finding.largest_quantity})
        text = f"{text}; {say(fits)}"
    return str(finding.row or "-"), f"[{colour}]{finding.rule.code}[/{colour}]", escape(text)


@click.command("template")
@click.argument("name", metavar="KIND")
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Language of the notes.")
@with_appcontext
def template_command(*, name: str, out: Path, language: str | None) -> None:
    """Write the blank workbook of KIND, with drop-downs and notes."""
    kind = _kind(name)
    chosen = language or settings_of(current_app).language
    out.write_bytes(blank_workbook(kind, lambda message: translate_in(chosen, message)))
    click.echo(str(out), err=True)
