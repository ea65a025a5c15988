"""Entry of one movement in two steps: what moved and where; then how much, with only the fields that kind needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts.guard import asks
from registry.kernel.errors import NotFound
from registry.kernel.mass import stated
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.licences.queries import licences_of
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.permits.domain.facts import PermitFact
from registry.permits.queries import permits_by_numbers, permits_of
from registry.stock.domain.kinds import (
    ENTERED_KINDS,
    PROCESS_IN,
    PROCESS_OUT,
    REVERSE,
    TRANSFER,
    MovementKind,
)
from registry.stock.domain.paper import needed
from registry.stock.forms import EntryForm
from registry.stock.pages.blueprint import (
    POST,
    blueprint,
    in_unit,
    own_sites,
    product_name,
    rows,
    site_name,
    site_named,
    today,
    unit_name,
)
from registry.stock.pages.typed import Refused, foreseen, post_typed, proposed_reference, show_refused
from registry.stock.queries.held import ShelfFact, held_products, shelves_of
from registry.stock.queries.journal import counterparties_of
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.products import (
    current_revisions,
    find_products,
    revisions_by_ids,
    revisions_for_products,
)
from registry.web.locale import current_language, format_day, say, translate
from registry.web.page_forms import UNREADABLE

OFFERED = 500
BATCHES_OFFERED = 100
PERMITS_OFFERED = 100
NO_PERMIT = N_("there is no permit with the number “%(code)s”")
UNKNOWN_PRODUCT = N_("No product fits “%(text)s”. Type its code or a part of its name.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the first step has settled."""

    kind: MovementKind
    site: SiteFact
    product: RevisionFact


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says; `permit` stands for kind, product, quantity and country where it is named."""

    kind: str
    site: str
    product: str
    permit: PermitFact | None

    def as_query(self, **changes: str) -> dict[str, str]:
        """Return the address's parameters with `changes`, empty ones left out."""
        values = {
            "kind": self.kind,
            "site": self.site,
            "product": self.product,
            "permit": self.permit.number if self.permit else "",
            "batch": _argument("batch"),
        } | changes
        return {name: value for name, value in values.items() if value}


def _argument(name: str) -> str:
    return str(request.values.get(name, "")).strip()


@blueprint.route("/enter", methods=["GET", "POST"])
@asks(POST)
def enter() -> str | Response | tuple[str, int]:
    """Show the first step, or the second once kind, site and product are settled; record what is sent."""
    own = own_sites(POST) or []
    asked = _asked(own)
    chosen = _settled(asked, own)
    if chosen is None:
        return redirect(enter_href(asked), 303) if request.method == "POST" else _first_step(asked, own)
    if request.method == "POST":
        return _record(chosen, asked)
    form = EntryForm(formdata=None)
    _prefill(form, chosen, asked.permit)
    return _second_step(form, chosen, asked)


def _record(chosen: Chosen, asked: Asked) -> str | Response | tuple[str, int]:
    """Record the movement, or show the form again with everything that is wrong."""
    form = EntryForm()
    cells = {field.name: str(field.data or "") for field in form}
    cells |= {"kind": chosen.kind.code, "site": chosen.site.code, "product": chosen.product.code}
    outcome = post_typed(cells, foreseen(chosen.kind, chosen.product, cells))
    if isinstance(outcome, Refused):
        findings = show_refused(form, outcome)
        return _second_step(form, chosen, asked, findings), UNREADABLE
    again = "again" if outcome.duplicates else "yes"
    return redirect(url_for("stock.movement", reference=cells["reference"].strip(), entered=again), 303)


def enter_href(asked: Asked, **changes: str) -> str:
    """Return the address of the first step that is not settled yet."""
    query: dict[str, Any] = asked.as_query(**changes)
    return url_for("stock.enter", **query)


def _asked(own: Sequence[SiteFact]) -> Asked:
    """Read the address or form. Raises `NotFound` for a permit that is not of the own organisation."""
    number = _argument("permit") if request.method == "GET" else ""
    permit = permits_by_numbers(rows(), [number]).get(number) if number else None
    if number and (permit is None or permit.organisation_id not in {site.organisation_id for site in own}):
        raise NotFound(Message(NO_PERMIT, {"code": number[:64]}))
    kind, site, product = _argument("kind"), _argument("site"), _argument("product")
    if permit is not None:
        kind = kind or next((each.code for each in ENTERED_KINDS.values() if each.trade == permit.kind), "")
        product = product or _only_product(permit)
    if not site and len(own) == 1:
        site = own[0].code
    if not site and permit is not None and own:
        site = own[0].code
    return Asked(kind, site, product, permit)


def _only_product(permit: PermitFact) -> str:
    lines = list(permit.lines.values())
    return (
        revisions_by_ids(rows(), [lines[0].revision_id], today())[lines[0].revision_id].code if len(lines) == 1 else ""
    )


def _settled(asked: Asked, own: Sequence[SiteFact]) -> Chosen | None:
    kind = ENTERED_KINDS.get(asked.kind)
    if kind is None or kind is REVERSE or not asked.site or not asked.product:
        return None
    site = site_named(asked.site, own)
    revisions = revisions_for_products(rows(), [asked.product], today()).get(asked.product)
    return Chosen(kind, site, revision_on(revisions, today())) if revisions else None


def _first_step(asked: Asked, own: Sequence[SiteFact]) -> str:
    site = next((each for each in own if each.code == asked.site), own[0] if own else None)
    usual, others = kinds_for(site)
    return render_template(
        "stock/enter_what.html",
        asked=asked,
        usual=usual,
        others=others,
        sites=[(each.code, f"{each.code} {site_name(each)}") for each in own],
        products=_products(asked, own),
        found=[(one.code, product_name(one)) for one in _matches(asked)],
        keep={name: value for name, value in asked.as_query().items() if name in {"permit", "batch"}},
        unknown=translate(Message(UNKNOWN_PRODUCT, {"text": asked.product[:64]})) if asked.product else None,
    )


def kinds_for(site: SiteFact | None) -> tuple[list[MovementKind], list[MovementKind]]:
    """Return the kinds the site is licensed for by a particular act, and all others."""
    acts: frozenset[str] = frozenset()
    if site is not None:
        licences = licences_of(rows(), {site.organisation_id}).get(site.organisation_id, ())
        acts = acts.union(*(licence.acts for licence in licences if licence.site_id in (None, site.id)))
    kinds = [kind for kind in ENTERED_KINDS.values() if kind is not REVERSE]
    usual = [kind for kind in kinds if kind.acts & acts]
    return usual, [kind for kind in kinds if kind not in usual]


def _products(asked: Asked, own: Sequence[SiteFact]) -> list[tuple[str, str]]:
    """Return products to offer: those of the permit, or those on the own shelves first, then all others."""
    session, day = rows(), today()
    if asked.permit is not None:
        ids = [line.revision_id for line in asked.permit.lines.values()]
        offered = list(revisions_by_ids(session, ids, day).values())
    else:
        held = {one.product_id for one in held_products(session, [site.id for site in own], day)}
        offered = sorted(current_revisions(session, day), key=lambda one: (one.product_id not in held, one.code))
    return [(one.code, product_name(one)) for one in offered[:OFFERED]]


def _matches(asked: Asked) -> list[RevisionFact]:
    """Return what the text typed for the product may mean, where it is no code."""
    if not asked.product or revisions_for_products(rows(), [asked.product], today()):
        return []
    return find_products(rows(), asked.product, 20, today())


def _prefill(form: EntryForm, chosen: Chosen, permit: PermitFact | None) -> None:
    form.kind.data, form.site.data, form.product.data = chosen.kind.code, chosen.site.code, chosen.product.code
    form.occurred_on.data = f"{today():%d.%m.%Y}"
    form.reference.data = proposed_reference(chosen.site)
    form.batch.data = _argument("batch")
    if permit is not None:
        form.permit.data, form.country.data = permit.number, permit.partner_country
        line = permit.lines.get(chosen.product.product_id)
        if line is not None and line.units > line.arrived_units:
            form.quantity.data = stated(line.units - line.arrived_units, chosen.product.unit)


def _second_step(form: EntryForm, chosen: Chosen, asked: Asked, findings: Sequence[Finding] = ()) -> str:
    kind, product = chosen.kind, chosen.product
    shelves = _offered(shelves_of(rows(), [chosen.site.id], [product.product_id], limit=BATCHES_OFFERED), kind)
    permits = _permits(chosen) if kind.trade else []
    return render_template(
        "stock/enter_how.html",
        form=form,
        kind=kind,
        site=f"{chosen.site.code} {site_name(chosen.site)}",
        product=f"{product.code} {product_name(product)}",
        unit=unit_name(product),
        change=enter_href(asked, product="", batch="", permit=""),
        batches=_batches(shelves, product),
        others=_others(chosen) if kind.two_sided else [],
        permits=permits,
        countries=sorted({permit.partner_country for permit in permits}),
        needs=needed(kind) | {"same_document": kind in (PROCESS_IN, PROCESS_OUT)},
        findings=findings,
    )


def _offered(shelves: Sequence[ShelfFact], kind: MovementKind) -> list[ShelfFact]:
    """Return the batches to offer, the first to expire first; what has expired comes last where it may not be used."""
    day = today()
    return sorted(
        shelves,
        key=lambda one: (kind.issues and one.has_expired(day), one.expires_on or date.max, one.label),
    )


def _batches(shelves: Sequence[ShelfFact], product: RevisionFact) -> list[tuple[str, str, date | None, bool]]:
    return [(one.label, in_unit(one.units, product), one.expires_on, one.has_expired(today())) for one in shelves]


def _others(chosen: Chosen) -> list[tuple[str, str]]:
    """Return sites to offer as the other side: own ones for a transfer, else those dealt with before."""
    if chosen.kind is TRANSFER:
        sites: Mapping[int, SiteFact] = {site.id: site for site in own_sites(POST) or [] if site.id != chosen.site.id}
        order = list(sites)
    else:
        order = counterparties_of(rows(), chosen.site.id, chosen.kind.code)
        sites = sites_by_ids(rows(), order)
    return [(sites[number].code, sites[number].name_in(current_language(), today())) for number in order]


def _permits(chosen: Chosen) -> list[PermitFact]:
    """Return the open permits of the organisation that name the product."""
    found = permits_of(rows(), chosen.site.organisation_id, chosen.kind.trade, today(), PERMITS_OFFERED)
    return [permit for permit in found if chosen.product.product_id in permit.lines]


@blueprint.app_template_filter()
def permit_words(permit: PermitFact) -> str:
    """Write a permit as a choice: country and last day."""
    return say(N_("%(country)s, until %(day)s")) % {
        "country": permit.partner_country,
        "day": format_day(permit.expires_on),
    }
