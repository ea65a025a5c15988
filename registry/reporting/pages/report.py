"""One report: the sheet it affirms, what was stated of it, and the two ways to state it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import Conflict, RuleRefused
from registry.kernel.text import N_
from registry.reporting.domain.calendar import STATE_NAMES, DutyState
from registry.reporting.domain.closing import REOPEN
from registry.reporting.forms import StateForm
from registry.reporting.pages.blueprint import (
    READ,
    Answer,
    blueprint,
    in_unit,
    own_sites,
    product_name,
    rows,
    site_name,
    site_named,
    today,
)
from registry.reporting.pages.closing import deeds_told
from registry.reporting.queries.reports import Sheet, history, sheet_of
from registry.reporting.service.closing import is_closed
from registry.reporting.service.stating import STATE, owed_report, state_report
from registry.web.locale import format_day, format_moment, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal

FIGURES = (N_("Opening"), N_("Received"), N_("Issued"), N_("Corrected"), N_("Closing"))
COLUMNS = (
    {"label": N_("Product"), "kind": "code"},
    {"label": N_("Name")},
    {"label": N_("Batch"), "kind": "code"},
    *({"label": caption, "kind": "number"} for caption in FIGURES),
)
STATED = (
    {"label": N_("Stated at")},
    {"label": N_("Stated by")},
    {"label": N_("Days")},
    {"label": N_("What")},
    {"label": N_("Entries"), "kind": "number"},
    {"label": N_("Digest of the sheet"), "kind": "code"},
)
TONES = {
    DutyState.RUNNING: "grey",
    DutyState.DUE: "blue",
    DutyState.LATE: "red",
    DutyState.CHANGED: "orange",
    DutyState.REPORTED: "green",
}
NIL = "nil"


@blueprint.route("/report", methods=["GET", "POST"])
@asks(READ)
def report() -> Answer:
    """Show one report, named by site and period in the address; keep what its site states."""
    site = site_named(request.args.get("site", "").strip(), own_sites(READ))
    period = request.args.get("period", "").strip()
    form = StateForm()
    if request.method == "POST":
        actor, clock = current_actor(), current_clock()
        policy.require(actor, STATE, site.organisation_id)
        try:
            with unit_of_work(rows()) as session:
                nil = request.form.get("what") == NIL
                state_report(session, actor, clock, site, period, nil=nil, seen=str(form.seen.data or ""))
        except (Conflict, RuleRefused) as error:
            record_refused(error, STATE)
            findings = show_refusal(form, error)
            return _page(site.code, period, form, findings), UNREADABLE
        return redirect(url_for("reporting.report", site=site.code, period=period), 303)
    return _page(site.code, period, form)


def _page(code: str, period: str, form: StateForm, findings: object = ()) -> str:
    session, day = rows(), today()
    site = site_named(code, own_sites(READ))
    owed = owed_report(session, current_clock(), site, period)
    sheet = sheet_of(session, owed.duty, day)
    said = history(session, site.id, owed.duty.span.code)
    people = people_named(session, {one.recorded_by for one in said})
    form.seen.data = sheet.digest
    ended = day > owed.duty.until
    return render_template(
        "reporting/report.html",
        site=site,
        name=site_name(site),
        owed=owed,
        words=translate(owed.duty.span.words),
        state=(owed.state.value, STATE_NAMES[owed.state], TONES[owed.state]),
        late=owed.duty.days_late(day) if owed.state is DutyState.LATE else 0,
        columns=COLUMNS,
        rows=_lines(sheet),
        left=sum(one.closing > 0 for one in sheet.rows) if owed.duty.closing else 0,
        digest=sheet.digest,
        stated=(
            STATED,
            [
                [
                    format_moment(one.recorded_at),
                    people.get(one.recorded_by, one.recorded_by),
                    f"{format_day(one.first_on)} – {format_day(one.until_on)}",
                    say(N_("nothing moved") if one.nil else N_("movements are complete")),
                    one.entries,
                    one.digest,
                ]
                for one in said
            ],
        ),
        differs=bool(said) and said[0].digest != sheet.digest,
        form=form if policy.allows(current_actor(), STATE, site.organisation_id) else None,
        may_state=ended and owed.state is not DutyState.REPORTED,
        findings=findings,
        closed=is_closed(session, current_clock(), site, owed.duty.span),
        reopen=url_for("reporting.period_deed", code=REOPEN.code, site=site.code, period=owed.duty.span.code)
        if policy.holds(current_actor(), REOPEN.proposes)
        else None,
        deeds=deeds_told(site, owed.duty.span),
    )


def _lines(sheet: Sheet) -> list[list[object]]:
    return [
        [
            revision.code,
            product_name(revision),
            one.label or None,
            *(
                in_unit(units, revision)
                for units in (one.opening, one.receipts, one.issues, one.corrections, one.closing)
            ),
        ]
        for one in sheet.rows
        for revision in (sheet.revisions[one.revision_id],)
    ]
