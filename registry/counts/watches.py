"""What this room looks for day by day: differences that nobody has explained, and those that are late."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.counts.domain.rules import CASE_IN_TIME, DIFFERENCE
from registry.counts.queries.courses import OpenCases, open_cases
from registry.counts.service.rounds import FOUND
from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import sites_by_ids

LATE = N_("the differences of the count %(reference)s should have been explained by %(day)s: lines %(count)s")


def unexplained(session: Session, clock: Clock) -> list[Finding]:
    """Return the counts whose differences nobody has explained."""
    return _findings(session, clock, DIFFERENCE, [each for each in open_cases(session) if each.due_on is not None])


def late(session: Session, clock: Clock) -> list[Finding]:
    """Return the counts of which a difference should have been explained by now."""
    today = clock.today()
    found = [each for each in open_cases(session) if each.due_on is not None and each.due_on < today]
    return _findings(session, clock, CASE_IN_TIME, found)


def _findings(session: Session, clock: Clock, rule: Rule, counts: list[OpenCases]) -> list[Finding]:
    parameters = parameters_on(session, clock.today())
    sites = sites_by_ids(session, {each.site_id for each in counts})
    msgid = FOUND if rule is DIFFERENCE else LATE
    return [
        Finding(
            rule,
            Message(
                msgid,
                {"reference": each.reference, "count": each.lines}
                | ({"day": each.due_on.isoformat()} if rule is CASE_IN_TIME and each.due_on else {}),
            ),
            parameters.reported(rule),
            observed=str(each.lines),
            limit="0",
            subject=f"count {each.reference}",
            organisation_id=sites[each.site_id].organisation_id,
        )
        for each in counts
    ]


WATCHES = (Watch((DIFFERENCE,), unexplained), Watch((CASE_IN_TIME,), late))
