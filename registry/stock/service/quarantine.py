"""Decisions on imported lots: released for use or refused, once, by a person with the right and by a document."""

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
from registry.parameters.queries import course
from registry.parties.queries import sites_by_ids
from registry.stock.domain.quarantine import Lot, is_asked
from registry.stock.models import QuarantineDecision
from registry.stock.queries.quarantine import lot_named
from registry.stock.queries.recorded import sites_of_entries
from registry.stock.service.known import lock_sites

RELEASE = "stock.release"


@dataclass(frozen=True, slots=True)
class LotDecision:
    """What is decided of a lot: the day and the document of the decision."""

    released: bool
    decided_on: date
    document: str
    note: str | None = None


def lot_of(session: Session, actor: Actor, reference: str, action: str = RELEASE) -> Lot:
    """Return a lot in quarantine. Raises `NotFound` for what is none, and for those of others alike."""
    lot = lot_named(session, reference)
    site = sites_by_ids(session, [lot.site_id])[lot.site_id] if lot is not None else None
    if lot is None or site is None or policy.scope(actor, action) not in (None, site.organisation_id):
        raise NotFound(
            Message(N_("there is no lot in quarantine under “%(reference)s”"), {"reference": reference[:64]})
        )
    return lot


def decide_lot(session: Session, actor: Actor, clock: Clock, reference: str, decision: LotDecision) -> None:
    """Release or refuse a lot; one posting or decision at a time touches its site.

    Raises `NotFound`, `Conflict` where it is decided already or was never in quarantine, `Invalid` for a wrong day.
    """
    lock_sites(session, sites_of_entries(session, [reference]))
    lot = lot_of(session, actor, reference)
    if lot.released is not None or not is_asked(course(session), lot.occurred_on):
        raise Conflict(Message(N_("this lot is not in quarantine: somebody may have decided meanwhile")))
    if not lot.occurred_on <= decision.decided_on <= clock.today():
        wrong = Message(N_("a day from the arrival (%(day)s) until today"), {"day": lot.occurred_on.isoformat()})
        raise Invalid(wrong, [Problem("decided_on", "not-that-day", wrong)])
    values = {
        "movement_id": lot.id,
        "released": decision.released,
        "decided_on": decision.decided_on,
        "document": decision.document,
        "note": decision.note,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    session.connection().execute(insert(QuarantineDecision), [values])
    detail = {"released": decision.released, "document": decision.document}
    record(session, actor, clock, RELEASE, f"movement {reference}", detail)
