"""Tokens of the HTTP interface: made by a person for a program, shown once, ended by time or by hand.

A token may do what its person may, or only read. Rights are asked anew with every request, so
that a token never outlives the rights of its person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.accounts import queries
from registry.accounts.domain import TOKEN_PREFIX, token_problems
from registry.accounts.models import ApiToken
from registry.accounts.passwords import digest, new_token
from registry.accounts.service.sign_in import count_address
from registry.accounts.service.web_sessions import Place
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.text import N_, Message

USE = "accounts.use_token"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to make: what it is called, how many days it holds, whether it may only read."""

    name: str
    days: int
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token as handed out: the secret appears here and nowhere else."""

    id: int
    secret: str
    expires_at: datetime


def create_token(session: Session, actor: Actor, clock: Clock, account_id: int, command: NewToken) -> IssuedToken:
    """Make a token of an account.

    Raises `NotFound`, `Conflict` for a disabled account, `Invalid` with every problem at once.
    """
    fact = queries.account(session, account_id)
    if not fact.active:
        raise Conflict(Message(N_("the account %(username)s is disabled"), {"username": fact.username}))
    problems = token_problems(command.name, command.days)
    if problems:
        raise Invalid(Message(N_("the token cannot be made like this")), problems)
    now = clock.now()
    secret, expires_at = TOKEN_PREFIX + new_token(), now + timedelta(days=command.days)
    values = {
        "token_digest": digest(secret),
        "account_id": fact.id,
        "name": command.name.strip(),
        "read_only": command.read_only,
        "created_at": now,
        "expires_at": expires_at,
    }
    number = int(session.execute(insert(ApiToken).values(values).returning(ApiToken.id)).scalar_one())
    detail: dict[str, object] = {"token": number, "days": command.days, "read_only": command.read_only}
    record(session, actor, clock, "accounts.create_token", f"account {fact.username}", detail)
    return IssuedToken(number, secret, expires_at)


def revoke_token(session: Session, actor: Actor, clock: Clock, token_id: int, account_id: int | None = None) -> None:
    """End a token at once; with `account_id` only one of that account.

    Raises `NotFound` for somebody else's, and for one that was revoked before.
    """
    wanted = [ApiToken.id == token_id, ApiToken.revoked_at.is_(None)]
    if account_id is not None:
        wanted.append(ApiToken.account_id == account_id)
    owner = session.scalar(
        update(ApiToken).where(*wanted).values(revoked_at=clock.now()).returning(ApiToken.account_id)
    )
    if owner is None:
        raise NotFound(Message(N_("there is no such token, or it was revoked already")))
    fact = queries.account(session, owner)
    record(session, actor, clock, "accounts.revoke_token", f"account {fact.username}", {"token": token_id})


def revoke_tokens_of(session: Session, clock: Clock, account_id: int) -> None:
    """End every token of an account at once."""
    wanted = (ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    session.execute(update(ApiToken).where(*wanted).values(revoked_at=clock.now()))


def note_use(session: Session, clock: Clock, token_id: int) -> None:
    """Keep the moment a token was last used, for its person to see."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=clock.now()))


def count_wrong_token(session: Session, clock: Clock, place: Place) -> None:
    """Count and record a request with a token that is not good; raises `TooManyTries` as a sign-in does.

    Counted apart from sign-ins: a program with an old token must not keep its neighbours out.
    """
    count_address(session, clock, f"token {place.address}")
    record(session, queries.ANONYMOUS, clock, USE, "token", {"address": place.address}, "refused")
