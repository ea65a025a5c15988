"""The applicant answers the authority and corrects its application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Forbidden, Invalid, RegistryError
from registry.kernel.rules import Finding, refuses
from registry.permits import service
from registry.permits.apply_form import COMMON, ApplicationForm, form_for
from registry.permits.cells import cells_of, line_cell
from registry.permits.domain.checks import findings_of
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.transitions import ANSWER, REQUEST_INFORMATION
from registry.permits.forms import StepForm
from registry.permits.pages.apply import ALL_THE_SAME, UNREAD, products_for, warnings_of
from registry.permits.pages.case_view import case_page
from registry.permits.pages.cases import OVERTAKEN, require_case
from registry.permits.pages.firm import blueprint
from registry.permits.pages.shared import APPLY, case_address
from registry.permits.queries import case_events
from registry.permits.queries.cases import ApplicationRow
from registry.web.page_forms import UNREADABLE, show_refusal

Answer = Response | str | tuple[str, int]


@blueprint.get("/applications/<int(max=999999999999):case_id>/correct")
@asks(APPLY)
def correct(case_id: int) -> Answer:
    """Show the application with every field that may be corrected; while nothing is asked, the case as it stands."""
    row = require_case(db.session(), case_id)
    if row.state not in ANSWER.sources:
        return case_page(db.session(), row)
    form = StepForm(formdata=None)
    form.version.data = str(row.version)
    return _page(row, _form(row, _cells(row)), form)


@blueprint.post("/applications/<int(max=999999999999):case_id>/correct")
@asks(APPLY)
def send_corrected(case_id: int) -> Answer:
    """Send the answer, with what was corrected."""
    row, step = require_case(db.session(), case_id), StepForm()
    if row.state not in ANSWER.sources:
        return case_page(db.session(), row), OVERTAKEN
    typed = {name: request.form[name] for name in cells_of(request.form, PERMIT_KINDS[row.asked.kind])}
    form, agreed = _form(row, typed), request.form.get(ALL_THE_SAME, "")
    try:
        if not step.validate():
            raise Invalid(UNREAD, [])
        command = _corrected(row, form)
        checks = service.preview_answer(db.session(), *_me(), case_id, step.read_version, command)
        warned, said = warnings_of(checks), findings_of(checks)
        if not refuses(said) and not warned <= set(agreed.split(";")):
            return _page(row, form, step, said, asked=";".join(sorted(warned)))
        with unit_of_work(db.session()) as session:
            note = str(step.note.data or "").strip()
            service.answer(session, *_me(), case_id, step.read_version, note, command)
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, APPLY, f"application {case_id}")
        on_note = isinstance(error, Invalid) and any(one.column == "note" for one in error.problems)
        findings = show_refusal(step if on_note else form, error)
        status = OVERTAKEN if isinstance(error, Conflict) else UNREADABLE
        return _page(row, form, step, findings, asked="" if findings else agreed), status
    return redirect(case_address(case_id, ANSWER.step), 303)


def _me() -> tuple[Actor, Clock]:
    return current_actor(), current_clock()


def _cells(row: ApplicationRow) -> dict[str, str]:
    """Return an application as the cells of its form."""
    stands = service.submission_of(db.session(), current_clock(), row)
    cells = {name: _text(getattr(stands, name)) for name in COMMON} | dict(row.asked.particulars)
    for number, (product, quantity) in enumerate(stands.lines, 1):
        cells |= {line_cell("product", number): product, line_cell("quantity", number): quantity}
    return cells


def _text(value: object) -> str:
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value or "")


def _form(row: ApplicationRow, cells: Mapping[str, str]) -> ApplicationForm:
    kind = PERMIT_KINDS[row.asked.kind]
    spare = max(2, len(row.asked.lines) + 1)
    # One line is left empty, so that a product may be added without another page.
    cells = {line_cell(name, spare): "" for name in ("product", "quantity")} | dict(cells)
    products = products_for(db.session(), current_clock().today(), kind)
    return form_for(kind, {**cells, "reference": row.asked.reference}, products, request.form.get("csrf_token"))


def _corrected(row: ApplicationRow, form: ApplicationForm) -> service.Submission:
    is_valid = form.validate()
    code = service.submission_of(db.session(), current_clock(), row).organisation
    # What has no partner abroad keeps the name it bears, in whatever language the answer is written.
    read = form.read(code, {"partner_country": row.asked.partner_country, "partner": row.asked.partner})
    if isinstance(read, list) or not is_valid:
        raise Invalid(UNREAD, read if isinstance(read, list) else [])
    return read


def _page(
    row: ApplicationRow, form: ApplicationForm, step: StepForm, findings: Sequence[Finding] = (), *, asked: str = ""
) -> str:
    """Return the page. `asked`: the rules whose warnings the applicant has read and may send the answer with."""
    questions = [one.note for one in case_events(db.session(), row.id) if one.transition == REQUEST_INFORMATION.step]
    return render_template(
        "permits/correct.html",
        row=row,
        form=form,
        step=step,
        findings=findings,
        question=questions[-1],
        kind=PERMIT_KINDS[row.asked.kind],
        asked=asked,
        all_the_same=ALL_THE_SAME,
        case=url_for("applications.application", case_id=row.id),
    )
