"""Applications come in: from files and pages by the same path, judged by every rule with its own severity."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts.policy import allows
from registry.audit.service import record
from registry.db import lock_gate
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, RuleRefused
from registry.kernel.text import N_, Message
from registry.mergers.service import take_over_rows
from registry.permits.domain.checks import ApplicationFact, Case, CheckLine, findings_of, frozen, run_checks
from registry.permits.domain.particulars import read_particulars, write_particulars
from registry.permits.domain.transitions import SUBMIT
from registry.permits.models import Application, ApplicationLine, CaseEvent
from registry.permits.queries.cases import applications_by_references
from registry.permits.queries.merging import case_moments
from registry.permits.service.judging import cases_for
from registry.permits.service.rows import MERGED, Known, look_up, named_in, problem
from registry.substances.domain.facts import RevisionFact

FILE_KIND = "applications"
APPLICATIONS_GATE = 5
"""Gate of `db.lock_gate`: one submission at a time, so that a reference is taken once."""

_ASKED = (
    "reference", "kind", "organisation_id", "partner_country", "partner", "planned_on", "counterpart_number",
    "purpose", "justification",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Submission:
    """One application as a page or the API sends it.

    `lines`: (code of the product, quantity in its unit); `particulars`: values as
    `domain.particulars` reads them.
    """

    reference: str
    kind: str
    organisation: str
    partner_country: str
    partner: str
    lines: tuple[tuple[str, str], ...]
    planned_on: date
    counterpart_number: str | None = None
    purpose: str | None = None
    justification: str | None = None
    particulars: Mapping[str, object] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each line, as a file would hold them; `line`: where on the page it stands."""
        common = {name: getattr(self, name) for name in _HEAD}
        return [
            common | {"row": None, "line": number, "product": product, "quantity": quantity}
            for number, (product, quantity) in enumerate(self.lines)
        ]


_HEAD = (
    "reference", "kind", "organisation", "partner_country", "partner", "planned_on", "counterpart_number", "purpose",
    "justification", "particulars",
)  # fmt: skip


@dataclass(slots=True)
class _Intake:
    known: Known
    report: Report
    today: date
    drafts: dict[str, tuple[int | None, ApplicationFact]] = field(default_factory=dict)
    revisions: dict[int, RevisionFact] = field(default_factory=dict)


def submit_applications(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in a file of applications. One finding that refuses, and nothing of the file is written.

    Each is judged on the position of the year it is planned for; what fits counts as
    submitted. An importer applies for its own organisation only.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    bad = report.bad_rows
    _submit(session, actor, clock, [row for row in checked.rows() if row["row"] not in bad], report, source)
    return report


def submit_application(session: Session, actor: Actor, clock: Clock, command: Submission) -> int:
    """Submit one application of a page; return its id.

    Raises `Invalid` with every problem, `RuleRefused` with every finding, `Conflict` when the
    reference is taken.
    """
    report = Report(FILE_KIND, rows=1)
    ids = _submit(session, actor, clock, command.rows(), report, f"application {command.reference}")
    if report.problems:
        raise Invalid(Message(N_("the application cannot be submitted")), report.problems)
    if report.refused:
        raise RuleRefused(Message(N_("the application is refused by a rule")), report.findings)
    if report.duplicates:
        raise Conflict(Message(N_("the reference “%(reference)s” is taken"), {"reference": command.reference}))
    return ids[command.reference]


def preview(session: Session, actor: Actor, clock: Clock, command: Submission) -> tuple[CheckLine, ...]:
    """Return every check of an application that is not submitted yet; raises `Invalid` like `submit_application`."""
    report = Report(FILE_KIND, rows=1)
    intake = _take_all(session, actor, clock, command.rows(), report)
    if report.problems:
        raise Invalid(Message(N_("the application cannot be submitted")), report.problems)
    if not intake.drafts:
        return ()
    return run_checks(cases_for(session, clock, list(intake.drafts.values()), intake.revisions)[0])


def read_submission(
    session: Session, actor: Actor, clock: Clock, command: Submission
) -> tuple[ApplicationFact, Mapping[int, RevisionFact]]:
    """Return what a submission says, with the revisions of its products by id. Raises `Invalid` with every problem."""
    report = Report(FILE_KIND, rows=1)
    intake = _read_all(session, actor, clock, command.rows(), report)
    if report.problems:
        raise Invalid(Message(N_("the application cannot be submitted")), report.problems)
    return intake.drafts[command.reference][1], intake.revisions


def _submit(
    session: Session, actor: Actor, clock: Clock, rows: Sequence[Mapping[str, Any]], report: Report, source: str
) -> dict[str, int]:
    lock_gate(session, APPLICATIONS_GATE, [1])
    intake = _take_all(session, actor, clock, rows, report)
    report.accepted = len(intake.drafts)
    if not intake.drafts:
        return {}
    cases = cases_for(session, clock, list(intake.drafts.values()), intake.revisions)
    judged = [(case, run_checks(case)) for case in cases]
    report.findings.extend(finding for _, lines in judged for finding in findings_of(lines))
    if report.refused:
        return {}
    ids = _write(session, actor, clock, judged)
    for organisation in {case.application.organisation_id for case in cases}:
        own = [line for case, lines in judged if case.application.organisation_id == organisation for line in lines]
        raise_flags(session, clock, findings_of(own), organisation)
    detail: dict[str, object] = {"accepted": report.accepted, "duplicates": report.duplicates}
    record(session, actor, clock, "permits.submit", source, detail)
    return ids


def _take_all(
    session: Session, actor: Actor, clock: Clock, rows: Sequence[Mapping[str, Any]], report: Report
) -> _Intake:
    intake = _read_all(session, actor, clock, rows, report)
    recorded = applications_by_references(session, {row["reference"] for row in rows if row["reference"]})
    for reference, (row_number, asked) in list(intake.drafts.items()):
        known = recorded.get(reference)
        if known is not None:
            del intake.drafts[reference]
            _compare(intake, row_number, asked, known.asked)
    return intake


def _read_all(
    session: Session, actor: Actor, clock: Clock, rows: Sequence[Mapping[str, Any]], report: Report
) -> _Intake:
    """Read every row for itself, whatever is recorded."""
    today = clock.today()
    rows, notes = take_over_rows(session, rows, MERGED, "reference", partial(case_moments, session))
    report.findings.extend(notes)
    intake = _Intake(look_up(session, rows, today), report, today)
    for row in rows:
        _take(intake, actor, row)
    return intake


def _take(intake: _Intake, actor: Actor, row: Mapping[str, Any]) -> None:
    report = intake.report
    named = named_in(intake.known, row, intake.today, report)
    if named is None:
        return
    if not allows(actor, SUBMIT.action, named.organisation_id):
        msgid = N_("you apply for your own organisation only")
        problem(report, row, "organisation", "not-your-organisation", msgid)
        return
    line = named.revision.product_id, named.units
    asked = ApplicationFact(
        reference=row["reference"],
        kind=row["kind"],
        organisation_id=named.organisation_id,
        partner_country=row["partner_country"],
        partner=row["partner"],
        planned_on=row["planned_on"],
        lines=(line,),
        counterpart_number=row["counterpart_number"],
        purpose=row["purpose"],
        justification=row["justification"],
        particulars=read_particulars(write_particulars(row.get("particulars") or {})),
    )
    intake.revisions[line[0]] = named.revision
    draft = intake.drafts.get(asked.reference)
    if draft is None:
        intake.drafts[asked.reference] = row["row"], asked
    elif row["row"] is not None:
        _compare(intake, row["row"], asked, draft[1])
    elif line[0] in dict(draft[1].lines):
        msgid = N_("%(product)s stands on this application twice: put the quantities together")
        problem(report, row, "product", "twice", msgid, product=named.revision.code)
    else:
        intake.drafts[asked.reference] = None, replace(draft[1], lines=(*draft[1].lines, line))


def _compare(intake: _Intake, row_number: int | None, asked: ApplicationFact, earlier: ApplicationFact) -> None:
    """Take the same content again for a duplicate, other content for a mistake."""
    if earlier == asked:
        intake.report.duplicates += 1
        return
    row = {"row": row_number}
    msgid = N_("the reference “%(reference)s” is recorded already with other content")
    problem(intake.report, row, "reference", "reference-reused", msgid, reference=asked.reference)


def _write(
    session: Session, actor: Actor, clock: Clock, judged: Sequence[tuple[Case, tuple[CheckLine, ...]]]
) -> dict[str, int]:
    """Write applications and the first step of each case with a constant number of statements."""
    now = clock.now()
    rows = [
        {name: getattr(case.application, name) for name in _ASKED}
        | {
            "particulars": write_particulars(case.application.particulars),
            "state": SUBMIT.target.value,
            "version": 1,
            "submitted_by": actor.username,
            "submitted_at": now,
        }
        for case, _ in judged
    ]
    session.connection().execute(insert(Application), rows)
    written = applications_by_references(session, [case.application.reference for case, _ in judged])
    ids = {reference: row.id for reference, row in written.items()}
    asked_lines = [
        {
            "application_id": ids[case.application.reference],
            "product_id": product,
            "revision_id": case.revisions[product].id,
            "units": units,
        }
        for case, _ in judged
        for product, units in case.application.lines
    ]
    session.connection().execute(insert(ApplicationLine), asked_lines)
    events = [
        {
            "application_id": ids[case.application.reference],
            "at": now,
            "actor": actor.username,
            "transition": SUBMIT.step,
            "note": None,
            "checks": json.dumps(frozen(lines), ensure_ascii=False),
        }
        for case, lines in judged
    ]
    session.connection().execute(insert(CaseEvent), events)
    return ids
