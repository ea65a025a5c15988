"""The page of deeds that wait for a second person, whatever room they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.queries import accounts_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.deeds import service
from registry.deeds.domain import DeedFact
from registry.deeds.effects import Details, Effect, registered
from registry.deeds.queries import deed_by_id, waiting_count, waiting_deeds
from registry.kernel.errors import Forbidden, RegistryError
from registry.kernel.text import N_
from registry.web.forms import PageForm
from registry.web.locale import format_moment
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("deeds", __name__, template_folder="templates")

READ = "deeds.read"
APPROVE, REJECT, WITHDRAW = "approve", "reject", "withdraw"
LONGEST = 2000
Answer = Response | str | tuple[str, int]


class DecisionForm(PageForm):
    """What a second person says to a deed."""

    note = TextAreaField(N_("Note"), [Length(max=LONGEST)], description=N_("Needed when you reject it."))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One deed as the page shows it."""

    deed: DeedFact
    effect: Effect
    details: Sequence[tuple[str, str]]
    who: str
    when: str
    may_decide: bool
    is_own: bool


@blueprint.get("/deeds")
@asks(READ)
def deeds() -> Answer:
    """Show what waits for a second person."""
    return _page(DecisionForm())


@blueprint.post("/deeds/<int(max=999999999999):deed_id>")
@asks(READ)
def decide(deed_id: int) -> Answer:
    """Approve, reject or take back one deed; what follows is done in the same unit of work."""
    session, actor, clock = db.session(), current_actor(), current_clock()
    deed = deed_by_id(session, deed_id)
    effect = registered(current_app).get(deed.kind) if deed is not None else None
    word = request.form.get("decision", "")
    if deed is None or effect is None or word not in (APPROVE, REJECT, WITHDRAW):
        abort(404)
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(form, deed_id), UNREADABLE
    note = str(form.note.data or "")
    try:
        with unit_of_work(session) as unit:
            if word == WITHDRAW:
                service.withdraw(unit, actor, clock, effect.kind, deed_id)
            else:
                done = service.decide(unit, actor, clock, effect.kind, deed_id, approve=word == APPROVE, note=note)
                if word == APPROVE:
                    effect.carry_out(unit, actor, clock, done)
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, effect.kind.decides or effect.kind.proposes, f"deed {deed_id}")
        return _page(form, deed_id, error), UNREADABLE
    return redirect(effect.address(deed.subject), 303)


def _page(form: DecisionForm, failed: int | None = None, error: RegistryError | None = None) -> str:
    session, actor = db.session(), current_actor()
    number, size = asked_page(), asked_size()
    found = waiting_deeds(session, size, offset(number, size))
    people = people_named(session, {deed.proposed_by for deed in found})
    effects = registered(current_app)
    found = [deed for deed in found if deed.kind in effects]
    lent = {deed.id: policy.lenders(actor, effects[deed.kind].kind.decides, deed.organisation_id) for deed in found}
    names = {actor.username, *(deed.proposed_by for deed in found), *(name for each in lent.values() for name in each)}
    person = {name: fact.person or name for name, fact in accounts_named(session, names).items()}

    def is_same(one: str, other: str) -> bool:
        return person.get(one, one) == person.get(other, other)

    told = _details(found, effects)
    findings = show_refusal(form, error) if error is not None else ()
    return render_template(
        "deeds/deeds.html",
        rows=[
            Waiting(
                deed,
                effects[deed.kind],
                told.get(deed.id, ()),
                people[deed.proposed_by],
                format_moment(deed.proposed_at),
                policy.allows(actor, effects[deed.kind].kind.decides, deed.organisation_id)
                and not is_same(deed.proposed_by, actor.username)
                # Who stands in for the proposer alone would decide by the proposer's own right.
                and not (lent[deed.id] and all(is_same(deed.proposed_by, each) for each in lent[deed.id])),
                is_same(deed.proposed_by, actor.username),
            )
            for deed in found
        ],
        form=form,
        failed=failed,
        findings=findings,
        page=Page(found, number, size, waiting_count(session)),
        back=url_for("deeds.deeds"),
    )


def _details(found: Sequence[DeedFact], effects: Mapping[str, Effect]) -> Details:
    """Return what all deeds say, each function that knows asked once."""
    told: dict[int, Sequence[tuple[str, str]]] = {}
    for details in {effects[deed.kind].details for deed in found}:
        told |= details([deed for deed in found if effects[deed.kind].details is details])
    return told
