"""Sending what is due: taken under a lease, handed to the mail server outside any transaction, marked afterwards.

At least once: a sender that dies between handing over and marking leaves a letter whose lease
runs out, and another sends it again with the same Message-ID. No transaction is open while the
mail server is spoken to: on SQLite it would hold the only write lock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.flags.service import raise_flags
from registry.kernel.clock import Clock
from registry.mail.domain import (
    DUE,
    ERROR_LENGTH,
    LEASE,
    MOST_ATTEMPTS,
    Attachment,
    LetterState,
    Taken,
    given_up,
    next_try,
)
from registry.mail.models import LetterAttachment, OutgoingLetter

BATCH = 10
"""Letters taken at once: with `smtp.SECONDS` for each they stay within the lease."""
STOPPED = "the sender stopped before the mail server had answered"


class Transport(Protocol):
    """A way to a mail server."""

    def send(self, letter: Taken, now: datetime) -> None:
        """Hand one letter over. Raises `OSError` where the server does not take it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did: letters sent, failed and to be tried again, given up."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0

    def as_json(self) -> dict[str, int]:
        """Return it as the command answers."""
        return {"sent": self.sent, "failed": self.failed, "given_up": self.given_up}


def send_due(session: Session, clock: Clock, transport: Transport, limit: int | None = None) -> Sent:
    """Send the letters that are due, `limit` at most; each marked in a unit of work of its own."""
    done: Counter[LetterState] = Counter()
    left = limit
    while left is None or left > 0:
        with unit_of_work(session):
            batch = take(session, clock, BATCH if left is None else min(BATCH, left))
        if not batch:
            break
        done.update(_one(session, clock, transport, letter) for letter in batch)
        left = None if left is None else left - len(batch)
    return Sent(done[LetterState.SENT], done[LetterState.FAILED], done[LetterState.GIVEN_UP])


def take(session: Session, clock: Clock, count: int) -> list[Taken]:
    """Take up to `count` due letters under a lease, passing over those another sender is taking at this moment.

    The attempt counts from here on: a letter that kills every sender is given up like any other.
    """
    now = clock.now()
    due = (
        select(OutgoingLetter.id)
        .where(OutgoingLetter.state.in_([state.value for state in DUE]), OutgoingLetter.next_try_at <= now)
        .order_by(OutgoingLetter.next_try_at, OutgoingLetter.id)
        .limit(count)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(due))
    taken = session.execute(
        update(OutgoingLetter)
        .where(OutgoingLetter.id.in_(ids))
        .values(attempts=OutgoingLetter.attempts + 1, next_try_at=now + LEASE)
        .returning(
            OutgoingLetter.id,
            OutgoingLetter.message_id,
            OutgoingLetter.attempts,
            OutgoingLetter.recipient,
            OutgoingLetter.language,
            OutgoingLetter.subject,
            OutgoingLetter.body,
        ),
        execution_options={"synchronize_session": False},
    )
    found = sorted((Taken(*row) for row in taken), key=lambda letter: letter.id)
    files: dict[int, list[Attachment]] = defaultdict(list)
    rows = session.execute(
        select(LetterAttachment).where(LetterAttachment.letter_id.in_(ids)).order_by(LetterAttachment.number)
    )
    for row in rows.scalars():
        files[row.letter_id].append(Attachment(row.name, row.media_type, row.content))
    return [replace(letter, attachments=tuple(files[letter.id])) for letter in found]


def _one(session: Session, clock: Clock, transport: Transport, letter: Taken) -> LetterState:
    """Send one letter and mark it; return where it stands now."""
    if letter.attempt > MOST_ATTEMPTS:
        return mark_failed(session, clock, letter, STOPPED)
    try:
        transport.send(letter, clock.now())
    except OSError as error:
        return mark_failed(session, clock, letter, f"{type(error).__name__}: {error}")
    return mark_sent(session, clock, letter)


def mark_sent(session: Session, clock: Clock, letter: Taken) -> LetterState:
    """Mark a letter as sent, whoever else has taken it since: it has left."""
    with unit_of_work(session):
        session.execute(
            update(OutgoingLetter)
            .where(OutgoingLetter.id == letter.id)
            .values(state=LetterState.SENT.value, sent_at=clock.now(), next_try_at=None, last_error=None)
        )
    return LetterState.SENT


def mark_failed(session: Session, clock: Clock, letter: Taken, error: str) -> LetterState:
    """Mark an attempt as failed: tried again later, or given up with a flag. A letter taken anew since is left alone."""
    again = next_try(letter.attempt, clock.now())
    state = LetterState.FAILED if again is not None else LetterState.GIVEN_UP
    with unit_of_work(session):
        marked = session.execute(
            update(OutgoingLetter)
            .where(
                OutgoingLetter.id == letter.id,
                OutgoingLetter.attempts == letter.attempt,
                OutgoingLetter.state != LetterState.SENT.value,
            )
            .values(state=state.value, next_try_at=again, last_error=error[:ERROR_LENGTH])
        )
        if state is LetterState.GIVEN_UP and marked.rowcount == 1:  # type: ignore[attr-defined]
            raise_flags(session, clock, [given_up(letter.id, letter.recipient, error[:ERROR_LENGTH])])
    return state
