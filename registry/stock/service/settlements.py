"""How a difference ends: by an entry that corrects the ledger, named by either side, or by a ruling of the authority."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.text import N_, Message
from registry.parties.queries import sites_by_ids
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.stock.domain.receipts import REASONS, Difference, SentLine
from registry.stock.models import ReceiptSettlement
from registry.stock.queries.receipts import Correction, corrections_at, lines_named
from registry.stock.queries.recorded import sites_of_entries
from registry.stock.service.known import lock_sites
from registry.stock.service.letters import tell_of_ruling

RULE = "stock.rule"
NO_DIFFERENCE = N_("there is no open difference of this kind: somebody may have ended it meanwhile")
NOT_CORRECTED = N_(
    "“%(reference)s” does not correct this difference: it must change the receiver's shelf of the batch by the same quantity,"
    " after the entry it corrects, and have settled nothing else"
)


def settle(session: Session, actor: Actor, clock: Clock, reference: str, reason: str, entry: str) -> None:
    """End a difference by the entry that corrects it; sender and receiver may.

    Raises `NotFound` for a line that is neither's, `Conflict` where no such difference is open, `Invalid` for an entry that does not fit.
    """
    line, difference = _locked(session, actor, reference, reason)
    fitting = {each.reference: each for each in corrections(session, line, difference)}
    if entry not in fitting:
        message = Message(NOT_CORRECTED, {"reference": entry})
        raise Invalid(message, [Problem("entry", "not-a-correction", message)])
    _end(session, actor, clock, line, reason, entry_id=fitting[entry].id)
    detail = {"reason": reason, "entry": entry}
    record(session, actor, clock, "stock.settle", f"movement {reference}", detail)


def rule_on(
    session: Session, actor: Actor, clock: Clock, reference: str, reason: str, text: str, document: str
) -> None:
    """End a difference by a ruling of the authority, with the document it stands in; both sides are told.

    Raises `Forbidden`, `NotFound`, `Conflict`.
    """
    policy.require(actor, RULE)
    line, _ = _locked(session, actor, reference, reason)
    _end(session, actor, clock, line, reason, ruling=text, document=document)
    sites = sites_by_ids(session, [line.sender_id, line.receiver_id])
    tell_of_ruling(session, clock, line, reason, text, {site.organisation_id for site in sites.values()})
    detail = {"reason": reason, "document": document}
    record(session, actor, clock, RULE, f"movement {reference}", detail)


def corrections(session: Session, line: SentLine, difference: Difference) -> list[Correction]:
    """Return the entries that may have corrected a difference, the latest first."""
    way = 1 if REASONS[difference.reason].rises else -1
    found = corrections_at(session, line, way * difference.units)
    return [each for each in found if MOVEMENT_KINDS[each.kind].corrects == way]


def _locked(session: Session, actor: Actor, reference: str, reason: str) -> tuple[SentLine, Difference]:
    """Return the line and its open difference, with both sites locked."""
    lock_sites(session, sites_of_entries(session, [reference]))
    line = lines_named(session, [reference]).get(reference)
    sides = sites_by_ids(session, [line.sender_id, line.receiver_id]).values() if line else ()
    own = actor.organisation_id is None or actor.organisation_id in {site.organisation_id for site in sides}
    if line is None or not own:
        raise NotFound(Message(N_("there is no entry with the reference “%(reference)s”"), {"reference": reference}))
    for difference in line.open:
        if difference.reason == reason:
            return line, difference
    raise Conflict(Message(NO_DIFFERENCE))


def _end(
    session: Session,
    actor: Actor,
    clock: Clock,
    line: SentLine,
    reason: str,
    *,
    entry_id: int | None = None,
    ruling: str | None = None,
    document: str | None = None,
) -> None:
    values = {
        "movement_id": line.id,
        "number": line.answered,
        "reason": reason,
        "entry_id": entry_id,
        "ruling": ruling,
        "document": document,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    session.connection().execute(insert(ReceiptSettlement), [values])
