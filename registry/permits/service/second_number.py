"""Recording the number a permit bears in the EAEU."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.accounts.policy import require
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import BadCell
from registry.kernel.text import N_, Message
from registry.permits.domain.deeds import PROPOSES
from registry.permits.domain.numbers import as_eaeu_number, country_of
from registry.permits.models import Permit
from registry.permits.service.stops import require_permit

COLUMN = "eaeu_number"


def set_eaeu_number(session: Session, actor: Actor, clock: Clock, number: str, typed: str, country: str) -> None:
    """Record, mend or take back (empty) the EAEU number of a permit of `country`; the audit log keeps each.

    Raises `NotFound`, `Forbidden`, `Invalid`; a number another permit bears is a `Conflict` of the unit of work.
    """
    permit = require_permit(session, number)
    require(actor, PROPOSES, permit.organisation_id)
    try:
        given = as_eaeu_number(typed) if typed.strip() else None
    except BadCell as bad:
        raise Invalid(bad.message, [Problem(COLUMN, bad.code, bad.message)]) from None
    if given is not None and country_of(given) != country:
        message = Message(N_("this number is of another country than %(country)s"), {"country": country})
        raise Invalid(message, [Problem(COLUMN, "other-country", message)])
    if given == permit.eaeu_number:
        return
    session.execute(update(Permit).where(Permit.id == permit.id).values(eaeu_number=given))
    detail = {"from": permit.eaeu_number, "to": given}
    record(session, actor, clock, "permits.eaeu_number", f"permit {permit.number}", detail)
