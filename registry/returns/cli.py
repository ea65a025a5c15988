"""`flask returns`: build, check and explain a return from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table

from forms.checks import Status
from forms.figures import Return, as_json
from registry.db import db
from registry.kernel.codes import substance_code
from registry.kernel.errors import Invalid, RegistryError
from registry.kernel.mass import grams
from registry.kernel.period import Period
from registry.kernel.text import N_, Message
from registry.returns.domain import Explanation
from registry.returns.service.explain import explain
from registry.returns.service.make import as_bytes, make_return
from registry.web.locale import country_name, translate_in

returns = AppGroup("returns", help="The returns to INCB.")
FORMATS = click.Choice(["json", "xlsx", "pdf", "csv", "xml"])
ISO2 = 2
WIDEST = 100_000
"""Characters of a line no table of ours has."""

DAY = click.DateTime(formats=["%Y-%m-%d"])


def _period_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--quarter", type=click.IntRange(1, 4), help="Quarter, for the quarterly forms.")(command)
    command = click.option("--year", type=click.IntRange(1900, 2099), required=True)(command)
    return click.argument("form", type=click.Choice(["A", "B", "C", "AP", "BP", "P", "D"], case_sensitive=False))(
        command
    )


def _say(message: Message) -> str:
    return translate_in(current_app.extensions["registry.settings"].language, message)


def _made(form: str, year: int, quarter: int | None, as_of: date | None, *, with_prepared: bool = False) -> Return:
    extensions = current_app.extensions
    session = db.session()
    try:
        return make_return(
            session, extensions["registry.clock"], extensions["registry.settings"], form, Period(year, quarter), as_of,
            with_prepared=with_prepared,
        )  # fmt: skip
    except RegistryError as error:
        _refuse(error)
        raise


def _refuse(error: RegistryError) -> None:
    click.echo(_say(error.message), err=True)
    if isinstance(error, Invalid):
        for problem in error.problems:
            click.echo(f"  {_say(problem.message)}", err=True)
    sys.exit(1)


@returns.command("build")
@_period_options
@click.option("--format", "format_name", type=FORMATS, default="json", show_default=True)
@click.option("--as-of", type=DAY, help="As known at the end of this day.")
@click.option("--prepared", is_flag=True, help="Forms B and BP: count drafted and proposed lines, too.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; - for standard output."
)
def build_command(
    form: str,
    year: int,
    quarter: int | None,
    format_name: str,
    as_of: datetime | None,
    out: Path | None,
    *,
    prepared: bool,
) -> None:
    """Make the draft of a return from ledger and quotas. Exit 0 whatever its checks say."""
    draft = _made(form, year, quarter, as_of.date() if as_of else None, with_prepared=prepared)
    language = current_app.extensions["registry.settings"].language
    content = as_bytes(draft, format_name, _say, language, partial(country_name, language=language))
    if out is None or str(out) == "-":
        sys.stdout.buffer.write(content)
        return
    out.write_bytes(content)
    failed = sum(check.status is Status.FAIL for check in draft.checks)
    done = {"file": str(out), "figures": len(draft.figures), "checks": len(draft.checks), "failed": failed}
    click.echo(_say(Message(N_("%(file)s: %(figures)s figures, %(checks)s checks, %(failed)s failed"), done)), err=True)


@returns.command("check")
@_period_options
@click.option("--json", "as_document", is_flag=True, help="Answer with one JSON document.")
def check_command(form: str, year: int, quarter: int | None, *, as_document: bool) -> None:
    """Run only the checks of a return. Exit 1 when one fails."""
    draft = _made(form, year, quarter, None)
    if as_document:
        click.echo(json.dumps(as_json(draft, _say)["checks"], ensure_ascii=False))
    else:
        table = Table("code", "status", "substance", "difference", "message")
        for check in draft.checks:
            table.add_row(
                check.code, check.status.value, check.substance or "", str(check.difference or ""), _say(check.message)
            )
        Console(stderr=True).print(table)
    sys.exit(1 if any(check.status is Status.FAIL for check in draft.checks) else 0)


@returns.command("explain")
@_period_options
@click.option("--substance", required=True)
@click.option("--column", required=True)
@click.option("--partner", help="Country, for figures by partner; the product made, for what was used.")
@click.option("--json", "as_document", is_flag=True, help="Answer with one JSON document.")
def explain_command(
    form: str, year: int, quarter: int | None, substance: str, column: str, partner: str | None, *, as_document: bool
) -> None:
    """Show the entries that add up to one figure."""
    session = db.session()
    clock = current_app.extensions["registry.clock"]
    try:
        answer = explain(
            session, clock, form.upper(), Period(year, quarter), substance_code(substance), column,
            partner.upper() if partner and len(partner) == ISO2 else partner,
        )  # fmt: skip
    except RegistryError as error:
        _refuse(error)
        raise
    if as_document:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
        return
    _print_whole(Console(), _seizures_of(answer) if answer.seizures else _entries_of(answer))


def _entries_of(answer: Explanation) -> Table:
    table = _table("reference", "day", "kind", "site", "product", "batch", "units", "grams of base")
    for entry in answer.entries:
        table.add_row(
            entry.reference, entry.occurred_on.isoformat(), entry.kind, entry.site, entry.product, entry.batch,
            str(entry.units), grams(entry.total_ng),
        )  # fmt: skip
    for step in answer.steps:
        table.add_row("", "", _say(step.label), "", "", "", "", grams(step.amount_ng))
    table.add_row("", "", "", "", "", "", "", grams(answer.total_ng))
    return table


def _seizures_of(answer: Explanation) -> Table:
    table = _table("reference", "day", "kind", "origin", "place", "disposal", "grams as recorded")
    for one in answer.seizures:
        table.add_row(
            one.reference, one.occurred_on.isoformat(), one.kind, one.origin, one.place, one.disposal,
            grams(one.total_ng),
        )  # fmt: skip
    table.add_row("", "", "", "", "", "", grams(answer.total_ng))
    return table


def _table(*heads: str) -> Table:
    table = Table()
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _print_whole(console: Console, table: Table) -> None:
    """Print a table of which nothing may be lost: a file takes it as wide as it is, a narrow terminal folds its cells."""
    if not console.is_terminal:
        console.width = console.measure(table, options=console.options.update(max_width=WIDEST)).maximum
    console.print(table)
