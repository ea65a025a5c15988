"""``flask permit chase``: the reminders that are due, for a daily timer."""

from __future__ import annotations

import click
from flask import current_app

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.endorsements import service
from registry.endorsements.service.chasing import CHASE, due
from registry.permits.cli import permit

__all__ = ["chase", "permit"]


@permit.command("chase")
@click.option("--dry-run", is_flag=True, help="Only say which reminders are due.")
@json_option
@as_option
def chase(*, dry_run: bool, as_json: bool, as_username: str) -> None:
    """Queue reminders of endorsements, declarations and unused permits that are late; once for each step."""
    session, authority = db.session(), settings_of(current_app).authority
    with refusals(CHASE, "reminders", as_username):
        actor = acting(session, as_username, CHASE)
        if dry_run:
            done = due(session, current_clock(), authority)
        else:
            with unit_of_work(session):
                done = service.chase(session, actor, current_clock(), authority)
    lines = [
        f"late {done.late}, reminders {len(done.reminders)}, letters {done.letters}",
        *(f"{one.wait.permit.number}\t{one.wait.kind.code}\t{one.step}" for one in done.reminders),
        *(f"{one.permit.number}\t{one.kind.code}\tno address" for one in done.unreachable),
    ]
    answer(done.as_json(), lines, as_json=as_json)
