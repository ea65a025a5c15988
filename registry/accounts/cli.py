"""``flask user``: create, list, link, first-administrator."""

from __future__ import annotations

import sys

import click
from flask import current_app, url_for
from flask.cli import AppGroup

from registry.accounts import queries, service
from registry.accounts.commands import acting, answer, as_option, json_option, refusals
from registry.accounts.domain import LANGUAGES, ROLES, LinkPurpose, Role
from registry.accounts.organisations import organisation_codes, organisation_id
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work

MANAGE = "accounts.manage"
user = AppGroup("user", help="Accounts of people.")


def _link_path(token: str) -> str:
    with current_app.test_request_context():
        return url_for("accounts.use_link", token=token)


def _link_lines(link: service.Link) -> list[str]:
    return [_link_path(link.token), f"good once, until {link.expires_at.isoformat(timespec='minutes')}"]


@user.command("create")
@click.argument("username")
@click.option("--name", required=True, help="Full name.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in ROLES]),
    help="May be repeated.",
)
@click.option("--organisation", metavar="CODE", help="For importers, wholesalers and pharmacies.")
@click.option("--person", metavar="CODE", help="The same code for all accounts of one employee.")
@click.option("--language", type=click.Choice(LANGUAGES), default=None, help="Default: the command line's.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; else a link is printed.")
@json_option
@as_option
def create(  # noqa: PLR0913 - one parameter an option
    *,
    username: str,
    name: str,
    roles: tuple[str, ...],
    organisation: str | None,
    person: str | None,
    language: str | None,
    password_stdin: bool,
    as_json: bool,
    as_username: str,
) -> None:
    """Create the account USERNAME."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    session, clock = db.session(), current_clock()
    link = None
    with refusals(MANAGE, f"account {username}", as_username), unit_of_work(session):
        actor = acting(session, as_username, MANAGE)
        new = service.NewAccount(
            username,
            name,
            frozenset(roles),
            organisation_id(session, organisation),
            language or _default_language(),
            password,
            person=person,
        )
        number = service.create_account(session, actor, clock, new)
        if password is None:
            link = service.issue_link(session, actor, clock, LinkPurpose.INVITATION, number)
    document = {
        "username": username.strip().lower(),
        "name": name,
        "roles": sorted(roles),
        "organisation": organisation,
        "link": _link_path(link.token) if link else None,
        "expires_at": link.expires_at.isoformat() if link else None,
    }
    answer(document, [f"created {document['username']}", *(_link_lines(link) if link else [])], as_json=as_json)


def _default_language() -> str:
    settings = current_app.extensions.get("registry.settings")
    return settings.language if settings is not None and settings.language in LANGUAGES else LANGUAGES[-1]


@user.command("email")
@click.argument("username")
@click.argument("address", required=False, default="")
@json_option
@as_option
def email(*, username: str, address: str, as_json: bool, as_username: str) -> None:
    """Send letters for USERNAME to ADDRESS; without one, send none."""
    session = db.session()
    with refusals(MANAGE, f"account {username}", as_username), unit_of_work(session):
        actor = acting(session, as_username, MANAGE)
        fact = queries.account_named(session, username)
        service.set_email(session, actor, current_clock(), fact.id, address)
    kept = queries.account_named(session, username).email
    answer({"username": fact.username, "email": kept}, [f"{fact.username}: {kept or 'no letters'}"], as_json=as_json)


@user.command("list")
@json_option
def list_accounts(*, as_json: bool) -> None:
    """List all accounts."""
    session = db.session()
    found = queries.accounts(session)
    codes = organisation_codes(session, {account.organisation_id for account in found})
    document = [
        {
            "username": account.username,
            "name": account.name,
            "roles": sorted(account.roles),
            "organisation": codes.get(account.organisation_id) if account.organisation_id is not None else None,
            "language": account.language,
            "email": account.email,
            "active": account.active,
            "demo": account.is_demo,
        }
        for account in found
    ]
    lines = [
        "\t".join(
            (
                account.username,
                ",".join(sorted(account.roles)),
                codes.get(account.organisation_id or 0, "-"),
                "active" if account.active else "disabled",
                account.name,
            )
        )
        for account in found
    ]
    answer(document, lines, as_json=as_json)


@user.command("link")
@click.argument("username")
@json_option
@as_option
def link_for(*, username: str, as_json: bool, as_username: str) -> None:
    """Print a link with which USERNAME chooses a new password."""
    session = db.session()
    with refusals(MANAGE, f"account {username}", as_username), unit_of_work(session):
        actor = acting(session, as_username, MANAGE)
        fact = queries.account_named(session, username)
        purpose = LinkPurpose.PASSWORD_RESET if fact.has_password else LinkPurpose.INVITATION
        link = service.issue_link(session, actor, current_clock(), purpose, fact.id)
    _print_link(link, as_json=as_json)


@user.command("first-administrator")
@json_option
def first_administrator(*, as_json: bool) -> None:
    """Print a link that creates the first administrator; refused where there is one."""
    session = db.session()
    with refusals(MANAGE, "first administrator"), unit_of_work(session):
        actor = acting(session, Role.SYSTEM.value, MANAGE)
        link = service.issue_link(session, actor, current_clock(), LinkPurpose.FIRST_ADMINISTRATOR)
    _print_link(link, as_json=as_json)


def _print_link(link: service.Link, *, as_json: bool) -> None:
    document = {"link": _link_path(link.token), "expires_at": link.expires_at.isoformat()}
    answer(document, _link_lines(link), as_json=as_json)
