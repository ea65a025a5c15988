"""The life of one posting: an upload of 10,000 lines and one line typed by hand go the same way.

Look up -> build lines -> lock shelves -> read facts after locking -> rules -> write or refuse.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.progress import tell
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_
from registry.parameters.queries import course
from registry.stock.domain.kinds import OPENING
from registry.stock.domain.lines import Line
from registry.stock.queries.recorded import opening_shelves
from registry.stock.service.closed import judge_closed
from registry.stock.service.free import Issue, judge_free, judge_quarantine
from registry.stock.service.judge import Judge
from registry.stock.service.known import Known, look_up, unknown_codes
from registry.stock.service.levels import OwnEntry, crossed_later, own_lines
from registry.stock.service.lines import LineBuilder
from registry.stock.service.plans import Plan
from registry.stock.service.prescriptions import judge_prescriptions
from registry.stock.service.settle import count_nationally, tell_permits
from registry.stock.service.shelves import DailyNets, lock_shelves, move_balances, net_changes
from registry.stock.service.short import judge_shelves
from registry.stock.service.write import ensure_batches, write_movements, write_posting
from registry.substances.domain.facts import revision_on
from registry.workdays.queries import working_days

KIND = "movements"


@dataclass(frozen=True, slots=True)
class _Ready:
    """A posting with everything looked up and every batch made: ready to be judged and written."""

    known: Known
    lines: list[Line]
    plans: list[Plan | None]
    reverses: dict[str, int]
    batch_ids: dict[tuple[int, str], int]
    nets: DailyNets


def post(
    session: Session, actor: Actor, clock: Clock, checked: Checked, source: str, *, entered: bool = False
) -> Report:
    """Post a file of movements, all or nothing; return the contract's report.

    `entered`: typed by a person on a page; rules then act with their own severity, while a
    file reports what has happened and is refused by few. Nothing is written when the report is
    refused. Locks are taken in this order: sites, shelves, substances, positions, permits, audit.
    """
    report = Report(KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    tell(N_("Looking up what the rows name"))
    known = look_up(session, clock, checked)
    report.findings.extend(known.notes)
    report.problems.extend(unknown_codes(checked, known))
    builder = LineBuilder(known, actor, clock, checked)
    builder.build(report.bad_rows)
    report.problems.extend(builder.problems)
    report.duplicates = builder.duplicates
    report.accepted = len(builder.lines)
    if not builder.lines:
        return report
    tell(N_("Judging by the rules"))
    ready = _make_ready(session, known, builder)
    report.findings.extend(_judge(session, clock, ready, entered=entered))
    if report.refused:
        return report
    _write(session, actor, clock, ready, source)
    raise_flags(session, clock, report.findings, actor.organisation_id)
    record(session, actor, clock, "stock.post", source, {"accepted": report.accepted, "duplicates": report.duplicates,
           "flags": sum(finding.severity is Severity.FLAG for finding in report.findings)})  # fmt: skip
    return report


def post_entered(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Post what a person entered on a page, one movement or many: every rule acts with its own severity."""
    return post(session, actor, clock, checked, source, entered=True)


def _make_ready(session: Session, known: Known, builder: LineBuilder) -> _Ready:
    lines, plans = builder.lines, builder.plan_of
    known.batches = dict(known.batches) | ensure_batches(session, _new_batches(lines, plans, known))
    batch_ids = {key: batch.id for key, batch in known.batches.items()}
    return _Ready(known, lines, plans, builder.reverses, batch_ids, net_changes(lines, batch_ids))


def _new_batches(lines: list[Line], plans: list[Plan | None], known: Known) -> list[tuple[int, str, int, date | None]]:
    """Return batches not known yet, with the revision in force on the day of their first entry."""
    first: dict[tuple[int, str], tuple[Line, Plan]] = {}
    expiry: dict[tuple[int, str], date] = {}
    named = {(line.product_id, line.label) for line in lines}
    if named <= known.batches.keys():
        return []
    for line, plan in zip(lines, plans, strict=True):
        key = (line.product_id, line.label)
        if plan is None or key in known.batches:
            continue
        if key not in first or line.occurred_on < first[key][0].occurred_on:
            first[key] = (line, plan)
        if line.expires_on is not None:
            expiry.setdefault(key, line.expires_on)
    return [
        (*key, revision_on(plan.revisions, line.occurred_on).id, expiry.get(key)) for key, (line, plan) in first.items()
    ]


def _judge(session: Session, clock: Clock, ready: _Ready, *, entered: bool) -> list[Finding]:
    lines, batch_ids = ready.lines, ready.batch_ids
    judge = Judge(ready.known, clock, course(session), working_days(session), entered=entered)
    judge.lines(lines, ready.plans)
    judge.together(lines, ready.plans)
    judge_closed(session, judge, lines)
    if ready.reverses:
        judge.reversals(lines)
    if any(line.kind == OPENING.code for line in lines):
        shelves = opening_shelves(session, {batch_ids[line.product_id, line.label] for line in lines})
        keys = {batch.id: key for key, batch in ready.known.batches.items()}
        judge.openings(lines, {(site, *keys[batch]): reference for (site, batch), reference in shelves.items()})
    judge_prescriptions(session, judge, lines, ready.plans, ready.reverses)
    if ready.nets:
        held = lock_shelves(session, list(ready.nets))
        judge_shelves(session, judge, lines, batch_ids, held, ready.nets)
        issue = Issue(lines, ready.plans, batch_ids, ready.reverses)
        judge_free(session, judge, issue, held, ready.nets)
        judge_quarantine(session, judge, issue)
    return judge.findings


def _write(session: Session, actor: Actor, clock: Clock, ready: _Ready, source: str) -> None:
    lines = ready.lines
    tell(N_("Working out the balances"))
    digest = hashlib.sha256("\n".join(line.reference for line in lines).encode()).hexdigest()
    crossed = _crossed(ready)
    posting_id = write_posting(session, actor, clock, source, digest, len(lines) + len(crossed))
    lines = [*lines, *own_lines(crossed, posting_id)]
    write_movements(session, lines, ready.batch_ids, ready.reverses, posting_id)
    if ready.nets:
        move_balances(session, ready.nets)
    tell(N_("Working out totals, quotas and permits"))
    revisions = {each.id: each for product in ready.known.products.values() for each in product}
    revision_of = {key: revisions[batch.revision_id] for key, batch in ready.known.batches.items()}
    count_nationally(session, clock, lines, revision_of)
    tell_permits(session, clock, {line.permit_id for line in lines if line.permit_id is not None})


def _crossed(ready: _Ready) -> list[OwnEntry]:
    """Return what crosses the line because the lines came too late for it: their site changed its level since."""
    if not any(site.level_changes for site in ready.known.sites.values()):
        return []
    return crossed_later(ready.nets, ready.known.sites_by_id, ready.known.batches.values())
