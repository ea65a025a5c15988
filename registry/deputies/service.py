"""Naming a deputy and ending a deputy's time; what the roles are, accounts knows by the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from registry.accounts.queries import DeputyFact, account_named, deputies, is_same_person, recipients_named
from registry.accounts.service import NewDeputy, deputy_problems, end_deputy, record_deputy
from registry.deeds.domain import Deed, DeedFact
from registry.deeds.service import begin
from registry.deputies.domain import END, NAME, NOT_FOR_ONESELF
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, RuleRefused
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter
from registry.mail.service import queue
from registry.web.locale import translate_in

CANNOT = Message(N_("the deputy cannot be named like this"))
OWN = Message(N_("you are to be the deputy: another person decides on it"))
SUBJECT = N_("%(deputy)s for %(away)s")
NAMED = N_("%(deputy)s stands in for %(away)s from %(from)s to %(to)s, both days included. Act: %(act)s.")
ENDED = N_("From %(day)s on %(deputy)s no longer stands in for %(away)s. Act: %(act)s. Why: %(why)s")
PAST = Message(N_("write today or a later day"))


def name_deputy(session: Session, actor: Actor, clock: Clock, command: NewDeputy, reason: str) -> DeedFact:
    """Propose a deputy. Raises `Invalid` with every problem at once."""
    problems = deputy_problems(session, clock, command)
    if command.from_on is None or command.to_on is None or command.act_date is None or problems:
        raise Invalid(CANNOT, problems)
    away, deputy = account_named(session, command.away), account_named(session, command.deputy)
    payload = {
        "deputy": deputy.username,
        "act": command.act.strip(),
        "act_date": command.act_date.isoformat(),
        "to_on": command.to_on.isoformat(),
    }
    deed = Deed(NAME, away.username, reason, command.from_on, away.organisation_id, payload)
    return begin(session, actor, clock, deed)


def carry_out(session: Session, actor: Actor, clock: Clock, deed: DeedFact) -> None:
    """Let the deputy hold the roles once a second person has said so.

    Raises `RuleRefused` (DEP-01) for the deputy, `Invalid` where it is possible no longer.
    """
    command = command_of(deed)
    if is_same_person(session, command.deputy, actor.username):
        raise RuleRefused(OWN, [Finding(NOT_FOR_ONESELF, OWN, NOT_FOR_ONESELF.severity)])
    problems = deputy_problems(session, clock, command)
    if problems:
        raise Invalid(CANNOT, problems)
    number = record_deputy(session, actor, clock, command)
    said = {"act": command.act, "from": command.from_on, "to": command.to_on}
    _tell(session, clock, f"deputy {number} named", command.away, command.deputy, NAMED, said)


def command_of(deed: DeedFact) -> NewDeputy:
    """Return what a proposed deed asks for."""
    said = deed.payload
    act_date, last = date.fromisoformat(said["act_date"]), date.fromisoformat(said["to_on"])
    return NewDeputy(deed.subject, said["deputy"], said["act"], act_date, deed.effective_on, last)


def end_time(session: Session, actor: Actor, clock: Clock, deputy_id: int, reason: str, day: date) -> DeedFact:
    """End a deputy's time before its last day, at once or from a later day on; what ends later may end sooner."""
    if day < clock.today():
        raise Invalid(PAST, [Problem("effective_on", "past", PAST)])
    known = require_deputy(session, deputy_id)
    if day > known.to_on:
        over = Message(N_("the deputy’s time ends by itself after %(last)s"), {"last": known.to_on})
        raise Invalid(over, [Problem("effective_on", "after-the-last-day", over)])
    deed = begin(session, actor, clock, Deed(END, known.away, reason, day, None, {"deputy": known.deputy}))
    end_deputy(session, actor, clock, deputy_id, day)
    said = {"act": known.act, "day": day, "why": reason.strip()}
    _tell(session, clock, f"deputy {deputy_id} ended {day}", known.away, known.deputy, ENDED, said)
    return deed


def _tell(
    session: Session, clock: Clock, key: str, away: str, deputy: str, msgid: str, said: Mapping[str, object]
) -> None:
    """Queue a letter to the one who is away and to the deputy, each in their language."""
    message = Message(msgid, {"deputy": deputy, "away": away, **said})
    letters = [
        Letter(
            key=f"{key} {reader.address}"[:KEY_LENGTH],
            recipient=reader.address,
            language=reader.language,
            subject=translate_in(reader.language, Message(SUBJECT, {"deputy": deputy, "away": away})),
            body=translate_in(reader.language, message),
        )
        for reader in recipients_named(session, (away, deputy))
    ]
    queue(session, clock, *letters)


def require_deputy(session: Session, deputy_id: int) -> DeputyFact:
    """Return one of `accounts.queries.deputies`. Raises `NotFound`."""
    found = deputies(session, deputy_id)
    if not found:
        raise NotFound(Message(N_("there is no such deputy")))
    return found[0]
