"""Keeping daily sheets: read -> judge by the ledger of the day -> post -> keep.

What a sheet does to the shelves is posted as every movement is, under references of the sheet's own; a correction takes
the entries of the version before back, on the same day, and posts its own. Both versions stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.parameters.queries import course
from registry.stock.queries.days import StandingEntry, day_shelves, entries_of_documents
from registry.stock.service import post
from registry.substances.queries.products import revisions_of_products
from registry.therapy.models import TherapySheet
from registry.therapy.service.entries import EntryWriter, document_of
from registry.therapy.service.judging import SheetJudge
from registry.therapy.service.reading import Draft, read_drafts

FILE_KIND = "therapy_sheets"


def record_sheets(
    session: Session, actor: Actor, clock: Clock, checked: Checked, source: str, *, entered: bool = False
) -> Report:
    """Keep sheets, all or none; nothing is written when the report is refused.

    One sheet for each site, product and day: the same again is a duplicate, another one names the version it corrects.
    `entered`: one sheet written by a person on a page, every rule acts with its own severity.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    drafts = read_drafts(session, actor, clock, checked, report)
    report.accepted = len(drafts)
    if not drafts:
        return report
    entries, findings = _judged(session, clock, drafts, entered=entered)
    report.findings.extend(findings)
    if entries.numbers:
        posted = post(session, actor, clock, entries, source, entered=entered)
        report.problems.extend(posted.problems)
        report.findings.extend(posted.findings)
    if report.refused:
        return report
    _keep(session, actor, clock, drafts)
    raise_flags(session, clock, findings, actor.organisation_id)
    detail = {"accepted": report.accepted, "corrections": sum(draft.before is not None for draft in drafts)}
    record(session, actor, clock, "therapy.write", source, detail)
    return report


def _judged(session: Session, clock: Clock, drafts: Sequence[Draft], *, entered: bool) -> tuple[Checked, list[Finding]]:
    """Return the entries the sheets stand for, and what the rules say; the statements do not grow with the sheets."""
    sheets = [each for draft in drafts for each in (draft.sheet, draft.before.sheet if draft.before else None) if each]
    ids = {sheet.product_id for sheet in sheets} | {sheet.concentrate_id for sheet in sheets if sheet.concentrate_id}
    products = {number: each[-1] for number, each in revisions_of_products(session, ids, clock.today()).items()}
    shelves = day_shelves(session, [draft.sheet.key for draft in drafts])
    taken_back = [
        (draft.site.id, draft.sheet.sheet_on, document_of(draft.before.sheet, draft.before.version))
        for draft in drafts
        if draft.before is not None
    ]
    standing: dict[str, list[StandingEntry]] = defaultdict(list)
    for entry in entries_of_documents(session, taken_back) if taken_back else ():
        standing[entry.document].append(entry)
    findings = SheetJudge(course(session), entered=entered).judge(drafts, shelves)
    return EntryWriter(products, shelves, standing).write(drafts), findings


def _keep(session: Session, actor: Actor, clock: Clock, drafts: Sequence[Draft]) -> None:
    stamp = {"recorded_at": clock.now(), "recorded_by": actor.username}
    rows = [asdict(draft.sheet) | {"version": draft.version, "reason": draft.reason} | stamp for draft in drafts]
    session.connection().execute(insert(TherapySheet), rows)
