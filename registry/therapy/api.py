"""Daily sheets for programs: a site reads and writes its own; the authority reads totals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from registry.api.bodies import Many
from registry.api.cursors import Listed
from registry.api.endpoints import DRY_RUN, Answer, Call, Endpoints
from registry.api.refusals import require_accepted
from registry.api.schemas import ReportSchema, listed
from registry.intake.bulk import uninterrupted
from registry.kernel.fields import Column, as_day
from registry.kernel.mass import grams, stated
from registry.parties.queries import sites_of
from registry.stock.queries.days import day_shelves
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.products import revisions_of_products
from registry.therapy.domain.sheets import COLUMNS, KeptSheet
from registry.therapy.queries.sheets import sheets_between
from registry.therapy.schemas import SheetSchema, TotalSchema
from registry.therapy.service import record_sheets
from registry.therapy.service.totals import month_totals
from registry.web.locale import translate

READ, WRITE, TOTALS = "therapy.read", "therapy.write", "therapy.totals"
MOST_LINES = 10_000
DAYS = 31
FIRST = Column("first", as_day, required=False, note="first day; the last 31 days unless told")
LAST = Column("last", as_day, required=False, note="last day; at most 31 days are answered")
MONTH = Column("month", as_day, required=False, note="any day of the month; this month unless told")

endpoints = Endpoints("therapy")


@endpoints.get("/therapy/sheets", READ, listed(SheetSchema()), query=(FIRST, LAST))
def sheets(call: Call) -> Listed[Mapping[str, object]]:
    """The daily sheets of the own sites as they stand, by day."""
    holder = call.scope(READ)
    sites = {} if holder is None else {site.id: site for site in sites_of(call.session, holder)}
    last: date = call.query["last"] or call.today
    first: date = max(call.query["first"] or date.min, last - timedelta(days=DAYS - 1))
    found = sheets_between(call.session, first, last, list(sites))
    shelves = day_shelves(call.session, [kept.sheet.key for kept in found]) if found else {}
    ids = {kept.sheet.product_id for kept in found} | {kept.sheet.concentrate_id for kept in found} - {None}
    products = revisions_of_products(call.session, [number for number in ids if number is not None], call.today)
    of_day = {key: {each.product_id: revision_on(products[each.product_id], key) for one in products.values() for each in one} for key in {kept.sheet.sheet_on for kept in found}}  # fmt: skip
    bodies = []
    for kept in found:
        ledger = sum(shelf.closing for shelf in shelves.get(kept.sheet.key, ()))
        bodies.append(_body(kept, sites[kept.sheet.site_id].code, of_day[kept.sheet.sheet_on], ledger))
    return Listed(bodies, None)


def _body(kept: KeptSheet, site: str, products: Mapping[int, RevisionFact], ledger: int) -> Mapping[str, object]:
    sheet, product = kept.sheet, products[kept.sheet.product_id]
    source = None if sheet.concentrate_id is None else products[sheet.concentrate_id]
    quantities = {
        "observed_quantity": sheet.observed_units,
        "home_quantity": sheet.home_units,
        "largest_dose": sheet.largest_units,
        "spill": sheet.spill_units,
        "residue": sheet.residue_units,
        "closing": sheet.closing_units,
        "ledger": ledger,
        "obtained": sheet.obtained_units if source else None,
    }
    plain = ("sheet_on", "observed_doses", "home_handouts", "home_doses", "home_longest", "prepared_expires_on", "note")
    return {
        "site": site,
        "product": product.code,
        "version": kept.version,
        "batch": sheet.label,
        "concentrate": source.code if source else None,
        "concentrate_batch": sheet.concentrate_label,
        "concentrate_quantity": stated(sheet.concentrate_units, source.unit) if source else None,
        "prepared_batch": sheet.prepared_label,
        "reason": kept.reason,
        "recorded_at": kept.recorded_at,
        **{name: getattr(sheet, name) for name in plain},
        **{name: None if units is None else stated(units, product.unit) for name, units in quantities.items()},
    }


@endpoints.post(
    "/therapy/sheets", WRITE, ReportSchema(), query=(DRY_RUN,), body=Many("sheets", COLUMNS, MOST_LINES), status=201
)
def write_sheets(call: Call) -> Answer:
    """Keep daily sheets, all or none of them, as a file of the same lines would be."""
    with uninterrupted():
        report = record_sheets(call.session, call.actor, call.clock, call.body, "api")
    report.written = not call.query[DRY_RUN.name]
    require_accepted(report)
    return Answer(report.as_json(translate), written=report.written)


@endpoints.get("/therapy/totals", TOTALS, listed(TotalSchema()), query=(MONTH,))
def totals(call: Call) -> Listed[Mapping[str, object]]:
    """Totals of a month by substance and region, small ones hidden."""
    first = (call.query["month"] or call.today).replace(day=1)
    return Listed(
        [
            {
                "substance": row.substance,
                "region": row.region,
                "sites": row.sites,
                "doses": row.doses,
                "home_doses": row.home_doses,
                "given_g": None if row.given_ng is None else grams(row.given_ng),
                "spilt_g": None if row.spilt_ng is None else grams(row.spilt_ng),
                "hidden": row.doses is None,
            }
            for row in month_totals(call.session, first)
        ],
        None,
    )
