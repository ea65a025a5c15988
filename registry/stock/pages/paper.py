"""A page of the journal: many movements of one site at once, typed, pasted or scanned; recorded whole or not at all."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.intake.check import Checked, Report
from registry.intake.reader import Table
from registry.kernel.errors import Problem
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.stock.domain.kinds import ENTERED_KINDS, MovementKind
from registry.stock.domain.lines import COLUMNS
from registry.stock.domain.paper import (
    CAPTIONS,
    MOST_ROWS,
    TOKEN,
    headings,
    is_filled,
    needed,
    own_reference,
    plain,
    read_pasted,
)
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
)
from registry.stock.pages.entry import kinds_for
from registry.stock.pages.typed import REQUIRED, SOURCE, attempt, foreseen, shown_unit
from registry.stock.queries.held import ShelfFact, held_products, shelves_of
from registry.stock.service import post_entered
from registry.stock.service.reading import Reader, Reading
from registry.stock.service.tried import PAGE_TRIED, TriedPage
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import current_revisions
from registry.web.locale import LANGUAGES, format_day, say, translate, translate_in
from registry.web.page_forms import UNREADABLE
from registry.web.paging import asked_count

EMPTY_ROWS = 5
BATCHES = 1000
NOTHING_TYPED = Message(N_("Fill in at least one row."))
TOO_MANY = Message(
    N_("A page holds at most %(most)s rows: send the others as a file or on a second page."), {"most": MOST_ROWS}
)
NOT_UNDERSTOOD = N_("Headings that were not understood: %(names)s")
OTHER_EXPIRY = N_("batch %(batch)s is recorded with another expiry date: %(day)s")


@dataclass(slots=True)
class Row:
    """One row as the page shows it: its number, what stands in its cells, what is wrong with each, rules it broke."""

    number: int
    cells: Mapping[str, str]
    wrong: Mapping[str, Sequence[str]]
    rules: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a page: a report whose rows are those of the page, and its rows as they were read."""

    report: Report
    readings: Mapping[int, Reading]


@blueprint.get("/journal")
@asks(POST)
def paper() -> str:
    """Show an empty page of one of the own sites."""
    own = own_sites(POST) or []
    site = _site(own, request.args.get("site", ""))
    return _page(own, site, new_token(), empty_rows(site, 1, EMPTY_ROWS))


@blueprint.post("/journal")
@asks(POST)
def record_paper() -> str | Response | tuple[str, int]:
    """Record the page whole, or show it again with everything that is wrong; a program is answered in JSON."""
    own = own_sites(POST) or []
    site = site_named(request.form.get("site", "").strip(), own)
    token = request.form.get("token", "")
    token = token if TOKEN.fullmatch(token) else new_token()
    typed = _typed_rows()
    step = request.form.get("step", "")
    if step == "more":
        return _page(own, site, token, [*_as_rows(typed), *empty_rows(None, max(typed, default=0) + 1, EMPTY_ROWS)])
    if step == "paste":
        return _paste(own, site, token, typed)
    outcome = _record(site, token, typed)
    if request.accept_mimetypes.best == "application/json":
        answer = jsonify(outcome.report.as_json(translate))
        answer.status_code = UNREADABLE if outcome.report.refused else 200
        return answer
    if outcome.report.refused:
        return _refused(own, site, token, typed, outcome), UNREADABLE
    done = outcome.report
    counts = {"recorded": done.accepted, "again": done.duplicates, "flags": len(done.findings)}
    query: dict[str, Any] = {name: count for name, count in counts.items() if count}
    return redirect(url_for("stock.paper", site=site.code, **query), 303)


@blueprint.get("/scan")
@asks(POST)
def scanned() -> Response:
    """Say what a scanned code stands for: product, batch, expiry, and what is wrong with it."""
    own = own_sites(POST) or []
    site = _site(own, request.args.get("site", ""))
    products = current_revisions(rows(), today())
    reading = Reading({"product": request.args.get("code", "")[:1000]})
    Reader(products, {}, today()).product(reading)
    told = [*reading.problems, *_expiry(site, products, reading.cells)]
    return jsonify(
        cells={name: text for name, text in reading.cells.items() if text},
        problems=[{"column": one.column, "code": one.code, "message": translate(one.message)} for one in told],
    )


def new_token() -> str:
    """Return the token of a new page: the same page sent twice is recorded once."""
    return f"{today():%Y%m%d}-{secrets.token_hex(5)}"


def kind_names() -> dict[str, str]:
    """Return what people call each kind, in every language, as compared -> its code."""
    return {
        plain(translate_in(language, Message(kind.name))): kind.code
        for kind in ENTERED_KINDS.values()
        for language in LANGUAGES
    }


def all_headings() -> dict[str, str]:
    """Return every heading that is understood -> the column it stands for."""
    return headings(
        (column, translate_in(language, Message(caption)))
        for column, caption in CAPTIONS.items()
        for language in LANGUAGES
    )


def kind_choices(site: SiteFact | None) -> list[tuple[str, list[tuple[MovementKind, str]]]]:
    """Return the kinds in their groups, each with the cells it asks for."""
    usual, others = kinds_for(site)
    groups = ((N_("What this site is licensed for"), usual), (N_("Everything else"), others))
    return [
        (group, [(kind, " ".join(name for name, wanted in needed(kind).items() if wanted)) for kind in kinds])
        for group, kinds in groups
        if kinds
    ]


def offered_products(own: Sequence[SiteFact]) -> list[RevisionFact]:
    """Return the products there are, those on the own shelves first."""
    held = {one.product_id for one in held_products(rows(), [site.id for site in own], today())}
    return sorted(current_revisions(rows(), today()), key=lambda one: (one.product_id not in held, one.code))


def _site(own: Sequence[SiteFact], code: str) -> SiteFact | None:
    """Return the site asked for, else the first of the own ones; None for who has none."""
    return site_named(code.strip(), own) if code.strip() else next(iter(own), None)


def _typed_rows() -> dict[int, dict[str, str]]:
    """Return what stands in the rows of the form by their numbers, rows that hold nothing among them."""
    columns = [request.form.getlist(name) for name in CAPTIONS]
    numbers = [int(text) for text in request.form.getlist("row") if text.isascii() and text.isdigit() and len(text) < 5]  # noqa: PLR2004
    typed = {
        number: dict(zip(CAPTIONS, cells, strict=True))
        for number, *cells in zip(numbers, *columns, strict=False)  # a broken form is read as far as it goes
    }
    return dict(sorted(typed.items()))


def _record(site: SiteFact, token: str, typed: Mapping[int, dict[str, str]]) -> Outcome:
    """Record what was typed; rows that hold nothing are passed over."""
    filled = {number: row for number, row in typed.items() if is_filled(row)}
    if not filled or len(filled) > MOST_ROWS:
        report = Report("movements", problems=[Problem("", "rows", TOO_MANY if filled else NOTHING_TYPED)])
        return Outcome(report, {})
    products = {one.code: one for one in current_revisions(rows(), today())}
    readings = Reader(list(products.values()), kind_names(), today()).read(_with_day_and_kind(typed, filled))
    lines = [
        reading.cells
        | {
            "site": site.code,
            "reference": reading.cells["reference"].strip() or own_reference(site.code, token, number),
        }
        for number, reading in readings.items()
    ]
    numbers = list(readings)
    unread = [problem for reading in readings.values() for problem in reading.problems]

    def act(session: Session, *, checked: Checked) -> Report:
        report = post_entered(session, current_actor(), current_clock(), checked, SOURCE)
        report.problems = [*unread, *(_placed(each, numbers) for each in report.problems)]
        report.findings = [replace(each, row=numbers[each.row - 1] if each.row else None) for each in report.findings]
        return report

    report = attempt(act, COLUMNS, lines, f"{site.code} {token}")
    names = tuple(column.name for column in COLUMNS)
    table = Table(names, [[line.get(name, "") for name in names] for line in lines], numbers)
    with unit_of_work(rows()) as session:
        tried = TriedPage(f"{site.code} {token}", table, report)
        PAGE_TRIED.announce(session, current_actor(), current_clock(), tried)
    if report.problems:
        report.problems = _each_cell_once([*report.problems, *_foreseen(products, readings, report.bad_rows)])
    return Outcome(report, readings)


def _with_day_and_kind(
    typed: Mapping[int, dict[str, str]], filled: Mapping[int, dict[str, str]]
) -> dict[int, dict[str, str]]:
    """Return the filled rows; the first takes day and kind of an empty row above it, as the page shows them."""
    first = next(iter(filled))
    above = [row for number, row in typed.items() if number < first]
    given = {name: next((row[name] for row in reversed(above) if row[name]), "") for name in ("occurred_on", "kind")}
    return {**filled, first: filled[first] | {name: filled[first][name] or text for name, text in given.items()}}


def _placed(problem: Problem, numbers: Sequence[int]) -> Problem:
    """Return the problem with the number of its row on the page; an empty cell is told as on other pages."""
    row = numbers[problem.row - 1] if problem.row else None
    return replace(problem, row=row, message=REQUIRED if problem.code == "missing" else problem.message)


def _foreseen(products: Mapping[str, RevisionFact], readings: Mapping[int, Reading], bad: set[int]) -> list[Problem]:
    """Return what the ledger would say of bad rows once their other cells can be read."""
    return [
        problem
        for number, reading in readings.items()
        if number in bad and reading.cells["kind"] in ENTERED_KINDS and reading.cells["product"] in products
        for problem in foreseen(
            ENTERED_KINDS[reading.cells["kind"]], products[reading.cells["product"]], reading.cells, number
        )
    ]


def _each_cell_once(problems: Sequence[Problem]) -> list[Problem]:
    first: dict[tuple[int | None, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.row, problem.column), problem)
    return sorted(
        first.values(),
        key=lambda one: (one.row or 0, list(CAPTIONS).index(one.column) if one.column in CAPTIONS else 0),
    )


def _paste(own: Sequence[SiteFact], site: SiteFact, token: str, typed: Mapping[int, dict[str, str]]) -> str:
    """Put a pasted block into rows, after those that hold something; nothing is recorded yet."""
    pasted = read_pasted(request.form.get("pasted", ""), all_headings())
    kept = {number: row for number, row in typed.items() if is_filled(row)}
    beyond = max(kept, default=0) + 1
    more = {number: {name: row.get(name, "") for name in CAPTIONS} for number, row in enumerate(pasted.rows, beyond)}
    kinds = kind_names()
    for row in more.values():
        row["kind"] = kinds.get(plain(row["kind"]), row["kind"])
    errors = (
        [(None, translate(Message(NOT_UNDERSTOOD, {"names": ", ".join(pasted.unknown)})))] if pasted.unknown else []
    )
    return _page(own, site, token, _as_rows(kept | more) or empty_rows(site, 1, EMPTY_ROWS), errors=errors)


def _refused(
    own: Sequence[SiteFact], site: SiteFact, token: str, typed: Mapping[int, dict[str, str]], outcome: Outcome
) -> str:
    wrong: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    errors: list[tuple[str | None, str]] = []
    for problem in outcome.report.problems:
        said = translate(problem.message)
        if problem.row is None or problem.column not in CAPTIONS:
            errors.append((None, said))
            continue
        wrong[problem.row][problem.column].append(said)
        named = {"row": problem.row, "column": say(CAPTIONS[problem.column]), "said": said}
        errors.append((f"cell-{problem.row}-{problem.column}", say(N_("Row %(row)s, %(column)s: %(said)s")) % named))
    rules: dict[int, list[str]] = defaultdict(list)
    for finding in outcome.report.findings:
        if finding.row is not None and finding.rule.code not in rules[finding.row]:
            rules[finding.row].append(finding.rule.code)
    cells = dict(typed) | {number: reading.cells for number, reading in outcome.readings.items()}
    shown = [Row(number, row, wrong[number], rules[number]) for number, row in cells.items()]
    findings = [replace(one, subject="", unit=shown_unit(one.unit)) for one in outcome.report.findings]
    return _page(own, site, token, shown or empty_rows(site, 1, EMPTY_ROWS), errors=errors, findings=findings)


def _as_rows(typed: Mapping[int, dict[str, str]]) -> list[Row]:
    return [Row(number, row, {}) for number, row in typed.items()]


def empty_rows(site: SiteFact | None, first: int, count: int) -> list[Row]:
    """Return empty rows; with a site the first has today's day and the kind the site enters most."""
    usual, others = kinds_for(site)
    begin = {"occurred_on": f"{today():%d.%m.%Y}", "kind": (usual or others)[0].code} if site is not None else {}
    return [Row(first + place, begin if place == 0 else {}, {}) for place in range(count)]


def _expiry(site: SiteFact | None, products: Sequence[RevisionFact], cells: Mapping[str, str]) -> list[Problem]:
    """Return the problem of a scanned expiry that is not the one recorded of the batch."""
    product = next((one for one in products if one.code == cells.get("product")), None)
    if site is None or product is None or not cells.get("batch") or not cells.get("expires_on"):
        return []
    lying = shelves_of(rows(), [site.id], [product.product_id], limit=BATCHES)
    known = next((one.expires_on for one in lying if one.label == cells["batch"]), None)
    if known is None or f"{known:%d.%m.%Y}" == cells["expires_on"]:
        return []
    return [Problem("expires_on", "another-expiry", Message(OTHER_EXPIRY, {"batch": cells["batch"], "day": known}))]


def _page(
    own: Sequence[SiteFact],
    site: SiteFact | None,
    token: str,
    shown: Sequence[Row],
    *,
    errors: Sequence[tuple[str | None, str]] = (),
    findings: Sequence[Finding] = (),
) -> str:
    products = offered_products(own)
    return render_template(
        "stock/journal.html",
        site=site,
        sites=[(each.code, f"{each.code} {site_name(each)}") for each in own],
        token=token,
        rows=shown,
        columns=CAPTIONS,
        kinds=kind_choices(site),
        products=[(one.code, product_name(one)) for one in products],
        told={
            "shelves": _shelves(site, products) if site else {},
            "headings": all_headings(),
            "kinds": kind_names(),
            "issues": [kind.code for kind in ENTERED_KINDS.values() if kind.shelf < 0],
        },
        errors=errors,
        findings=findings,
        recorded=asked_count("recorded"),
        again=asked_count("again"),
        flags=asked_count("flags"),
        movements=url_for("stock.movements", site=site.code) if site else None,
    )


def _shelves(site: SiteFact, products: Sequence[RevisionFact]) -> dict[str, list[dict[str, object]]]:
    """Return code of a product -> its batches on the shelf, the first to expire first; what has expired comes last."""
    day, of_id = today(), {one.product_id: one for one in products}
    lying: dict[str, list[dict[str, object]]] = defaultdict(list)
    held = shelves_of(rows(), [site.id], list(of_id), limit=BATCHES)
    for one in sorted(held, key=lambda shelf: (shelf.has_expired(day), shelf.expires_on or date.max, shelf.label)):
        lying[of_id[one.product_id].code].append(_batch(one, of_id[one.product_id], day))
    return lying


def _batch(shelf: ShelfFact, product: RevisionFact, day: date) -> dict[str, object]:
    until = format_day(shelf.expires_on) if shelf.expires_on else ""
    return {
        "label": shelf.label,
        "said": " · ".join(filter(None, (in_unit(shelf.units, product), until))),
        "expired": shelf.has_expired(day),
    }
