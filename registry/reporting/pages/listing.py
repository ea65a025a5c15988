"""The list of reports: a firm sees its own, the authority who has not reported, by period and with days late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from flask import current_app, redirect, render_template, url_for

from exports.catalogue import format_named
from exports.document import Cell, Column, Day, Kind, Table, Text, Whole, list_document
from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock, settings_of
from registry.db import unit_of_work
from registry.kernel.codes import search_key
from registry.kernel.text import N_
from registry.parties.domain import ORGANISATION_KINDS
from registry.reporting import service
from registry.reporting.domain.calendar import STATE_NAMES, DutyState
from registry.reporting.domain.spans import span_named
from registry.reporting.forms import OPEN, ReportFilter
from registry.reporting.pages.blueprint import READ, Answer, blueprint, own_sites, rows, site_name, today
from registry.reporting.queries.refused import open_files
from registry.reporting.queries.reports import OPEN_STATES, Owed, calendar_of, looked_at, owed_by, owed_by_all
from registry.reporting.service.chasing import CHASE
from registry.reporting.service.refusals import READ as READ_LINES
from registry.web.downloads import download
from registry.web.forms import PageForm
from registry.web.locale import current_language, format_day, format_number, say, translate
from registry.web.paging import Page, asked_count, asked_page, asked_size, offset

HEADINGS = (
    N_("Site"), N_("Name"), N_("Kind"), N_("Period"), N_("Due on"), N_("State"), N_("Days late"), N_("Letters"),
)  # fmt: skip
NUMBERS = {HEADINGS[6], HEADINGS[7]}
COLUMNS = tuple({"label": each, "kind": "number" if each in NUMBERS else "text"} for each in HEADINGS)
BY_PERIOD = (
    {"label": N_("Period")},
    {"label": N_("Owed"), "kind": "number"},
    {"label": N_("Reported"), "kind": "number"},
    {"label": N_("Not reported yet"), "kind": "number"},
    {"label": N_("Late"), "kind": "number"},
)
PERIODS_SHOWN = 12


def _asked() -> tuple[ReportFilter, list[Owed], list[Owed], bool]:
    """Return the filter, everything the reader may see, what of it fits, and whether the reader is of a firm."""
    own = own_sites(READ)
    owed = owed_by_all(rows(), today()) if own is None else owed_by(rows(), today(), own)
    form = ReportFilter.asked()
    spans = sorted({one.duty.span for one in owed}, reverse=True)
    form.period.choices = [("", say(N_("all"))), *((span.code, translate(span.words)) for span in spans)]
    words, period, state = search_key(form.word("q")), span_named(form.word("period")), form.word("state") or OPEN
    fitting = [
        one
        for one in owed
        if (state == "all" or one.state in (OPEN_STATES if state == OPEN else {state}))
        and (period is None or one.duty.span == period)
        and (not words or words in search_key(f"{one.site.code} {site_name(one.site)}"))
    ]
    return form, owed, fitting, own is not None


@blueprint.get("/")
@asks(READ)
def reports() -> str:
    """List reports, the oldest first; by period for the authority."""
    form, owed, fitting, narrowed = _asked()
    number, size = asked_page(), asked_size()
    shown = fitting[offset(number, size) : offset(number, size) + size]
    return render_template(
        "reporting/reports.html",
        form=form,
        columns=COLUMNS,
        rows=[_row(one, today()) for one in shown],
        page=Page(shown, number, size, len(fitting)),
        by_period=None if narrowed else (BY_PERIOD, _by_period(owed)),
        asks=looked_at(calendar_of(rows()), today()) is not None,
        parameters=url_for("parameters.parameters") if policy.holds(current_actor(), "parameters.read") else None,
        download=url_for("reporting.listed", q=form.word("q"), period=form.word("period"), state=form.word("state")),
        send=PageForm() if policy.holds(current_actor(), CHASE) else None,
        sent=asked_count("sent"),
        refused=_refused(),
    )


def _refused() -> tuple[int, str] | None:
    """Return how many refused files wait, and where they are; None for who may not read them."""
    if not policy.holds(current_actor(), READ_LINES):
        return None
    files = open_files(rows(), policy.scope(current_actor(), READ_LINES))
    return len(files), url_for("reporting.refused")


def _row(one: Owed, day: date) -> list[object]:
    late = one.duty.days_late(day) if one.state is DutyState.LATE else 0
    return [
        {
            "text": one.site.code,
            "href": url_for("reporting.report", site=one.site.code, period=one.duty.span.code),
        },
        site_name(one.site),
        say(ORGANISATION_KINDS[one.site.on(one.duty.until).kind].name),
        translate(one.duty.span.words),
        format_day(one.duty.due_on),
        say(STATE_NAMES[one.state]),
        format_number(late) if late else None,
        format_number(one.step) if one.step else None,
    ]


def _by_period(owed: Sequence[Owed]) -> list[list[object]]:
    """Count the reports of the latest periods that have ended, by where they stand; the youngest first."""
    counted: dict[object, Counter[DutyState]] = {}
    for one in owed:
        if one.state is not DutyState.RUNNING:
            counted.setdefault(one.duty.span, Counter())[one.state] += 1
    spans = sorted({one.duty.span for one in owed if one.duty.span in counted}, reverse=True)
    return [
        [
            {
                "text": translate(span.words),
                "href": url_for("reporting.reports", period=span.code, state="all"),
            },
            format_number(states.total()),
            format_number(states[DutyState.REPORTED] + states[DutyState.CHANGED]),
            format_number(states[DutyState.DUE] + states[DutyState.LATE]),
            format_number(states[DutyState.LATE]),
        ]
        for span in spans[:PERIODS_SHOWN]
        for states in (counted[span],)
    ]


@blueprint.get("/list.xlsx")
@asks(READ)
def listed() -> Answer:
    """Hand out what the list shows as a workbook."""
    _, _, fitting, _ = _asked()
    kinds = {HEADINGS[4]: Kind.DAY} | dict.fromkeys(NUMBERS, Kind.INTEGER)
    columns = tuple(Column(say(each), kinds.get(each, Kind.TEXT), 20) for each in HEADINGS)
    table = Table(columns, [_cells(one, today()) for one in fitting])
    chosen = format_named("xlsx")
    document = list_document(say(N_("Reports")), today(), table, current_language())
    return download(chosen.render(document), chosen.media_type, f"reports-{today().isoformat()}{chosen.ending}")


def _cells(one: Owed, day: date) -> list[Cell]:
    return [
        Text(one.site.code),
        Text(site_name(one.site)),
        Text(say(ORGANISATION_KINDS[one.site.on(one.duty.until).kind].name)),
        Text(translate(one.duty.span.words)),
        Day(one.duty.due_on),
        Text(say(STATE_NAMES[one.state])),
        Whole(one.duty.days_late(day) if one.state is DutyState.LATE else 0),
        Whole(one.step),
    ]


@blueprint.post("/chase")
@asks(CHASE)
def chase() -> Answer:
    """Queue the letters of every step that is due."""
    authority = settings_of(current_app).authority
    with unit_of_work(rows()) as session:
        done = service.chase(session, current_actor(), current_clock(), authority)
    return redirect(url_for("reporting.reports", sent=len(done.letters)), 303)
