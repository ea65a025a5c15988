"""Positions of a year, and everything one of them is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby

from flask import Response, render_template, request, url_for

from exports.catalogue import format_named
from exports.document import BLANK, Cell, Column, Kind, Quantity, Table, Text, list_document
from registry.accounts.guard import asks
from registry.accounts.sessions import current_clock
from registry.kernel.codes import substance_code
from registry.kernel.errors import NotFound
from registry.kernel.mass import grams, rounded
from registry.kernel.text import N_, Message
from registry.permits.domain.kinds import PERMIT_STATE_NAMES
from registry.quotas.domain.position import judged_on
from registry.supervision.domain import TREATY_NAMES, Standing
from registry.supervision.pages.blueprint import link, positions_blueprint, rows, under_use_text
from registry.supervision.queries.explanation import explain_position
from registry.supervision.queries.positions import standings_on
from registry.web.downloads import download
from registry.web.locale import current_language, say, translate

FIRST_YEAR, LAST_YEAR = 1961, 2099
YEARS_OFFERED = 5
DOWNLOADS = ("csv", "xlsx")
FILE_PLACES = 6
NOT_A_YEAR = N_("there is no year “%(year)s”: write four digits")


def asked_year(text: str | None, today: date) -> int:
    """Return the year asked for, this one where none is. Raises `NotFound` for what is no year of the conventions."""
    if not text:
        return today.year
    if not (text.isascii() and text.isdigit() and len(text) == len(str(LAST_YEAR))):
        raise NotFound(Message(NOT_A_YEAR, {"year": text[:20]}))
    year = int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound(Message(NOT_A_YEAR, {"year": text}))
    return year


def _asked() -> tuple[int, str | None, list[Standing]]:
    clock = current_clock()
    year = asked_year(request.args.get("year"), clock.today())
    treaty = request.args.get("treaty")
    treaty = treaty if treaty in TREATY_NAMES else None
    return year, treaty, standings_on(rows(), clock, year, treaty)


@positions_blueprint.get("/positions")
@asks("quotas.read")
def positions() -> str:
    """Show how every substance of a year stands."""
    year, treaty, found = _asked()
    today = current_clock().today()
    return render_template(
        "supervision/positions.html",
        standings=found,
        year=year,
        years=range(today.year + 1, today.year + 1 - YEARS_OFFERED, -1),
        treaty=treaty or "",
        treaties=TREATY_NAMES,
        day=judged_on(year, today),
        over=sum(each.is_over for each in found),
        under=sum(each.is_under_used for each in found),
        without=sum(each.position.state_quota is None for each in found),
        downloads=[
            (name.upper(), url_for("positions.positions_file", name=name, year=year, treaty=treaty or None))
            for name in DOWNLOADS
        ],
    )


@positions_blueprint.get("/positions.<name>")
@asks("quotas.read")
def positions_file(name: str) -> Response:
    """Hand out the same positions as a file."""
    if name not in DOWNLOADS:
        raise NotFound(Message(N_("positions are handed out as %(known)s"), {"known": ", ".join(DOWNLOADS)}))
    year, _, found = _asked()
    chosen = format_named(name)
    title = translate(Message(N_("Quota positions of %(year)s"), {"year": year}))
    document = list_document(
        title, judged_on(year, current_clock().today()), _table([_row(each) for each in found]), current_language()
    )
    return download(chosen.render(document), chosen.media_type, f"positions-{year}{chosen.ending}")


def _table(rows_of_file: Sequence[Sequence[Cell]]) -> Table:
    columns = [
        Column(say(N_("Code")), width=12),
        Column(say(N_("Substance")), width=30),
        Column(say(N_("Treaty")), width=28),
        *(
            Column(say(caption), Kind.QUANTITY, 18, say(N_("g")))
            for caption in (
                N_("Estimate or assessment"),
                N_("State quota"),
                N_("Exported"),
                N_("Manufactured"),
                N_("Imported"),
                N_("Reserved"),
                N_("Free"),
            )
        ),
        Column(say(N_("Bound by")), width=22),
        Column(say(N_("Remark")), width=40),
    ]
    return Table(tuple(columns), rows_of_file)


def _row(each: Standing) -> list[Cell]:
    position = each.position
    figures = (
        position.estimate_total,
        position.state_quota,
        position.exported,
        position.manufactured,
        position.imported,
        position.reserved,
        position.headroom,
    )
    badge = under_use_text(each)
    remarks = [badge] if badge else []
    remarks += [say(N_("Over the limit"))] if each.is_over else []
    remarks += [say(N_("No state quota is set"))] if position.state_quota is None else []
    return [
        Text(each.substance.code),
        Text(say(each.substance.name)),
        Text(say(TREATY_NAMES[each.substance.treaty])),
        *(BLANK if figure is None else _quantity(figure) for figure in figures),
        Text(translate(each.side)),
        Text("; ".join(remarks)),
    ]


def _quantity(nanograms: Fraction) -> Quantity:
    """Return exact grams; a fraction without end is rounded to the six decimals that files keep."""
    try:
        return Quantity(grams(nanograms))
    except ValueError:
        return Quantity(grams(rounded(nanograms / 10**9, FILE_PLACES) * 10**9))


@positions_blueprint.get("/positions/<path:code>/<int:year>")
@asks("quotas.read")
def position(code: str, year: int) -> str:
    """Show everything one position is made of."""
    clock = current_clock()
    found = explain_position(rows(), clock, asked_year(str(year), clock.today()), substance_code(code))
    history = [(of_year, list(lines)) for of_year, lines in groupby(found.history, key=lambda one: one.line.year)]
    return render_template(
        "supervision/position.html",
        found=found,
        year=year,
        history=history,
        permit_states=PERMIT_STATE_NAMES,
        link=link,
    )
