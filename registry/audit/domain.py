"""The chain: how one event is sealed, and how a chain is checked. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FIRST_DIGEST = "0" * 64
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})", re.ASCII)


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
class Head:
    """The end of the chain at a moment. Written down outside, it tells a chain made anew from the true one."""

    sequence: int
    digest: str

    def __str__(self) -> str:
        """Return the head as it is written down: ``1234:9f86d0...``."""
        return f"{self.sequence}:{self.digest}"


def read_head(text: str) -> Head:
    """Return the head from how it was written down; blanks and capitals do not matter. Raises ValueError."""
    match = _HEAD.fullmatch("".join(text.split()).lower())
    if match is None:
        raise ValueError("a head reads NUMBER:DIGEST, the digest has 64 signs")
    return Head(int(match[1]), match[2])


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


def faults(
    rows: Iterable[tuple[Event, str, str]], head_sequence: int, head_digest: str, kept: Iterable[Head] = ()
) -> list[Fault]:
    """Check a whole chain of (event, previous, digest) in order against its head; return what is wrong.

    `kept`: heads that were written down outside; the chain must still run through every one.
    """
    found: list[Fault] = []
    expected, last = 1, FIRST_DIGEST
    outside = sorted(set(kept), key=lambda head: (head.sequence, head.digest))
    wanted = {head.sequence for head in outside}
    passed = {0: FIRST_DIGEST}
    for event, previous, digest in rows:
        if event.sequence != expected:
            found.append(Fault(expected, "missing"))
            expected = event.sequence
        if previous != last or seal(previous, event) != digest:
            found.append(Fault(event.sequence, "changed"))
        last = digest
        if event.sequence in wanted:
            passed[event.sequence] = digest
        expected += 1
    if expected - 1 != head_sequence or last != head_digest:
        found.append(Fault(head_sequence, "the end of the chain does not meet its head"))
    found.extend(
        Fault(head.sequence, "the head kept outside is not in the chain")
        for head in outside
        if passed.get(head.sequence) != head.digest
    )
    return found
