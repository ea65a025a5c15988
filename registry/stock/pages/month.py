"""The monthly sheet of one site: opening, receipts, issues, corrections, closing, by product and batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import Response, render_template, request, url_for

from exports.catalogue import format_named
from exports.document import Cell, Column, Kind, Quantity, Table, Text, list_document
from registry.accounts.guard import asks
from registry.kernel.errors import NotFound
from registry.kernel.mass import stated
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.stock.pages.blueprint import (
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
    unit_name,
)
from registry.stock.queries.month import MonthRow, month_sheet
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.downloads import download
from registry.web.locale import current_language, say, translate

DOWNLOADS = ("xlsx", "csv")
MONTHS_OFFERED = 24
FIRST_YEAR, LAST_YEAR = 1961, 2099
FIGURES = (N_("Opening"), N_("Received"), N_("Issued"), N_("Corrected"), N_("Closing"))
COLUMNS = (
    {"label": N_("Product"), "kind": "code"},
    {"label": N_("Name")},
    {"label": N_("Batch"), "kind": "code"},
    *({"label": caption, "kind": "number"} for caption in FIGURES),
    {"label": N_("Closing, anhydrous base")},
)


def _asked_month() -> date:
    """Return the first day of the month asked for, of this month where none is. Raises `NotFound`."""
    text = request.args.get("month", "").strip()
    if not text:
        return today().replace(day=1)
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = date.min
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise NotFound(Message(N_("there is no month “%(month)s”: write it as 2026-03"), {"month": text[:20]}))
    return first


def _next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def _asked_site(own: Sequence[SiteFact] | None) -> SiteFact | None:
    code = request.args.get("site", "").strip()
    if code:
        return site_named(code, own)
    return own[0] if own else None


def _read(site: SiteFact, first: date) -> tuple[list[MonthRow], Mapping[int, RevisionFact]]:
    found = month_sheet(rows(), site.id, first, _next_month(first) - timedelta(days=1))
    revisions = revisions_by_ids(rows(), {one.revision_id for one in found}, today())
    return sorted(found, key=lambda one: (revisions[one.revision_id].code, one.label)), revisions


@blueprint.get("/month")
@asks(READ)
def month() -> str:
    """Show the sheet of a month; people of the authority name the site."""
    own = own_sites(READ)
    site, first = _asked_site(own), _asked_month()
    found, revisions = _read(site, first) if site is not None else ([], {})
    chosen = [site] if site is not None else []
    return render_template(
        "stock/month.html",
        site=site,
        sites=[(each.code, f"{each.code} {site_name(each)}") for each in own or chosen],
        narrowed=own is not None,
        site_name=site_name,
        first=first,
        last=_next_month(first) - timedelta(days=1),
        asked=f"{first:%Y-%m}",
        months=_offered(first),
        columns=COLUMNS,
        register=page_at("/journals/register") if may(READ_LINES) else None,
        rows=[_row(one, revisions[one.revision_id]) for one in found],
        downloads=[
            (name.upper(), url_for("stock.month_file", name=name, site=site.code, month=f"{first:%Y-%m}"))
            for name in DOWNLOADS
            if site is not None
        ]
        + _paper(site, first),
    )


def _paper(site: SiteFact | None, first: date) -> list[tuple[str, str]]:
    """Return the link to the sheet as a paper, which another room prints."""
    address = page_at("/journals/month.pdf")
    if site is None or address is None:
        return []
    return [("PDF", f"{address}?{urlencode({'site': site.code, 'month': f'{first:%Y-%m}'})}")]


def _offered(asked: date) -> list[str]:
    """Return the latest months, and the one asked for, the youngest first."""
    months, first = {f"{asked:%Y-%m}"}, today().replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.add(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return sorted(months, reverse=True)


def _figures(one: MonthRow) -> tuple[int, ...]:
    return one.opening, one.receipts, one.issues, one.corrections, one.closing


def _row(one: MonthRow, revision: RevisionFact) -> list[object]:
    return [
        revision.code,
        product_name(revision),
        one.label or None,
        *(in_unit(units, revision) for units in _figures(one)),
        "; ".join(in_base([(one.closing, revision)])),
    ]


@blueprint.get("/month.<name>")
@asks(READ)
def month_file(name: str) -> Response:
    """Hand out the sheet as a file."""
    if name not in DOWNLOADS:
        raise NotFound(Message(N_("monthly sheets are handed out as %(known)s"), {"known": ", ".join(DOWNLOADS)}))
    site, first = _asked_site(own_sites(READ)), _asked_month()
    if site is None:
        raise NotFound(Message(N_("name the site whose sheet you want")))
    found, revisions = _read(site, first)
    title = translate(Message(N_("Stock of %(site)s, %(month)s"), {"site": site.code, "month": f"{first:%m.%Y}"}))
    columns = (
        Column(say(N_("Product")), width=14),
        Column(say(N_("Name")), width=40),
        Column(say(N_("Batch")), width=16),
        Column(say(N_("Unit")), width=8),
        *(Column(say(caption), Kind.QUANTITY, 14) for caption in FIGURES),
    )
    table = Table(columns, [_cells(one, revisions[one.revision_id]) for one in found])
    chosen = format_named(name)
    last = min(today(), _next_month(first) - timedelta(days=1))
    document = list_document(title, last, table, current_language())
    return download(chosen.render(document), chosen.media_type, f"stock-{first:%Y-%m}{chosen.ending}")


def _cells(one: MonthRow, revision: RevisionFact) -> list[Cell]:
    return [
        Text(revision.code),
        Text(product_name(revision)),
        Text(one.label),
        Text(say(unit_name(revision))),
        *(Quantity(stated(units, revision.unit)) for units in _figures(one)),
    ]
