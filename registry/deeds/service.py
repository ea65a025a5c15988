"""Deeds are begun and decided here; what follows from them is the business of the room they belong to."""

from __future__ import annotations

import json

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.accounts.policy import require
from registry.accounts.queries import takes_both_steps
from registry.audit.service import record
from registry.deeds import models
from registry.deeds.domain import SECOND_PERSON, Deed, DeedFact, DeedKind, DeedState
from registry.deeds.queries import deed_by_id
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleRefused
from registry.kernel.persons import require_nobody_named
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message

NO_REASON = Message(N_("say why"))
DECIDED = Message(N_("somebody has decided on this already"))
OWN = Message(N_("you proposed this: another person decides on it"))
NOT_YOURS = Message(N_("only whoever proposed this takes it back"))


def begin(session: Session, actor: Actor, clock: Clock, deed: Deed) -> DeedFact:
    """Record a deed: done where one person may, else proposed. The caller carries out what is done.

    Raises `Forbidden` by the policy, `Invalid` without a reason, `Conflict` when the same deed waits
    for this subject already.
    """
    require(actor, deed.kind.proposes, deed.organisation_id)
    if not deed.reason.strip():
        raise Invalid(NO_REASON, [Problem("reason", "missing", NO_REASON)])
    require_nobody_named("reason", deed.reason)
    state = DeedState.DONE if deed.kind.at_once else DeedState.PROPOSED
    deed_id = session.execute(
        insert(models.Deed)
        .values(
            kind=deed.kind.code,
            subject=deed.subject,
            organisation_id=deed.organisation_id,
            effective_on=deed.effective_on,
            reason=deed.reason.strip(),
            payload=json.dumps(dict(deed.payload), ensure_ascii=False, sort_keys=True),
            state=state.value,
            proposed_by=actor.username,
            proposed_at=clock.now(),
        )
        .returning(models.Deed.id)
    ).scalar_one()
    detail = {"deed": deed_id, "state": state.value, "reason": deed.reason.strip()}
    record(session, actor, clock, deed.kind.code, deed.subject, detail)
    return _require_deed(session, deed_id, deed.kind)


def decide(
    session: Session, actor: Actor, clock: Clock, kind: DeedKind, deed_id: int, *, approve: bool, note: str = ""
) -> DeedFact:
    """Decide on a proposed deed as a second person; a rejection says why. The caller carries out what is approved.

    Raises `RuleRefused` (DED-01) for whoever proposed it, under any account of theirs, and
    `Conflict` when somebody was faster.
    """
    deed = _require_deed(session, deed_id, kind)
    require(actor, kind.decides, deed.organisation_id)
    if takes_both_steps(session, deed.proposed_by, actor, kind.decides, deed.organisation_id):
        raise RuleRefused(OWN, [Finding(SECOND_PERSON, OWN, SECOND_PERSON.severity)])
    if not approve and not note.strip():
        raise Invalid(NO_REASON, [Problem("note", "missing", NO_REASON)])
    require_nobody_named("note", note)
    state = DeedState.DONE if approve else DeedState.REJECTED
    _close(session, deed_id, state, clock, decided_by=actor.username, decision_note=note.strip() or None)
    detail = {"deed": deed_id, "state": state.value, "proposed_by": deed.proposed_by, "note": note.strip()}
    record(session, actor, clock, kind.code, deed.subject, detail)
    return _require_deed(session, deed_id, kind)


def withdraw(session: Session, actor: Actor, clock: Clock, kind: DeedKind, deed_id: int) -> DeedFact:
    """Take back a deed one has proposed oneself."""
    deed = _require_deed(session, deed_id, kind)
    require(actor, kind.proposes, deed.organisation_id)
    if deed.proposed_by != actor.username:
        raise Conflict(NOT_YOURS)
    _close(session, deed_id, DeedState.WITHDRAWN, clock)
    record(session, actor, clock, kind.code, deed.subject, {"deed": deed_id, "state": DeedState.WITHDRAWN.value})
    return _require_deed(session, deed_id, kind)


def _close(session: Session, deed_id: int, state: DeedState, clock: Clock, **values: object) -> None:
    moved = session.execute(
        update(models.Deed)
        .where(models.Deed.id == deed_id, models.Deed.state == DeedState.PROPOSED.value)
        .values(state=state.value, decided_at=clock.now(), **values)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(DECIDED)


def _require_deed(session: Session, deed_id: int, kind: DeedKind) -> DeedFact:
    deed = deed_by_id(session, deed_id)
    if deed is None or deed.kind != kind.code:
        raise NotFound(Message(N_("there is no such deed")))
    return deed
