"""The worklist: flags gathered by rule, opened rule by rule; taken on, closed with a reason; one flag with its history."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.flags.domain import STATE_NAMES, STEP_NAMES, FlagState
from registry.flags.queries import flag_history, last_sweep
from registry.flags.service import close_flag, close_flags, release_flags, sweep, take_flags
from registry.flags.watches import current_watches
from registry.kernel.actor import SYSTEM
from registry.kernel.errors import NotFound, RegistryError
from registry.kernel.text import N_, Message
from registry.parameters.catalogue import all_rules
from registry.parameters.queries import parameters_on
from registry.parties.queries import near_codes, organisations_by_codes
from registry.supervision.pages.blueprint import flags_blueprint, link, quoted, rows
from registry.supervision.queries.worklist import (
    NOBODY,
    FlagFilter,
    flag_by_id,
    flag_groups,
    flag_ids,
    flags_page,
    rules_flagged,
)
from registry.web.forms import Filled, PageForm
from registry.web.locale import format_moment, say, translate
from registry.web.paging import Page, asked_page, asked_size, offset

ANY, MINE, NOT_TAKEN = "any", "mine", "nobody"
WORKED_ON = {"": N_("all"), MINE: N_("by me"), NOT_TAKEN: N_("by nobody")}
ASKED = ("state", "rule", "organisation", "worked_on", "subject", "size")
"""What the address of a list may ask for, and a list returned to goes on asking for."""
TAKE, RELEASE, CLOSE = "take", "release", "close"
WHOLE_LIST = "all"
NOTHING_MARKED = N_("Mark the flags you mean.")
NO_ORGANISATION = N_("there is no organisation with the code “%(code)s”")
NEAR_IT = N_("there is no organisation with the code “%(code)s”. Near to it: %(near)s")
SUBJECT_PAGES = (
    (re.compile(r"permit (?P<one>.+)"), "/permits/{one}"),
    (re.compile(r"quota (?P<year>[0-9]{4}) (?P<one>.+)"), "/positions/{one}/{year}"),
    (re.compile(r"estimates (?P<year>[0-9]{4})"), "/quotas?year={year}"),
    (re.compile(r"movement (?P<one>.+)"), "/stock/movements/{one}"),
    (re.compile(r"licence (?P<one>.+)"), "/licences/{one}"),
    (re.compile(r"organisation (?P<one>.+)"), "/organisations/{one}"),
    (re.compile(r"return (?P<form>[A-Z]+) (?P<year>[0-9]{4})"), "/returns/{form}/{year}"),
    (re.compile(r"return (?P<form>[A-Z]+) (?P<year>[0-9]{4})-(?P<quarter>Q[1-4])"), "/returns/{form}/{year}/{quarter}"),
)
"""How rooms name the subjects of their flags, and where each has its page."""

NOTE_LENGTH = 2000
CONFLICT = 409
UNREADABLE = 422


class CloseForm(PageForm):
    """Why flags are closed."""

    note = TextAreaField(N_("What was found out and done"), [Filled(), Length(max=NOTE_LENGTH)])


@flags_blueprint.get("/flags")
@asks("flags.read")
def flags() -> str:
    """Show the flags that fit, gathered by rule; those of one rule, or of one subject, one by one."""
    return _list_page(CloseForm(formdata=None))


def _list_page(form: CloseForm) -> str:
    session, clock, actor = rows(), current_clock(), current_actor()
    wanted, fault = _wanted(session)
    number, size = asked_page(), asked_size()
    one_by_one = bool(wanted.rule or wanted.subject.strip())
    swept = last_sweep(session)
    shown = {
        "wanted": wanted,
        "asked": {name: request.args.get(name, "") for name in ("organisation", "worked_on")},
        "fault": fault,
        "any_state": ANY,
        "states": STATE_NAMES,
        "worked_on": WORKED_ON,
        "rules": {code: all_rules()[code] for code in rules_flagged(session) if code in all_rules()},
        "swept": swept,
        "people": people_named(session, [swept.actor if swept else None]),
        "may_sweep": policy.holds(actor, "flags.sweep"),
        "form": form,
    }
    if not one_by_one:
        parameters = parameters_on(session, clock.today())
        groups, total, in_all = flag_groups(session, wanted, parameters, size, offset(number, size))
        return render_template(
            "supervision/flags.html",
            page=Page(groups, number, size, total),
            in_all=in_all,
            **shown,
        )
    found, total = flags_page(session, wanted, size, offset(number, size))
    shown["people"] = people_named(session, [flag.assignee for flag in found] + [swept.actor if swept else None])
    return render_template(
        "supervision/flags_of_rule.html",
        page=Page(found, number, size, total),
        rule=all_rules().get(wanted.rule or ""),
        may_work=wanted.state is FlagState.OPEN and policy.holds(actor, "flags.close"),
        mine=actor.username,
        whole_list=WHOLE_LIST,
        marked=request.form.getlist("chosen"),
        **shown,
    )


def _wanted(session: Session) -> tuple[FlagFilter, Message | None]:
    """Return what the address asks for, and what is wrong with it; an unknown organisation has no flags."""
    asked = request.args.get("state", FlagState.OPEN.value)
    state = None if asked == ANY else FlagState(asked) if asked in set(FlagState) else FlagState.OPEN
    assignee = {MINE: current_actor().username, NOT_TAKEN: NOBODY}.get(request.args.get("worked_on", ""))
    wanted = FlagFilter(
        state, request.args.get("rule") or None, request.args.get("subject", "")[:200], assignee=assignee
    )
    code = request.args.get("organisation", "").strip()[:80]
    if not code:
        return wanted, None
    known = organisations_by_codes(session, [code]).get(code)
    if known is not None:
        return replace(wanted, organisation_id=known), None
    near = near_codes(session, [code]).get(code, ())
    fault = Message(NEAR_IT if near else NO_ORGANISATION, {"code": code, "near": ", ".join(near)})
    return replace(wanted, organisation_id=0), fault


@flags_blueprint.post("/flags")
@asks("flags.take")
def marked() -> Response | tuple[str, int]:
    """Take on, hand back or close the flags that are marked in a list, or all that the list shows."""
    step = request.form.get("step", "")
    form = CloseForm() if step == CLOSE else CloseForm(formdata=None)
    wanted, _ = _wanted(rows())
    if WHOLE_LIST in request.form.getlist("chosen"):
        chosen = flag_ids(rows(), replace(wanted, state=FlagState.OPEN))
    else:
        chosen = [int(number) for number in request.form.getlist("chosen") if number.isascii() and number.isdigit()]
    if not chosen:
        form.form_errors.append(translate(Message(NOTHING_MARKED)))
        return _list_page(form), UNREADABLE
    if step == CLOSE and not form.validate_on_submit():
        return _list_page(form), UNREADABLE
    with unit_of_work(rows()) as session:
        actor, clock = current_actor(), current_clock()
        if step == CLOSE:
            policy.require_holds(actor, "flags.close")
            close_flags(session, actor, clock, chosen, str(form.note.data).strip())
        elif step == TAKE:
            take_flags(session, actor, clock, chosen)
        elif step == RELEASE:
            release_flags(session, actor, clock, chosen)
        else:
            raise NotFound(Message(N_("there is no such step")))
    kept = {name: request.args[name] for name in ASKED if request.args.get(name)}
    return redirect(f"{url_for('flags.flags')}?{urlencode(kept)}", 303)


@flags_blueprint.post("/flags/sweep")
@asks("flags.sweep")
def look_now() -> Response:
    """Let every watch look at today; the list then says when that was and what came of it."""
    with unit_of_work(rows()) as session:
        sweep(session, current_actor(), current_clock(), current_watches())
    return redirect(url_for("flags.flags"), 303)


@flags_blueprint.get("/flags/<int:flag_id>")
@asks("flags.read")
def flag(flag_id: int) -> str:
    """Show one flag with the text and ground of its rule and what was done with it."""
    return _flag_page(flag_id, CloseForm(formdata=None))


@flags_blueprint.post("/flags/<int:flag_id>/close")
@asks("flags.close")
def close(flag_id: int) -> Response | tuple[str, int]:
    """Close the flag with a note; the note is kept on the page when somebody else was faster."""
    form = CloseForm()
    if not form.validate_on_submit():
        return _flag_page(flag_id, form), UNREADABLE
    try:
        with unit_of_work(rows()) as session:
            close_flag(session, current_actor(), current_clock(), flag_id, str(form.note.data).strip())
    except RegistryError as error:
        record_refused(error, "flags.close", f"flag {flag_id}")
        form.form_errors.append(translate(error.message))
        return _flag_page(flag_id, form), CONFLICT
    return redirect(url_for("flags.flag", flag_id=flag_id), 303)


@flags_blueprint.post("/flags/<int:flag_id>/take")
@asks("flags.take")
def take(flag_id: int) -> Response:
    """Take the flag on; where somebody has it already, the page says who."""
    flag_by_id(rows(), flag_id)
    with unit_of_work(rows()) as session:
        take_flags(session, current_actor(), current_clock(), [flag_id])
    return redirect(url_for("flags.flag", flag_id=flag_id), 303)


@flags_blueprint.post("/flags/<int:flag_id>/release")
@asks("flags.take")
def release(flag_id: int) -> Response:
    """Hand the flag back, if it is the person's own."""
    flag_by_id(rows(), flag_id)
    with unit_of_work(rows()) as session:
        release_flags(session, current_actor(), current_clock(), [flag_id])
    return redirect(url_for("flags.flag", flag_id=flag_id), 303)


def _flag_page(flag_id: int, form: CloseForm) -> str:
    session, actor = rows(), current_actor()
    found = flag_by_id(session, flag_id)
    history = flag_history(session, flag_id)
    people = people_named(session, [found.closed_by, found.assignee, *(event.actor for event in history)])
    is_open = found.state is FlagState.OPEN
    return render_template(
        "supervision/flag.html",
        flag=found,
        rule=all_rules().get(found.rule),
        state_names=STATE_NAMES,
        form=form,
        people=people,
        reason=reason(found.note, found.closed_by),
        history=[
            (
                format_moment(event.at),
                " · ".join(text for text in (say(STEP_NAMES[event.step]), reason(event.note, event.actor)) if text),
                people[event.actor],
            )
            for event in reversed(history)
        ],
        subject_href=_subject_href(found.subject),
        is_mine=found.assignee == actor.username,
        may_take=is_open and policy.holds(actor, "flags.take"),
        may_close=is_open and policy.holds(actor, "flags.close"),
    )


def reason(note: str | None, author: str | None) -> str | None:
    """Return why a flag was closed: a person's own words, the registry's in the reader's language."""
    return say(note) if note and author == SYSTEM.username else note


def _subject_href(subject: str) -> str | None:
    """Return the page of what a flag is about, None where it has none."""
    for pattern, path in SUBJECT_PAGES:
        if named := pattern.fullmatch(subject):
            return link(path.format(**{name: quoted(text) for name, text in named.groupdict().items()}))
    return None
