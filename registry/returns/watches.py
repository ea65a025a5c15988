"""What this room looks for day by day: returns that fall due, and those whose figures changed after they were sent."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from forms.catalogue import all_editions
from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.parameters.queries import parameters_on
from registry.returns.domain import RETURN_IN_TIME, RETURN_STANDS, changed, falling_due
from registry.returns.queries import changed_since, sent_returns


def due(session: Session, clock: Clock) -> list[Finding]:
    """Return the returns that fall due or have fallen due and of which nobody has said that they were sent, by the newest edition."""
    today = clock.today()
    severity = parameters_on(session, today).reported(RETURN_IN_TIME)
    sent = {f"return {form} {period}" for form, period in sent_returns(session)}
    newest = [editions[-1] for editions in all_editions().values() if editions]
    return [
        replace(finding, severity=severity) for finding in falling_due(today, newest) if finding.subject not in sent
    ]


def stands(session: Session, clock: Clock) -> list[Finding]:
    """Return the returns whose figures changed after they were sent."""
    severity = parameters_on(session, clock.today()).reported(RETURN_STANDS)
    sent = sent_returns(session)
    entries = changed_since(session, list(sent.values()))
    return [changed(one, entries[key], severity) for key, one in sent.items() if entries[key]]


WATCHES = (Watch((RETURN_IN_TIME,), due, "return "), Watch((RETURN_STANDS,), stands, "return "))
