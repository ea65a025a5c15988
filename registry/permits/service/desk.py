"""What officers do with a case among themselves: hand it over, note something. Neither moves its state."""

from __future__ import annotations

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.accounts.policy import allows, require
from registry.accounts.queries import accounts_named
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, Stale, TransitionRefused
from registry.kernel.persons import require_nobody_named
from registry.kernel.text import N_, Message
from registry.permits.domain.transitions import HAND_OVER, ISSUE, PENDING, STATE_NAMES, TAKE_UP, State
from registry.permits.models import Application, CaseEvent, CaseNote
from registry.permits.queries.cases import ApplicationRow, application_by_id


def hand_over(session: Session, actor: Actor, clock: Clock, application_id: int, version: int, colleague: str) -> int:
    """Hand a case nobody has decided over to a colleague who examines applications; return its new version."""
    row = _require(session, actor, application_id)
    if State(row.state) not in PENDING:
        said = {"step": Message(HAND_OVER.name), "state": Message(STATE_NAMES[State(row.state)])}
        raise TransitionRefused(Message(N_("“%(step)s” is not possible: the case is “%(state)s”"), said))
    known = accounts_named(session, [colleague], clock.today()).get(colleague)
    if known is None or not known.active or not allows(known.actor, TAKE_UP.action, row.asked.organisation_id):
        message = Message(N_("there is no colleague “%(name)s” who examines applications"), {"name": colleague})
        raise Invalid(message, [Problem("colleague", "unknown-value", message)])
    moved = session.execute(
        update(Application)
        .where(Application.id == row.id, Application.version == version)
        .values(officer=colleague, version=version + 1)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(Message(N_("somebody else has changed this case since you opened it: look at it again")))
    session.execute(
        insert(CaseEvent).values(
            application_id=row.id,
            at=clock.now(),
            actor=actor.username,
            transition=HAND_OVER.step,
            note=colleague,
            checks=None,
        )
    )
    detail = {"reference": row.asked.reference, "from": row.officer, "to": colleague}
    record(session, actor, clock, "permits.hand_over", f"application {row.id}", detail)
    return version + 1


def add_note(session: Session, actor: Actor, clock: Clock, application_id: int, text: str) -> None:
    """Note something on a case, for the authority only; it changes nothing else, so it needs no version."""
    row = _require(session, actor, application_id)
    if not text.strip():
        message = Message(N_("a note needs a text"))
        raise Invalid(message, [Problem("note", "missing", message)])
    require_nobody_named("note", text)
    values = {"application_id": row.id, "at": clock.now(), "actor": actor.username, "text": text.strip()}
    session.execute(insert(CaseNote).values(values))
    record(session, actor, clock, "permits.note", f"application {row.id}", {"reference": row.asked.reference})


def _require(session: Session, actor: Actor, application_id: int) -> ApplicationRow:
    row = application_by_id(session, application_id)
    if row is None:
        raise NotFound(Message(N_("there is no such application")))
    require(actor, ISSUE.action if allows(actor, ISSUE.action) else TAKE_UP.action)
    return row
