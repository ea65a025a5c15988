"""The applicant answers what the authority asked, and corrects its application where it was wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from registry.flags.service import raise_flags
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem, RuleRefused
from registry.kernel.mass import stated
from registry.kernel.rules import refuses
from registry.kernel.text import N_, Message
from registry.parties.queries import main_sites
from registry.permits.domain.changes import CORRECTED, Change, changes_between
from registry.permits.domain.checks import ApplicationFact, CheckLine, findings_of, run_checks
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.particulars import write_particulars
from registry.permits.domain.transitions import ANSWER
from registry.permits.models import ApplicationLine, CaseChange
from registry.permits.queries.cases import ApplicationRow
from registry.permits.service.applications import Submission, read_submission
from registry.permits.service.judging import cases_for
from registry.permits.service.stepping import Named, require_case, require_version, take_step
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids

STAYS = Message(N_("reference, kind and organisation of an application stay as they were submitted"))


def answer(
    session: Session,
    actor: Actor,
    clock: Clock,
    named: Named,
    version: int,
    note: str,
    corrected: Submission | None = None,
) -> int:
    """Answer what was asked; the case goes on. `corrected`: the application as it is to stand from now on.

    What is corrected is judged like a submission: raises `Invalid`, `RuleRefused`. Old and new values are kept.
    """
    row = require_case(session, actor, ANSWER, named)
    if corrected is None:
        return take_step(session, actor, clock, ANSWER, row, version, note, (), reply_by=None)
    require_version(row, version)
    asked, revisions, changes = _read(session, actor, clock, row, corrected)
    if not changes:
        return take_step(session, actor, clock, ANSWER, row, version, note, (), reply_by=None)
    lines = _judged(session, clock, row, asked, revisions)
    findings = findings_of(lines)
    if refuses(findings):
        raise RuleRefused(Message(N_("the application is refused by a rule")), findings)
    values = {name: getattr(asked, name) for name in CORRECTED} | {"particulars": write_particulars(asked.particulars)}
    now = take_step(session, actor, clock, ANSWER, row, version, note, lines, reply_by=None, **values)
    if asked.lines != row.asked.lines:
        _write_lines(session, row, asked, revisions)
    kept = [
        {"application_id": row.id, "version": now, "field": one.field, "before": one.before, "after": one.after}
        for one in changes
    ]
    session.connection().execute(insert(CaseChange), kept)
    raise_flags(session, clock, findings, row.asked.organisation_id)
    return now


def preview_answer(
    session: Session, actor: Actor, clock: Clock, named: Named, version: int, corrected: Submission
) -> tuple[CheckLine, ...]:
    """Return every check of an application as `answer` would correct it, none where nothing is; raises like `answer`."""
    row = require_case(session, actor, ANSWER, named)
    require_version(row, version)
    asked, revisions, changes = _read(session, actor, clock, row, corrected)
    return _judged(session, clock, row, asked, revisions) if changes else ()


def _read(
    session: Session, actor: Actor, clock: Clock, row: ApplicationRow, corrected: Submission
) -> tuple[ApplicationFact, Mapping[int, RevisionFact], Sequence[Change]]:
    """Return what is asked from now on, the revisions of its products by id, and what that changes."""
    asked, revisions = read_submission(session, actor, clock, corrected)
    _require_same(row, asked)
    known = revisions_by_ids(session, row.revision_ids.values(), clock.today()).values()
    of = {each.product_id: each for each in (*known, *revisions.values())}
    return asked, revisions, changes_between(row.asked, asked, of)


def _judged(
    session: Session,
    clock: Clock,
    row: ApplicationRow,
    asked: ApplicationFact,
    revisions: Mapping[int, RevisionFact],
) -> tuple[CheckLine, ...]:
    return run_checks(cases_for(session, clock, [(None, asked)], revisions, {asked.reference: row.id})[0])


def submission_of(
    session: Session, clock: Clock, row: ApplicationRow, corrections: Mapping[str, Any] | None = None
) -> Submission:
    """Return an application as it stands, as it would be submitted, with `corrections` put over it.

    `corrections`: members of a submission; what is left out stays, `particulars` each for itself.
    """
    asked, sent = row.asked, dict(corrections or {})
    used = revisions_by_ids(session, row.revision_ids.values(), clock.today())
    lines = [
        {"product": revision.code, "quantity": stated(units, revision.unit)}
        for product, units in asked.lines
        for revision in [used[row.revision_ids[product]]]
    ]
    particulars = {**asked.particulars, **sent.pop("particulars", {})}
    return Submission(
        asked.reference,
        asked.kind,
        main_sites(session, [asked.organisation_id])[asked.organisation_id].organisation_code,
        lines=tuple((line["product"], line["quantity"]) for line in sent.pop("lines", lines)),
        particulars={code: value for code, value in particulars.items() if value is not None},
        **{name: getattr(asked, name) for name in CORRECTED} | sent,
    )


def _require_same(row: ApplicationRow, asked: ApplicationFact) -> None:
    problems = [
        Problem(column, "stays", STAYS)
        for column, part in (("reference", "reference"), ("kind", "kind"), ("organisation", "organisation_id"))
        if getattr(asked, part) != getattr(row.asked, part)
    ]
    allowed = PERMIT_KINDS[row.asked.kind].asks
    said = Message(N_("this kind of permit does not ask it"))
    problems += [Problem(code, "unknown-column", said) for code in asked.particulars if code not in allowed]
    if problems:
        raise Invalid(STAYS, problems)


def _write_lines(
    session: Session, row: ApplicationRow, asked: ApplicationFact, revisions: Mapping[int, RevisionFact]
) -> None:
    """Put the lines as they stand now in the place of the old ones; those are kept as changes."""
    session.execute(delete(ApplicationLine).where(ApplicationLine.application_id == row.id))
    lines = [
        {"application_id": row.id, "product_id": product, "revision_id": revisions[product].id, "units": units}
        for product, units in asked.lines
    ]
    session.connection().execute(insert(ApplicationLine), lines)
