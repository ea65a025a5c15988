"""What every step of a case goes through: state, policy, the second person, the version; the event it leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry import __version__
from registry.accounts.policy import require
from registry.accounts.queries import takes_both_steps
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, RuleRefused, Stale, TransitionRefused
from registry.kernel.persons import require_nobody_named
from registry.kernel.rules import Finding, refuses
from registry.kernel.text import N_, Message
from registry.parameters.catalogue import all_parameters
from registry.permits.domain.checks import Case, CheckLine, findings_of, frozen
from registry.permits.domain.known import known_of
from registry.permits.domain.rules import SECOND_PERSON
from registry.permits.domain.transitions import STATE_NAMES, State, Transition, told_outside
from registry.permits.models import Application, CaseDecision, CaseEvent
from registry.permits.queries.cases import ApplicationRow, application_by_id
from registry.permits.service.judging import cases_for
from registry.substances.domain.facts import revision_on
from registry.substances.queries.products import revisions_of_products

Named = int | ApplicationRow
"""A case by its id, or as it was read already: `take_step` writes only where nobody has moved it since."""


def plain_step(
    session: Session,
    actor: Actor,
    clock: Clock,
    transition: Transition,
    named: Named,
    version: int,
    note: str | None = None,
    **values: object,
) -> int:
    """Take a step that asks no check; return the new version."""
    row = require_case(session, actor, transition, named)
    return take_step(session, actor, clock, transition, row, version, note, (), **values)


def require_case(session: Session, actor: Actor, transition: Transition, named: Named) -> ApplicationRow:
    """Return the case, or raise: `NotFound`, `Forbidden`, `TransitionRefused`, `RuleRefused` for the same person."""
    row = named if isinstance(named, ApplicationRow) else application_by_id(session, named)
    if row is None:
        raise NotFound(Message(N_("there is no such application")))
    require(actor, transition.action, row.asked.organisation_id)
    if row.state not in transition.sources:
        state = State(row.state) if actor.organisation_id is None else told_outside(row.state)
        said = {"step": Message(transition.name), "state": Message(STATE_NAMES[state])}
        raise TransitionRefused(Message(N_("“%(step)s” is not possible: the case is “%(state)s”"), said))
    if transition.second_person and takes_both_steps(
        session, row.proposed_by or "", actor, transition.action, row.asked.organisation_id
    ):
        message = Message(N_("you proposed this case: another person decides on it"))
        raise RuleRefused(message, [Finding(SECOND_PERSON, message, SECOND_PERSON.severity)])
    return row


def require_version(row: ApplicationRow, version: int) -> None:
    """Raise `Stale` where somebody has changed the case since `version` was read."""
    if row.version != version:
        raise Stale(_overtaken())


def require_passed(lines: Sequence[CheckLine]) -> None:
    """Raise `RuleRefused` where a check refuses."""
    findings = findings_of(lines)
    if refuses(findings):
        raise RuleRefused(Message(N_("a rule refuses the permit")), findings)


def take_step(
    session: Session,
    actor: Actor,
    clock: Clock,
    transition: Transition,
    row: ApplicationRow,
    version: int,
    note: str | None,
    lines: Sequence[CheckLine],
    **values: object,
) -> int:
    """Move the case if nobody else has since `version` was read; write the step and the audit event."""
    if transition.needs_note and not (note or "").strip():
        message = Message(N_("a text is needed for “%(step)s”"), {"step": Message(transition.name)})
        raise Invalid(message, [Problem("note", "missing", message)])
    require_nobody_named("note", note)
    moved = session.execute(
        update(Application)
        .where(
            Application.id == row.id,
            Application.version == version,
            Application.state.in_([state.value for state in transition.sources]),
        )
        .values(state=transition.target.value, version=version + 1, **values)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(_overtaken())
    session.execute(
        insert(CaseEvent).values(
            application_id=row.id,
            at=clock.now(),
            actor=actor.username,
            transition=transition.step,
            note=note,
            checks=json.dumps(frozen(lines), ensure_ascii=False) if lines else None,
        )
    )
    detail: Mapping[str, object] = {"reference": row.asked.reference, "from": row.state, "to": transition.target.value}
    record(session, actor, clock, f"permits.{transition.step}", f"application {row.id}", detail)
    return version + 1


def _overtaken() -> Message:
    return Message(N_("somebody else has changed this case since you opened it: look at it again"))


def freeze(session: Session, clock: Clock, row: ApplicationRow, case: Case, lines: Sequence[CheckLine]) -> None:
    """Keep what the decision rests on: whatever changes later, this stays as it was known."""
    known = known_of(case, lines, dict(row.asked.lines), all_parameters().values(), __version__)
    values = {"application_id": row.id, "decided_at": clock.now(), "known": json.dumps(known, ensure_ascii=False)}
    session.execute(insert(CaseDecision).values(values))


def case_of(session: Session, clock: Clock, row: ApplicationRow) -> Case:
    """Return a recorded application with everything its checks look at, as of now."""
    today = clock.today()
    products = revisions_of_products(session, row.revision_ids, today)
    in_force = {product: revision_on(each, today) for product, each in products.items()}
    own = {row.asked.reference: row.id}
    return replace(cases_for(session, clock, [(None, row.granted)], in_force, own)[0], reply_by=row.reply_by)
