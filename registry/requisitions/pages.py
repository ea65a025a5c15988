"""Requisitions of the own sites: the list, a new one, one with its answers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.errors import RegistryError
from registry.kernel.fields import BadCell
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.persons import as_document
from registry.kernel.rules import Finding
from registry.kernel.text import N_
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids, sites_of
from registry.requisitions.domain import STATES, Requisition
from registry.requisitions.forms import AskForm, IssueForm, RefuseForm
from registry.requisitions.queries import requisitions as found_requisitions
from registry.requisitions.service import POST, READ, Asked, ask, issue, product_of, refuse, requisition_of
from registry.stock.queries.held import first_to_expire
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_of_products
from registry.web.forms import PageForm
from registry.web.locale import current_language, format_day, format_moment, format_quantity, say
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("requisitions", __name__, template_folder="templates", url_prefix="/requisitions")
COLUMNS = (
    {"label": N_("Number of the requisition"), "kind": "code"},
    {"label": N_("Day")},
    {"label": N_("Ward"), "kind": "code"},
    {"label": N_("Asked of"), "kind": "code"},
    {"label": N_("Product")},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("Issued"), "kind": "number"},
    {"label": N_("State")},
)
Answer = Response | str | tuple[str, int]


def _rows() -> Session:
    return db.session()


def _own(action: str) -> list[SiteFact] | None:
    holder = policy.scope(current_actor(), action)
    return None if holder is None else sites_of(_rows(), holder)


def _in_unit(units: int, product: RevisionFact) -> str:
    return format_quantity(stated(units, product.unit), UNIT_NAMES[Unit(product.unit)])


@blueprint.get("/")
@asks(READ)
def requisitions() -> str:
    """List what the own wards asked for, the youngest first."""
    own, number, size = _own(READ), asked_page(), asked_size()
    found, total = found_requisitions(
        _rows(), None if own is None else [site.id for site in own], size, offset(number, size)
    )
    return render_template(
        "requisitions/list.html",
        columns=COLUMNS,
        rows=_lines(found),
        page=Page(found, number, size, total),
        may_ask=policy.holds(current_actor(), POST),
    )


def _lines(found: Sequence[Requisition]) -> list[list[object]]:
    day = current_clock().today()
    sites = sites_by_ids(_rows(), {number for one in found for number in (one.ward_id, one.pharmacy_id)})
    products = revisions_of_products(_rows(), {one.product_id for one in found}, day)
    return [
        [
            {"text": one.reference, "href": url_for("requisitions.requisition", reference=one.reference)},
            format_day(one.asked_on),
            sites[one.ward_id].code,
            sites[one.pharmacy_id].code,
            f"{products[one.product_id][-1].code} {products[one.product_id][-1].name}",
            _in_unit(one.units, products[one.product_id][-1]),
            _in_unit(one.issued_units, products[one.product_id][-1]),
            say(STATES[one.state]),
        ]
        for one in found
    ]


@blueprint.route("/new", methods=["GET", "POST"])
@asks(POST)
def new() -> Answer:
    """Ask for something."""
    form, own = AskForm(), _own(POST) or []
    named = [(site.code, f"{site.code} {site.name_in(current_language(), current_clock().today())}") for site in own]
    form.ward.choices = form.pharmacy.choices = named
    if not form.is_submitted():
        form.asked_on.data = current_clock().today()
        form.ward.data = own[-1].code if own else None
        return render_template("requisitions/new.html", form=form)
    if form.validate():
        try:
            typed = {field.name: str(field.data or "").strip() for field in form}
            reference, purpose = as_document(typed["reference"]), typed["purpose"] or None
            asked = Asked(
                reference,
                typed["ward"],
                typed["pharmacy"],
                typed["product"],
                typed["quantity"],
                form.asked_on.data,
                purpose,
            )
            with unit_of_work(_rows()) as session:
                ask(session, current_actor(), current_clock(), asked)
            return redirect(url_for("requisitions.requisition", reference=reference), 303)
        except BadCell as bad:
            form.reference.errors = [str(bad)]
        except RegistryError as error:
            record_refused(error, POST, f"requisition {form.reference.data}")
            show_refusal(form, error)
    return render_template("requisitions/new.html", form=form), UNREADABLE


@blueprint.get("/<path:reference>")
@asks(READ)
def requisition(reference: str) -> str:
    """Show one requisition with its answers."""
    return _page(reference, IssueForm(formdata=None), RefuseForm(formdata=None))


@blueprint.post("/<path:reference>/issue")
@asks(POST)
def issue_it(reference: str) -> Answer:
    """Issue a part or all of what is left."""
    form = IssueForm()
    cells = {name: str(form[name].data or "").strip() for name in ("quantity", "batch", "occurred_on")}
    try:
        with unit_of_work(_rows()) as session:
            issue(session, current_actor(), current_clock(), reference, cells)
    except RegistryError as error:
        return _refused(error, reference, form, RefuseForm(formdata=None), form)
    return redirect(url_for("requisitions.requisition", reference=reference), 303)


@blueprint.post("/<path:reference>/refusal")
@asks(POST)
def refuse_it(reference: str) -> Answer:
    """Refuse what is left."""
    form = RefuseForm()
    try:
        with unit_of_work(_rows()) as session:
            refuse(session, current_actor(), current_clock(), reference, str(form.reason.data or ""))
    except RegistryError as error:
        return _refused(error, reference, IssueForm(formdata=None), form, form)
    return redirect(url_for("requisitions.requisition", reference=reference), 303)


def _refused(
    error: RegistryError, reference: str, issuing: IssueForm, refusing: RefuseForm, sent: PageForm
) -> tuple[str, int]:
    # Who may not see it is told so before anything else is shown.
    requisition_of(_rows(), current_actor(), reference, POST)
    record_refused(error, POST, f"requisition {reference}")
    return _page(reference, issuing, refusing, sent, show_refusal(sent, error)), UNREADABLE


def _page(
    reference: str,
    issuing: IssueForm,
    refusing: RefuseForm,
    sent: PageForm | None = None,
    findings: Sequence[Finding] = (),
) -> str:
    session, today = _rows(), current_clock().today()
    found, ward, pharmacy = requisition_of(session, current_actor(), reference, READ)
    product = product_of(session, found, today)
    lying = first_to_expire(session, [(pharmacy.id, product.product_id)], today)
    if sent is not issuing:
        issuing.occurred_on.data = f"{today:%d.%m.%Y}"
        issuing.quantity.data = stated(found.left_units, product.unit)
        issuing.batch.data = lying[0].label if lying else ""
    people = people_named(session, [each.recorded_by for each in found.answers])
    (line,) = _lines([found])
    return render_template(
        "requisitions/requisition.html",
        found=found,
        facts=[*zip([each["label"] for each in COLUMNS[1:]], line[1:], strict=True), (N_("What it is meant for"), found.purpose)],
        answers=[
            (each, _in_unit(each.units, product), f"{format_moment(each.recorded_at)}, {people[each.recorded_by]}")
            for each in found.answers
        ],
        lying=[(shelf.label, _in_unit(shelf.units, product)) for shelf in lying],
        unit=UNIT_NAMES[Unit(product.unit)],
        may_answer=bool(found.left_units) and policy.allows(current_actor(), POST, ward.organisation_id),
        issuing=issuing,
        refusing=refusing,
        sent=sent,
        findings=findings,
    )  # fmt: skip
