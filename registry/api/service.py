"""Writes that are sent again: the key is taken in the transaction of the write, the answer kept with it.

The unique key decides. Whoever comes second waits on the database until the first is through:
then the first answer is there, or, where the first was refused and left nothing, the second
takes its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.api.models import GivenAnswer
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message

KEPT_FOR = timedelta(days=7)
CLEARED_AT_ONCE = 1000
CLEARS = "00"
"""How the digest of a request begins that clears away: one of 256, whatever is sent."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given: to be given again, word for word."""

    status: int
    headers: Mapping[str, str]
    body: str


def take_key(session: Session, clock: Clock, account_id: int, key: str, digest: str) -> Given | None:
    """Take `key` for the request of `digest`; return the answer kept under it when it was sent before.

    An answer kept for too long is forgotten. Raises `Invalid` when the key came with another request.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    forgotten = clock.now() - KEPT_FOR
    if digest.startswith(CLEARS):
        _clear_away(session, forgotten)
    values = {"account_id": account_id, "key": key, "request_digest": digest, "at": clock.now()}
    insert = dialect.insert(GivenAnswer).values(values)
    anew = {"request_digest": digest, "at": clock.now(), "status": None, "headers": None, "body": None}
    taken = insert.on_conflict_do_update(
        index_elements=["account_id", "key"], set_=anew, where=GivenAnswer.at <= forgotten
    ).returning(GivenAnswer.key)
    columns = (GivenAnswer.request_digest, GivenAnswer.status, GivenAnswer.headers, GivenAnswer.body)
    kept = None
    while kept is None:
        if session.execute(taken).first() is not None:
            return None
        # A row that was cleared away between the two statements is made anew.
        kept = session.execute(select(*columns).where(*_under(account_id, key))).first()
    if kept.request_digest != digest:
        message = Message(N_("this key was sent before with another request: make a new key for a new request"))
        raise Invalid(message, [Problem("Idempotency-Key", "key-reused", message)])
    return Given(kept.status or 0, json.loads(kept.headers or "{}"), kept.body or "")


def keep_answer(session: Session, account_id: int, key: str, given: Given) -> None:
    """Keep the answer of a write under its key; to be committed with the write."""
    values = {"status": given.status, "headers": json.dumps(dict(given.headers)), "body": given.body}
    session.execute(update(GivenAnswer).where(*_under(account_id, key)).values(values))


def _under(account_id: int, key: str) -> tuple[ColumnElement[bool], ...]:
    return GivenAnswer.account_id == account_id, GivenAnswer.key == key


def _clear_away(session: Session, forgotten: datetime) -> None:
    """Drop answers nobody will ask for again, without waiting for anybody."""
    keys = (GivenAnswer.account_id, GivenAnswer.key)
    stale = (
        select(*keys)
        .where(GivenAnswer.at <= forgotten)
        .limit(CLEARED_AT_ONCE)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    session.execute(delete(GivenAnswer).where(tuple_(*keys).in_(select(*stale.c))))
