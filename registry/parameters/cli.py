"""``flask parameter``: list what may be set, set what an act has decided."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask.cli import AppGroup

from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.parameters import queries, service
from registry.parameters.catalogue import all_parameters, parameter_named
from registry.parameters.domain import Decision, in_force

SET = "parameters.set"
DAY = click.DateTime(formats=["%Y-%m-%d"])
parameter = AppGroup("parameter", help="What the country sets: limits, days, switches, the weight of rules.")


@parameter.command("list")
@click.option("--as-of", type=DAY, help="Another day than today.")
@json_option
def list_parameters(*, as_of: datetime | None, as_json: bool) -> None:
    """List every parameter with what is in force."""
    day = as_of.date() if as_of else current_clock().today()
    values = [fact for fact in queries.all_values(db.session()) if fact.decision is Decision.APPROVED]
    document = []
    for code, each in all_parameters().items():
        now = in_force((fact for fact in values if fact.code == code), day)
        document.append(
            {
                "code": code,
                "kind": each.kind.value,
                "value": now.value if now else each.default,
                "default": each.default,
                "since": now.counts_from.isoformat() if now and now.counts_from else None,
                "act": now.act if now else None,
                "name": each.name,
            }
        )
    lines = [
        "\t".join(str(one[column] or "-") for column in ("code", "value", "since", "act", "name")) for one in document
    ]
    answer(document, lines, as_json=as_json)


@parameter.command("set")
@click.argument("code")
@click.argument("value")
@click.option("--act", required=True, help="Number of the act that sets it.")
@click.option("--act-date", type=DAY, help="Day of the act.")
@click.option("--from", "since", type=DAY, help="Day it counts from (default: today); may lie in the past.")
@click.option("--note", help="Free note.")
@json_option
@as_option
def set_parameter(
    *,
    code: str,
    value: str,
    act: str,
    act_date: datetime | None,
    since: datetime | None,
    note: str | None,
    as_json: bool,
    as_username: str,
) -> None:
    """Set CODE to VALUE as an act has decided it; the administrator's right, audited."""
    session, clock = db.session(), current_clock()
    with refusals(SET, f"parameter {code}", as_username), unit_of_work(session):
        actor = acting(session, as_username, SET)
        chosen = parameter_named(code)
        day = _day(since) or clock.today()
        command = service.NewValue(chosen, value, day, act, _day(act_date), note)
        service.set_value(session, actor, clock, command)
    kept = chosen.read(value)
    document = {"code": code, "value": kept, "since": day.isoformat(), "act": act}
    answer(document, [f"{code} is {kept} from {day.isoformat()}"], as_json=as_json)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
