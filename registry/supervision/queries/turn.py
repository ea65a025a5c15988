"""What is still open when a year ends, counted; a constant number of statements."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.catalogue import all_editions
from registry.endorsements.domain.waiting import DECLARATION, OURS, THEIRS
from registry.endorsements.queries.after import waiting
from registry.flags.domain import FlagState
from registry.kernel.clock import Clock
from registry.permits.queries.turn import cases_planned, permits_left
from registry.quotas.domain.turn import missing_lines
from registry.quotas.queries import lines_until, prepared_lines
from registry.returns.domain import RETURN_IN_TIME, falling_due
from registry.supervision.queries.tables import table


def open_items(session: Session, clock: Clock, year: int) -> dict[str, int]:
    """Return how many are open of each of `TURN_ITEMS` for the year that ends."""
    left, across = permits_left(session, year, clock.today())
    awaited = [one.kind.code for one in waiting(session, clock) if one.permit.quota_year == year]
    state_quotas, estimates = missing_lines(year + 1, lines_until(session, year + 1))
    return {
        "applications": cases_planned(session, year),
        "permits": left - across,
        "across": across,
        "unposted": awaited.count(DECLARATION.code),
        "unendorsed": sum(code in (OURS.code, THEIRS.code) for code in awaited),
        "lines": sum(line.year in (year, year + 1) for line in prepared_lines(session)),
        "state_quotas": state_quotas,
        "estimates": estimates,
        "returns": _returns_due(session, clock, year),
    }


def _returns_due(session: Session, clock: Clock, year: int) -> int:
    """Return how many returns of a year are due today whose flag nobody has closed; no sweep is needed for it."""
    newest = [editions[-1] for editions in all_editions().values() if editions]
    due = {finding.subject for finding in falling_due(clock.today(), newest) if f" {year}" in (finding.subject or "")}
    flag = table("flag")
    closed = select(flag.c.subject).where(flag.c.rule == RETURN_IN_TIME.code, flag.c.state == FlagState.CLOSED.value)
    return len(due - set(session.scalars(closed.where(flag.c.stands))))
