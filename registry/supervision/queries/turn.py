"""What is still open when a year ends, counted; a constant number of statements."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.endorsements.domain.waiting import DECLARATION, OURS, THEIRS
from registry.endorsements.queries.after import waiting
from registry.flags.domain import FlagState
from registry.kernel.clock import Clock
from registry.permits.queries.turn import cases_planned, permits_left
from registry.quotas.domain.turn import missing_lines
from registry.quotas.queries import lines_until, prepared_lines
from registry.returns.domain import RETURN_IN_TIME
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
        "returns": _returns_due(session, year),
    }


def _returns_due(session: Session, year: int) -> int:
    flag = table("flag")
    query = select(func.count()).select_from(flag).where(flag.c.state == FlagState.OPEN.value)
    due = query.where(flag.c.rule == RETURN_IN_TIME.code, flag.c.subject.like(f"return % {year}%"))
    return int(session.execute(due).scalar_one())
