"""What patients brought back is destroyed: recorded once, by its act; no shelf moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.text import N_, Message
from registry.parties.queries import sites_by_ids
from registry.stock.models import ReturnedDestruction
from registry.stock.queries.recorded import sites_of_entries
from registry.stock.queries.returned import Returned, returned_named
from registry.stock.service.known import lock_sites

POST = "stock.post"


@dataclass(frozen=True, slots=True)
class Destruction:
    """The end of what was brought back: the day, the number of the act, how it was done."""

    destroyed_on: date
    document: str
    note: str | None = None


def returned_of(session: Session, actor: Actor, reference: str, action: str = POST) -> Returned:
    """Return what was brought back under a reference. Raises `NotFound` for any other, and for that of others alike."""
    found = returned_named(session, reference)
    site = sites_by_ids(session, [found.site_id])[found.site_id] if found is not None else None
    if found is None or site is None or policy.scope(actor, action) not in (None, site.organisation_id):
        raise NotFound(
            Message(N_("nothing was brought back by a patient under “%(reference)s”"), {"reference": reference[:64]})
        )
    return found


def record_destruction(session: Session, actor: Actor, clock: Clock, reference: str, command: Destruction) -> None:
    """Record that what was brought back was destroyed, all of it. Raises `NotFound`, `Conflict`, `Invalid`."""
    lock_sites(session, sites_of_entries(session, [reference]))
    found = returned_of(session, actor, reference)
    if found.destroyed_on is not None:
        raise Conflict(Message(N_("its destruction is recorded already")))
    if not found.occurred_on <= command.destroyed_on <= clock.today():
        wrong = Message(N_("a day from the arrival (%(day)s) until today"), {"day": found.occurred_on.isoformat()})
        raise Invalid(wrong, [Problem("destroyed_on", "not-that-day", wrong)])
    values = {
        "movement_id": found.id,
        "destroyed_on": command.destroyed_on,
        "document": command.document,
        "note": command.note,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    session.connection().execute(insert(ReturnedDestruction), [values])
    record(session, actor, clock, "stock.destroy_returned", f"movement {reference}", {"document": command.document})
