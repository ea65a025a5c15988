"""What the pages of rooms share that ask for deeds: the form, the list of what may be done, the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import redirect, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from registry.accounts import policy
from registry.accounts.guard import current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.deeds.domain import STATE_NAMES, DeedFact, DeedKind
from registry.deeds.queries import deeds_of
from registry.kernel.errors import Forbidden, RegistryError
from registry.kernel.fields import BadCell, as_day
from registry.kernel.text import N_
from registry.web.forms import PageForm
from registry.web.locale import format_day, format_moment, say
from registry.web.page_forms import UNREADABLE, show_refusal

LONGEST = 2000
Answer = Response | str | tuple[str, int]


class AskForm(PageForm):
    """Why something is done, and from which day."""

    reason = TextAreaField(N_("Why"), [Length(max=LONGEST)], description=N_("The holder and the history show it."))
    effective_on = StringField(N_("Counts from"), description=N_("Today or a later day, written like 31.12.2026"))


@dataclass(frozen=True, slots=True)
class Asking:
    """One page that asks for a deed. `mends`: name -> (label, present value) of what may be stated otherwise."""

    kind: DeedKind
    subject: str
    title: str
    back: str
    mends: Mapping[str, tuple[str, str]]
    take: Callable[[Session, str, date, Mapping[str, str]], DeedFact]


def typed_day(day: date) -> str:
    """Return a day as people type it: 31.03.2026."""
    return f"{day:%d.%m.%Y}"


def asking_page(asking: Asking, typed: Mapping[str, str]) -> Answer:
    """Show the form of a deed, or do it; what was typed is kept when it is refused."""
    form = AskForm()
    if not form.is_submitted():
        form.effective_on.data = typed_day(current_clock().today())
        return _page(asking, form, {})
    mends = {name: typed.get(name, present).strip() for name, (_, present) in asking.mends.items()}
    valid = form.validate_on_submit()
    try:
        day = as_day(str(form.effective_on.data or ""))
    except BadCell as bad:
        form.effective_on.errors = [*form.effective_on.errors, say(bad.message.msgid) % dict(bad.message.params)]
        valid = False
    if not valid:
        return _page(asking, form, mends), UNREADABLE
    changed = {name: value for name, value in mends.items() if value != asking.mends[name][1]}
    try:
        with unit_of_work(db.session()) as session:
            asking.take(session, str(form.reason.data or ""), day, changed)
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, asking.kind.proposes, asking.subject)
        return _page(asking, form, mends, error), UNREADABLE
    return redirect(asking.back, 303)


def _page(asking: Asking, form: AskForm, mends: Mapping[str, str], error: RegistryError | None = None) -> str:
    findings = show_refusal(form, error) if error is not None else ()
    return render_template(
        "deeds/ask.html",
        asking=asking,
        form=form,
        findings=findings,
        mends=[(name, label, mends.get(name, present)) for name, (label, present) in asking.mends.items()],
    )


def may_ask(kinds: Iterable[DeedKind], organisation_id: int | None) -> list[DeedKind]:
    """Return those of `kinds` the person may begin."""
    return [kind for kind in kinds if policy.allows(current_actor(), kind.proposes, organisation_id)]


def history(session: Session, subject: str, kinds: Mapping[str, DeedKind], prefix: str) -> list[tuple[str, str, str]]:
    """Return the deeds of one subject as the timeline shows them, the youngest first; two statements.

    A firm reads what was done and why, of the authority no names.
    """
    deeds = deeds_of(session, subject, prefix)
    inside = policy.holds(current_actor(), "deeds.read")
    people = people_named(session, {name for deed in deeds for name in (deed.proposed_by, deed.decided_by)})
    told = []
    for deed in reversed(deeds):
        if not inside and deed.state.value != "done":
            continue
        kind = kinds[deed.kind]
        done = say(kind.told) if deed.state.value == "done" else f"{say(kind.name)}: {say(STATE_NAMES[deed.state])}"
        names = [people[name] for name in (deed.proposed_by, deed.decided_by) if name]
        moment = deed.decided_at or deed.proposed_at
        text = f"{done}, {format_day(deed.effective_on)}: {deed.reason}"
        told.append((format_moment(moment), text, ", ".join(names) if inside else say(N_("authority"))))
    return told
