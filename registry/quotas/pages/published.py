"""The published state quotas of a year, as a page and as a file: for the authority, and for everybody where that is switched on."""

from __future__ import annotations

from flask import Response, redirect, render_template, url_for

from exports.catalogue import format_named
from exports.document import BLANK, Cell, Column, Day, Kind, Quantity, Table, Text, list_document
from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, public
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import NotFound
from registry.kernel.mass import grams
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.quotas import queries, service
from registry.quotas.domain.kinds import STATE_QUOTA
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.parameters import OPEN_LIST
from registry.quotas.domain.states import LineState
from registry.quotas.forms import StepForm
from registry.quotas.pages.blueprint import PUBLISH, READ, Answer, Names, blueprint, names_of, rows, today
from registry.web.downloads import download
from registry.web.locale import current_language, format_day, format_grams, say, translate

DOWNLOADS = ("csv", "xlsx")
CLOSED = Message(N_("the list of state quotas is not open to the public"))
TITLE = N_("State quotas of %(year)s")
COLUMNS = (
    {"label": N_("Code"), "kind": "code"},
    {"label": N_("Substance")},
    {"label": N_("State quota, base"), "kind": "number"},
    {"label": N_("Act")},
    {"label": N_("Day of the act")},
    {"label": N_("Counts from")},
)


def _lines(year: int) -> tuple[list[LineFact], Names]:
    """Return the published lines of a year by name of the substance, each later one after the one it replaces."""
    lines = queries.lines_of_kind(rows(), year, STATE_QUOTA.code, {LineState.PUBLISHED.value})
    names = names_of(lines)
    return sorted(lines, key=lambda one: (names.substances[one.substance_id].name, one.effective_on, one.id)), names


def _page(year: int, *, is_open: bool) -> str:
    lines, names = _lines(year)
    actor = current_actor()
    may_publish = not is_open and policy.allows(actor, PUBLISH)
    waiting = queries.lines_of_kind(rows(), year, STATE_QUOTA.code, {LineState.APPROVED.value}) if may_publish else []
    endpoint = "quotas.open_file" if is_open else "quotas.published_file"
    return render_template(
        "quotas/published.html",
        year=year,
        years=queries.published_years(rows()),
        columns=COLUMNS,
        cells=[_cells(line, names) for line in lines],
        downloads=[(name.upper(), url_for(endpoint, year=year, name=name)) for name in DOWNLOADS],
        endpoint="quotas.open_list" if is_open else "quotas.published",
        form=StepForm(),
        waiting=len(waiting),
        is_open=is_open,
        open_href=url_for("quotas.open_list", year=year) if not is_open and _is_open() else None,
    )


def _cells(line: LineFact, names: Names) -> list[object]:
    fact = names.substances[line.substance_id]
    return [
        fact.code,
        say(fact.name),
        format_grams(line.quantity_ng),
        line.act,
        format_day(line.act_date),
        format_day(line.effective_on),
    ]


def _file(year: int, name: str) -> Response:
    if name not in DOWNLOADS:
        raise NotFound(Message(N_("the list is handed out as %(known)s"), {"known": ", ".join(DOWNLOADS)}))
    lines, names = _lines(year)
    columns = (
        Column(say(N_("Code")), width=12),
        Column(say(N_("Substance")), width=30),
        Column(say(N_("State quota, base")), Kind.QUANTITY, 18, say(N_("g"))),
        Column(say(N_("Act")), width=24),
        Column(say(N_("Day of the act")), Kind.DAY, 14),
        Column(say(N_("Counts from")), Kind.DAY, 14),
    )
    table = Table(columns, [_row(line, names) for line in lines])
    chosen = format_named(name)
    document = list_document(translate(Message(TITLE, {"year": year})), today(), table, current_language())
    return download(chosen.render(document), chosen.media_type, f"state-quotas-{year}{chosen.ending}")


def _row(line: LineFact, names: Names) -> list[Cell]:
    fact = names.substances[line.substance_id]
    return [
        Text(fact.code),
        Text(say(fact.name)),
        Quantity(grams(line.quantity_ng)),
        Text(line.act or ""),
        Day(line.act_date) if line.act_date else BLANK,
        Day(line.effective_on),
    ]


def _is_open() -> bool:
    return parameters_on(rows(), today()).switch(OPEN_LIST)


def _require_open() -> None:
    if not _is_open():
        raise NotFound(CLOSED)


@blueprint.get("/quotas/published")
@asks(READ)
def published_now() -> Answer:
    """Lead to the latest year with published lines."""
    years = queries.published_years(rows())
    return redirect(url_for("quotas.published", year=years[0] if years else today().year), 303)


@blueprint.get("/quotas/published/<int(min=1900, max=2100):year>")
@asks(READ)
def published(year: int) -> str:
    """Show the published state quotas of a year, and publish what is approved."""
    return _page(year, is_open=False)


@blueprint.post("/quotas/published/<int(min=1900, max=2100):year>")
@asks(PUBLISH)
def publish_all(year: int) -> Answer:
    """Publish every approved state quota of a year."""
    session = rows()
    with unit_of_work(session):
        service.publish_year(session, current_actor(), current_clock(), year)
    return redirect(url_for("quotas.published", year=year), 303)


@blueprint.get("/quotas/published/<int(min=1900, max=2100):year>.<name>")
@asks(READ)
def published_file(year: int, name: str) -> Response:
    """Hand the list out as a file."""
    return _file(year, name)


@blueprint.get("/state-quotas/<int(min=1900, max=2100):year>")
@public
def open_list(year: int) -> str:
    """Show the list to everybody, where that is switched on. Raises `NotFound` where it is not."""
    _require_open()
    return _page(year, is_open=True)


@blueprint.get("/state-quotas/<int(min=1900, max=2100):year>.<name>")
@public
def open_file(year: int, name: str) -> Response:
    """Hand the list out to everybody, where that is switched on."""
    _require_open()
    return _file(year, name)
