"""``flask mail``: send what is due, look at the queue, try the way to the mail server."""

from __future__ import annotations

import secrets
import sys

import click
from flask import current_app
from flask.cli import AppGroup

from registry.accounts.commands import REFUSED, acting, answer, as_option, json_option, refusals, say
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.kernel.email import as_email
from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import BadCell
from registry.kernel.text import N_, Message
from registry.mail import queries, service
from registry.mail.domain import DUE, Letter
from registry.web.locale import translate_in

MANAGE = "mail.manage"
TRIAL_SUBJECT = N_("A trial letter of the registry")
TRIAL_BODY = N_("This letter was sent to see whether letters of the registry arrive. They do.")
NO_SERVER = N_("no mail server is set: %(count)s letters wait. Set REGISTRY_MAIL_SERVER and REGISTRY_MAIL_FROM.")
mail = AppGroup("mail", help="Letters that go out by electronic mail.")


@mail.command("send")
@click.option("--limit", type=click.IntRange(1), help="At most so many letters.")
@json_option
def send(*, limit: int | None, as_json: bool) -> None:
    """Send the letters that are due. Exit 1 where no mail server is set."""
    settings, session = settings_of(current_app), db.session()
    if not settings.sends_mail:
        counts = queries.counts(session)
        click.echo(say(Message(NO_SERVER, {"count": sum(counts[state] for state in DUE)})), err=True)
        sys.exit(REFUSED)
    done = service.send_due(session, current_clock(), service.SmtpTransport(settings), limit)
    said = "sent %(sent)s, to be tried again %(failed)s, given up %(given_up)s"
    answer(done.as_json(), [said % done.as_json()], as_json=as_json)


@mail.command("list")
@json_option
def list_letters(*, as_json: bool) -> None:
    """Count the letters by state and list those that have not left."""
    session = db.session()
    counts = queries.counts(session)
    waiting = queries.letters_not_sent(session)
    document = {
        "counts": {state.value: count for state, count in counts.items()},
        "letters": [
            {
                "id": fact.id,
                "state": fact.state.value,
                "recipient": fact.recipient,
                "subject": fact.subject,
                "attempts": fact.attempts,
                "next_try_at": fact.next_try_at.isoformat() if fact.next_try_at else None,
                "last_error": fact.last_error,
            }
            for fact in waiting
        ],
    }
    lines = [
        ", ".join(f"{state.value} {count}" for state, count in counts.items()),
        *(f"{f.id}\t{f.state.value}\t{f.recipient}\t{f.subject}\t{f.last_error or '-'}" for f in waiting),
    ]
    answer(document, lines, as_json=as_json)


@mail.command("retry")
@click.argument("number", type=click.IntRange(1))
@json_option
@as_option
def retry(*, number: int, as_json: bool, as_username: str) -> None:
    """Queue letter NUMBER anew that failed or was given up."""
    session = db.session()
    with refusals(MANAGE, f"letter {number}", as_username), unit_of_work(session):
        service.retry(session, acting(session, as_username, MANAGE), current_clock(), number)
    answer({"id": number, "state": "queued"}, [f"letter {number} waits again"], as_json=as_json)


@mail.command("try")
@click.argument("address")
@json_option
@as_option
def trial(*, address: str, as_json: bool, as_username: str) -> None:
    """Queue a trial letter to ADDRESS, to see with `flask mail send` whether letters arrive."""
    session, language = db.session(), settings_of(current_app).language
    with refusals(MANAGE, "trial letter", as_username), unit_of_work(session):
        acting(session, as_username, MANAGE)
        try:
            to = as_email(address)
        except BadCell as bad:
            raise Invalid(bad.message, [Problem("address", bad.code, bad.message)]) from None
        subject, body = (translate_in(language, Message(text)) for text in (TRIAL_SUBJECT, TRIAL_BODY))
        service.queue(session, current_clock(), Letter(f"trial {secrets.token_hex(8)}", to, language, subject, body))
    answer({"recipient": to, "state": "queued"}, [f"a letter to {to} waits"], as_json=as_json)
