"""Pages of parameters: what is in force, one parameter with its history, what waits for a second person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.codes import search_key
from registry.kernel.errors import Forbidden, NotFound, RegistryError
from registry.kernel.parameters import Parameter
from registry.kernel.text import N_, Message
from registry.parameters import queries, service
from registry.parameters.catalogue import all_parameters, parameter_named
from registry.parameters.domain import DECISION_NAMES, Decision, ValueFact, in_force, next_change
from registry.parameters.forms import DecisionForm, ValueForm, form_for
from registry.parameters.words import parameter_name, sought, value_words
from registry.web.locale import format_day, format_moment, say
from registry.web.page_forms import UNREADABLE, QueryForm, show_refusal

blueprint = Blueprint("parameters", __name__, template_folder="templates")

READ, PROPOSE, APPROVE = "parameters.read", "parameters.propose", "parameters.approve"
Answer = Response | str | tuple[str, int]
OTHERS = Message(N_("only whoever proposed a value withdraws it; an approver rejects it"))
COLUMNS = (
    {"label": N_("Parameter")},
    {"label": N_("In force")},
    {"label": N_("Since")},
    {"label": N_("By which act")},
    {"label": N_("Where nothing is set")},
    {"label": N_("Next change")},
)
HISTORY_COLUMNS = (
    {"label": N_("Value")},
    {"label": N_("Counts from")},
    {"label": N_("Act")},
    {"label": N_("Proposed")},
    {"label": N_("Decided")},
    {"label": N_("Note")},
)


class ParameterFilter(QueryForm):
    """Which parameters to list."""

    q = StringField(N_("Name, code or rule"))


@blueprint.get("/parameters")
@asks(READ)
def parameters() -> str:
    """List everything that may be set, by group, with what is in force today."""
    session, today = db.session(), current_clock().today()
    form = ParameterFilter.asked()
    words = search_key(form.word("q"))
    approved = _by_code(fact for fact in queries.all_values(session) if fact.decision is Decision.APPROVED)
    found = [each for each in all_parameters().values() if words in sought(each)]
    found.sort(key=lambda each: (say(each.group), each.code))
    groups = [
        (say(group), [_row(each, approved.get(each.code, ()), today) for each in members])
        for group, members in groupby(found, key=lambda each: each.group)
    ]
    return render_template(
        "parameters/list.html",
        form=form,
        columns=COLUMNS,
        groups=groups,
        waiting=len(queries.waiting_values(session)),
    )


def _by_code(facts: Iterable[ValueFact]) -> dict[str, list[ValueFact]]:
    found: dict[str, list[ValueFact]] = {}
    for fact in facts:
        found.setdefault(fact.code, []).append(fact)
    return found


def _row(parameter: Parameter, values: Sequence[ValueFact], today: date) -> list[object]:
    now, following = in_force(values, today), next_change(values, today)
    return [
        {"text": parameter_name(parameter), "href": url_for("parameters.parameter", code=parameter.code)},
        value_words(parameter, now.value if now else parameter.default),
        format_day(now.counts_from) if now else None,
        now.act if now else None,
        value_words(parameter, parameter.default),
        f"{value_words(parameter, following.value)}, {format_day(following.counts_from)}" if following else None,
    ]


@blueprint.get("/parameters/<code>")
@asks(READ)
def parameter(code: str) -> str:
    """Show one parameter: what is in force, why, and its whole history."""
    chosen = parameter_named(code)
    return _page(chosen, form_for(chosen, _now(chosen)))


@blueprint.post("/parameters/<code>")
@asks(PROPOSE)
def propose(code: str) -> Answer:
    """Propose a value; it counts once a second person approves it."""
    chosen = parameter_named(code)
    form, session = form_for(chosen, ""), db.session()
    valid = form.validate_on_submit()
    command = service.NewValue(
        chosen,
        str(form.value.data or ""),
        form.effective_on.data,
        str(form.act.data or ""),
        form.act_date.data,
        str(form.note.data or "") or None,
    )
    if not valid:
        unread = set(form.errors)
        others = service.problems_of(session, current_clock(), command)
        form.add_problems(problem for problem in others if problem.column not in unread)
        return _page(chosen, form), UNREADABLE
    try:
        with unit_of_work(session):
            service.propose(session, current_actor(), current_clock(), command)
    except RegistryError as error:
        record_refused(error, PROPOSE, f"parameter {code}")
        show_refusal(form, error)
        return _page(chosen, form), UNREADABLE
    return redirect(url_for("parameters.proposals"), 303)


def _now(chosen: Parameter) -> str:
    return queries.parameters_on(db.session(), current_clock().today()).text(chosen)


def _page(chosen: Parameter, form: ValueForm) -> str:
    session, today = db.session(), current_clock().today()
    values = queries.values_of(session, chosen.code)
    now = in_force(values, today)
    people = people_named(session, {name for fact in values for name in (fact.proposed_by, fact.decided_by)})
    return render_template(
        "parameters/parameter.html",
        chosen=chosen,
        name=parameter_name(chosen),
        group=say(chosen.group),
        now=value_words(chosen, now.value if now else chosen.default),
        since=now,
        default=value_words(chosen, chosen.default),
        bounds=_bounds(chosen),
        columns=HISTORY_COLUMNS,
        history=[_history(chosen, fact, people) for fact in reversed(values)],
        may_propose=policy.allows(current_actor(), PROPOSE),
        form=form,
    )


def _bounds(chosen: Parameter) -> str | None:
    if chosen.words:
        return None
    least, most = chosen.bounds
    if most is None:
        return None
    return f"{value_words(chosen, str(least))} – {value_words(chosen, str(most))}"


def _history(chosen: Parameter, fact: ValueFact, people: Mapping[str, str]) -> list[object]:
    decided = (
        f"{say(DECISION_NAMES[fact.decision])}: {people[fact.decided_by or '']}, {format_moment(fact.decided_at)}"
        if fact.decision
        else say(N_("waits for a second person"))
    )
    return [
        value_words(chosen, fact.value),
        format_day(fact.counts_from or fact.effective_on),
        f"{fact.act}, {format_day(fact.act_date)}" if fact.act_date else fact.act,
        f"{people[fact.proposed_by]}, {format_moment(fact.proposed_at)}",
        decided,
        "; ".join(text for text in (fact.note, fact.reason) if text) or None,
    ]


@blueprint.get("/parameters/proposals")
@asks(READ)
def proposals() -> str:
    """List the values that wait for a second person, with what this person may do about each."""
    return _proposals(DecisionForm())


def _proposals(form: DecisionForm) -> str:
    session, today, actor = db.session(), current_clock().today(), current_actor()
    waiting = queries.waiting_values(session)
    now = queries.parameters_on(session, today)
    people = people_named(session, {fact.proposed_by for fact in waiting})
    known = all_parameters()
    return render_template(
        "parameters/proposals.html",
        form=form,
        values=[
            {
                "fact": fact,
                "name": parameter_name(known[fact.code]),
                "value": value_words(known[fact.code], fact.value),
                "now": value_words(known[fact.code], now.text(known[fact.code])),
                "by": people[fact.proposed_by],
                "own": fact.proposed_by == actor.username,
            }
            for fact in waiting
            if fact.code in known
        ],
        may_approve=policy.allows(actor, APPROVE),
        may_propose=policy.allows(actor, PROPOSE),
    )


@blueprint.post("/parameters/proposals/<int(max=999999999999):value_id>/approve")
@asks(APPROVE)
def approve(value_id: int) -> Answer:
    """Approve a value somebody else has proposed."""
    return _decide(value_id, APPROVE, service.approve)


@blueprint.post("/parameters/proposals/<int(max=999999999999):value_id>/reject")
@asks(APPROVE)
def reject(value_id: int) -> Answer:
    """Reject a proposed value with a reason; it stays in the history."""

    def decide(session: Session, actor: Actor, clock: Clock, chosen: int) -> None:
        service.reject(session, actor, clock, chosen, str(DecisionForm().note.data or ""))

    return _decide(value_id, APPROVE, decide)


@blueprint.post("/parameters/proposals/<int(max=999999999999):value_id>/withdraw")
@asks(PROPOSE)
def withdraw(value_id: int) -> Answer:
    """Withdraw a value one has proposed oneself."""
    fact = queries.value_by_id(db.session(), value_id)
    if fact is not None and fact.proposed_by != current_actor().username:
        raise Forbidden(OTHERS)
    return _decide(value_id, PROPOSE, service.withdraw)


def _decide(value_id: int, action: str, decide: Callable[[Session, Actor, Clock, int], None]) -> Answer:
    form, session = DecisionForm(), db.session()
    if not form.validate_on_submit():
        return _proposals(form), UNREADABLE
    try:
        with unit_of_work(session):
            decide(session, current_actor(), current_clock(), value_id)
    except NotFound:
        raise
    except RegistryError as error:
        record_refused(error, action, f"parameter value {value_id}")
        form.form_errors.append(say(error.message))
        return _proposals(form), UNREADABLE
    return redirect(url_for("parameters.proposals"), 303)
