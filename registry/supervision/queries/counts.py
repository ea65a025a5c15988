"""What waits for somebody, counted: every count is one statement at any size."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from registry.flags.domain import FlagState
from registry.quotas.domain.states import LineState
from registry.supervision.queries.tables import table


def cases_by_state(session: Session, organisation_id: int | None = None) -> dict[str, int]:
    """Return the number of applications in each state, of one organisation if given."""
    application = table("application")
    query = select(application.c.state, func.count()).group_by(application.c.state)
    if organisation_id is not None:
        query = query.where(application.c.organisation_id == organisation_id)
    return {row[0]: row[1] for row in session.execute(query)}


def flags_open(session: Session) -> int:
    """Return how many flags nobody has closed."""
    flag = table("flag")
    return _one(session, select(func.count()).select_from(flag).where(flag.c.state == FlagState.OPEN.value))


def permits_waiting(session: Session, day: date, organisation_id: int | None = None) -> int:
    """Return how many permits are valid on `day` and wait for their goods."""
    permit = table("permit")
    query = (
        select(func.count())
        .select_from(permit)
        .where(
            permit.c.issued_on <= day,
            permit.c.expires_on >= day,
            or_(permit.c.arrived_on.is_(None), permit.c.arrived_on > day),
        )
    )
    if organisation_id is not None:
        query = query.where(permit.c.organisation_id == organisation_id)
    return _one(session, query)


def lines_proposed(session: Session, not_by: str = "") -> int:
    """Return how many quota lines wait for a second person other than `not_by`."""
    line = table("quota_line")
    query = select(func.count()).select_from(line)
    return _one(session, query.where(line.c.state == LineState.PROPOSED.value, line.c.proposed_by != not_by))


def _one(session: Session, query: Select[int]) -> int:
    return int(session.execute(query).scalar_one())
