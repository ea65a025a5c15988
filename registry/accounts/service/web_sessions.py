"""Rows of sessions: opened, kept, ended. A token is handed out once; the row holds only its digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from registry.accounts.domain import SessionLimits
from registry.accounts.models import Account, WebSession
from registry.accounts.passwords import digest, new_token
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message

ADDRESS_LENGTH = 64
AGENT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request comes from: network address and the browser's name of itself."""

    address: str
    agent: str


def open_session(
    session: Session, clock: Clock, limits: SessionLimits, place: Place, account_id: int | None, data: str = "{}"
) -> str:
    """Write a new session, clear away those that have ended by their limits, and return the token."""
    now = clock.now()
    session.execute(
        delete(WebSession).where(
            or_(WebSession.last_seen_at <= now - limits.idle, WebSession.created_at <= now - limits.absolute)
        )
    )
    token = new_token()
    session.execute(
        insert(WebSession).values(
            token_digest=digest(token),
            account_id=account_id,
            created_at=now,
            last_seen_at=now,
            address=place.address[:ADDRESS_LENGTH],
            agent=place.agent[:AGENT_LENGTH],
            data=data,
        )
    )
    return token


def keep_data(session: Session, clock: Clock, token: str, data: str | None) -> bool:
    """Note that the session was used now, and keep `data` unless it is None; False if it was ended meanwhile."""
    values: dict[str, str | datetime] = {"last_seen_at": clock.now()}
    if data is not None:
        values["data"] = data
    done = session.execute(update(WebSession).where(WebSession.token_digest == digest(token)).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def discard(session: Session, token: str) -> None:
    """End the session of `token`, whosever it is."""
    session.execute(delete(WebSession).where(WebSession.token_digest == digest(token)))


def end_sessions_of(session: Session, account_id: int) -> None:
    """End every session of an account at once."""
    session.execute(delete(WebSession).where(WebSession.account_id == account_id))


def end_demo_sessions(session: Session) -> None:
    """End every session of the demo accounts."""
    demo = select(Account.id).where(Account.is_demo.is_(True)).scalar_subquery()
    session.execute(delete(WebSession).where(WebSession.account_id.in_(demo)))


def end_session(session: Session, actor: Actor, clock: Clock, session_id: int) -> None:
    """End one of the actor's own sessions. Raises `NotFound` for anybody else's."""
    done = session.execute(
        delete(WebSession).where(WebSession.id == session_id, WebSession.account_id == actor.user_id)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise NotFound(Message(N_("this session has ended already")))
    record(session, actor, clock, "accounts.end_session", f"account {actor.username}", {"session": session_id})


def sign_out(session: Session, actor: Actor, clock: Clock, token: str) -> None:
    """End the session of `token`; a copied cookie is worthless from now on."""
    discard(session, token)
    record(session, actor, clock, "accounts.sign_out", f"account {actor.username}")
