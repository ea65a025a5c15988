"""What this room looks for day by day: receipts that nobody confirms, differences that nothing has ended."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import sites_by_ids
from registry.stock.domain.parameters import CONFIRMATION_DAYS
from registry.stock.domain.rules import RECEIPT_IN_TIME, RECEIVED_OTHERWISE
from registry.stock.queries.receipts import SentFilter, sent_lines, unconfirmed_before
from registry.stock.service.receipts import difference_found
from registry.substances.queries.products import revisions_by_ids
from registry.workdays.queries import working_days

MOST = 10_000


def unconfirmed(session: Session, clock: Clock) -> list[Finding]:
    """Return the sites that have not confirmed in time what was sent to them: one finding for a site, however many lines."""
    today = clock.today()
    parameters = parameters_on(session, today)
    latest = working_days(session).first_of(today, parameters.number(CONFIRMATION_DAYS))
    late = unconfirmed_before(session, latest)
    sites = sites_by_ids(session, {each.site_id for each in late})
    return [
        Finding(
            RECEIPT_IN_TIME,
            Message(
                N_("%(site)s has not confirmed what was sent to it: %(count)s, the oldest of %(day)s"),
                {"site": sites[each.site_id].code, "count": each.lines, "day": each.oldest.isoformat()},
            ),
            parameters.reported(RECEIPT_IN_TIME),
            observed=str(each.lines),
            limit="0",
            subject=f"receipts of {sites[each.site_id].code}",
            organisation_id=sites[each.site_id].organisation_id,
        )
        for each in late
    ]


def different(session: Session, clock: Clock) -> list[Finding]:
    """Return the differences between sender and receiver that are open."""
    parameters = parameters_on(session, clock.today())
    lines = sent_lines(session, SentFilter(disputed=True), MOST)
    senders = sites_by_ids(session, {line.sender_id for line in lines})
    revisions = revisions_by_ids(session, {line.revision_id for line in lines}, clock.today())
    return [
        difference_found(parameters, line.reference, line.open, senders[line.sender_id], revisions[line.revision_id])
        for line in lines
    ]


WATCHES = (Watch((RECEIPT_IN_TIME,), unconfirmed), Watch((RECEIVED_OTHERWISE,), different))
