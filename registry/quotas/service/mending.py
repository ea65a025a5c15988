"""A line recorded in error is mended by a record of its own: proposed by one person, decided by another, never edited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.deeds.domain import Deed, DeedFact
from registry.deeds.service import begin
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.mass import grams
from registry.kernel.text import N_, Message
from registry.quotas.domain.deeds import CORRECT, Mended, line_of, mended, subject_of
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.states import ENDED, MISTAKE, REPLACE
from registry.quotas.models import QuotaLine, QuotaLineEvent
from registry.quotas.queries import line_by_id, lines_by_substance
from registry.quotas.service.drafting import QUOTAS_GATE, key_of, settle_lines, write_lines

CANNOT = Message(N_("the line cannot be mended like this"))
TODAY = Message(N_("write today: what was recorded in error should never have counted"))
NOT_COUNTING = Message(N_("only a line that counts is mended; one that does not is withdrawn or rejected"))
TWIN = Message(N_("another line says this already"))


def ask_mending(
    session: Session, actor: Actor, clock: Clock, line_id: int, reason: str, day: date, said: Mapping[str, str]
) -> DeedFact:
    """Propose that a line was recorded in error and what it should have said (`domain.deeds.MENDED`)."""
    line = _require_counting(session, line_id)
    if day != clock.today():
        raise Invalid(CANNOT, [Problem("effective_on", "not-today", TODAY)])
    _require_mended(session, line, said)
    return begin(session, actor, clock, Deed(CORRECT, subject_of(line_id), reason, day, line.organisation_id, said))


def carry_out(session: Session, actor: Actor, clock: Clock, deed: DeedFact) -> None:
    """End the line in error and record what stands in its place; the positions follow."""
    lock_gate(session, QUOTAS_GATE, [1])
    line = _require_counting(session, line_of(deed.subject))
    told = _require_mended(session, line, deed.payload)
    new_id = None
    if told.line is not None:
        draft = replace(told.line, note=deed.reason, proposed_by=deed.proposed_by)
        new_id = write_lines(session, actor, clock, [draft], REPLACE, deed.reason, {"replaces": line.id})[0]
    moved = session.execute(
        update(QuotaLine)
        .where(QuotaLine.id == line.id, QuotaLine.version == line.version)
        .values(state=MISTAKE.target.value, version=line.version + 1)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(NOT_COUNTING)
    session.execute(
        insert(QuotaLineEvent).values(
            line_id=line.id,
            version=line.version + 1,
            step=MISTAKE.step,
            note=deed.reason,
            detail=json.dumps({"replaced_by": new_id}),
            done_by=actor.username,
            done_at=clock.now(),
        )
    )
    settle_lines(session, clock, [line])
    said = {"quantity_g": grams(line.quantity_ng), "replaced_by": new_id}
    record(session, actor, clock, CORRECT.code, deed.subject, said)


def _require_counting(session: Session, line_id: int) -> LineFact:
    line = line_by_id(session, line_id)
    if line is None:
        raise NotFound(Message(N_("there is no such line")))
    if not line.counts:
        raise Conflict(NOT_COUNTING)
    return line


def _require_mended(session: Session, line: LineFact, said: Mapping[str, str]) -> Mended:
    told = mended(line, said)
    if told.problems:
        raise Invalid(CANNOT, told.problems)
    if told.line is not None:
        wanted = key_of(told.line)
        others = lines_by_substance(session, [line.substance_id]).get(line.substance_id, ())
        if any(key_of(one) == wanted and one.id != line.id and one.state not in ENDED for one in others):
            raise Conflict(TWIN)
    return told
