"""Rows of letters -> what the administrator and the doctor see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.mail.domain import DUE, LetterState
from registry.mail.models import LetterAttachment, OutgoingLetter

_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    OutgoingLetter.id,
    OutgoingLetter.recipient,
    OutgoingLetter.language,
    OutgoingLetter.subject,
    OutgoingLetter.state,
    OutgoingLetter.attempts,
    OutgoingLetter.queued_at,
    OutgoingLetter.next_try_at,
    OutgoingLetter.sent_at,
    OutgoingLetter.last_error,
)


@dataclass(frozen=True, slots=True)
class LetterFact:
    """A letter without its body, which is its reader's."""

    id: int
    recipient: str
    language: str
    subject: str
    state: LetterState
    attempts: int
    queued_at: datetime
    next_try_at: datetime | None
    sent_at: datetime | None
    last_error: str | None
    files: tuple[str, ...] = ()


def counts(session: Session) -> dict[LetterState, int]:
    """Return the number of letters by state; states without letters are 0."""
    rows = session.execute(select(OutgoingLetter.state, func.count()).group_by(OutgoingLetter.state))
    found = {LetterState(state): int(count) for state, count in rows}
    return {state: found.get(state, 0) for state in LetterState}


def oldest_waiting(session: Session) -> datetime | None:
    """Return when the letter was queued that waits the longest."""
    states = [state.value for state in DUE]
    found: datetime | None = session.scalar(
        select(func.min(OutgoingLetter.queued_at)).where(OutgoingLetter.state.in_(states))
    )
    return found


def letters(session: Session, state: LetterState | None, limit: int, offset: int) -> list[LetterFact]:
    """Return letters, the newest first, of one state where given."""
    query = select(*_COLUMNS).order_by(OutgoingLetter.id.desc()).limit(limit).offset(offset)
    if state is not None:
        query = query.where(OutgoingLetter.state == state.value)
    return [_fact(LetterFact(*row)) for row in session.execute(query)]


def letter_by_id(session: Session, letter_id: int) -> LetterFact | None:
    """Return one letter with the names of its files."""
    row = session.execute(select(*_COLUMNS).where(OutgoingLetter.id == letter_id)).first()
    if row is None:
        return None
    names = session.scalars(
        select(LetterAttachment.name).where(LetterAttachment.letter_id == letter_id).order_by(LetterAttachment.number)
    )
    return replace(_fact(LetterFact(*row)), files=tuple(names))


def letters_by_keys(session: Session, keys: Collection[str]) -> dict[str, LetterFact]:
    """Return letters by the keys they were queued under, without the names of their files; unknown ones are missing."""
    rows = session.execute(select(OutgoingLetter.key, *_COLUMNS).where(OutgoingLetter.key.in_(list(keys))))
    return {row[0]: _fact(LetterFact(*row[1:])) for row in rows}


def letters_given_up(session: Session) -> list[LetterFact]:
    """Return every letter that was given up."""
    query = select(*_COLUMNS).where(OutgoingLetter.state == LetterState.GIVEN_UP.value).order_by(OutgoingLetter.id)
    return [_fact(LetterFact(*row)) for row in session.execute(query)]


def letters_not_sent(session: Session, most: int = 1000) -> list[LetterFact]:
    """Return the letters that have not left, the oldest first."""
    query = select(*_COLUMNS).where(OutgoingLetter.state != LetterState.SENT.value).order_by(OutgoingLetter.id)
    return [_fact(LetterFact(*row)) for row in session.execute(query.limit(most))]


def _fact(fact: LetterFact) -> LetterFact:
    return replace(fact, state=LetterState(fact.state))
