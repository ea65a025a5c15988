"""`flask counts`: letters about what is late."""

from __future__ import annotations

from flask.cli import AppGroup

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock
from registry.counts.service.reminders import remind
from registry.db import db, unit_of_work

SWEEP = "flags.sweep"

counts = AppGroup("counts", help="Counts of stock, notices of losses and thefts.")


@counts.command("remind")
@json_option
@as_option
def remind_command(*, as_json: bool, as_username: str) -> None:
    """Queue letters to firms about cases, notices and reports that are late; once for each."""
    session = db.session()
    with refusals(SWEEP, "letters", as_username):
        acting(session, as_username, SWEEP)
        with unit_of_work(session):
            letters = remind(session, current_clock())
    answer({"letters": letters}, [f"letters {letters}"], as_json=as_json)
