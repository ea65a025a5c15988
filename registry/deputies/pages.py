"""Pages of deputies: who stands in for whom, naming one, ending a deputy's time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.queries import DeputyFact, deputies
from registry.accounts.service import NewDeputy, deputy_problems
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.deeds.asking import Answer, Asking, asking_page
from registry.deeds.domain import DeedFact
from registry.deeds.effects import Details, Effect
from registry.deputies import service
from registry.deputies.domain import END, NAME, PROPOSES
from registry.deputies.forms import DeputyForm
from registry.kernel.errors import Forbidden, RegistryError
from registry.kernel.text import N_, Message
from registry.web.locale import format_day, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal

blueprint = Blueprint("deputies", __name__, template_folder="templates")

READ = "deputies.read"


@blueprint.get("/deputies")
@asks(READ)
def all_deputies() -> str:
    """Show who stood, stands and will stand in for whom."""
    session, today = db.session(), current_clock().today()
    found = deputies(session)
    names = {name for each in found for name in (each.away, each.deputy, each.ended_by)}
    return render_template(
        "deputies/list.html",
        rows=[(each, *_state(each, today)) for each in found],
        people=people_named(session, names),
        today=today,
        may_name=policy.allows(current_actor(), PROPOSES),
    )


def _state(each: DeputyFact, today: date) -> tuple[str, str]:
    if each.holds_on(today):
        return N_("in force"), "green"
    if each.is_ended_on(today):
        return N_("ended"), "red"
    return (N_("to come"), "blue") if each.from_on > today else (N_("over"), "grey")


@blueprint.route("/deputies/new", methods=["GET", "POST"])
@asks(PROPOSES)
def new() -> Answer:
    """Propose a deputy; a second person decides on the page of deeds."""
    form, session = DeputyForm(), db.session()
    if not form.is_submitted():
        return _new(form)
    valid = form.validate_on_submit()
    unread = set(form.errors)
    command = NewDeputy(
        str(form.away.data or ""),
        str(form.deputy.data or ""),
        str(form.act.data or ""),
        form.act_date.data,
        form.from_on.data,
        form.to_on.data,
    )
    if not valid:
        others = deputy_problems(session, current_clock(), command)
        form.add_problems(problem for problem in others if problem.column not in unread)
        return _new(form), UNREADABLE
    try:
        with unit_of_work(session):
            service.name_deputy(session, current_actor(), current_clock(), command, str(form.reason.data or ""))
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, PROPOSES, f"account {command.away}")
        show_refusal(form, error)
        return _new(form), UNREADABLE
    return redirect(url_for("deeds.deeds"), 303)


def _new(form: DeputyForm) -> str:
    return render_template("deputies/new.html", form=form)


@blueprint.route("/deputies/<int(max=999999999999):deputy_id>/end", methods=["GET", "POST"])
@asks(PROPOSES)
def end(deputy_id: int) -> Answer:
    """End a deputy's time before its last day."""
    known = service.require_deputy(db.session(), deputy_id)

    def take(unit: Session, reason: str, day: date, _mends: Mapping[str, str]) -> DeedFact:
        return service.end_time(unit, current_actor(), current_clock(), deputy_id, reason, day)

    title = translate(Message(N_("%(deputy)s for %(away)s"), {"deputy": known.deputy, "away": known.away}))
    return asking_page(Asking(END, known.away, title, url_for("deputies.all_deputies"), {}, take), request.form)


def _details(deeds: Sequence[DeedFact]) -> Details:
    return {deed.id: _said(deed) for deed in deeds}


def _said(deed: DeedFact) -> Sequence[tuple[str, str]]:
    command = service.command_of(deed)
    return (
        (say(N_("Deputy")), command.deputy),
        (say(N_("Act")), f"{command.act}, {format_day(command.act_date)}"),
        (say(N_("First day")), format_day(command.from_on)),
        (say(N_("Last day")), format_day(command.to_on)),
    )


def effects() -> list[Effect]:
    """Return how a deputy is named once decided; the end of a deputy's time is done at once, on its own page."""
    return [Effect(NAME, service.carry_out, lambda _away: url_for("deputies.all_deputies"), _details)]
