"""What the authority sees of substitution therapy: a page of totals by month and region, and the same as a file."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Response, render_template, request, url_for

from exports.catalogue import format_named
from exports.document import Cell, Column, Kind, Quantity, Table, Text, list_document
from registry.accounts.guard import asks
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.kernel.errors import NotFound
from registry.kernel.mass import grams
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.domain import REGIONS
from registry.therapy.domain.parameters import HIDDEN_BELOW
from registry.therapy.pages.blueprint import asked_month, blueprint, following
from registry.therapy.service.totals import TotalRow, month_totals
from registry.web.downloads import download
from registry.web.locale import current_language, format_grams, format_number, say, translate

TOTALS = "therapy.totals"
DOWNLOADS = ("xlsx", "csv")
COUNTRY, NO_REGION, HIDDEN = N_("whole country"), N_("no region recorded"), N_("hidden")
CAPTIONS = (N_("Substance"), N_("Region"), N_("Sites"), N_("Doses"), N_("Days to take home"))
MASSES = (N_("Given, anhydrous base"), N_("Spilt, anhydrous base"))
COLUMNS = (
    {"label": CAPTIONS[0]},
    {"label": CAPTIONS[1]},
    *({"label": caption, "kind": "number"} for caption in (*CAPTIONS[2:], *MASSES)),
)


@blueprint.get("/totals")
@asks(TOTALS)
def totals() -> str:
    """Show the totals of a month."""
    first = asked_month(request.args.get("month", ""))
    after = following(first)
    return render_template(
        "therapy/totals.html",
        asked=f"{first:%Y-%m}",
        before=f"{first - timedelta(days=1):%Y-%m}",
        after=f"{after:%Y-%m}" if after <= current_clock().today() else None,
        least=parameters_on(db.session(), after - timedelta(days=1)).number(HIDDEN_BELOW),
        columns=COLUMNS,
        rows=[_row(row) for row in month_totals(db.session(), first)],
        downloads=[
            (name.upper(), url_for("therapy.totals_file", name=name, month=f"{first:%Y-%m}")) for name in DOWNLOADS
        ],
    )


def _row(row: TotalRow) -> list[object]:
    figures = (row.doses, row.home_doses)
    masses = (row.given_ng, row.spilt_ng)
    return [
        f"{say(row.name)} ({row.substance})",
        region_name(row.region),
        format_number(row.sites),
        *(say(HIDDEN) if number is None else format_number(number) for number in figures),
        *(say(HIDDEN) if mass is None else format_grams(mass) for mass in masses),
    ]


def region_name(region: str | None) -> str:
    """Return a region as people read it."""
    if region is None:
        return say(COUNTRY)
    return say(REGIONS.get(region, region) or NO_REGION)


@blueprint.get("/totals.<name>")
@asks(TOTALS)
def totals_file(name: str) -> Response:
    """Hand out the totals as a file; what is hidden on the page is hidden here."""
    if name not in DOWNLOADS:
        raise NotFound(Message(N_("totals are handed out as %(known)s"), {"known": ", ".join(DOWNLOADS)}))
    first = asked_month(request.args.get("month", ""))
    columns = (
        Column(say(CAPTIONS[0]), width=30),
        Column(say(CAPTIONS[1]), width=30),
        *(Column(say(caption), Kind.QUANTITY, 14) for caption in CAPTIONS[2:]),
        *(Column(f"{say(caption)}, g", Kind.QUANTITY, 20) for caption in MASSES),
    )
    title = translate(Message(N_("Substitution therapy, %(month)s"), {"month": f"{first:%m.%Y}"}))
    table = Table(columns, [_cells(row) for row in month_totals(db.session(), first)])
    chosen = format_named(name)
    last: date = min(current_clock().today(), following(first) - timedelta(days=1))
    document = list_document(title, last, table, current_language())
    return download(chosen.render(document), chosen.media_type, f"therapy-{first:%Y-%m}{chosen.ending}")


def _cells(row: TotalRow) -> list[Cell]:
    counts = [None if number is None else str(number) for number in (row.doses, row.home_doses)]
    masses = [None if mass is None else grams(mass) for mass in (row.given_ng, row.spilt_ng)]
    return [
        Text(f"{say(row.name)} ({row.substance})"),
        Text(region_name(row.region)),
        Quantity(str(row.sites)),
        *(Text(say(HIDDEN)) if figure is None else Quantity(figure) for figure in (*counts, *masses)),
    ]
