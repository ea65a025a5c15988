"""The register of a product at a site and year: page by page on the screen, whole as PDF and XLSX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Response, render_template, request, url_for

from exports.formats.xlsx import MEDIA_TYPE
from exports.papers.book import render
from exports.stream import xlsx_rows
from registry.accounts.guard import asks
from registry.accounts.sessions import current_clock
from registry.db import read_one_moment
from registry.journals.domain.register import LINES, Heading, RegisterPage, pages_of
from registry.journals.pages.blueprint import (
    READ_LINES,
    asked_site,
    blueprint,
    in_unit,
    own_sites,
    rows,
    site_name,
    today,
)
from registry.journals.queries.register import RegisterAsked, heading, operations, others_of, products_moved
from registry.journals.wording import (
    CAPTIONS,
    LATE_MARK,
    Told,
    languages_of,
    product_in,
    register_book,
    register_columns,
    register_rows,
)
from registry.kernel.errors import NotFound
from registry.kernel.fields import BadCell, as_day
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_of_products
from registry.web.downloads import download
from registry.web.locale import current_language, format_day
from registry.web.paging import Page, asked_page

FILES = ("pdf", "xlsx")
FIRST_YEAR, LAST_YEAR = 1961, 2099
COLUMNS = tuple({"label": caption, "kind": "number" if number else "text"} for caption, _, number in CAPTIONS)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the address asks for; without a site or product there is nothing to show yet."""

    site: SiteFact | None
    products: Mapping[str, RevisionFact]
    product: RevisionFact | None
    year: int
    known_on: str
    moment: datetime


def _asked_year() -> int:
    text = request.args.get("year", "").strip() or str(today().year)
    if not text.isdecimal() or not text.isascii() or not FIRST_YEAR <= int(text[:5]) <= LAST_YEAR:
        raise NotFound(Message(N_("there is no year “%(year)s”: write it as 2026"), {"year": text[:20]}))
    return int(text)


def _asked_moment() -> tuple[str, datetime]:
    """Return the day as it was typed, and the last moment of it that has come; now where none is."""
    text, now = request.args.get("known", "").strip(), current_clock().now()
    if not text:
        return "", now
    try:
        day = as_day(text)
    except BadCell as bad:
        raise NotFound(bad.message) from bad
    end = datetime.combine(day, time(), current_clock().zone) + timedelta(days=1, microseconds=-1)
    return text, min(now, end)


def _choice() -> _Choice:
    read_one_moment(rows())
    own = own_sites(READ_LINES)
    site, year, (known_on, moment) = asked_site(own), _asked_year(), _asked_moment()
    moved = products_moved(rows(), site.id, year) if site is not None else []
    products = {each[-1].code: each[-1] for each in revisions_of_products(rows(), moved, today()).values()}
    code = request.args.get("product", "").strip()
    if code and site is not None and code not in products:
        named = {"code": code[:64], "site": site.code}
        raise NotFound(Message(N_("nothing of “%(code)s” ever lay at %(site)s"), named))
    return _Choice(site, dict(sorted(products.items())), products.get(code), year, known_on, moment)


def _told(chosen: _Choice, languages: tuple[str, ...]) -> tuple[Told, RegisterAsked]:
    """Return what a register is told with. Raises `NotFound` without a site and a product."""
    if chosen.site is None or chosen.product is None:
        raise NotFound(Message(N_("name the site and the product whose register you want")))
    asked = RegisterAsked(
        chosen.site.id, chosen.site.code, chosen.product.product_id, chosen.product.code, chosen.year, chosen.moment
    )
    others = sites_by_ids(rows(), others_of(rows(), asked))
    head: Heading = heading(rows(), asked)
    zone = current_clock().zone
    return Told(head, chosen.site, chosen.product, others, languages, chosen.moment.astimezone(zone), zone), asked


@blueprint.get("/register")
@asks(READ_LINES)
def register() -> str:
    """Show one page of a register, the last one where none is asked for; people of the authority name the site."""
    own, chosen = own_sites(READ_LINES), _choice()
    page, told = _shown(chosen) if chosen.product is not None else (None, None)
    listed = list(own or ()) or [one for one in (chosen.site,) if one is not None]
    kept: dict[str, Any] = {
        "site": chosen.site.code if chosen.site else None,
        "product": chosen.product.code if chosen.product else None,
        "year": chosen.year,
        "known": chosen.known_on or None,
    }
    return render_template(
        "journals/register.html",
        site=chosen.site,
        sites=[(each.code, site_name(each)) for each in listed],
        narrowed=own is not None,
        site_name=site_name,
        products=[(code, f"{code} {product_in(one, current_language())}") for code, one in chosen.products.items()],
        product=chosen.product,
        year=chosen.year,
        known_on=chosen.known_on,
        page=page,
        told=told,
        columns=COLUMNS,
        rows=_rows(told, page) if told is not None and page is not None else [],
        paging=Page(page.lines, page.number, LINES, told.heading.operations) if page and told else None,
        moment=chosen.moment,
        in_unit=in_unit,
        downloads=[(name.upper(), url_for("journals.register_file", name=name, **kept)) for name in FILES],
    )


def _shown(chosen: _Choice) -> tuple[RegisterPage, Told]:
    told, asked = _told(chosen, (current_language(),))
    last = told.heading.pages
    number = min(asked_page(), last) if request.args.get("page") else last
    pages = pages_of(told.heading, operations(rows(), asked))
    return next(page for page in pages if page.number == number), told


def _rows(told: Told, page: RegisterPage) -> list[list[object]]:
    figure = told.product

    def amount(units: int) -> str | None:
        return in_unit(units, figure) if units else None

    return [
        [
            str(line.number),
            format_day(line.operation.occurred_on) + (LATE_MARK if line.late else ""),
            format_day(told.recorded_on(line)),
            " ".join(told.kind(line)),
            {
                "text": line.operation.reference,
                "href": url_for("stock.movement", reference=line.operation.reference),
            },
            line.operation.document or None,
            told.other(line)[0] or None,
            line.operation.label or None,
            amount(line.operation.received),
            amount(line.operation.issued),
            in_unit(line.balance, figure),
        ]
        for line in page.lines
    ]


@blueprint.get("/register.<name>")
@asks(READ_LINES)
def register_file(name: str) -> Response:
    """Hand out the whole register: to print in Kyrgyz and Russian or in English, or as a spreadsheet."""
    if name not in FILES:
        raise NotFound(Message(N_("registers are handed out as %(known)s"), {"known": ", ".join(FILES)}))
    language = current_language()
    told, asked = _told(_choice(), languages_of(language) if name == "pdf" else (language,))
    pages = pages_of(told.heading, operations(rows(), asked))
    file = f"register-{asked.site}-{asked.product}-{asked.year}.{name}"
    if name == "pdf":
        return download(render(register_book(told, pages)), "application/pdf", file)
    title = f"{told.title[0]} {asked.site} {asked.product}"
    return download(xlsx_rows(title, register_columns(language), register_rows(told, pages)), MEDIA_TYPE, file)
