"""What stops a licence for a time or for good, what lifts a stop, and who must hear of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.deeds.domain import Deed, DeedFact
from registry.deeds.effects import CarryOut
from registry.deeds.service import begin
from registry.kernel.actor import Actor
from registry.kernel.announcements import Announcement
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, TransitionRefused
from registry.kernel.text import N_, Message
from registry.licences.domain import DEEDS, STOP_CAUSES, STOPS_WITH, LicenceFact, deeds_open_to
from registry.licences.models import LicenceStop
from registry.licences.queries import licences_by_numbers

LICENCES_CHANGED: Announcement[[Session, Actor, Clock, Collection[int]], Collection[str]] = Announcement(
    "licences of organisations changed"
)
"""Told with the ids of the organisations; answered with the numbers of the permits that stop with it."""
BEFORE_TODAY = Message(N_("a stop counts from today or a later day: what has happened until now stays as it was"))


def ask(
    session: Session, actor: Actor, clock: Clock, number: str, code: str, reason: str, effective_on: date
) -> DeedFact:
    """Do or propose one deed on a licence (`domain.DEEDS`).

    Raises `NotFound`, `TransitionRefused` for what the licence is not open to, `Invalid` for a day in the past.
    """
    licence = require_licence(session, number)
    kind = DEEDS[code]
    if kind not in deeds_open_to(licence, clock.today()):
        raise TransitionRefused(Message(N_("“%(step)s” is not possible now"), {"step": Message(kind.name)}))
    if effective_on < clock.today():
        raise Invalid(BEFORE_TODAY, [Problem("effective_on", "past", BEFORE_TODAY)])
    deed = begin(session, actor, clock, Deed(kind, number, reason, effective_on, licence.organisation_id))
    if kind.at_once:
        EFFECTS[code](session, actor, clock, deed)
    return deed


def require_licence(session: Session, number: str) -> LicenceFact:
    """Return the newest revision of a licence. Raises `NotFound`."""
    revisions = licences_by_numbers(session, [number]).get(number)
    if not revisions:
        raise NotFound(Message(N_("there is no licence with the number %(number)s"), {"number": number}))
    return revisions[-1]


def _stop(session: Session, actor: Actor, clock: Clock, deed: DeedFact) -> None:
    licence = require_licence(session, deed.subject)
    session.execute(
        insert(LicenceStop).values(
            licence_id=licence.id,
            cause=STOPS_WITH[deed.kind],
            from_on=max(deed.effective_on, clock.today()),
            note=deed.reason,
            recorded_by=actor.username,
            recorded_at=clock.now(),
        )
    )
    LICENCES_CHANGED.announce(session, actor, clock, [licence.organisation_id])


def _lift(session: Session, actor: Actor, clock: Clock, deed: DeedFact) -> None:
    licence = require_licence(session, deed.subject)
    lasting = [code for code, cause in STOP_CAUSES.items() if not cause.for_good]
    session.execute(
        update(LicenceStop)
        .where(LicenceStop.licence_id == licence.id, LicenceStop.until_on.is_(None), LicenceStop.cause.in_(lasting))
        .values(until_on=max(deed.effective_on, clock.today()), lifted_by=actor.username, lifted_at=clock.now())
    )
    LICENCES_CHANGED.announce(session, actor, clock, [licence.organisation_id])


EFFECTS: Mapping[str, CarryOut] = MappingProxyType({code: (_stop if code in STOPS_WITH else _lift) for code in DEEDS})
"""Deed -> how it is carried out."""
