"""The chain: how one event is sealed, and how a chain is checked. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FIRST_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """One event before or after sealing; `at` is ISO 8601 in UTC."""

    sequence: int
    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain does not hold: the sequence number and what is wrong there."""

    sequence: int
    what: str


def canonical(detail: Mapping[str, object]) -> str:
    """Return JSON with one spelling only: sorted keys, no blanks, UTF-8 text as it is."""
    return json.dumps(detail, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def seal(previous: str, event: Event) -> str:
    """Return the SHA-256 digest over the digest before and this event."""
    parts = (event.sequence, event.at, event.actor, event.action, event.subject, event.outcome, event.detail)
    body = json.dumps([previous, *parts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def faults(rows: Iterable[tuple[Event, str, str]], head_sequence: int, head_digest: str) -> list[Fault]:
    """Check a whole chain of (event, previous, digest) in order against its head; return what is wrong."""
    found: list[Fault] = []
    expected, last = 1, FIRST_DIGEST
    for event, previous, digest in rows:
        if event.sequence != expected:
            found.append(Fault(expected, "missing"))
            expected = event.sequence
        if previous != last or seal(previous, event) != digest:
            found.append(Fault(event.sequence, "changed"))
        last = digest
        expected += 1
    if expected - 1 != head_sequence or last != head_digest:
        found.append(Fault(head_sequence, "the end of the chain does not meet its head"))
    return found
