"""The queue of letters: written in the unit of work of the deed, so that neither is there without the other."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.text import N_, Message
from registry.mail.domain import Letter, LetterState, masked
from registry.mail.models import LetterAttachment, OutgoingLetter

DIGEST = 16
TOKEN_BYTES = 9


def queue(session: Session, clock: Clock, *letters: Letter) -> None:
    """Queue letters in the present unit of work; one whose key was queued before changes nothing.

    The number of statements does not grow with the letters.
    """
    wanted = {letter.key: letter for letter in letters}
    if not wanted:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    rows = {key: _row(letter, clock) for key, letter in wanted.items()}
    statement = dialect.insert(OutgoingLetter).on_conflict_do_nothing(index_elements=["key"])
    session.connection().execute(statement, list(rows.values()))
    files = [key for key, letter in wanted.items() if letter.attachments]
    if files:
        _attach(session, {key: wanted[key] for key in files}, {str(rows[key]["message_id"]) for key in files})


def _row(letter: Letter, clock: Clock) -> dict[str, object]:
    digest = hashlib.sha256(letter.key.encode()).hexdigest()[:DIGEST]
    return {
        "key": letter.key,
        "message_id": f"{secrets.token_hex(TOKEN_BYTES)}.{digest}",
        "recipient": letter.recipient,
        "language": letter.language,
        "subject": masked(letter.subject),
        "body": masked(letter.body),
        "state": LetterState.QUEUED.value,
        "attempts": 0,
        "queued_at": clock.now(),
        "next_try_at": clock.now(),
    }


def _attach(session: Session, letters: dict[str, Letter], message_ids: set[str]) -> None:
    """Write the files of letters that were queued just now; a letter known before has its own already."""
    known = select(OutgoingLetter.id, OutgoingLetter.key).where(OutgoingLetter.message_id.in_(message_ids))
    rows = [
        {
            "letter_id": number,
            "number": place,
            "name": each.name,
            "media_type": each.media_type,
            "content": each.content,
        }
        for number, key in session.execute(known)
        for place, each in enumerate(letters[key].attachments)
    ]
    if rows:
        session.connection().execute(insert(LetterAttachment), rows)


def retry(session: Session, actor: Actor, clock: Clock, letter_id: int) -> None:
    """Queue a letter anew that failed or was given up. Raises `NotFound`; `Conflict` for one that is on its way or sent."""
    taken = session.execute(
        update(OutgoingLetter)
        .where(
            OutgoingLetter.id == letter_id,
            OutgoingLetter.state.in_([LetterState.FAILED.value, LetterState.GIVEN_UP.value]),
        )
        .values(state=LetterState.QUEUED.value, attempts=0, next_try_at=clock.now())
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        if session.scalar(select(OutgoingLetter.id).where(OutgoingLetter.id == letter_id)) is None:
            raise NotFound(Message(N_("there is no such letter")))
        raise Conflict(Message(N_("this letter is sent or waits already")))
    record(session, actor, clock, "mail.retry", f"letter {letter_id}")
