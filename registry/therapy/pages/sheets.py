"""Daily sheets of the own sites: the list of a month, one sheet with its arithmetic, writing and correcting it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.intake.check import Report, check_table
from registry.intake.reader import Table
from registry.kernel.errors import Invalid, NotFound, Problem, RegistryError, RuleRefused
from registry.kernel.fields import BadCell, as_day
from registry.kernel.mass import UNIT_NAMES, Unit
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_of
from registry.stock.queries.days import DayShelf, day_shelves
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.products import current_revisions, revisions_for_products, revisions_of_products
from registry.therapy.domain.parameters import SUBSTANCES
from registry.therapy.domain.sheets import COLUMNS, KeptSheet
from registry.therapy.forms import SheetForm
from registry.therapy.pages.blueprint import asked_month, blueprint, following
from registry.therapy.pages.view import AS_WRITTEN, COLUMNS_OF_LIST, arithmetic, day_row, in_unit, sheet_rows, typed
from registry.therapy.queries.sheets import sheets_between, versions_of
from registry.therapy.service import record_sheets
from registry.web.locale import current_language, format_moment
from registry.web.page_forms import UNREADABLE

READ, WRITE = "therapy.read", "therapy.write"
BEFORE_DOSES = N_("Lies there without this sheet")
NOT_RECORDED = Message(N_("Nothing was recorded."))
REQUIRED = Message(N_("This field is required."))
Answer = Response | str | tuple[str, int]


def _rows() -> Session:
    return db.session()


def _today() -> date:
    return current_clock().today()


def _own_sites(action: str) -> list[SiteFact]:
    """Return the sites whose sheets the reader may see: those of the own organisation, nobody else's."""
    holder = policy.scope(current_actor(), action)
    return [] if holder is None else sites_of(_rows(), holder)


def _site(code: str, action: str) -> SiteFact:
    site = next((each for each in _own_sites(action) if each.code == code), None)
    if site is None:
        raise NotFound(Message(N_("there is no site or organisation with the code “%(code)s”"), {"code": code[:64]}))
    return site


def _product(code: str, day: date) -> RevisionFact:
    revisions = revisions_for_products(_rows(), [code], _today()).get(code)
    if not revisions:
        raise NotFound(Message(N_("there is no product with the code “%(code)s”"), {"code": code[:64]}))
    return revision_on(revisions, day)


def _day(text: str) -> date:
    try:
        return as_day(text)
    except BadCell as bad:
        raise NotFound(bad.message) from None


@blueprint.get("/")
@asks(READ)
def sheets() -> str:
    """List the sheets of a month at the own sites, and offer to write one."""
    own, first = _own_sites(READ), asked_month(request.args.get("month", ""))
    last = following(first) - timedelta(days=1)
    found = sheets_between(_rows(), first, last, [site.id for site in own])
    shelves = day_shelves(_rows(), [kept.sheet.key for kept in found]) if found else {}
    products = revisions_of_products(_rows(), {kept.sheet.product_id for kept in found}, _today())
    sites = {site.id: site for site in own}
    return render_template(
        "therapy/sheets.html",
        first=first,
        asked=f"{first:%Y-%m}",
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{last + timedelta(days=1):%Y-%m}" if last < _today() else None,
        columns=COLUMNS_OF_LIST,
        rows=[
            day_row(kept, sites[kept.sheet.site_id], products[kept.sheet.product_id], shelves.get(kept.sheet.key, ()))
            for kept in found
        ],
        sites=[(site.code, f"{site.code} {site.name_in(current_language(), _today())}") for site in own],
        products=[(each.code, f"{each.code} {each.name}") for each in _of_therapy()],
        today=_today(),
        may_write=policy.holds(current_actor(), WRITE),
    )


def _of_therapy() -> list[RevisionFact]:
    current = current_revisions(_rows(), _today())
    return [one for one in current if any(part.substance_code in SUBSTANCES for part in one.components)]


@blueprint.get("/sheet")
@asks(READ)
def sheet() -> str:
    """Show one sheet as it stands, its arithmetic beside the ledger's, and every version of it."""
    place, revision, on = _asked(READ)
    versions, shelves = _kept(place, revision, on)
    if not versions:
        raise NotFound(Message(N_("there is no sheet of this day")))
    diluted = [kept.sheet.concentrate_id for kept in versions if kept.sheet.concentrate_id is not None]
    concentrates = revisions_of_products(_rows(), set(diluted), _today())
    people = people_named(_rows(), [kept.recorded_by for kept in versions])
    return render_template(
        "therapy/sheet.html",
        site=place,
        site_name=place.name_in(current_language(), on),
        product=revision,
        day=on,
        latest=versions[-1],
        arithmetic=[*arithmetic(revision, shelves), (AS_WRITTEN, in_unit(versions[-1].sheet.closing_units, revision))],
        agrees=versions[-1].sheet.closing_units == sum(shelf.closing for shelf in shelves),
        versions=[
            (kept, sheet_rows(kept, revision, concentrates), f"{format_moment(kept.recorded_at)}, {people[kept.recorded_by]}")
            for kept in reversed(versions)
        ],
        may_write=policy.holds(current_actor(), WRITE),
    )  # fmt: skip


def _asked(action: str) -> tuple[SiteFact, RevisionFact, date]:
    """Return what the address or form names. Raises `NotFound`, for sites of others as for unknown ones."""
    site, product, day = (str(request.values.get(name, "")).strip() for name in ("site", "product", "sheet_on"))
    place, on = _site(site, action), _day(day)
    return place, _product(product, on), on


def _kept(site: SiteFact, product: RevisionFact, day: date) -> tuple[Sequence[KeptSheet], Sequence[DayShelf]]:
    place = (site.id, product.product_id, day)
    return versions_of(_rows(), [place]).get(place, []), day_shelves(_rows(), [place]).get(place, [])


@blueprint.route("/write", methods=["GET", "POST"])
@asks(WRITE)
def write() -> Answer:
    """Ask for the sheet of a site, product and day, or for what corrects the one that is kept; keep what is sent."""
    site, product, on = _asked(WRITE)
    versions, shelves = _kept(site, product, on)
    latest = versions[-1] if versions else None
    if request.method == "GET":
        form = SheetForm(formdata=None)
        _prefill(form, site, product, on, latest)
        return _page(form, site, product, on, latest, shelves)
    form = SheetForm()
    report = _attempt({field.name: str(field.data or "") for field in form})
    if report.refused:
        rest = form.add_problems(Problem(one.column, one.code, _said(one)) for one in report.problems)
        form.form_errors.extend(str(problem.message) for problem in rest)
        return _page(form, site, product, on, latest, shelves, report.findings), UNREADABLE
    address = url_for("therapy.sheet", site=site.code, product=product.code, sheet_on=on.isoformat())
    return redirect(address, 303)


def _said(problem: Problem) -> Message:
    return REQUIRED if problem.code == "missing" and problem.column != "reason" else problem.message


def _prefill(form: SheetForm, site: SiteFact, product: RevisionFact, on: date, latest: KeptSheet | None) -> None:
    form.site.data, form.product.data, form.sheet_on.data = site.code, product.code, on.isoformat()
    if latest is None:
        return
    concentrate_id = latest.sheet.concentrate_id
    concentrates = revisions_of_products(_rows(), {concentrate_id} if concentrate_id else set(), _today())
    form.corrects.data = str(latest.version)
    for name, text in typed(latest.sheet, product, concentrates).items():
        form[name].data = text


def _page(
    form: SheetForm,
    site: SiteFact,
    product: RevisionFact,
    on: date,
    latest: KeptSheet | None,
    shelves: Sequence[DayShelf],
    findings: Sequence[Finding] = (),
) -> str:
    lying = sum(shelf.closing for shelf in shelves) - (latest.sheet.change if latest else 0)
    return render_template(
        "therapy/write.html",
        form=form,
        site=site,
        site_name=site.name_in(current_language(), on),
        product=product,
        day=on,
        latest=latest,
        unit=UNIT_NAMES[Unit(product.unit)],
        before=[*arithmetic(product, shelves)[:2], (BEFORE_DOSES, in_unit(lying, product))],
        batches=[(shelf.label, in_unit(shelf.closing, product)) for shelf in shelves if shelf.closing and shelf.label],
        concentrates=[(one.code, one.name) for one in _of_therapy() if one.code != product.code],
        findings=findings,
    )


class _Refusal(Exception):
    """Leaves the unit of work, so that nothing of a refused sheet stays."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.kind)
        self.report = report


def _attempt(cells: Mapping[str, str]) -> Report:
    """Keep one sheet; what is refused is undone and recorded in the audit log."""
    names = tuple(column.name for column in COLUMNS)
    checked = check_table(Table(names, [[cells.get(name, "") for name in names]], [1]), COLUMNS)
    try:
        with unit_of_work(_rows()) as session:
            return _unless_refused(
                record_sheets(session, current_actor(), current_clock(), checked, "page", entered=True)
            )
    except _Refusal as refusal:
        report = refusal.report
    record_refused(_error(report), WRITE, f"{cells['site']} {cells['product']} {cells['sheet_on']}")
    return report


def _unless_refused(report: Report) -> Report:
    if report.refused:
        raise _Refusal(report)
    return report


def _error(report: Report) -> RegistryError:
    if report.problems:
        return Invalid(NOT_RECORDED, report.problems)
    return RuleRefused(NOT_RECORDED, report.findings)
