"""What this room looks for day by day: permits that were to go to the other country when they were issued and did not."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.correspondence.domain.letters import ISSUED, SEND_ON_ISSUE, SENT, concerns_abroad
from registry.correspondence.queries import told_abroad
from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.parameters import ON
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import course
from registry.permits.queries.register import issued_here

UNSENT = N_("the permit was not sent to the authority of %(country)s")


def unsent(session: Session, clock: Clock) -> list[Finding]:
    """Return the open permits that should have gone on the day of issue and about which no letter was queued."""
    set_so_far = course(session)
    switched = [one.effective_on for one in set_so_far.changes if (one.code, one.value) == (SEND_ON_ISSUE.code, ON)]
    if not switched:
        return []
    found = [
        permit
        for permit in issued_here(session, min(switched), clock.today())
        if concerns_abroad(permit.kind) and set_so_far.on(permit.issued_on).switch(SEND_ON_ISSUE)
    ]
    told = told_abroad(session, [permit.id for permit in found], ISSUED.code)
    severity = set_so_far.on(clock.today()).reported(SENT)
    return [
        Finding(
            SENT,
            Message(UNSENT, {"country": permit.partner_country}),
            severity,
            subject=f"permit {permit.number}",
            organisation_id=permit.organisation_id,
        )
        for permit in found
        if permit.id not in told
    ]


WATCHES = (Watch((SENT,), unsent),)
