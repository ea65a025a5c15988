"""What this room looks for day by day: letters that were given up and not sent since."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.mail.domain import GIVEN_UP, given_up
from registry.mail.queries import letters_given_up


def stranded(session: Session, clock: Clock) -> list[Finding]:  # noqa: ARG001 - as every watch is called
    """Return every letter that was given up; one that is sent after all closes its flag."""
    return [given_up(fact.id, fact.recipient, fact.last_error or "") for fact in letters_given_up(session)]


WATCHES = (Watch((GIVEN_UP,), stranded),)
