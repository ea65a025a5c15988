"""Pages to send a file: choose a kind, send, see what it would do, confirm, receipt.

Every kind has its own addresses, so that each asks the policy for its own action. Nothing is
written before the sender has seen every error and finding. A large file tells how far it is on
the page itself (`web.progress`); a small one is answered at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.guard import SAFE_METHODS, asks, current_actor, record_refused
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.exchange.catalogue import file_kinds
from registry.exchange.forms import SendForm
from registry.exchange.queries import UploadFact, upload_of
from registry.exchange.service import (
    SentFile,
    action_of,
    confirm_upload,
    discard_upload,
    keep_upload,
    kinds_for,
    marked_file,
    note_refused,
    take_in,
    takes_long,
)
from registry.exchange.template import blank_workbook
from registry.intake.check import Report
from registry.intake.kinds import FileKind
from registry.intake.marks import bears_notes
from registry.intake.reader import Limits, is_workbook
from registry.kernel.errors import Conflict, NotFound, RegistryError
from registry.kernel.rules import Severity
from registry.kernel.text import N_, Message
from registry.web.downloads import download
from registry.web.locale import say, translate
from registry.web.paging import Page, asked_page
from registry.web.progress import MARK, forward, working

blueprint = Blueprint("exchange", __name__, template_folder="templates", url_prefix="/files")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REFUSED = 422
SIZE = 500
"""Errors and findings on one page."""

Answer = Response | str | tuple[str, int]
View = Callable[..., Answer]


def _rows() -> Session:
    return db.session()


def _limits() -> Limits:
    settings = settings_of(current_app)
    return Limits(settings.upload_megabytes, settings.upload_rows)


def _address(kind: FileKind, step: str, **values: object) -> str:
    return url_for(f"exchange.{kind.name}_{step}", **values)  # type: ignore[arg-type]


@blueprint.get("/")
@asks("home")
def kinds() -> str:
    """List the kinds of file the reader may send."""
    shown = [
        {"kind": kind, "send": _address(kind, "send"), "template": _address(kind, "template")}
        for kind in kinds_for(current_actor(), file_kinds().values())
    ]
    return render_template("exchange/kinds.html", kinds=shown)


def send(kind: FileKind) -> Answer:
    """Ask for a file or a pasted block, keep it, and show what it would do."""
    form = SendForm()
    if form.validate_on_submit():
        sent = form.sent()
        if sent is not None:
            with unit_of_work(_rows()) as session:
                file = SentFile(kind.name, sent[1], sent[0])
                number = keep_upload(session, current_actor(), current_clock(), file)
            return redirect(_address(kind, "look", upload_id=number), 303)
    page = render_template(
        "exchange/send.html", kind=kind, form=form, template=_address(kind, "template"), limits=_limits()
    )
    return (page, REFUSED) if request.method == "POST" else page


def look(kind: FileKind, upload_id: int) -> Answer:
    """Show what a kept file would do, or its receipt once it is written; judging posts nothing."""
    upload = upload_of(_rows(), current_actor(), kind.name, upload_id)
    if upload.receipt is not None:
        return render_template("exchange/receipt.html", kind=kind, upload=upload, again=_address(kind, "send"))
    if upload.content is None:
        return redirect(_address(kind, "send"), 303)
    if not takes_long(upload.content):
        return _page(kind, upload, _judge(upload, upload.content))
    note = N_("The file is being checked; nothing is written. If you leave this page, the checking ends.")
    return working(_shell(kind, upload, note), partial(_look_long, kind, upload, upload.content), to_the_end=False)


def _look_long(kind: FileKind, upload: UploadFact, content: bytes) -> str:
    report = _judge(upload, content)
    if upload_of(_rows(), current_actor(), kind.name, upload.id).receipt is not None:
        return _to_receipt(kind, upload)
    return render_template("exchange/judged.html", **_judged(kind, upload, report))


def _judge(upload: UploadFact, content: bytes) -> Report:
    """Judge a kept file; one that is refused stays with its firm until somebody has seen to it."""
    file, actor, clock = SentFile(upload.kind, content, upload.name), current_actor(), current_clock()
    report = take_in(_rows(), actor, clock, file, dry_run=True, limits=_limits())
    if report.refused:
        with unit_of_work(_rows()) as session:
            note_refused(session, actor, clock, file, report, _limits())
    return report


def confirm(kind: FileKind, upload_id: int) -> Answer:
    """Write a kept file and lead to its receipt, or show why it is refused now.

    A second press leads to the receipt of the first.
    """
    upload = upload_of(_rows(), current_actor(), kind.name, upload_id)
    if upload.content is not None and takes_long(upload.content):
        note = N_("The file is being written. You may leave this page: the writing goes on to its end.")
        return working(_shell(kind, upload, note), partial(_confirm_long, kind, upload), to_the_end=True)
    report = _write(kind, upload)
    if report is not None and report.refused:
        return _page(kind, upload, report), REFUSED
    return redirect(_address(kind, "look", upload_id=upload_id), 303)


def _confirm_long(kind: FileKind, upload: UploadFact) -> str:
    try:
        report = _write(kind, upload)
    except RegistryError as error:
        record_refused(error, action_of(kind.name))
        raise
    if report is not None and report.refused:
        return render_template("exchange/judged.html", **_judged(kind, upload, report))
    return _to_receipt(kind, upload)


def _write(kind: FileKind, upload: UploadFact) -> Report | None:
    """Write a kept file once; None: it was written before, perhaps by a press at the same moment."""
    if upload.receipt is not None:
        return None
    actor = current_actor()
    try:
        return confirm_upload(_rows(), actor, current_clock(), upload, limits=_limits(), say=translate)
    except Conflict:
        if upload_of(_rows(), actor, kind.name, upload.id).receipt is None:
            raise
        return None


def discard(kind: FileKind, upload_id: int) -> Answer:
    """Throw a kept file away."""
    with unit_of_work(_rows()) as session:
        actor = current_actor()
        discard_upload(session, actor, current_clock(), upload_of(session, actor, kind.name, upload_id))
    return redirect(_address(kind, "send"), 303)


def _shell(kind: FileKind, upload: UploadFact, note: str) -> str:
    """Return the page on which the work tells how far it is."""
    return render_template("exchange/working.html", kind=kind, upload=upload, note=say(note), mark=MARK)


def _to_receipt(kind: FileKind, upload: UploadFact) -> str:
    return forward(_address(kind, "look", upload_id=upload.id), say(N_("Show what was written")))


def marked(kind: FileKind, upload_id: int) -> Answer:
    """Hand a kept workbook back with a note in every wrong cell, in the reader's language."""
    actor = current_actor()
    upload = upload_of(_rows(), actor, kind.name, upload_id)
    if upload.content is None or not is_workbook(upload.content):
        raise NotFound(Message(N_("this file is not kept here: send it again")))
    file = SentFile(kind.name, upload.content, upload.name)
    content = marked_file(_rows(), actor, current_clock(), file, limits=_limits(), say=translate)
    return download(content, XLSX, upload.name if upload.name.lower().endswith(".xlsx") else f"{kind.name}.xlsx")


def _offers(upload: UploadFact, report: Report) -> str | None:
    """Return how to offer the marked workbook, a msgid; None where there is nothing to mark."""
    if upload.content is None or not is_workbook(upload.content):
        return None
    wrong = report.bad_rows | {each.row for each in report.findings if each.severity is Severity.REFUSE}
    if wrong - {None}:
        return N_("Your workbook with a note in every wrong cell (XLSX)")
    return N_("Your workbook without the notes (XLSX)") if not report.refused and bears_notes(upload.content) else None


def template(kind: FileKind) -> Answer:
    """Hand out the blank workbook with notes in the reader's language."""
    return download(blank_workbook(kind, translate), XLSX, f"{kind.name}.xlsx")


def _page(kind: FileKind, upload: UploadFact, report: Report) -> str:
    return render_template("exchange/look.html", **_judged(kind, upload, report))


def _judged(kind: FileKind, upload: UploadFact, report: Report) -> dict[str, object]:
    """Return what the templates show of a report, page by page: errors first, then findings, in the order of the rows."""
    problems = sorted(report.problems, key=lambda problem: (problem.row or 0, problem.column))
    findings = sorted(report.findings, key=lambda finding: finding.row or 0)
    number = asked_page()
    first = (number - 1) * SIZE
    listed = [*problems, *findings]
    shown = findings[max(0, first - len(problems)) : max(0, first + SIZE - len(problems))]
    return {
        "kind": kind,
        "upload": upload,
        "report": report,
        "marked": _address(kind, "marked", upload_id=upload.id),
        "offered": _offers(upload, report),
        "page": Page(listed[first : first + SIZE], number, SIZE, len(listed)),
        "problems": problems[first : first + SIZE],
        "refusing": [finding for finding in shown if finding.severity is Severity.REFUSE],
        "others": [finding for finding in shown if finding.severity is not Severity.REFUSE],
        "counts": {severity.value: sum(f.severity is severity for f in findings) for severity in Severity},
        "confirm": _address(kind, "confirm", upload_id=upload.id),
        "discard": _address(kind, "discard", upload_id=upload.id),
        # What answers a POST has no second page: the look at the file has them all.
        "asked_again": None if request.method in SAFE_METHODS else _address(kind, "look", upload_id=upload.id),
    }


STEPS: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("send", "", send, ("GET", "POST")),
    ("look", "/<int:upload_id>", look, ("GET",)),
    ("confirm", "/<int:upload_id>/confirm", confirm, ("POST",)),
    ("discard", "/<int:upload_id>/discard", discard, ("POST",)),
    ("marked", "/<int:upload_id>/marked.xlsx", marked, ("GET",)),
    ("template", "/template.xlsx", template, ("GET",)),
)


def _register(kind: FileKind) -> None:
    guard = asks(action_of(kind.name))
    for step, place, view, methods in STEPS:
        blueprint.add_url_rule(
            f"/{kind.name}{place}", f"{kind.name}_{step}", guard(partial(view, kind)), methods=list(methods)
        )


for _each in file_kinds().values():
    _register(_each)
