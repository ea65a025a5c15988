"""Pages of cases for the authority: the queue, one case with its checks, the steps that may be taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import Field

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, RegistryError, TransitionRefused
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import organisations_by_codes
from registry.permits import queries, service
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.proposals import AS_ASKED, Proposal
from registry.permits.domain.transitions import (
    ANSWER,
    HAND_OVER,
    ISSUE,
    PENDING,
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
from registry.permits.forms import CaseFilter, HandOverForm, NoteForm, StepForm, number_in
from registry.permits.pages.case_steps import NOTED
from registry.permits.pages.case_view import case_page
from registry.permits.pages.shared import DESK_COLUMNS, READ, basket, case_address, desk_rows
from registry.permits.propose_form import ProposeForm, propose_form
from registry.permits.queries.cases import ApplicationRow
from registry.permits.queries.desk import MOST, Waiting, waiting_cases
from registry.permits.queries.register import applications_count, applications_page
from registry.permits.service.desk import add_note, hand_over
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import format_number
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("cases", __name__, template_folder="../templates")

Answer = Response | str | tuple[str, int]
Take = Callable[[Session, Actor, Clock, int, int, StepForm], object]
OVERTAKEN = 409
EXAMINE = TAKE_UP.action
NOBODY = 0
"""The id of no organisation."""
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


def _proposal(form: StepForm) -> Proposal:
    return form.proposal if isinstance(form, ProposeForm) else AS_ASKED


TAKES: Mapping[str, Take] = MappingProxyType(
    {
        TAKE_UP.step: lambda s, a, c, case, v, _f: service.take_up(s, a, c, case, v),
        REQUEST_INFORMATION.step: lambda s, a, c, case, v, f: service.request_information(s, a, c, case, v, _note(f)),
        ANSWER.step: lambda s, a, c, case, v, f: service.answer(s, a, c, case, v, _note(f)),
        PROPOSE.step: lambda s, a, c, case, v, f: service.propose(s, a, c, case, v, _note(f) or None, _proposal(f)),
        PROPOSE_REFUSAL.step: lambda s, a, c, case, v, f: service.propose_refusal(
            s, a, c, case, v, str(f.ground.data or ""), _refusal(f)
        ),
        SEND_BACK.step: lambda s, a, c, case, v, f: service.send_back(s, a, c, case, v, _note(f)),
        ISSUE.step: lambda s, a, c, case, v, f: service.issue(s, a, c, case, v, _note(f) or None, country=_country()),
        REFUSE.step: lambda s, a, c, case, v, f: service.refuse(
            s, a, c, case, v, str(f.ground.data or ""), _refusal(f)
        ),
        WITHDRAW.step: lambda s, a, c, case, v, f: service.withdraw(s, a, c, case, v, _note(f) or None),
    }
)
"""How each step of `TRANSITIONS` is taken from what was typed."""


@blueprint.get("/cases")
@asks(READ)
def cases() -> Answer:
    """Show the work basket: what the person can do now, what is due first in front; or the cases of one state."""
    actor, session, clock = current_actor(), db.session(), current_clock()
    if not policy.allows(actor, READ):
        return redirect(url_for("applications.applications"), 303)
    form = CaseFilter.asked()
    counts = queries.pending_counts(session)
    mine = basket(actor)
    days = parameters_on(session, clock.today()).number(PROCESSING_DAYS)
    code = form.word("organisation")
    known = organisations_by_codes(session, [code]) if code else {}
    narrowed: dict[str, Any] = {
        "kind": form.word("kind") or None,
        # A code nobody has finds nothing.
        "organisation_id": known.get(code, NOBODY) if code else None,
        "officer": actor.username if form.word("whose") else None,
    }
    number, size = asked_page(), asked_size()
    chosen, start = form.chosen, offset(number, size)
    if chosen is None or chosen in PENDING:
        states = [state.value for state in mine] if chosen is None else [chosen.value]
        waiting = waiting_cases(session, clock.zone, days, states=states, **narrowed)
        found, total = waiting[start : start + size], len(waiting)
    else:
        rows = applications_page(session, states=[chosen.value], limit=size, offset=start, **narrowed)
        found = [Waiting(row, None) for row in rows]
        total = applications_count(session, states=[chosen.value], **narrowed)
    return render_template(
        "permits/cases.html",
        form=form,
        cards=[
            (name, format_number(counts.get(state.value, 0)), url_for("cases.cases", state=state.value))
            for state, name in STATE_NAMES.items()
        ],
        mine=[STATE_NAMES[state] for state in mine],
        chosen=STATE_NAMES[chosen] if chosen else None,
        columns=DESK_COLUMNS,
        rows=desk_rows(session, found, clock.today()),
        page=Page(found, number, size, total),
        days=days,
        capped=MOST if total == MOST else None,
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
    row, actor = require_case(db.session(), case_id), current_actor()
    form = _propose_form(row) if transition is PROPOSE else StepForm()
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
    return redirect(case_address(case_id, name), 303)


def _propose_form(row: ApplicationRow) -> ProposeForm:
    revisions = revisions_by_ids(db.session(), row.revision_ids.values(), current_clock().today())
    return propose_form(row, revisions, request.form)


@blueprint.post("/cases/<int(max=999999999999):case_id>/hand-over")
@asks(EXAMINE)
def give(case_id: int) -> Answer:
    """Hand a case over to a colleague."""
    form = HandOverForm()
    return _done(
        case_id,
        form,
        lambda s: hand_over(s, *_me(), case_id, number_in(form.version.data), _word(form.colleague)),
        HAND_OVER.step,
    )


@blueprint.post("/cases/<int(max=999999999999):case_id>/notes")
@asks(EXAMINE)
def note(case_id: int) -> Answer:
    """Note something on a case, among officers."""
    form = NoteForm()
    return _done(case_id, form, lambda s: add_note(s, *_me(), case_id, _word(form.note)), NOTED)


def _me() -> tuple[Actor, Clock]:
    return current_actor(), current_clock()


def _word(field: Field) -> str:
    return str(field.data or "").strip()


def _done(case_id: int, form: HandOverForm | NoteForm, do: Callable[[Session], object], done: str) -> Answer:
    """Do something among officers; what is refused is shown on the page of the case."""
    require_case(db.session(), case_id)
    if not form.validate_on_submit():
        return case_page(db.session(), require_case(db.session(), case_id), desk=form), UNREADABLE
    try:
        with unit_of_work(db.session()) as session:
            do(session)
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, EXAMINE, f"application {case_id}")
        show_refusal(form, error)
        status = OVERTAKEN if isinstance(error, Conflict) else UNREADABLE
        return case_page(db.session(), require_case(db.session(), case_id), desk=form), status
    return redirect(case_address(case_id, done), 303)


def _refused(case_id: int, form: StepForm, transition: Transition, error: RegistryError) -> Answer:
    """Show the case as it stands now, with what was typed and, if somebody was faster, what has changed since."""
    row = require_case(db.session(), case_id)
    if isinstance(error, Conflict | TransitionRefused) and row.version != form.read_version:
        return case_page(db.session(), row, form, transition, changed_since=form.read_version), OVERTAKEN
    findings = show_refusal(form, error)
    return case_page(db.session(), row, form, transition, findings=findings), UNREADABLE
