"""Pages of cases for the authority: the queue, one case with its checks, the steps that may be taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, RegistryError, TransitionRefused
from registry.kernel.text import N_, Message
from registry.permits import queries, service
from registry.permits.domain.transitions import (
    ANSWER,
    ISSUE,
    PROPOSE,
    PROPOSE_REFUSAL,
    REFUSE,
    REQUEST_INFORMATION,
    SEND_BACK,
    STATE_NAMES,
    TAKE_UP,
    TRANSITIONS,
    WITHDRAW,
    Transition,
)
from registry.permits.forms import CaseFilter, StepForm
from registry.permits.pages.case_view import case_page
from registry.permits.pages.shared import CASE_COLUMNS, READ, basket, case_address, case_rows
from registry.permits.queries.cases import ApplicationRow
from registry.permits.queries.register import applications_page
from registry.web.locale import format_number
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("cases", __name__, template_folder="../templates")

Answer = Response | str | tuple[str, int]
Take = Callable[[Session, Actor, Clock, int, int, StepForm], object]
OVERTAKEN = 409
MOST_IN_BASKET = 100
NO_APPEAL = Message(N_("say where and by when the refusal can be appealed"))


def _note(form: StepForm) -> str:
    return str(form.note.data or "").strip()


def _refusal(form: StepForm) -> str:
    """Return the text of a refusal: why, and how to appeal; both are owed to the applicant (section 5.4)."""
    appeal = str(form.appeal.data or "").strip()
    if not appeal:
        raise Invalid(NO_APPEAL, [Problem("appeal", "missing", NO_APPEAL)])
    return f"{_note(form)}\n{appeal}" if _note(form) else ""


def _country() -> str:
    return settings_of(current_app).country


TAKES: Mapping[str, Take] = MappingProxyType(
    {
        TAKE_UP.step: lambda s, a, c, case, v, _f: service.take_up(s, a, c, case, v),
        REQUEST_INFORMATION.step: lambda s, a, c, case, v, f: service.request_information(s, a, c, case, v, _note(f)),
        ANSWER.step: lambda s, a, c, case, v, f: service.answer(s, a, c, case, v, _note(f)),
        PROPOSE.step: lambda s, a, c, case, v, f: service.propose(s, a, c, case, v, _note(f) or None),
        PROPOSE_REFUSAL.step: lambda s, a, c, case, v, f: service.propose_refusal(
            s, a, c, case, v, str(f.ground.data), _refusal(f)
        ),
        SEND_BACK.step: lambda s, a, c, case, v, f: service.send_back(s, a, c, case, v, _note(f)),
        ISSUE.step: lambda s, a, c, case, v, f: service.issue(s, a, c, case, v, _note(f) or None, country=_country()),
        REFUSE.step: lambda s, a, c, case, v, f: service.refuse(s, a, c, case, v, str(f.ground.data), _refusal(f)),
        WITHDRAW.step: lambda s, a, c, case, v, f: service.withdraw(s, a, c, case, v, _note(f) or None),
    }
)
"""How each step of `TRANSITIONS` is taken from what was typed."""


@blueprint.get("/cases")
@asks(READ)
def cases() -> Answer:
    """Show the work basket: what the person can do now; or the cases of one state."""
    actor, session, today = current_actor(), db.session(), current_clock().today()
    if not policy.allows(actor, READ):
        return redirect(url_for("applications.applications"), 303)
    form = CaseFilter.asked()
    counts = queries.pending_counts(session)
    mine = basket(actor)
    number, size = asked_page(), asked_size()
    page = None
    if form.chosen is None:
        found = [row for state in mine for row in queries.work_queue(session, state.value, MOST_IN_BASKET)]
    else:
        found = applications_page(session, state=form.chosen.value, limit=size, offset=offset(number, size))
        page = Page(found, number, size, counts.get(form.chosen.value, 0))
    return render_template(
        "permits/cases.html",
        form=form,
        cards=[
            (name, format_number(counts.get(state.value, 0)), url_for("cases.cases", state=state.value))
            for state, name in STATE_NAMES.items()
        ],
        mine=[STATE_NAMES[state] for state in mine],
        chosen=STATE_NAMES[form.chosen] if form.chosen else None,
        columns=CASE_COLUMNS,
        rows=case_rows(session, found, today),
        page=page,
    )


def require_case(session: Session, case_id: int) -> ApplicationRow:
    """Return a case the person may read; a firm learns nothing of cases that are not its own."""
    row = queries.application_by_id(session, case_id)
    policy.require(current_actor(), READ, row.asked.organisation_id if row else None)
    if row is None:
        raise NotFound(Message(N_("there is no such application")))
    return row


@blueprint.get("/cases/<int(max=999999999999):case_id>")
@asks(READ)
def case(case_id: int) -> Answer:
    """Show one case with its checks, the position, its history and the steps that may be taken now."""
    return case_page(db.session(), require_case(db.session(), case_id))


@blueprint.post("/cases/<int(max=999999999999):case_id>/steps/<name>")
@asks(READ)
def step(case_id: int, name: str) -> Answer:
    """Take one step of a case; who may is the policy's and the table's business, asked by the service."""
    transition = TRANSITIONS.get(name)
    if transition is None or name not in TAKES:
        abort(404)
    require_case(db.session(), case_id)
    form, actor = StepForm(), current_actor()
    if not form.validate_on_submit():
        return case_page(db.session(), require_case(db.session(), case_id), form, transition), UNREADABLE
    try:
        with unit_of_work(db.session()) as session:
            TAKES[name](session, actor, current_clock(), case_id, form.read_version, form)
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, transition.action, f"application {case_id}")
        return _refused(case_id, form, transition, error)
    return redirect(case_address(case_id), 303)


def _refused(case_id: int, form: StepForm, transition: Transition, error: RegistryError) -> Answer:
    """Show the case as it stands now, with what was typed and, if somebody was faster, what has changed since."""
    row = require_case(db.session(), case_id)
    if isinstance(error, Conflict | TransitionRefused) and row.version != form.read_version:
        return case_page(db.session(), row, form, transition, changed_since=form.read_version), OVERTAKEN
    findings = show_refusal(form, error)
    return case_page(db.session(), row, form, transition, findings=findings), UNREADABLE
