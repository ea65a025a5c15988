"""Lines of quotas taken in from files, as decided elsewhere."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.quotas.domain.states import RECORD
from registry.quotas.service.drafting import FILE_KIND, QUOTAS_GATE, look_up, settle_lines, take, write_lines

SOURCE_LENGTH = 300


def record_lines(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in a file of quotas, decided elsewhere and therefore approved at once.

    The key of a row is year, substance, kind, item, organisation and act: the same content
    again is a duplicate, other content an error, because nothing decided is overwritten.
    Nothing is written when the report is refused. Cells of `quantity_g` are whole nanograms.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, QUOTAS_GATE, [1])
    rows = checked.rows()
    intake = look_up(session, clock, rows, report)
    bad = report.bad_rows
    for row in rows:
        if row["row"] not in bad:
            take(intake, row)
    report.accepted = len(intake.drafts)
    if report.refused or not intake.drafts:
        return report
    drafts = list(intake.drafts.values())
    write_lines(session, actor, clock, drafts, RECORD, source[:SOURCE_LENGTH])
    report.findings.extend(settle_lines(session, clock, drafts))
    record(session, actor, clock, "quotas.record", source, {"accepted": report.accepted})
    return report
