"""A file taken in, whole or not at all: read, checked and applied in one unit of work."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts import policy
from registry.audit.service import record
from registry.db import unit_of_work
from registry.exchange.catalogue import kind_named
from registry.exchange.models import Upload
from registry.exchange.queries import UploadFact
from registry.intake.bulk import uninterrupted
from registry.intake.cells import column_letters
from registry.intake.check import Report, check_table
from registry.intake.kinds import FileKind
from registry.intake.marks import marked
from registry.intake.reader import FIRST_ROW, Limits, Table, is_workbook, line_count, read_table
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, Problem, RuleRefused
from registry.kernel.progress import tell
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_, Message
from registry.reporting.service.refusals import Came, keep_refused, settle
from registry.stock.service.post import KIND as MOVEMENTS
from registry.workbooks.service import unpacked

ACTION = "exchange.take_in"
DISCARD = "exchange.discard"
LONGEST_NAME = 120
COLUMN_LETTERS = re.compile(r"[A-Z]{1,3}", re.ASCII)

SHORT_ROWS = 2_000
SHORT_WORKBOOK = 64 * 1024
"""What is taken in within a moment: rows of a text, bytes of a workbook, whose rows nobody knows before it is read."""


class _Undone(Exception):
    """Not an error: the way out of a unit of work that must not commit."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it came: its kind, its bytes, the name people know it by."""

    kind: str
    data: bytes
    name: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def action_of(kind: str) -> str:
    """Return the action of the policy that lets a person send files of `kind`."""
    return f"files.import.{kind}"


def kinds_for(actor: Actor, kinds: Iterable[FileKind]) -> list[FileKind]:
    """Return those of `kinds` the actor may send."""
    return [kind for kind in kinds if policy.holds(actor, action_of(kind.name))]


def take_in(
    session: Session,
    actor: Actor,
    clock: Clock,
    file: SentFile,
    *,
    dry_run: bool = False,
    limits: Limits | None = None,
    first: Callable[[], None] | None = None,
    also: Callable[[Report], None] | None = None,
) -> Report:
    """Take a file in and return the contract's report; `written` says whether anything was kept.

    Opens its own units of work, because a refused file is rolled back first and recorded
    after that. A dry run judges everything and keeps nothing, not even the attempt. `first` runs as
    the first thing inside the unit of work, `also` as the last of a file that is written. How far it is, is told
    (`kernel.progress`). Raises `UnknownKind`, and `Forbidden` when the policy does not let the actor send the kind.
    """
    kind = kind_named(file.kind)
    policy.require_holds(actor, action_of(kind.name))
    report = Report(kind.name)
    try:
        with unit_of_work(session), uninterrupted():
            if first is not None:
                first()
            report = judge(session, actor, clock, kind, file, limits or Limits())
            _require_kept(report, dry_run=dry_run)
            tell(N_("Keeping what was written"))
            report.written = True
            if also is not None:
                also(report)
            if kind.name == MOVEMENTS:
                settle(session, clock)
            record(session, actor, clock, ACTION, _subject(file), _detail(file, report))
    except _Undone:
        if not dry_run:
            with unit_of_work(session):
                record(session, actor, clock, ACTION, _subject(file), _detail(file, report), outcome="refused")
                note_refused(session, actor, clock, file, report, limits or Limits())
    return report


def note_refused(session: Session, actor: Actor, clock: Clock, file: SentFile, report: Report, limits: Limits) -> None:
    """Keep a refused file of movements with its firm, in the unit of work of whoever was told that it is refused."""
    if file.kind != MOVEMENTS or not report.refused:
        return
    try:
        table = _table_of(session, actor, file, limits)
    except Invalid:
        table = None
    keep_refused(session, actor, clock, Came(file.name[:LONGEST_NAME], file.digest, len(file.data), table), report)


def _require_kept(report: Report, *, dry_run: bool) -> None:
    if dry_run or report.refused:
        raise _Undone


def judge(session: Session, actor: Actor, clock: Clock, kind: FileKind, file: SentFile, limits: Limits) -> Report:
    """Read and apply a file inside the caller's unit of work; the caller undoes it when the report is refused.

    A file that cannot be read at all comes back as a report with the reason, like any other fault.
    """
    try:
        table = _table_of(session, actor, file, limits)
    except Invalid as bad:
        return Report(kind.name, problems=list(bad.problems))
    report = _applied(session, actor, clock, kind, table, file.name[:LONGEST_NAME])
    report.remarks = table.remarks
    return report


def _table_of(session: Session, actor: Actor, file: SentFile, limits: Limits) -> Table:
    table = read_table(file.data, limits)
    return unpacked(session, actor, table, limits) if file.kind == MOVEMENTS else table


def marked_file(
    session: Session, actor: Actor, clock: Clock, file: SentFile, *, limits: Limits, say: Callable[[Message], str]
) -> bytes:
    """Return a workbook as it was sent, with a note in the words of `say` in each cell that stands against it now.

    Judged as in a dry run: nothing is kept. Raises `Invalid` for what is no workbook.
    """
    report = take_in(session, actor, clock, file, dry_run=True, limits=limits)
    return marked(file.data, notes_of(report, _header(file.data, limits), say))


def _header(data: bytes, limits: Limits) -> tuple[str, ...]:
    try:
        return read_table(data, limits).header
    except Invalid:
        return ()


def notes_of(report: Report, header: Sequence[str], say: Callable[[Message], str]) -> dict[str, list[str]]:
    """Return what to write beside the cells of a workbook: ``B5`` -> texts.

    What concerns a row and no single cell stands in the first one of the row.
    """
    letters = {name: column_letters(place) for place, name in enumerate(header, start=1)}
    notes: dict[str, list[str]] = {}
    for problem in report.problems:
        if problem.row is not None:
            letter = problem.column if COLUMN_LETTERS.fullmatch(problem.column) else letters.get(problem.column, "A")
            notes.setdefault(f"{letter}{problem.row}", []).append(say(problem.message))
    for finding in report.findings:
        if finding.severity is Severity.REFUSE and finding.row is not None:
            notes.setdefault(f"A{finding.row}", []).append(say(finding_text(finding)))
    return notes


def finding_text(finding: Finding) -> Message:
    """Return in one sentence what a rule says, with what was observed and the limit where it names them."""
    if finding.observed is None or finding.limit is None:
        return Message(N_("%(rule)s: %(said)s"), {"rule": finding.rule.code, "said": finding.message})
    return Message(
        N_("%(rule)s: %(said)s. Observed: %(observed)s, limit: %(limit)s"),
        {"rule": finding.rule.code, "said": finding.message, "observed": finding.observed, "limit": finding.limit},
    )


def _applied(session: Session, actor: Actor, clock: Clock, kind: FileKind, table: Table, source: str) -> Report:
    checked = check_table(table, kind.columns)
    if not table.rows and not checked.problems:
        nothing = Message(N_("there are no rows below the column names: nothing to take in"))
        return Report(kind.name, problems=[Problem("", "no-rows", nothing, FIRST_ROW)])
    tell(N_("Comparing with what is recorded"))
    try:
        return kind.apply(session, actor, clock, checked, source)
    except Invalid as bad:
        return Report(kind.name, len(table.rows), problems=[*checked.problems, *bad.problems])
    except RuleRefused as refused:
        return Report(kind.name, len(table.rows), problems=list(checked.problems), findings=list(refused.findings))


def _subject(file: SentFile) -> str:
    return f"{file.kind} {file.name[:LONGEST_NAME]}"


def _detail(file: SentFile, report: Report) -> dict[str, object]:
    """Return what proves later which file it was and what came of it; never its content."""
    return {
        "digest": file.digest,
        "bytes": len(file.data),
        "rows": report.rows,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "errors": len(report.problems),
        "refused_by": sorted({f.rule.code for f in report.findings if f.severity is Severity.REFUSE}),
        "flags": sum(f.severity is Severity.FLAG for f in report.findings),
    }


def note_taken(session: Session, actor: Actor, clock: Clock, file: SentFile, report: Report) -> None:
    """Record that a file was taken in, in the unit of work of whoever judged it."""
    record(session, actor, clock, ACTION, _subject(file), _detail(file, report))


def takes_long(data: bytes) -> bool:
    """Say whether a file is so large that people should see how far it is."""
    return len(data) > SHORT_WORKBOOK if is_workbook(data) else line_count(data) > SHORT_ROWS


def keep_upload(session: Session, actor: Actor, clock: Clock, file: SentFile) -> int:
    """Keep a file until its sender confirms it, and drop the content of what the sender left waiting before.

    Returns its id. Raises `Forbidden` when the policy does not let the actor send the kind.
    """
    kind = kind_named(file.kind)
    policy.require_holds(actor, action_of(kind.name))
    waiting = (Upload.sent_by == actor.username, Upload.kind == kind.name, Upload.closed_at.is_(None))
    _throw_away(session, actor, clock, *waiting)
    return int(
        session.execute(
            insert(Upload)
            .values(
                kind=kind.name,
                name=file.name[:LONGEST_NAME],
                content=file.data,
                digest=file.digest,
                size_bytes=len(file.data),
                sent_by=actor.username,
                sent_at=clock.now(),
            )
            .returning(Upload.id)
        ).scalar_one()
    )


def confirm_upload(
    session: Session,
    actor: Actor,
    clock: Clock,
    upload: UploadFact,
    *,
    limits: Limits,
    say: Callable[[Message], str] = str,
) -> Report:
    """Take in a kept file its sender has looked at; the receipt, in the words of `say`, is kept with it.

    Opens its own units of work as `take_in` does. Two presses at once: the second waits for the
    first. Raises `Conflict` when the file was confirmed or thrown away before.
    """
    if upload.content is None:
        raise _closed()

    def hold() -> None:
        """Lock the file: on SQLite the unit of work has locked everything."""
        waiting = select(Upload.id).where(Upload.id == upload.id, Upload.closed_at.is_(None)).with_for_update()
        if session.execute(waiting).first() is None:
            raise _closed()

    def close(report: Report) -> None:
        values = {"content": None, "closed_at": clock.now(), "receipt": _receipt(report, say)}
        session.execute(update(Upload).where(Upload.id == upload.id).values(**values))

    file = SentFile(upload.kind, upload.content, upload.name)
    tell(N_("Waiting for its turn to write"))
    return take_in(session, actor, clock, file, limits=limits, first=hold, also=close)


def discard_upload(session: Session, actor: Actor, clock: Clock, upload: UploadFact) -> None:
    """Throw away the content of a kept file; one that was written or thrown away stays as it is."""
    _throw_away(session, actor, clock, Upload.id == upload.id, Upload.closed_at.is_(None))


def _throw_away(session: Session, actor: Actor, clock: Clock, *which: ColumnElement[bool]) -> None:
    """Drop the content of `which` files and record each, with what proves later which file it was."""
    gone = update(Upload).where(*which).values(content=None, closed_at=clock.now())
    for upload in session.execute(
        gone.returning(Upload.id, Upload.kind, Upload.name, Upload.digest, Upload.size_bytes)
    ):
        detail = {"upload": upload.id, "digest": upload.digest, "bytes": upload.size_bytes}
        record(session, actor, clock, DISCARD, f"{upload.kind} {upload.name}", detail)


def _closed() -> Conflict:
    return Conflict(Message(N_("this file was written or thrown away already")))


def _receipt(report: Report, say: Callable[[Message], str]) -> str:
    return json.dumps(report.as_json(say), ensure_ascii=False)
