"""A letter, its states, when it is tried again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from registry.kernel import personal_number
from registry.kernel.email import as_email
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import N_, Message

KEY_LENGTH = 200
SUBJECT_LENGTH = 300
ERROR_LENGTH = 500
LARGEST = 15 * 2**20
"""Bytes of all attachments of a letter: more than this few servers take."""

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""How long a letter rests after each attempt that failed; after the last one it is given up."""
MOST_ATTEMPTS = len(WAITS) + 1
LEASE = timedelta(minutes=15)
"""So long a letter belongs to the sender that took it. Where that one dies, another takes it after this."""

MASK = "•" * 14
"""What stands in a letter for a personal number: none leaves by mail, whoever wrote it into a note."""


class LetterState(StrEnum):
    """Where a letter stands."""

    QUEUED = "queued"
    FAILED = "failed"
    SENT = "sent"
    GIVEN_UP = "given_up"


STATE_NAMES = {
    LetterState.QUEUED: N_("waiting"),
    LetterState.FAILED: N_("to be tried again"),
    LetterState.SENT: N_("sent"),
    LetterState.GIVEN_UP: N_("given up"),
}
DUE = (LetterState.QUEUED, LetterState.FAILED)


class UnfitLetter(ValueError):
    """A letter that no mail server could carry: a fault of the code that wrote it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file that goes with a letter; `media_type` such as ``application/pdf``."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address, in the reader's language, ready to be read.

    `key` names the deed and the reader (``case 17 issued asel@example.kg``): a second letter of
    the same key is not queued. Subject and body never hold the data of a patient, a password or a
    link that opens something; a personal number that slipped into them is masked when queued.
    Raises `UnfitLetter`.
    """

    key: str
    recipient: str
    language: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if not self.key or len(self.key) > KEY_LENGTH:
            raise UnfitLetter(f"a key has 1 to {KEY_LENGTH} characters: {self.key!r}")
        if not self.subject.strip() or len(self.subject) > SUBJECT_LENGTH or not self.subject.isprintable():
            raise UnfitLetter(f"a subject is one line of at most {SUBJECT_LENGTH} characters: {self.subject!r}")
        if not self.body.strip():
            raise UnfitLetter("a letter says something")
        if as_email(self.recipient) != self.recipient:
            raise UnfitLetter(f"an address as `as_email` returns it: {self.recipient!r}")
        if sum(len(each.content) for each in self.attachments) > LARGEST:
            raise UnfitLetter(f"attachments of more than {LARGEST} bytes")
        for each in self.attachments:
            kind, slash, subtype = each.media_type.partition("/")
            if not (kind and slash and subtype) or not each.name or not each.name.isprintable():
                raise UnfitLetter(f"an attachment has a name and a media type: {each.name!r}, {each.media_type!r}")


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter a sender has taken; `attempt` counts from 1 and tells this taking from a later one."""

    id: int
    message_id: str
    attempt: int
    recipient: str
    language: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()


def masked(text: str) -> str:
    """Return `text` with every personal number made unreadable."""
    return personal_number.masked(text, MASK)


def next_try(attempt: int, now: datetime) -> datetime | None:
    """Return when a letter is tried again whose `attempt` has failed; None where it is given up."""
    return now + WAITS[attempt - 1] if attempt <= len(WAITS) else None


GIVEN_UP = Rule(
    "MAI-01",
    N_("Every letter reaches a mail server within a day."),
    N_("Project default"),
    Severity.FLAG,
    ("NC-P10",),
    fixed=True,
)
RULES = (GIVEN_UP,)


def given_up(letter_id: int, recipient: str, error: str) -> Finding:
    """Return the finding on a letter that was given up; the subject of the letter stays on its own page."""
    return Finding(
        GIVEN_UP,
        Message(N_("a letter to %(recipient)s was given up: %(error)s"), {"recipient": recipient, "error": error}),
        Severity.FLAG,
        subject=f"letter {letter_id}",
    )
