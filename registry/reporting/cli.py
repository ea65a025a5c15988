"""``flask report chase``: the steps that are due about late reports, for a daily timer."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.reporting import service
from registry.reporting.service.chasing import CHASE, due

report = AppGroup("report", help="Reports of sites.")


@report.command("chase")
@click.option("--dry-run", is_flag=True, help="Only say which steps are due.")
@json_option
@as_option
def chase(*, dry_run: bool, as_json: bool, as_username: str) -> None:
    """Queue letters about reports that are late: to the site, and at last to the authority; once for each step."""
    session, authority = db.session(), settings_of(current_app).authority
    with refusals(CHASE, "reports", as_username):
        actor = acting(session, as_username, CHASE)
        if dry_run:
            done = due(session, current_clock(), authority)
        else:
            with unit_of_work(session):
                done = service.chase(session, actor, current_clock(), authority)
    lines = [
        f"late {done.late}, steps {len(done.steps)}, letters {len(done.letters)}",
        *(f"{one.owed.site.code}\t{one.owed.duty.span.code}\t{one.number}" for one in done.steps),
        *(f"{one.owed.site.code}\t{one.owed.duty.span.code}\tno address" for one in done.unreachable),
    ]
    answer(done.as_json(), lines, as_json=as_json)
