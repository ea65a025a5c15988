"""Pages of the importer: its applications by state, a new application, one of its cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.kernel.clock import day_of
from registry.kernel.errors import Forbidden, Invalid, RegistryError
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties import queries as parties
from registry.permits import queries, service
from registry.permits.domain.checks import CheckLine, findings_of
from registry.permits.domain.term import WORKING_DAYS, decision_due
from registry.permits.domain.transitions import PENDING, STATE_NAMES
from registry.permits.forms import ApplicationForm, CaseFilter
from registry.permits.pages.case_view import case_page
from registry.permits.pages.cases import require_case
from registry.permits.pages.shared import APPLY, CASE_COLUMNS, UNIT_WORDS, case_address, case_rows, product_name
from registry.permits.queries.register import applications_page
from registry.substances.domain.facts import needs_permit
from registry.substances.queries.products import current_revisions
from registry.web.locale import format_number, say
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("applications", __name__, template_folder="../templates")

Answer = Response | str | tuple[str, int]
TAKE_OVER, CHECK = "take_over", "check"
UNREAD = Message(N_("the application cannot be submitted"))
NO_ORGANISATION = Message(N_("your account belongs to no organisation"))


@blueprint.get("/applications")
@asks(APPLY)
def applications() -> str:
    """List the applications of the person's organisation, by state."""
    session, today = db.session(), current_clock().today()
    organisation = _own_organisation()
    form = CaseFilter.asked()
    counts = queries.pending_counts(session, organisation)
    number, size = asked_page(), asked_size()
    state = form.chosen.value if form.chosen else None
    start = offset(number, size)
    found = applications_page(session, organisation_id=organisation, state=state, limit=size, offset=start)
    return render_template(
        "permits/applications.html",
        form=form,
        cards=[
            (name, format_number(counts[one.value]), url_for("applications.applications", state=one.value))
            for one, name in STATE_NAMES.items()
            if counts.get(one.value)
        ],
        columns=CASE_COLUMNS,
        rows=case_rows(session, found, today),
        page=Page(found, number, size, counts.get(state, 0) if state else sum(counts.values())),
    )


def _own_organisation() -> int:
    """Return the organisation of the person; an account without one may apply for nobody."""
    found = policy.scope(current_actor(), APPLY)
    if found is None:
        raise Forbidden(NO_ORGANISATION)
    return found


@blueprint.get("/applications/<int(max=999999999999):case_id>")
@asks(APPLY)
def application(case_id: int) -> str:
    """Show one application of the person's organisation."""
    return case_page(db.session(), require_case(db.session(), case_id))


@blueprint.get("/applications/<int(max=999999999999):case_id>/submitted")
@asks(APPLY)
def submitted(case_id: int) -> str:
    """Confirm that an application has come in: its reference, what happens next and by when."""
    row = require_case(db.session(), case_id)
    day = day_of(row.submitted_at, settings_of(current_app).zone)
    return render_template(
        "permits/submitted.html",
        row=row,
        reference=row.asked.reference,
        submitted_on=day,
        decided_by=decision_due(day),
        working_days=WORKING_DAYS,
        case=case_address(case_id),
        is_pending=row.state in PENDING,
    )


@blueprint.route("/applications/new", methods=["GET", "POST"])
@asks(APPLY)
def apply() -> Answer:
    """Take in a new application: check it, show what would fit, submit it; what was typed is kept."""
    session, today = db.session(), current_clock().today()
    organisation = _own_organisation()
    code = parties.main_sites(session, [organisation])[organisation].organisation_code
    form = ApplicationForm()
    form.offer(_products(session, today))
    if not form.is_submitted():
        form.reference.data = _next_reference(session, organisation, code, today)
        return _page(form)
    taken = request.form.get(TAKE_OVER)
    if taken:
        form.quantity.data = taken
    try:
        command = _read(form, code)
        if taken or request.form.get(CHECK):
            return _page(form, checks=service.preview(session, current_actor(), current_clock(), command))
        with unit_of_work(session):
            case_id = service.submit_application(session, current_actor(), current_clock(), command)
    except RegistryError as error:
        record_refused(error, APPLY, f"application {form.reference.data}")
        return _page(form, findings=show_refusal(form, error)), UNREADABLE
    return redirect(url_for("applications.submitted", case_id=case_id), 303)


def _read(form: ApplicationForm, organisation: str) -> service.Submission:
    valid = form.validate_on_submit()
    row, problems = form.read(organisation)
    if problems or not valid:
        raise Invalid(UNREAD, problems)
    row.pop("row")
    row["lines"] = ((row.pop("product"), row.pop("quantity")),)
    return service.Submission(**row)  # type: ignore[arg-type]  # cells as declared by APPLICATION_COLUMNS


def _page(form: ApplicationForm, findings: Sequence[Finding] = (), checks: Sequence[CheckLine] | None = None) -> str:
    found = findings_of(checks) if checks is not None else findings
    largest = next((one.largest_quantity for one in found if one.largest_quantity is not None), None)
    return render_template(
        "permits/apply.html",
        form=form,
        findings=found,
        checked=checks is not None,
        largest=largest if largest != "0" else None,
        take_over=TAKE_OVER,
        check=CHECK,
    )


def _products(session: Session, today: date) -> list[tuple[str, str]]:
    """Return the products an application may name (those that need a permit), each with its unit."""
    return [
        (one.code, f"{one.code} · {product_name(one)} ({say(UNIT_WORDS[one.unit])})")
        for one in current_revisions(session, today)
        if needs_permit(one)
    ]


def _next_reference(session: Session, organisation: int, code: str, today: date) -> str:
    """Suggest a reference: the organisation, the year, one more than it has sent so far."""
    sent = sum(queries.pending_counts(session, organisation).values())
    return f"{code}-{today.year}-{sent + 1:03d}"
