"""One-time links: handed over by an administrator instead of a password, good once, for a short while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from registry.accounts import queries
from registry.accounts.domain import LINK_LIFE, LinkPurpose, Role
from registry.accounts.models import OneTimeLink
from registry.accounts.passwords import digest, new_token
from registry.accounts.service.keeping import NewAccount, create_account, drop_links, set_password
from registry.accounts.service.tokens import revoke_tokens_of
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.text import N_, Message


@dataclass(frozen=True, slots=True)
class Link:
    """A link as handed over: the token appears here and nowhere else."""

    token: str
    purpose: LinkPurpose
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkFact:
    """What a link that still holds is good for; no account for the first administrator."""

    purpose: LinkPurpose
    account: queries.AccountFact | None


@dataclass(frozen=True, slots=True)
class Administrator:
    """Whom the first administrator's link creates."""

    username: str
    name: str
    password: str
    language: str = "en"


def issue_link(
    session: Session, actor: Actor, clock: Clock, purpose: LinkPurpose, account_id: int | None = None
) -> Link:
    """Make a link; earlier open links of the same account (or for the first administrator) stop working.

    Raises `Conflict` for a first administrator where a real one exists, and for a disabled
    account; `NotFound` for no account.
    """
    if purpose is LinkPurpose.FIRST_ADMINISTRATOR:
        _require_no_administrator(session)
        account_id, subject = None, "first administrator"
        session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == purpose.value, OneTimeLink.used_at.is_(None)))
    else:
        fact = queries.account(session, account_id or 0)
        if not fact.active:
            raise Conflict(Message(N_("the account %(username)s is disabled"), {"username": fact.username}))
        subject = f"account {fact.username}"
        drop_links(session, fact.id)
    now = clock.now()
    link = Link(new_token(), purpose, now + LINK_LIFE[purpose])
    session.execute(
        insert(OneTimeLink).values(
            token_digest=digest(link.token),
            purpose=purpose.value,
            account_id=account_id,
            created_at=now,
            expires_at=link.expires_at,
        )
    )
    record(session, actor, clock, "accounts.issue_link", subject, {"purpose": purpose.value})
    return link


def link_fact(session: Session, clock: Clock, token: str) -> LinkFact:
    """Return what a link is good for, without using it up. Raises `NotFound` once it is used or too old."""
    row = session.execute(
        select(OneTimeLink.purpose, OneTimeLink.account_id).where(
            OneTimeLink.token_digest == digest(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
        )
    ).first()
    if row is None:
        raise _worthless()
    return LinkFact(
        LinkPurpose(row.purpose), queries.account(session, row.account_id) if row.account_id is not None else None
    )


def set_password_by_link(session: Session, clock: Clock, token: str, password: str) -> str:
    """Set the password of the link's account, which uses the link up; return the user name.

    Raises `NotFound` for a link that is used, too old or of another purpose, `Invalid` for the password.
    """
    fact = link_fact(session, clock, token)
    if fact.account is None or not fact.account.active:
        raise _worthless()
    _take(session, clock, token)
    set_password(session, fact.account.actor, clock, fact.account.id, password)
    # Whoever needed a link may have lost more than the password.
    revoke_tokens_of(session, clock, fact.account.id)
    return fact.account.username


def create_first_administrator(session: Session, clock: Clock, token: str, command: Administrator) -> int:
    """Create the first administrator by link and return the account's id.

    Raises `NotFound` for a worthless link, `Conflict` if there is an administrator by now, `Invalid`.
    """
    fact = link_fact(session, clock, token)
    if fact.purpose is not LinkPurpose.FIRST_ADMINISTRATOR:
        raise _worthless()
    _take(session, clock, token)
    _require_no_administrator(session)
    new = NewAccount(
        command.username,
        command.name,
        frozenset({Role.ADMINISTRATOR.value}),
        language=command.language,
        password=command.password,
    )
    return create_account(session, queries.ANONYMOUS, clock, new)


def _take(session: Session, clock: Clock, token: str) -> None:
    """Use the link up; of two at the same moment only one succeeds."""
    now = clock.now()
    done = session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.token_digest == digest(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        .values(used_at=now)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise _worthless()


def _require_no_administrator(session: Session) -> None:
    if queries.real_administrator_exists(session):
        raise Conflict(Message(N_("there is an administrator already: ask them for an account")))


def _worthless() -> NotFound:
    return NotFound(Message(N_("this link is used up, too old or not complete: ask for a new one")))
