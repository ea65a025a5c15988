"""What this room looks for day by day: returns that fall due."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from forms.catalogue import all_editions
from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.parameters.queries import parameters_on
from registry.returns.domain import RETURN_IN_TIME, falling_due


def due(session: Session, clock: Clock) -> list[Finding]:
    """Return the returns that fall due or have fallen due, by the newest edition of each form."""
    today = clock.today()
    severity = parameters_on(session, today).reported(RETURN_IN_TIME)
    newest = [editions[-1] for editions in all_editions().values() if editions]
    return [replace(finding, severity=severity) for finding in falling_due(today, newest)]


WATCHES = (Watch((RETURN_IN_TIME,), due, "return "),)
