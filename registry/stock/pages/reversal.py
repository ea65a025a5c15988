"""Reversal: the only way to correct an entry. Chosen, confirmed with a reason, posted as an entry of its own."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.kernel.errors import Problem
from registry.kernel.mass import stated
from registry.kernel.rules import Finding
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.domain.kinds import MOVEMENT_KINDS, REVERSE
from registry.stock.forms import ReversalForm
from registry.stock.pages.blueprint import POST, blueprint, in_unit, product_name, rows, site_name, today
from registry.stock.pages.movements import entry_for_reader
from registry.stock.pages.typed import REQUIRED, Refused, post_typed, proposed_reference, show_refused
from registry.stock.queries.journal import JournalEntry
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.page_forms import UNREADABLE


def _asked() -> tuple[JournalEntry, SiteFact, RevisionFact]:
    """Return the entry to reverse; only the organisation that entered it may: for the receiver it is `Forbidden`."""
    entry = entry_for_reader(str(request.values.get("document", "")).strip(), POST)
    site = sites_by_ids(rows(), [entry.site_id])[entry.site_id]
    policy.require(current_actor(), POST, site.organisation_id)
    return entry, site, revisions_by_ids(rows(), [entry.revision_id], today())[entry.revision_id]


@blueprint.route("/reverse", methods=["GET", "POST"])
@asks(POST)
def reverse() -> str | Response | tuple[str, int]:
    """Show the entry and ask for the reason; post the reversal that is sent."""
    entry, site, revision = _asked()
    if request.method == "POST":
        return _record(entry, site, revision)
    form = ReversalForm(formdata=None)
    form.occurred_on.data = f"{today():%d.%m.%Y}"
    form.reference.data = proposed_reference(site)
    return _page(form, entry, site, revision)


def _record(entry: JournalEntry, site: SiteFact, revision: RevisionFact) -> str | Response | tuple[str, int]:
    """Post the reversal, or show the form again with everything that is wrong."""
    form = ReversalForm()
    if not (form.note.data or "").strip():
        refused = Refused((Problem("note", "missing", REQUIRED),), ())
        return _page(form, entry, site, revision, show_refused(form, refused)), UNREADABLE
    cells = {field.name: str(field.data or "") for field in form} | {
        "kind": REVERSE.code,
        "site": site.code,
        "product": revision.code,
        "quantity": stated(entry.units, revision.unit),
        "batch": entry.label,
        "document": entry.reference,
    }
    outcome = post_typed(cells)
    if isinstance(outcome, Refused):
        return _page(form, entry, site, revision, show_refused(form, outcome)), UNREADABLE
    again = "again" if outcome.duplicates else "yes"
    return redirect(url_for("stock.movement", reference=cells["reference"].strip(), entered=again), 303)


def _page(
    form: ReversalForm, entry: JournalEntry, site: SiteFact, revision: RevisionFact, findings: Sequence[Finding] = ()
) -> str:
    return render_template(
        "stock/reverse.html",
        form=form,
        entry=entry,
        kind=MOVEMENT_KINDS[entry.kind],
        site=f"{site.code} {site_name(site)}",
        product=f"{revision.code} {product_name(revision)}",
        quantity=in_unit(entry.units, revision),
        findings=findings,
    )
