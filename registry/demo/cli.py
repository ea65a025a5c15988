"""``flask demo load``: the demo country into an empty database."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import Progress

from registry.accounts.commands import answer, json_option, refusals
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.demo.domain.world import sizes
from registry.demo.service import DEFAULT_SIZE, load
from registry.flags.watches import current_watches
from registry.intake.check import Report

demo = AppGroup("demo", help="An invented country to practise with.")


@demo.command("load")
@click.option("--size", type=click.Choice(list(sizes())), default=DEFAULT_SIZE, show_default=True)
@json_option
def load_command(size: str, *, as_json: bool) -> None:
    """Load the demo country; a second load changes nothing."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("demo", total=None)

        def told(_report: Report, name: str) -> None:
            progress.update(task, advance=1, description=name)

        with refusals("files.import", f"demo country {size}"):
            loaded = load(db.session(), current_clock(), size, told, current_watches())
    lines = [f"{kind}: {count}" for kind, count in loaded.rows.items()] or ["The demo country is here already."]
    answer(loaded.as_json(), lines, as_json=as_json)
