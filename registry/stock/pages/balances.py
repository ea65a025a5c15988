"""Balances: what lies on the shelves of a site, or of the reader's own sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts.guard import asks
from registry.kernel.codes import search_key
from registry.kernel.text import N_
from registry.parameters.queries import course
from registry.parties.domain import ORGANISATION_KINDS, SiteFact
from registry.parties.queries import find_sites
from registry.stock.forms import BalanceFilter, SiteFilter
from registry.stock.pages.blueprint import (
    POST,
    READ,
    READ_LINES,
    blueprint,
    in_base,
    in_unit,
    may,
    own_sites,
    page_at,
    product_name,
    rows,
    site_name,
    site_named,
    today,
)
from registry.stock.queries.held import HeldProduct, ShelfFact, held_products, shelves_of
from registry.stock.queries.quarantine import closed_lots
from registry.stock.queries.receipts import unconfirmed_units
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import say
from registry.web.paging import Page, asked_page, asked_size, offset

EXPIRING_DAYS = 90
ACTS = "/counts/acts/new"
"""Where an act of destruction is drafted: a page of a room above this one, known by its address only."""
SITE_COLUMNS = ({"label": N_("Code"), "kind": "code"}, {"label": N_("Site")}, {"label": N_("Kind")})


@blueprint.get("/")
@asks(READ)
def balances() -> str:
    """Show the shelves of the own sites; people of the authority first choose a site."""
    own = own_sites(READ)
    form = BalanceFilter.asked()
    code = request.args.get("site", "").strip()
    if own is None and not code:
        return _choose_site()
    chosen = [site_named(code, own)] if code else list(own or ())
    form.site.choices = [
        SelectChoice("", say(N_("all sites"))),
        *(SelectChoice(site.code, f"{site.code} {site_name(site)}") for site in own or chosen),
    ]
    day = today()
    soon = day + timedelta(days=EXPIRING_DAYS)
    until = day - timedelta(days=1) if form.expired.data else soon
    session, ids = rows(), [site.id for site in chosen]
    held = held_products(session, ids, until)
    revisions = revisions_by_ids(session, {one.revision_id for one in held}, day)
    held = _fitting(held, revisions, form.word("q"))
    only = until if form.expiring.data or form.expired.data else None
    if only is not None:
        held = [one for one in held if one.expiring]
    products = sorted(
        {one.product_id for one in held},
        key={one.product_id: revisions[one.revision_id].code for one in held}.__getitem__,
    )
    number, size = asked_page(), asked_size()
    shelves = shelves_of(session, ids, products, expiring_by=only, limit=size, offset=offset(number, size))
    closed = {
        lot.shelf for lot in closed_lots(session, course(session), {(one.site_id, one.batch_id) for one in shelves})
    }
    waiting = unconfirmed_units(session, {(one.site_id, one.batch_id) for one in shelves})
    total = sum(one.expiring if only is not None else one.shelves for one in held)
    return render_template(
        "stock/balances.html",
        form=form,
        chosen=chosen[0] if len(chosen) == 1 else None,
        site_name=site_name,
        narrowed=own is not None,
        day=day,
        totals=_totals(held, revisions),
        expiring=sum(one.expiring for one in held),
        expired_only=bool(form.expired.data),
        shelves=[
            _shelf(one, revisions, {site.id: site for site in chosen}, day, soon)
            | {
                "unconfirmed": in_unit(units, revisions[one.revision_id])
                if (units := waiting.get((one.site_id, one.batch_id)))
                else None,
                "quarantined": (one.site_id, one.batch_id) in closed,
            }
            for one in shelves
        ],
        waiting=any(waiting.values()),
        page=Page(shelves, number, size, total),
        may_enter=may(POST),
        register=page_at("/journals/register") if may(READ_LINES) else None,
    )


def _choose_site() -> str:
    form = SiteFilter.asked()
    number, size = asked_page(), asked_size()
    found = find_sites(rows(), form.word("q"), limit=size, offset=offset(number, size))
    return render_template(
        "stock/sites.html",
        form=form,
        columns=SITE_COLUMNS,
        rows=[
            [
                {"text": site.code, "href": url_for("stock.balances", site=site.code)},
                site_name(site),
                say(ORGANISATION_KINDS[site.latest.kind].name),
            ]
            for site in found.sites
        ],
        page=Page(found.sites, number, size, found.total),
    )


def _fitting(held: Sequence[HeldProduct], revisions: Mapping[int, RevisionFact], words: str) -> list[HeldProduct]:
    """Return what fits the words typed: code or any name of the product."""
    wanted = search_key(words)
    return [
        one
        for one in held
        if not wanted
        or any(
            wanted in search_key(text)
            for revision in (revisions[one.revision_id],)
            for text in (revision.code, revision.name, revision.name_ru, revision.name_ky)
        )
    ]


def _totals(held: Sequence[HeldProduct], revisions: Mapping[int, RevisionFact]) -> list[dict[str, object]]:
    """Return one line per product; stock of an older composition counts with that composition."""
    by_product: dict[int, list[tuple[int, RevisionFact]]] = defaultdict(list)
    for one in held:
        by_product[one.product_id].append((one.units, revisions[one.revision_id]))
    lines: list[dict[str, object]] = []
    for amounts in sorted(by_product.values(), key=lambda amounts: amounts[0][1].code):
        revision = max((each for _, each in amounts), key=lambda each: each.number)
        lines.append(
            {
                "code": revision.code,
                "name": product_name(revision),
                "quantity": in_unit(sum(units for units, _ in amounts), revision),
                "base": in_base(amounts),
                "journal": url_for("stock.movements", product=revision.code) if may(READ_LINES) else None,
            }
        )
    return lines


def _shelf(
    one: ShelfFact, revisions: Mapping[int, RevisionFact], sites: Mapping[int, SiteFact], day: date, soon: date
) -> dict[str, object]:
    revision, site = revisions[one.revision_id], sites[one.site_id]
    return {
        "site": site.code,
        "code": revision.code,
        "name": product_name(revision),
        "label": one.label,
        "expires_on": one.expires_on,
        "expired": one.has_expired(day),
        "soon": one.expires_on is not None and day <= one.expires_on <= soon,
        "quantity": in_unit(one.units, revision),
        "base": in_base([(one.units, revision)]),
        "trace": url_for("stock.batch", product=revision.code, batch=one.label or None) if may(READ_LINES) else None,
        "enter": url_for("stock.enter", site=site.code, product=revision.code, batch=one.label or None),
        "destruction": f"{ACTS}?{urlencode({'site': site.code, 'product': revision.code, 'batch': one.label})}",
    }
