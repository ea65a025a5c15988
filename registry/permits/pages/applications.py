"""Pages of the firm: its drafts, its applications by state, one of its cases."""

from __future__ import annotations

from collections import Counter

from flask import current_app, render_template, url_for

from registry.accounts.guard import asks
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db
from registry.kernel.clock import day_of
from registry.kernel.text import N_
from registry.parameters.queries import parameters_on
from registry.permits import queries
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.term import decision_due
from registry.permits.domain.transitions import PENDING, STATE_NAMES, states_told_as, told_outside
from registry.permits.forms import CaseFilter
from registry.permits.pages.case_view import case_page
from registry.permits.pages.cases import require_case
from registry.permits.pages.firm import blueprint, own_organisation
from registry.permits.pages.shared import APPLY, CASE_COLUMNS, case_address, case_rows
from registry.permits.queries.drafts import DraftFact, drafts_of
from registry.permits.queries.register import applications_page
from registry.web.locale import format_moment, format_number
from registry.web.paging import Page, asked_page, asked_size, offset
from registry.workdays.queries import working_days

DRAFT_COLUMNS = (
    {"label": N_("Draft")},
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Changed")},
    {"label": N_("By")},
    {"label": N_("Days since"), "kind": "number"},
)


@blueprint.get("/applications")
@asks(APPLY)
def applications() -> str:
    """List the drafts and the applications of the person's organisation, by state."""
    session, today = db.session(), current_clock().today()
    organisation = own_organisation()
    form = CaseFilter.asked()
    form.state.choices = [each for each in form.state.choices if not each.value or states_told_as(each.value)]
    counts: Counter[str] = Counter()
    for state, many in queries.pending_counts(session, organisation).items():
        counts[told_outside(state).value] += many
    number, size = asked_page(), asked_size()
    chosen = form.chosen.value if form.chosen else None
    states, start = states_told_as(chosen) if chosen else None, offset(number, size)
    found = applications_page(session, organisation_id=organisation, states=states, limit=size, offset=start)
    return render_template(
        "permits/applications.html",
        form=form,
        draft_columns=DRAFT_COLUMNS,
        drafts=_draft_rows(drafts_of(session, organisation)),
        cards=[
            (name, format_number(counts[one.value]), url_for("applications.applications", state=one.value))
            for one, name in STATE_NAMES.items()
            if counts[one.value]
        ],
        columns=CASE_COLUMNS,
        rows=case_rows(session, found, today),
        page=Page(found, number, size, counts[chosen] if chosen else counts.total()),
    )


def _draft_rows(drafts: list[DraftFact]) -> list[list[object]]:
    people = people_named(db.session(), {draft.changed_by for draft in drafts})
    today, zone = current_clock().today(), settings_of(current_app).zone
    return [
        [
            {"text": PERMIT_KINDS[draft.kind].name, "href": url_for("applications.draft", draft_id=draft.id)},
            draft.cells.get("reference"),
            format_moment(draft.changed_at),
            people[draft.changed_by],
            format_number((today - day_of(draft.changed_at, zone)).days),
        ]
        for draft in drafts
    ]


@blueprint.get("/applications/<int(max=999999999999):case_id>")
@asks(APPLY)
def application(case_id: int) -> str:
    """Show one application of the person's organisation."""
    return case_page(db.session(), require_case(db.session(), case_id))


@blueprint.get("/applications/<int(max=999999999999):case_id>/submitted")
@asks(APPLY)
def submitted(case_id: int) -> str:
    """Confirm that an application has come in: its reference, what happens next and by when."""
    session = db.session()
    row = require_case(session, case_id)
    day = day_of(row.submitted_at, settings_of(current_app).zone)
    days = parameters_on(session, current_clock().today()).number(PROCESSING_DAYS)
    return render_template(
        "permits/submitted.html",
        row=row,
        reference=row.asked.reference,
        submitted_on=day,
        decided_by=decision_due(day, days, working=working_days(session)),
        working_days=days,
        case=case_address(case_id),
        is_pending=row.state in PENDING,
    )
