"""What this room looks for day by day: reports that have not come, and reports whose days have changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import organisation_codes
from registry.reporting.domain.calendar import DutyState
from registry.reporting.domain.parameters import REFUSED_DAYS
from registry.reporting.domain.refused import RefusedFact
from registry.reporting.domain.rules import REFUSED_SETTLED, REPORT_IN_TIME, REPORT_STANDS
from registry.reporting.queries.refused import open_files
from registry.reporting.queries.reports import Owed, owed_by_all

MISSING = N_("%(site)s has not reported: %(count)s, the oldest for %(period)s")
CHANGED = N_("%(site)s has recorded entries of days it had reported: %(count)s, the oldest report for %(period)s")

WAITING = N_("%(organisation)s has refused files that nobody has mended or discarded: %(count)s")


def reports(session: Session, clock: Clock) -> list[Finding]:
    """Return the sites that are late and those that changed what they reported: one finding of each for a site."""
    owed = owed_by_all(session, clock.today())
    late = [one for one in owed if one.state is DutyState.LATE]
    changed = [one for one in owed if one.state is DutyState.CHANGED]
    return [
        *_by_site(session, clock, late, REPORT_IN_TIME, MISSING),
        *_by_site(session, clock, changed, REPORT_STANDS, CHANGED),
    ]


def _by_site(session: Session, clock: Clock, owed: Iterable[Owed], rule: Rule, msgid: str) -> list[Finding]:
    severity = parameters_on(session, clock.today()).reported(rule)
    by_site: dict[str, list[Owed]] = defaultdict(list)
    for one in owed:
        by_site[one.site.code].append(one)
    return [
        Finding(
            rule,
            Message(msgid, {"site": code, "count": len(mine), "period": mine[0].duty.span.code}),
            severity,
            observed=str(len(mine)),
            limit="0",
            subject=f"report {code}",
            organisation_id=mine[0].site.organisation_id,
        )
        for code, mine in by_site.items()
    ]


def refused(session: Session, clock: Clock) -> list[Finding]:
    """Return the firms whose refused files nobody has seen to in time: one finding for a firm."""
    today = clock.today()
    parameters = parameters_on(session, today)
    latest = today - timedelta(days=parameters.number(REFUSED_DAYS))
    by_firm: dict[int, list[RefusedFact]] = defaultdict(list)
    for one in open_files(session):
        if one.sent_at.astimezone(clock.zone).date() < latest:
            by_firm[one.organisation_id].append(one)
    codes = organisation_codes(session, by_firm)
    return [
        Finding(
            REFUSED_SETTLED,
            Message(WAITING, {"organisation": codes[number], "count": len(mine)}),
            parameters.reported(REFUSED_SETTLED),
            observed=str(len(mine)),
            limit="0",
            subject=f"organisation {codes[number]}",
            organisation_id=number,
        )
        for number, mine in by_firm.items()
    ]


WATCHES = (Watch((REPORT_IN_TIME, REPORT_STANDS), reports), Watch((REFUSED_SETTLED,), refused))
