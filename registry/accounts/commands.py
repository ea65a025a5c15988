"""What every command that acts has in common: ``--as``, ``--json``, exit 1 for a refusal.

For the ``cli`` of all rooms. Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from flask import current_app
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import Role
from registry.accounts.queries import ANONYMOUS, actor_named
from registry.accounts.sessions import current_clock, settings_of
from registry.audit.service import record_refusal
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.errors import Invalid, RegistryError, RuleRefused
from registry.kernel.text import Message
from registry.web.locale import translate_in

F = TypeVar("F", bound=Callable[..., Any])
REFUSED = 1


def as_option(command: F) -> F:
    """Add ``--as USERNAME`` (parameter `as_username`): who acts, by default the built-in system account."""
    return click.option(
        "--as",
        "as_username",
        default=Role.SYSTEM.value,
        metavar="USERNAME",
        help="Account that acts (default: system).",
    )(command)


def json_option(command: F) -> F:
    """Add ``--json`` (parameter `as_json`): one JSON document on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(command)


def acting(session: Session, username: str, action: str, organisation_id: int | None = None) -> Actor:
    """Return who acts after asking the policy; a firm's account passes for its own organisation.

    Without `organisation_id` it is asked whether the account may do `action` to anything at
    all. Raises `NotFound` or `Forbidden`.
    """
    actor = actor_named(session, username, current_clock().today())
    if organisation_id is None:
        policy.require_holds(actor, action)
    else:
        policy.require(actor, action, organisation_id)
    return actor


def say(message: Message) -> str:
    """Return a message in the language of the command line."""
    return translate_in(settings_of(current_app).language, message)


@contextmanager
def refusals(action: str, subject: str, as_username: str = Role.SYSTEM.value) -> Iterator[None]:
    """Turn a refusal into lines on standard error and exit 1, after recording it in the audit log."""
    try:
        yield
    except RegistryError as error:
        # Findings and problems of files are answered by the command itself; here is what is left.
        for line in refusal_lines(error):
            click.echo(line, err=True)
        session = db.session()
        session.rollback()
        with unit_of_work(session):
            try:
                actor = actor_named(session, as_username, current_clock().today())
            except RegistryError:
                actor = ANONYMOUS
            record_refusal(session, actor, current_clock(), action, subject, error)
        sys.exit(REFUSED)


def refusal_lines(error: RegistryError) -> list[str]:
    """Return what a person at a terminal reads of a refusal."""
    lines = [say(error.message)]
    if isinstance(error, Invalid):
        lines += [f"  {problem.column}: {say(problem.message)}" for problem in error.problems]
    if isinstance(error, RuleRefused):
        lines += [f"  {finding.rule.code}: {say(finding.message)}" for finding in error.findings]
    return lines


def answer(document: Mapping[str, object] | Sequence[object], lines: Sequence[str], *, as_json: bool) -> None:
    """Print the data of a command: as one JSON document, or as `lines` for people."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, default=str))
        return
    for line in lines:
        click.echo(line)
