"""What this room looks for day by day: differences nobody has explained, losses nobody told of, reports that are late."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.counts.domain.losses import POLICE, REPORT, SORTS, STEPS
from registry.counts.domain.rules import CASE_IN_TIME, DIFFERENCE, LOSS_TOLD, POLICE_IN_TIME, REPORTED_IN_TIME
from registry.counts.queries.acts import destroyed_without_act
from registry.counts.queries.courses import OpenCases, open_cases
from registry.counts.queries.losses import untold
from registry.counts.service.reminders import late_steps
from registry.counts.service.rounds import FOUND
from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import sites_by_ids
from registry.stock.domain.rules import DESTROYED_BY_ACT, NO_ACT

LATE = N_("the differences of the count %(reference)s should have been explained by %(day)s: lines %(count)s")

NOT_TOLD = N_("no notice tells of the entry %(reference)s (%(kind)s)")
NOT_FOLLOWED = N_("%(step)s of the notice %(reference)s should have come by %(day)s")


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


def not_told(session: Session, clock: Clock) -> list[Finding]:
    """Return the losses and thefts of the ledger that no notice tells of."""
    parameters = parameters_on(session, clock.today())
    found = untold(session)
    sites = sites_by_ids(session, {each.site_id for each in found})
    return [
        Finding(
            LOSS_TOLD,
            Message(NOT_TOLD, {"reference": each.reference, "kind": Message(SORTS[each.kind])}),
            parameters.reported(LOSS_TOLD),
            subject=f"movement {each.reference}",
            organisation_id=sites[each.site_id].organisation_id,
        )
        for each in found
    ]


def not_followed(session: Session, clock: Clock) -> list[Finding]:
    """Return the notices whose full report, or number of the police, should have come by now."""
    parameters = parameters_on(session, clock.today())
    waiting = late_steps(session, clock)
    sites = sites_by_ids(session, {each.notice.site_id for each in waiting})
    rules = {REPORT: REPORTED_IN_TIME, POLICE: POLICE_IN_TIME}
    return [
        Finding(
            rules[each.step],
            Message(
                NOT_FOLLOWED,
                {"reference": each.notice.reference, "step": Message(STEPS[each.step]), "day": each.due_on.isoformat()},
            ),
            parameters.reported(rules[each.step]),
            subject=f"notice {each.notice.reference}",
            organisation_id=sites[each.notice.site_id].organisation_id,
        )
        for each in waiting
    ]


def without_act(session: Session, clock: Clock) -> list[Finding]:
    """Return the destructions in the ledger that rest on no act."""
    parameters = parameters_on(session, clock.today())
    found = destroyed_without_act(session)
    sites = sites_by_ids(session, {site for _, site in found})
    return [
        Finding(
            DESTROYED_BY_ACT,
            Message(NO_ACT),
            parameters.reported(DESTROYED_BY_ACT),
            subject=f"movement {reference}",
            organisation_id=sites[site].organisation_id,
        )
        for reference, site in found
    ]


WATCHES = (
    Watch((DIFFERENCE,), unexplained),
    Watch((CASE_IN_TIME,), late),
    Watch((LOSS_TOLD,), not_told),
    Watch((REPORTED_IN_TIME, POLICE_IN_TIME), not_followed),
    Watch((DESTROYED_BY_ACT,), without_act),
)
