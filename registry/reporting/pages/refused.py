"""Refused files: what waits, what was wrong with one, its rows to be mended and sent again, or discarded with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from flask import redirect, render_template, request, url_for

from exports.catalogue import format_named
from exports.document import Column, Table, Text, list_document
from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import NotFound, RegistryError
from registry.kernel.text import N_, Message
from registry.parties.queries import main_sites, sites_by_ids
from registry.reporting.domain.refused import RefusedFact
from registry.reporting.forms import DiscardForm
from registry.reporting.pages.blueprint import Answer, blueprint, rows, site_name, today
from registry.reporting.queries.refused import closed_files, open_files, what_was_wrong
from registry.reporting.service.refusals import POST, READ, discard, file_for
from registry.web.downloads import download
from registry.web.locale import current_language, format_moment, format_number, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

COLUMNS = (
    {"label": N_("File")},
    {"label": N_("Organisation")},
    {"label": N_("Sent")},
    {"label": N_("Days"), "kind": "number"},
    {"label": N_("Rows"), "kind": "number"},
    {"label": N_("Errors"), "kind": "number"},
    {"label": N_("Rows recorded since"), "kind": "number"},
)
WRONG = ({"label": N_("Row"), "kind": "number"}, {"label": N_("Column or rule"), "kind": "code"}, {"label": N_("What")})
LATEST = 20
ROWS_SHOWN = 50


@blueprint.get("/refused")
@asks(READ)
def refused() -> str:
    """List the refused files nobody has seen to, the oldest first, and the last that somebody has; a firm sees its own."""
    own = policy.scope(current_actor(), READ)
    found = open_files(rows(), own)
    number, size = asked_page(), asked_size()
    shown = found[offset(number, size) : offset(number, size) + size]
    return render_template(
        "reporting/refused.html",
        columns=COLUMNS,
        rows=_lines(shown),
        page=Page(shown, number, size, len(found)),
        closed=_lines(closed_files(rows(), own, LATEST)),
    )


def _lines(files: list[RefusedFact]) -> list[list[object]]:
    firms = main_sites(rows(), {one.organisation_id for one in files})
    return [
        [
            {"text": one.name, "href": url_for("reporting.refused_file", refused_id=one.id)},
            f"{firms[one.organisation_id].code} {site_name(firms[one.organisation_id])}",
            format_moment(one.sent_at),
            format_number((today() - one.sent_at.astimezone(current_clock().zone).date()).days),
            format_number(one.rows),
            format_number(one.problems),
            f"{format_number(one.posted)} / {format_number(one.references)}",
        ]
        for one in files
    ]


@blueprint.route("/refused/<int:refused_id>", methods=["GET", "POST"])
@asks(READ)
def refused_file(refused_id: int) -> Answer:
    """Show what was wrong with a file and its rows; discard it with a reason."""
    actor = current_actor()
    found = file_for(rows(), actor, refused_id)
    form = DiscardForm()
    if request.method == "POST":
        policy.require(actor, POST, found.organisation_id)
        if not form.validate_on_submit():
            return _page(found, form), UNREADABLE
        try:
            with unit_of_work(rows()) as session:
                discard(session, actor, current_clock(), refused_id, str(form.reason.data))
        except RegistryError as error:
            show_refusal(form, error)
            return _page(found, form), UNREADABLE
        return redirect(url_for("reporting.refused"), 303)
    return _page(found, form)


def _page(found: RefusedFact, form: DiscardForm) -> str:
    wrong, content = what_was_wrong(rows(), found.id)
    table = list(csv.reader(io.StringIO(content or "", newline="")))
    site = sites_by_ids(rows(), [found.site_id]).get(found.site_id) if found.site_id is not None else None
    people = people_named(rows(), {name for name in (found.sent_by, found.closed_by) if name})
    may = found.is_open and policy.allows(current_actor(), POST, found.organisation_id)
    return render_template(
        "reporting/refused_file.html",
        found=found,
        facts=[
            (N_("Site"), f"{site.code} {site_name(site)}" if site is not None else None),
            (N_("Sent"), f"{format_moment(found.sent_at)}, {people.get(found.sent_by, found.sent_by)}"),
            (N_("Rows"), format_number(found.rows)),
            (N_("Rows recorded since"), f"{format_number(found.posted)} / {format_number(found.references)}"),
            (N_("Digest of the file"), found.digest),
            (N_("State"), _state(found, people)),
        ],
        wrong=(WRONG, [[one.row, one.where or None, translate(one.message)] for one in wrong]),
        more=found.problems - len(wrong),
        head=[{"label": name, "kind": "code"} for name in (table[0] if table else ())],
        rows=table[1 : ROWS_SHOWN + 1],
        rest=max(0, len(table) - 1 - ROWS_SHOWN),
        form=form if may else None,
    )


def _state(found: RefusedFact, people: Mapping[str, str]) -> str:
    if found.reason is not None and found.closed_at is not None:
        said = {"person": people.get(found.closed_by or "", found.closed_by), "reason": found.reason}
        return translate(Message(N_("discarded by %(person)s: %(reason)s"), said))
    return say(N_("waits to be mended or discarded") if found.is_open else N_("settled: its rows are recorded"))


@blueprint.get("/refused/<int:refused_id>/rows.csv")
@asks(READ)
def refused_rows(refused_id: int) -> Answer:
    """Hand out the rows of a refused file as they were sent, to be mended."""
    found = file_for(rows(), current_actor(), refused_id)
    _, content = what_was_wrong(rows(), found.id)
    if content is None:
        raise NotFound(Message(N_("this file could not be read: nothing of it is kept but its digest")))
    head, *table = list(csv.reader(io.StringIO(content, newline=""))) or [[]]
    columns = tuple(Column(name) for name in head)
    sheet = Table(columns, [[Text(cell) for cell in row] for row in table])
    chosen = format_named("csv")
    document = list_document(found.name, today(), sheet, current_language())
    return download(chosen.render(document), chosen.media_type, f"refused-{found.id}{chosen.ending}")
