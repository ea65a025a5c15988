"""What this room looks for day by day: what is late after issue, and where customs, ledger and endorsements differ."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.endorsements.domain.rules import RULES
from registry.endorsements.queries.after import watched
from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding


def after_issue(session: Session, clock: Clock) -> list[Finding]:
    """Return every finding of this room; a constant number of statements."""
    return watched(session, clock).findings()


WATCHES = (Watch(RULES, after_issue),)
