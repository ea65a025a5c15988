"""The monthly sheet to print: what the book says, places to write what was found, and who signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from flask import Response, request

from exports.book import Book, BookColumn, Leaf
from exports.document import shown_number
from exports.paper import Both, Field
from exports.papers.book import render
from registry.accounts.guard import asks
from registry.accounts.sessions import current_clock
from registry.journals.pages.blueprint import READ, asked_site, blueprint, own_sites, rows, today
from registry.journals.wording import HEAD, PAGE_NAME, RESPONSIBLE, both, languages_of, product_in
from registry.kernel.errors import NotFound
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.stock.queries.month import MonthRow, month_sheet
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.downloads import download
from registry.web.locale import current_language, format_moment

LINES = 15
ROW_HEIGHT = 25
FIRST_YEAR, LAST_YEAR = 1961, 2099
CAPTIONS = (
    (N_("No."), 4, False),
    (N_("Product"), 30, False),
    (N_("Batch"), 13, False),
    (N_("Unit"), 8, False),
    (N_("Opening"), 10, True),
    (N_("Received"), 10, True),
    (N_("Issued"), 10, True),
    (N_("Corrected"), 10, True),
    (N_("By the book"), 10, True),
    (N_("As found"), 12, True),
    (N_("Difference"), 12, True),
)
BY_HAND = N_("What was found and the difference are written by hand after the count; both people sign every page.")


def _asked_month() -> date:
    text = request.args.get("month", "").strip()
    try:
        first = date.fromisoformat(f"{text}-01") if text else today().replace(day=1)
    except ValueError:
        first = date.min
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise NotFound(Message(N_("there is no month “%(month)s”: write it as 2026-03"), {"month": text[:20]}))
    return first


@blueprint.get("/month.pdf")
@asks(READ)
def month_paper() -> Response:
    """Hand out the sheet of a site and month to be printed, in Kyrgyz and Russian or in English."""
    site, first = asked_site(own_sites(READ)), _asked_month()
    if site is None:
        raise NotFound(Message(N_("name the site whose sheet you want")))
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    found = month_sheet(rows(), site.id, first, last)
    revisions = revisions_by_ids(rows(), {one.revision_id for one in found}, today())
    found.sort(key=lambda one: (revisions[one.revision_id].code, one.label))
    book = month_book(site, first, found, revisions, languages_of(current_language()), current_clock().now())
    return download(render(book), "application/pdf", f"stock-{site.code}-{first:%Y-%m}.pdf")


def month_book(
    site: SiteFact,
    first: date,
    found: Sequence[MonthRow],
    revisions: Mapping[int, RevisionFact],
    languages: Both,
    moment: datetime,
) -> Book:
    """Return the sheet as pages to print, an empty one where nothing lay there and nothing moved."""
    lines = [_line(number, one, revisions[one.revision_id], languages) for number, one in enumerate(found, start=1)]
    leaves = [Leaf(part, foot=f"{site.code} · {first:%m.%Y}") for part in _parts(lines)]
    facts = (
        (N_("Site"), tuple(f"{site.code} {site.name_in(language, moment.date())}" for language in languages)),
        (N_("As known at"), tuple(format_moment(moment, language=language) for language in languages)),
    )
    return Book(
        title=tuple(f"{text}, {first:%m.%Y}" for text in both(languages, N_("Monthly sheet"))),
        facts=tuple(Field(both(languages, label), value) for label, value in facts),
        columns=tuple(BookColumn(both(languages, caption), share, number) for caption, share, number in CAPTIONS),
        leaves=leaves,
        pages=len(leaves),
        page_name=both(languages, PAGE_NAME, {"number": "%(number)s", "pages": "%(pages)s"}),
        notes=(both(languages, BY_HAND),),
        signatures=(both(languages, RESPONSIBLE), both(languages, HEAD)),
        row_height=ROW_HEIGHT,
        language=languages[0],
    )


def _line(number: int, one: MonthRow, revision: RevisionFact, languages: Both) -> list[Both]:
    figures = (one.opening, one.receipts, one.issues, one.corrections, one.closing)
    return [
        (str(number),),
        tuple(f"{revision.code} {product_in(revision, language)}" for language in languages),
        (one.label,),
        tuple(word.lower() for word in both(languages, UNIT_NAMES[Unit(revision.unit)])),
        *(tuple(shown_number(stated(units, revision.unit), language) for language in languages) for units in figures),
        (),
        (),
    ]


def _parts(lines: Sequence[list[Both]]) -> list[Sequence[list[Both]]]:
    """Return the lines of each page, one page without lines where there are none."""
    return [lines[start : start + LINES] for start in range(0, max(1, len(lines)), LINES)]
