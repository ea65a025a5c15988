"""``flask deputy``: list, name, decide, end."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import AppGroup

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.queries import deputies
from registry.accounts.service import NewDeputy
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.deeds.service import decide as decide_deed
from registry.deputies import service
from registry.deputies.domain import DECIDES, NAME, PROPOSES

DAY = click.DateTime(formats=["%Y-%m-%d"])
deputy = AppGroup("deputy", help="Who stands in for whom while somebody is away.")


@deputy.command("list")
@json_option
def list_deputies(*, as_json: bool) -> None:
    """List who stood, stands and will stand in for whom."""
    today = current_clock().today()
    document = [
        {
            "id": each.id,
            "away": each.away,
            "deputy": each.deputy,
            "act": each.act,
            "act_date": each.act_date,
            "from": each.from_on,
            "to": each.to_on,
            "ended_on": each.ended_on,
            "in_force": each.holds_on(today),
        }
        for each in deputies(db.session())
    ]
    lines = [
        "\t".join(str(one[name]) for name in ("id", "away", "deputy", "from", "to"))
        + ("\tin force" if one["in_force"] else "")
        for one in document
    ]
    answer(document, lines, as_json=as_json)


@deputy.command("name")
@click.argument("away")
@click.argument("username")
@click.option("--act", required=True, help="Number of the act.")
@click.option("--act-date", type=DAY, required=True, help="Day of the act.")
@click.option("--from", "first", type=DAY, required=True, help="First day.")
@click.option("--to", "last", type=DAY, required=True, help="Last day; it ends by itself after it.")
@click.option("--reason", required=True, help="Why.")
@json_option
@as_option
def name(  # noqa: PLR0913 - one parameter an option
    *,
    away: str,
    username: str,
    act: str,
    act_date: datetime,
    first: datetime,
    last: datetime,
    reason: str,
    as_json: bool,
    as_username: str,
) -> None:
    """Propose USERNAME as the deputy of AWAY; a second person decides."""
    session = db.session()
    command = NewDeputy(away, username, act, act_date.date(), first.date(), last.date())
    with refusals(PROPOSES, f"account {away}", as_username), unit_of_work(session):
        actor = acting(session, as_username, PROPOSES)
        deed = service.name_deputy(session, actor, current_clock(), command, reason)
    answer({"deed": deed.id}, [f"deed {deed.id} waits for a second person"], as_json=as_json)


@deputy.command("decide")
@click.argument("deed", type=int)
@click.argument("decision", type=click.Choice(["approve", "reject"]))
@click.option("--note", default="", help="Why; needed to reject.")
@json_option
@as_option
def decide(*, deed: int, decision: str, note: str, as_json: bool, as_username: str) -> None:
    """Approve or reject what `name` has proposed, as another person."""
    session, clock = db.session(), current_clock()
    with refusals(DECIDES, f"deed {deed}", as_username), unit_of_work(session):
        actor = acting(session, as_username, DECIDES)
        done = decide_deed(session, actor, clock, NAME, deed, approve=decision == "approve", note=note)
        if decision == "approve":
            service.carry_out(session, actor, clock, done)
    answer({"deed": deed, "state": done.state.value}, [f"deed {deed}: {done.state.value}"], as_json=as_json)


@deputy.command("end")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why.")
@click.option("--from", "first", type=DAY, help="Day from which it holds no longer (default: today).")
@json_option
@as_option
def end(*, number: int, reason: str, first: datetime | None, as_json: bool, as_username: str) -> None:
    """End the time of deputy NUMBER before its last day."""
    session, clock = db.session(), current_clock()
    day = first.date() if first else clock.today()
    with refusals(PROPOSES, f"deputy {number}", as_username), unit_of_work(session):
        actor = acting(session, as_username, PROPOSES)
        service.end_time(session, actor, clock, number, reason, day)
    answer({"id": number, "ended_on": day}, [f"deputy {number} ends on {day}"], as_json=as_json)
