"""Steps of a line: drafted, proposed, approved by another person, published; rejected or withdrawn. Each writes history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.accounts.policy import require_holds
from registry.accounts.queries import takes_both_steps
from registry.audit.service import record
from registry.db import lock_gate
from registry.intake.check import Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, RuleRefused
from registry.kernel.mass import grams
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.quotas.domain.cycle import Completed, Decision, completed, reason_problems, step_problems
from registry.quotas.domain.kinds import QUOTA_KINDS
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.rules import SECOND_PERSON
from registry.quotas.domain.states import (
    APPROVE,
    COUNTING,
    DRAFT,
    ENDED,
    PROPOSE,
    PUBLISH,
    REJECT,
    REVISE,
    WITHDRAW,
    LineState,
    Transition,
)
from registry.quotas.models import QuotaLine, QuotaLineEvent
from registry.quotas.queries import line_by_id, lines_by_substance, lines_of_kind
from registry.quotas.service.drafting import (
    FILE_KIND,
    QUOTAS_GATE,
    Intake,
    key_of,
    look_up,
    settle_lines,
    take,
    write_lines,
)

CANNOT = Message(N_("the line cannot be proposed"))
DECIDED = Message(N_("somebody has decided on this line already"))
CHANGED = Message(N_("somebody has changed this line since you looked at it: look again, then repeat"))
KNOWN = Message(N_("this line is recorded already"))
OWN_STEP = Message(N_("only whoever proposed a line withdraws it; an approver rejects it"))
SECOND = Message(N_("you proposed this line: another person approves it"))
NOT_PUBLISHED = Message(N_("lines of this kind are not published"))


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """What an officer drafts or proposes; `quantity_ng` in nanograms of base, codes as the lists write them."""

    year: int
    substance: str
    kind: str
    quantity_ng: int
    item: str | None = None
    organisation: str | None = None
    act: str | None = None
    act_date: date | None = None
    effective_on: date | None = None
    note: str | None = None


def draft_line(session: Session, actor: Actor, clock: Clock, command: ProposedLine) -> int:
    """Keep a line as a draft that its authors may still change. Returns its id; raises as `propose_line`."""
    return _begin(session, actor, clock, command, DRAFT)


def propose_line(session: Session, actor: Actor, clock: Clock, command: ProposedLine) -> int:
    """Propose one line; it counts once a second person approves it. Returns its id.

    Raises `Invalid` with every problem, or `Conflict` when a line with this key stands already.
    """
    return _begin(session, actor, clock, command, replace(PROPOSE, sources=()))


def revise_draft(
    session: Session, actor: Actor, clock: Clock, line_id: int, command: ProposedLine, version: int | None = None
) -> None:
    """Change what a draft says; `version` is that of the draft as the person saw it."""
    line = _require(session, actor, line_id, REVISE, Decision(version))
    lock_gate(session, QUOTAS_GATE, [1])
    draft = _judged(session, clock, command, own=line)
    values = {
        "year": draft.year,
        "substance_id": draft.substance_id,
        "kind": draft.kind,
        "item": draft.item,
        "organisation_id": draft.organisation_id,
        "quantity_ng": draft.quantity_ng,
        "act": draft.act,
        "act_date": draft.act_date,
        "effective_on": draft.effective_on,
        "note": draft.note,
    }
    said = {"quantity_g": grams(draft.quantity_ng), "quantity_g_before": grams(line.quantity_ng)}
    _move(session, actor, clock, line, REVISE, Decision(), values, said)
    record(session, actor, clock, "quotas.revise", f"quota line {line_id}", _detail(draft))


def take_step(
    session: Session, actor: Actor, clock: Clock, line_id: int, step: Transition, decision: Decision | None = None
) -> None:
    """Take one step of the table with a line; it then counts, is published, or has ended.

    Raises `NotFound`; `Forbidden` by the policy and for a step that only the author takes;
    `RuleRefused` where a second person is wanted; `Invalid` with what is missing; `Conflict`
    when somebody was there first.
    """
    chosen = decision or Decision()
    lock_gate(session, QUOTAS_GATE, [1])
    line = _require(session, actor, line_id, step, chosen)
    if step.published_kinds and not QUOTA_KINDS[line.kind].public:
        raise Conflict(NOT_PUBLISHED)
    problems = step_problems(step, line, chosen)
    if step is PROPOSE:
        problems += _reasons(session, line)
    if problems:
        raise Invalid(problems[0].message, problems)
    values: dict[str, object] = {"state": step.target.value}
    said: dict[str, object] = {}
    if step.second_person:
        values |= {"approved_by": actor.username, "approved_at": clock.now()}
    if step is APPROVE:
        rest = completed(line, chosen)
        _require_free_key(session, line, rest)
        values |= {"act": rest.act, "act_date": rest.act_date, "effective_on": rest.effective_on}
        said = {
            "act": rest.act,
            "act_date": None if rest.act_date is None else rest.act_date.isoformat(),
            "effective_on": rest.effective_on.isoformat(),
        }
        line = replace(line, act=rest.act, act_date=rest.act_date, effective_on=rest.effective_on)
    _move(session, actor, clock, line, step, chosen, values, said)
    if step.target.value in COUNTING and line.state not in COUNTING:
        settle_lines(session, clock, [replace(line, state=step.target)])
    record(session, actor, clock, f"quotas.{step.step}", f"quota line {line_id}", _detail(line))


def approve_line(session: Session, actor: Actor, clock: Clock, line_id: int, decision: Decision | None = None) -> None:
    """Approve a proposed line, so that it counts."""
    take_step(session, actor, clock, line_id, APPROVE, decision)


def reject_line(session: Session, actor: Actor, clock: Clock, line_id: int, decision: Decision) -> None:
    """Reject a proposed line with the reason; it stays in the history."""
    take_step(session, actor, clock, line_id, REJECT, decision)


def withdraw_line(session: Session, actor: Actor, clock: Clock, line_id: int) -> None:
    """Withdraw a line of one's own; an approved one is never withdrawn, only followed by another."""
    take_step(session, actor, clock, line_id, WITHDRAW)


def publish_year(session: Session, actor: Actor, clock: Clock, year: int) -> int:
    """Publish every approved line of the kinds that are published, of one year; return how many. Set-based."""
    require_holds(actor, PUBLISH.action)
    lock_gate(session, QUOTAS_GATE, [1])
    public = [kind.code for kind in QUOTA_KINDS.values() if kind.public]
    lines = [line for kind in public for line in lines_of_kind(session, year, kind, {LineState.APPROVED.value})]
    if not lines:
        return 0
    session.execute(
        update(QuotaLine)
        .where(QuotaLine.year == year, QuotaLine.kind.in_(public), QuotaLine.state == LineState.APPROVED.value)
        .values(state=PUBLISH.target.value, version=QuotaLine.version + 1)
    )
    events = [_event(actor, clock, line, PUBLISH, None, {}) for line in lines]
    session.connection().execute(insert(QuotaLineEvent), events)
    record(session, actor, clock, "quotas.publish", f"quotas of {year}", {"lines": len(lines)})
    return len(lines)


def _begin(session: Session, actor: Actor, clock: Clock, command: ProposedLine, step: Transition) -> int:
    lock_gate(session, QUOTAS_GATE, [1])
    draft = _judged(session, clock, command, check_reason=step.target is LineState.PROPOSED)
    line_id = write_lines(session, actor, clock, [draft], step, draft.note)[0]
    record(session, actor, clock, f"quotas.{step.step}", f"quota line {line_id}", _detail(draft))
    return line_id


def _judged(
    session: Session, clock: Clock, command: ProposedLine, own: LineFact | None = None, *, check_reason: bool = False
) -> LineFact:
    """Return the line a command means. Raises `Invalid`, or `Conflict` for a key that stands (but for `own`)."""
    report = Report(FILE_KIND)
    row: dict[str, object] = {
        "row": None,
        "year": command.year,
        "substance": command.substance,
        "kind": command.kind,
        "quantity_g": command.quantity_ng,
        "item": command.item,
        "organisation": command.organisation,
        "act": command.act,
        "act_date": command.act_date,
        "effective_on": command.effective_on,
    }
    intake = look_up(session, clock, [row], report)
    if own is not None:
        recorded = {key: line for key, line in intake.recorded.items() if line.id != own.id}
        intake = Intake(intake.substances, intake.organisations, intake.near, recorded, report)
    take(intake, row)
    if report.problems:
        raise Invalid(CANNOT, report.problems)
    if not intake.drafts:
        raise Conflict(KNOWN)
    draft = replace(next(iter(intake.drafts.values())), note=(command.note or "").strip() or None)
    problems = reason_problems(draft, intake.recorded.values()) if check_reason else []
    if problems:
        raise Invalid(CANNOT, problems)
    return draft


def _reasons(session: Session, line: LineFact) -> list[Problem]:
    return reason_problems(line, lines_by_substance(session, [line.substance_id]).get(line.substance_id, ()))


def _require(session: Session, actor: Actor, line_id: int, step: Transition, decision: Decision) -> LineFact:
    """Return the line if `actor` may take `step` with it as it stands."""
    require_holds(actor, step.action)
    line = line_by_id(session, line_id)
    if line is None:
        raise NotFound(Message(N_("there is no such line")))
    if line.state not in step.sources:
        raise Conflict(DECIDED)
    if decision.version is not None and decision.version != line.version:
        raise Conflict(CHANGED)
    if step.own and line.proposed_by != actor.username:
        raise Forbidden(OWN_STEP)
    if step.second_person and takes_both_steps(session, line.proposed_by, actor, step.action):
        raise RuleRefused(SECOND, [Finding(SECOND_PERSON, SECOND, SECOND_PERSON.severity)])
    return line


def _require_free_key(session: Session, line: LineFact, rest: Completed) -> None:
    """An act named at the approval may make the line another's twin: raise `Conflict` then."""
    wanted = key_of(replace(line, act=rest.act))
    others = lines_by_substance(session, [line.substance_id]).get(line.substance_id, ())
    if any(key_of(one) == wanted and one.id != line.id and one.state not in ENDED for one in others):
        raise Conflict(KNOWN)


def _move(
    session: Session,
    actor: Actor,
    clock: Clock,
    line: LineFact,
    step: Transition,
    decision: Decision,
    values: Mapping[str, object],
    said: Mapping[str, object],
) -> None:
    """Change the row if it is still as it was read, and write the step."""
    moved = session.execute(
        update(QuotaLine)
        .where(QuotaLine.id == line.id, QuotaLine.version == line.version)
        .values(**values, version=line.version + 1)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(CHANGED)
    note = (decision.note or "").strip() or None
    session.execute(insert(QuotaLineEvent).values(_event(actor, clock, line, step, note, said)))


def _event(
    actor: Actor, clock: Clock, line: LineFact, step: Transition, note: str | None, said: Mapping[str, object]
) -> dict[str, object]:
    return {
        "line_id": line.id,
        "version": line.version + 1,
        "step": step.step,
        "note": note,
        "detail": json.dumps(said, ensure_ascii=False),
        "done_by": actor.username,
        "done_at": clock.now(),
    }


def _detail(line: LineFact) -> dict[str, object]:
    return {"year": line.year, "substance": line.substance_id, "kind": line.kind, "quantity_g": grams(line.quantity_ng)}
