"""What this room looks for day by day: months nobody drew, originals nobody showed, originals that differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.originals.domain import AGREES, DAYS, DRAWN, RULES, SEEN_DIFFERS, SHOWN, month_after, months_due
from registry.originals.queries import drawn_of, last_month, permits_of_month
from registry.parameters.queries import parameters_on
from registry.permits.queries import permits_by_ids


def originals(session: Session, clock: Clock) -> list[Finding]:
    """Return every finding of this room."""
    return [*_undrawn(session, clock), *_waited_for(session, clock)]


def _undrawn(session: Session, clock: Clock) -> Iterator[Finding]:
    today = clock.today()
    parameters = parameters_on(session, today)
    days = timedelta(parameters.number(DAYS))
    for month in months_due(last_month(session), today):
        due = month_after(month) + days
        if today > due and permits_of_month(session, month):
            message = Message(N_("the originals of %(month)s are not drawn"), {"month": f"{month:%Y-%m}"})
            yield Finding(
                DRAWN,
                message,
                parameters.reported(DRAWN),
                observed=today.isoformat(),
                limit=due.isoformat(),
                subject=f"originals of {month:%Y-%m}",
            )


def _waited_for(session: Session, clock: Clock) -> Iterator[Finding]:
    today = clock.today()
    parameters = parameters_on(session, today)
    drawn = drawn_of(session)
    late = [one for one in drawn if one.is_open and one.due_on < today]
    differing = [one for one in drawn if one.last is not None and one.last.outcome is SEEN_DIFFERS]
    permits = permits_by_ids(session, {one.permit_id for one in (*late, *differing)})
    for one in late:
        permit = permits[one.permit_id]
        said = Message(N_("the original of the foreign permit was to be shown by %(day)s"), {"day": one.due_on})
        yield Finding(
            SHOWN,
            said,
            parameters.reported(SHOWN),
            observed=today.isoformat(),
            limit=one.due_on.isoformat(),
            subject=f"permit {permit.number}",
            organisation_id=permit.organisation_id,
        )
    for one in differing:
        permit = permits[one.permit_id]
        why = one.last.note if one.last is not None else ""
        yield Finding(
            AGREES,
            Message(N_("the original of the foreign permit differs: %(why)s"), {"why": why}),
            parameters.reported(AGREES),
            subject=f"permit {permit.number}",
            organisation_id=permit.organisation_id,
        )


WATCHES = (Watch(RULES, originals),)
