"""`flask ledger`: the ledger verified from the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from flask.cli import AppGroup
from rich.console import Console

from registry.db import db
from registry.stock.queries.verify import verify

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
