"""The register of what patients brought back, and the destruction of one entry of it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import Invalid, RegistryError
from registry.kernel.fields import Column, as_day
from registry.kernel.persons import as_document, as_note
from registry.kernel.text import N_, Message
from registry.parties.queries import sites_by_ids
from registry.stock.forms import DestructionForm
from registry.stock.pages.blueprint import (
    POST,
    READ_LINES,
    blueprint,
    in_unit,
    may,
    own_sites,
    product_name,
    rows,
    today,
)
from registry.stock.queries.returned import Returned, returned
from registry.stock.service.returned import Destruction, record_destruction, returned_of
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import format_day, say
from registry.web.page_forms import UNREADABLE, read_cells, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

COLUMNS = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Day")},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("Product")},
    {"label": N_("Batch"), "kind": "code"},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("What became of it")},
)
CELLS = (
    Column("destroyed_on", as_day),
    Column("document", as_document),
    Column("note", as_note, required=False),
)
NOT_RECORDED = Message(N_("Nothing was recorded."))
LIES_APART, DESTROYED = N_("lies apart"), N_("destroyed")


@blueprint.get("/patient-returns")
@asks(READ_LINES)
def patient_returns() -> str:
    """List what was brought back, what is not destroyed yet first; a firm sees its own."""
    own = own_sites(READ_LINES)
    number, size = asked_page(), asked_size()
    found, total = returned(rows(), None if own is None else [site.id for site in own], size, offset(number, size))
    return render_template(
        "stock/patient_returns.html",
        columns=COLUMNS,
        rows=_lines(found, may_end=may(POST)),
        page=Page(found, number, size, total),
    )


def _lines(found: list[Returned], *, may_end: bool) -> list[list[object]]:
    revisions = revisions_by_ids(rows(), {one.revision_id for one in found}, today())
    sites = sites_by_ids(rows(), {one.site_id for one in found})
    return [
        [
            {
                "text": one.reference,
                "href": url_for(
                    "stock.patient_return" if may_end and one.destroyed_on is None else "stock.movement",
                    reference=one.reference,
                ),
            },
            format_day(one.occurred_on),
            sites[one.site_id].code,
            f"{revisions[one.revision_id].code} {product_name(revisions[one.revision_id])}",
            one.label or None,
            in_unit(one.units, revisions[one.revision_id]),
            say(LIES_APART)
            if one.destroyed_on is None
            else f"{say(DESTROYED)}, {format_day(one.destroyed_on)}, {one.act}",
        ]
        for one in found
    ]


@blueprint.route("/patient-returns/<path:reference>", methods=["GET", "POST"])
@asks(POST)
def patient_return(reference: str) -> str | Response | tuple[str, int]:
    """Show one entry and ask for its destruction; record the one that is sent."""
    found = returned_of(rows(), current_actor(), reference)
    form = DestructionForm()
    if request.method == "GET":
        form.destroyed_on.data = f"{today():%d.%m.%Y}"
        return _page(form, found)
    try:
        values, problems = read_cells(CELLS, {name: form[name].data for name in ("destroyed_on", "document", "note")})
        if problems:
            raise Invalid(NOT_RECORDED, problems)
        values.pop("row")
        with unit_of_work(rows()) as session:
            record_destruction(session, current_actor(), current_clock(), reference, Destruction(**values))  # type: ignore[arg-type]
    except RegistryError as error:
        record_refused(error, POST, f"movement {reference}")
        show_refusal(form, error)
        return _page(form, found), UNREADABLE
    return redirect(url_for("stock.patient_returns"), 303)


def _page(form: DestructionForm, found: Returned) -> str:
    (line,) = _lines([found], may_end=False)
    return render_template(
        "stock/patient_return.html",
        form=form,
        returned=found,
        facts=list(zip([each["label"] for each in COLUMNS[1:]], line[1:], strict=True)),
    )
