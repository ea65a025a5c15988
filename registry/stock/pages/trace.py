"""A batch followed: where it came from, on which permit, whom it went to, where it lies now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import render_template, request, url_for

from registry.accounts.guard import asks
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.domain.kinds import LEVEL_CHANGE, MOVEMENT_KINDS
from registry.stock.pages.blueprint import (
    READ_LINES,
    blueprint,
    in_base,
    in_unit,
    own_sites,
    page_at,
    product_name,
    rows,
    site_name,
    today,
)
from registry.stock.queries.trace import Flow, batch_of, flows_of, held_of
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids, revisions_for_products
from registry.web.locale import format_day, say

HELD = (
    {"label": N_("Site")},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("Anhydrous base")},
)
CAME = (
    {"label": N_("Day")},
    {"label": N_("Site")},
    {"label": N_("Kind")},
    {"label": N_("Permit"), "kind": "code"},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("First entry"), "kind": "code"},
)
WENT = (
    {"label": N_("Day")},
    {"label": N_("Site")},
    {"label": N_("Kind")},
    {"label": N_("Receiver")},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("First entry"), "kind": "code"},
)
NO_BATCH = N_("there is no batch “%(batch)s” of %(product)s")


@blueprint.get("/batch")
@asks(READ_LINES)
def batch() -> str:
    """Show one batch from its import or manufacture to every shelf; a firm sees what touched its own sites."""
    code, label = request.args.get("product", "").strip(), request.args.get("batch", "").strip()
    session, own = rows(), own_sites(READ_LINES)
    revisions = revisions_for_products(session, {code}, today()).get(code, ())
    found = batch_of(session, revisions[0].product_id, label) if revisions else None
    ids = None if own is None else [site.id for site in own]
    flows = flows_of(session, found.id, ids) if found else []
    if found is None or (own is not None and not flows):
        raise NotFound(Message(NO_BATCH, {"batch": label[:64], "product": code[:64]}))
    revision = revisions_by_ids(session, [found.revision_id], today())[found.revision_id]
    held = held_of(session, found.id, ids)
    touched = {site for flow in flows for site in (flow.site_id, flow.counterparty_id) if site is not None}
    sites = sites_by_ids(session, touched | {one.site_id for one in held})
    came = [flow for flow in flows if flow.shelf > 0 and not MOVEMENT_KINDS[flow.kind].two_sided]
    went = [flow for flow in flows if flow not in came and flow.kind != LEVEL_CHANGE.code]
    return render_template(
        "stock/batch.html",
        code=revision.code,
        name=product_name(revision),
        label=found.label,
        expires_on=found.expires_on,
        expired=found.expires_on is not None and found.expires_on < today(),
        total=in_unit(sum(one.units for one in held), revision),
        held_columns=HELD,
        held=[
            [_named(sites[one.site_id]), in_unit(one.units, revision), "; ".join(in_base([(one.units, revision)]))]
            for one in held
        ],
        came_columns=CAME,
        came=[_line(flow, sites, revision, _permit(flow)) for flow in came],
        went_columns=WENT,
        went=[_line(flow, sites, revision, _other(flow, sites)) for flow in went],
        narrowed=own is not None,
    )


def _line(flow: Flow, sites: Mapping[int, SiteFact], revision: RevisionFact, fourth: object) -> Sequence[object]:
    days = format_day(flow.first_on)
    if flow.last_on != flow.first_on:
        days += f" – {format_day(flow.last_on)}"
    return [
        days,
        _named(sites[flow.site_id]),
        say(MOVEMENT_KINDS[flow.kind].name),
        fourth,
        in_unit(flow.units, revision),
        {"text": flow.reference, "href": url_for("stock.movement", reference=flow.reference)},
    ]


def _permit(flow: Flow) -> object:
    if flow.permit is None:
        return flow.country
    place = page_at(f"/permits/{flow.permit}")
    return {"text": flow.permit, "href": place} if place else flow.permit


def _other(flow: Flow, sites: Mapping[int, SiteFact]) -> str | None:
    if flow.counterparty_id is not None:
        return _named(sites[flow.counterparty_id])
    return " ".join(each for each in (flow.country, flow.permit) if each) or None


def _named(site: SiteFact) -> str:
    return f"{site.code} {site_name(site)}"
