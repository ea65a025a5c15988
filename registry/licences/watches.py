"""What this room looks for day by day: licences that end with nothing in their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.licences.domain import ENDING_SOON, LICENCE_FOLLOWED, LICENCE_REPLACED, LOOKED_BACK, unreplaced
from registry.licences.queries import licences_of, licences_that_end
from registry.parameters.queries import parameters_on
from registry.parties.queries import main_sites


def ending(session: Session, clock: Clock) -> list[Finding]:
    """Return the licences near or past their end without a successor; of organisations that are still there."""
    today = clock.today()
    parameters = parameters_on(session, today)
    soon = today + timedelta(days=parameters.number(ENDING_SOON))
    found = licences_that_end(session, today - LOOKED_BACK, soon)
    holders = main_sites(session, {fact.organisation_id for fact in found})
    there = {number for number, site in holders.items() if (site.on(today).valid_to or today) >= today}
    others = licences_of(session, there)
    findings = (
        unreplaced(fact, others.get(fact.organisation_id, ()), today) for fact in found if fact.organisation_id in there
    )
    return [replace(finding, severity=parameters.reported(finding.rule)) for finding in findings if finding is not None]


WATCHES = (Watch((LICENCE_FOLLOWED, LICENCE_REPLACED), ending, "licence "),)
