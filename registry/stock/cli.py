"""`flask ledger`: the ledger verified from the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.policy import scope
from registry.accounts.sessions import current_clock
from registry.audit.service import record
from registry.db import db, read_one_moment, unit_of_work
from registry.kernel.errors import Forbidden
from registry.kernel.text import N_, Message
from registry.stock.exporting import export_year
from registry.stock.queries.verify import verify
from registry.stock.service.letters import tell_of_arrivals

SWEEP, READ_LINES = "flags.sweep", "stock.lines.read"

ledger = AppGroup("ledger", help="The ledger of stock.")


@ledger.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
def verify_command(*, as_json: bool) -> None:
    """Recompute balances, totals and national stock from the movements and compare. Exit 1 on any fault."""
    answer = verify(db.session())
    if as_json:
        click.echo(json.dumps(asdict(answer) | {"ok": not answer.faults}, ensure_ascii=False))
    else:
        console = Console(stderr=True)
        console.print(f"{answer.movements} movements, {answer.balances} balances, {answer.totals} totals compared.")
        for fault in answer.faults:
            console.print(
                f"[red]{fault.what}[/red] {fault.place}: {fault.stored} stored, {fault.recomputed} recomputed"
            )
        console.print("[red]The ledger does not hold.[/red]" if answer.faults else "[green]The ledger holds.[/green]")
    sys.exit(1 if answer.faults else 0)


@ledger.command("export")
@click.argument("year", type=click.IntRange(1961, 2099))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@json_option
@as_option
def export_command(*, year: int, folder: Path, as_json: bool, as_username: str) -> None:
    """Write entries, shelves, national totals and compositions of YEAR into FOLDER as CSV, to be recomputed elsewhere."""
    session = db.session()
    with refusals(READ_LINES, f"year {year}", as_username):
        actor = acting(session, as_username, READ_LINES)
        if scope(actor, READ_LINES) is not None:
            raise Forbidden(Message(N_("only the authority exports the whole ledger")))
        read_one_moment(session)
        written = export_year(session, current_clock(), year, folder)
        kept = {each.name: {"rows": each.rows, "sha256": each.sha256} for each in written}
        with unit_of_work(session):
            record(session, actor, current_clock(), "stock.export", f"year {year}", kept)
    answer([asdict(each) for each in written], [f"{each.name} {each.rows}" for each in written], as_json=as_json)


@ledger.command("tell")
@json_option
@as_option
def tell_command(*, as_json: bool, as_username: str) -> None:
    """Queue letters to receivers about what others sent them in every hour that has ended; once for each."""
    session = db.session()
    with refusals(SWEEP, "letters", as_username):
        acting(session, as_username, SWEEP)
        with unit_of_work(session):
            letters = tell_of_arrivals(session, current_clock())
    answer({"letters": letters}, [f"letters {letters}"], as_json=as_json)
