"""Imported lots in quarantine, by age, and the decision on one."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import Problem, RegistryError
from registry.kernel.fields import BadCell
from registry.kernel.persons import as_document, as_note
from registry.kernel.text import N_
from registry.parameters.queries import course
from registry.parties.queries import sites_by_ids
from registry.stock.domain.quarantine import Lot, is_asked
from registry.stock.forms import LotForm
from registry.stock.pages.blueprint import (
    READ_LINES,
    blueprint,
    in_unit,
    own_sites,
    page_at,
    product_name,
    rows,
    today,
)
from registry.stock.queries.quarantine import lots_waiting
from registry.stock.service.quarantine import RELEASE, LotDecision, decide_lot, lot_of
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import format_day
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

COLUMNS = (
    {"label": N_("Entry of the import"), "kind": "code"},
    {"label": N_("Day of arrival")},
    {"label": N_("Days in quarantine"), "kind": "number"},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("Product")},
    {"label": N_("Batch"), "kind": "code"},
    {"label": N_("Quantity"), "kind": "number"},
)


@blueprint.get("/quarantine")
@asks(READ_LINES)
def quarantine() -> str:
    """List the lots nobody has decided on, the oldest first; a firm sees its own."""
    own = own_sites(READ_LINES)
    found = lots_waiting(rows(), course(rows()), None if own is None else [site.id for site in own])
    number, size = asked_page(), asked_size()
    shown = found[offset(number, size) : offset(number, size) + size]
    may = policy.holds(current_actor(), RELEASE)
    return render_template(
        "stock/quarantine.html",
        columns=COLUMNS,
        rows=_lines(shown, may=may),
        page=Page(shown, number, size, len(found)),
        acts=page_at("/counts/acts"),
    )


def _lines(lots: list[Lot], *, may: bool) -> list[list[object]]:
    revisions = revisions_by_ids(rows(), {lot.revision_id for lot in lots}, today())
    sites = sites_by_ids(rows(), {lot.site_id for lot in lots})
    page = "stock.lot" if may else "stock.movement"
    return [
        [
            {"text": lot.reference, "href": url_for(page, reference=lot.reference)},
            format_day(lot.occurred_on),
            (today() - lot.occurred_on).days,
            sites[lot.site_id].code,
            f"{revisions[lot.revision_id].code} {product_name(revisions[lot.revision_id])}",
            lot.label or None,
            in_unit(lot.units, revisions[lot.revision_id]),
        ]
        for lot in lots
    ]


@blueprint.route("/quarantine/<path:reference>", methods=["GET", "POST"])
@asks(RELEASE)
def lot(reference: str) -> str | Response | tuple[str, int]:
    """Show one lot and ask what is decided of it; keep the decision that is sent."""
    found = lot_of(rows(), current_actor(), reference)
    form = LotForm()
    if request.method == "GET":
        form.decided_on.data = today()
        return _page(form, found)
    said = {"document": "", "note": ""}
    for name, read in (("document", as_document), ("note", as_note)):
        try:
            said[name] = read(str(form[name].data or "").strip()) if form[name].data else ""
        except BadCell as bad:
            form.add_problems([Problem(name, bad.code, bad.message)])
    if form.errors or not form.validate():
        return _page(form, found), UNREADABLE
    decision = LotDecision(
        form.decision.data == "release", form.decided_on.data, said["document"], said["note"] or None
    )
    try:
        with unit_of_work(rows()) as session:
            decide_lot(session, current_actor(), current_clock(), reference, decision)
    except RegistryError as error:
        show_refusal(form, error)
        return _page(form, found), UNREADABLE
    return redirect(url_for("stock.quarantine"), 303)


def _page(form: LotForm, found: Lot) -> str:
    (line,) = _lines([found], may=False)
    return render_template(
        "stock/lot.html",
        form=form,
        lot=found,
        asked=is_asked(course(rows()), found.occurred_on),
        facts=list(zip([each["label"] for each in COLUMNS[1:]], line[1:], strict=True)),
    )
