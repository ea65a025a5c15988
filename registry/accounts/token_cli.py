"""``flask token``: create, revoke, list."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from registry.accounts import queries, service
from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.domain import TOKEN_DAYS, TOKEN_MOST_DAYS
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work

MANAGE = "accounts.manage"
token = AppGroup("token", help="Tokens with which programs call the HTTP interface.")


@token.command("create")
@click.argument("username")
@click.option("--name", required=True, help="What the token is for.")
@click.option(
    "--days",
    type=click.IntRange(1, TOKEN_MOST_DAYS),
    default=TOKEN_DAYS,
    show_default=True,
    help="How many days it holds.",
)
@click.option("--read-only", is_flag=True, help="It may only read.")
@json_option
@as_option
def create(*, username: str, name: str, days: int, read_only: bool, as_json: bool, as_username: str) -> None:
    """Make a token of USERNAME and print it: it is shown this once."""
    session = db.session()
    with refusals(MANAGE, f"account {username}", as_username), unit_of_work(session):
        actor = acting(session, as_username, MANAGE)
        fact = queries.account_named(session, username)
        made = service.create_token(session, actor, current_clock(), fact.id, service.NewToken(name, days, read_only))
    document = {
        "id": made.id,
        "username": fact.username,
        "name": name,
        "read_only": read_only,
        "expires_at": made.expires_at.isoformat(),
        "token": made.secret,
    }
    lines = [
        made.secret,
        f"token {made.id} of {fact.username}, good until {made.expires_at.isoformat(timespec='minutes')}",
    ]
    answer(document, lines, as_json=as_json)


@token.command("revoke")
@click.argument("number", type=int)
@as_option
@json_option
def revoke(*, number: int, as_json: bool, as_username: str) -> None:
    """End the token NUMBER at once."""
    session = db.session()
    with refusals(MANAGE, f"token {number}", as_username), unit_of_work(session):
        actor = acting(session, as_username, MANAGE)
        service.revoke_token(session, actor, current_clock(), number)
    answer({"id": number, "revoked": True}, [f"token {number} is revoked"], as_json=as_json)


@token.command("list")
@click.argument("username", required=False)
@json_option
def list_tokens(*, username: str | None, as_json: bool) -> None:
    """List the tokens that still hold, of everybody or of USERNAME."""
    session, now = db.session(), current_clock().now()
    with refusals(MANAGE, "tokens"):
        account_id = queries.account_named(session, username).id if username else None
    found = [one for one in queries.tokens(session, account_id) if one.holds_at(now)]
    document = [
        {
            "id": one.id,
            "username": one.username,
            "name": one.name,
            "read_only": one.read_only,
            "created_at": one.created_at.isoformat(),
            "expires_at": one.expires_at.isoformat(),
            "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
        }
        for one in found
    ]
    lines = [
        "\t".join(
            (
                str(one.id),
                one.username,
                "reads" if one.read_only else "reads and writes",
                one.expires_at.isoformat(timespec="minutes"),
                one.name,
            )
        )
        for one in found
    ]
    answer(document, lines, as_json=as_json)
