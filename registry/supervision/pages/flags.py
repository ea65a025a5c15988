"""The worklist: flags by rule, subject and state; one flag with its rule; closing it with a note."""

from __future__ import annotations

import re

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.flags.domain import STATE_NAMES, FlagState
from registry.flags.service import close_flag
from registry.kernel.errors import RegistryError
from registry.kernel.text import N_
from registry.supervision.pages.blueprint import flags_blueprint, link, quoted, rows
from registry.supervision.queries.rules import all_rules
from registry.supervision.queries.worklist import FlagFilter, flag_by_id, flags_page, rules_flagged
from registry.web.forms import Filled, PageForm
from registry.web.locale import translate
from registry.web.paging import Page, asked_page, asked_size, offset

ANY = "any"
SUBJECT_PAGES = (
    (re.compile(r"permit (?P<one>.+)"), "/permits/{one}"),
    (re.compile(r"quota (?P<year>[0-9]{4}) (?P<one>.+)"), "/positions/{one}/{year}"),
    (re.compile(r"movement (?P<one>.+)"), "/stock/movements/{one}"),
    (re.compile(r"licence (?P<one>.+)"), "/licences/{one}"),
)
"""How rooms name the subjects of their flags, and where each has its page."""

NOTE_LENGTH = 2000
CONFLICT = 409
UNREADABLE = 422


class CloseForm(PageForm):
    """Why a flag is closed."""

    note = TextAreaField(N_("What was found out and done"), [Filled(), Length(max=NOTE_LENGTH)])


@flags_blueprint.get("/flags")
@asks("flags.read")
def flags() -> str:
    """List flags, the newest first."""
    wanted = _wanted()
    number, size = asked_page(), asked_size()
    found, total = flags_page(rows(), wanted, size, offset(number, size))
    return render_template(
        "supervision/flags.html",
        page=Page(found, number, size, total),
        wanted=wanted,
        any_state=ANY,
        states=STATE_NAMES,
        rules={code: all_rules()[code] for code in rules_flagged(rows()) if code in all_rules()},
    )


def _wanted() -> FlagFilter:
    asked = request.args.get("state", FlagState.OPEN.value)
    state = None if asked == ANY else FlagState(asked) if asked in set(FlagState) else FlagState.OPEN
    return FlagFilter(state, request.args.get("rule") or None, request.args.get("subject", "")[:200])


@flags_blueprint.get("/flags/<int:flag_id>")
@asks("flags.read")
def flag(flag_id: int) -> str:
    """Show one flag with the text and ground of its rule."""
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


def _flag_page(flag_id: int, form: CloseForm) -> str:
    found = flag_by_id(rows(), flag_id)
    return render_template(
        "supervision/flag.html",
        flag=found,
        rule=all_rules().get(found.rule),
        state_names=STATE_NAMES,
        form=form,
        subject_href=_subject_href(found.subject),
        may_close=found.state is FlagState.OPEN and policy.holds(current_actor(), "flags.close"),
    )


def _subject_href(subject: str) -> str | None:
    """Return the page of what a flag is about, None where it has none."""
    for pattern, path in SUBJECT_PAGES:
        if named := pattern.fullmatch(subject):
            return link(path.format(**{name: quoted(text) for name, text in named.groupdict().items()}))
    return None
