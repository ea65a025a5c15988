"""What this room looks for day by day: positions and estimates that nobody has to touch to go wrong."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.parameters.queries import parameters_on
from registry.quotas.domain import rules
from registry.quotas.domain.kinds import ESTIMATE
from registry.quotas.domain.position import Position, judged_on
from registry.quotas.domain.turn import ABOUT, OPENING_MOVED
from registry.quotas.queries import lines_until
from registry.quotas.service.standing import standing_positions
from registry.quotas.service.turn import moved_openings


def positions(session: Session, clock: Clock) -> list[Finding]:
    """Return what is wrong with positions: every year for what has happened, this and the last for under-use."""
    today = clock.today()
    parameters = parameters_on(session, today)
    found: list[Finding | None] = []
    for (year, _), (substance, position) in standing_positions(session, clock).items():
        found.append(rules.overdrawn(substance, position, parameters))
        if _is_called_for(position, ended=year < today.year):
            found.append(rules.missing_state_quota(substance, position, parameters))
        if year >= today.year:
            found.append(rules.old_assessment(substance, position, parameters))
        if year in (today.year, today.year - 1):
            found.append(rules.under_used(substance, position, judged_on(year, today), parameters))
    return [finding for finding in found if finding is not None]


def _is_called_for(position: Position, *, ended: bool) -> bool:
    """Say whether a state quota is called for: something was used or is reserved, or may be granted this year still."""
    return bool(position.used or position.reserved or (position.estimate_total and not ended))


def estimates(session: Session, clock: Clock) -> list[Finding]:
    """Return whether next year's estimates are missing for what has an estimate this year."""
    today = clock.today()
    following = today.year + 1
    wanted, there = set(), set()
    for substance_id, lines in lines_until(session, following).items():
        years = {line.year for line in lines if line.kind == ESTIMATE.code}
        if today.year in years:
            wanted.add(substance_id)
        if following in years:
            there.add(substance_id)
    parameters = parameters_on(session, today)
    finding = rules.estimates_missing(following, len(wanted - there), len(wanted), today, parameters)
    return [] if finding is None else [finding]


WATCHES = (
    Watch((rules.UNDER_USE, rules.ASSESSMENT_FRESH, rules.NOT_OVERDRAWN, rules.STATE_QUOTA_SET), positions, "quota "),
    Watch((rules.ESTIMATES_IN_TIME,), estimates, "estimates "),
    Watch((OPENING_MOVED,), moved_openings, ABOUT),
)
