"""Pages of the administrator: the queue of letters, and one letter that did not leave."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.mail import queries, service
from registry.mail.domain import STATE_NAMES, LetterState
from registry.web.locale import format_moment, say
from registry.web.page_forms import QueryForm
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("mail", __name__, template_folder="templates")

MANAGE = "mail.manage"
TONES = {
    LetterState.QUEUED: "blue",
    LetterState.FAILED: "orange",
    LetterState.SENT: "green",
    LetterState.GIVEN_UP: "red",
}
RETRIED = (LetterState.FAILED, LetterState.GIVEN_UP)
COLUMNS = (
    {"label": N_("Subject of the letter")},
    {"label": N_("Addressee")},
    {"label": N_("State")},
    {"label": N_("Queued")},
    {"label": N_("Attempts"), "kind": "number"},
    {"label": N_("Next attempt")},
)


class LetterFilter(QueryForm):
    """Which letters to list."""

    state = SelectField(
        N_("State"), choices=[SelectChoice("", N_("all")), *(SelectChoice(s.value, n) for s, n in STATE_NAMES.items())]
    )


@blueprint.get("/mail")
@asks(MANAGE)
def letters() -> str:
    """List the letters, the newest first, and say whether any can leave."""
    session, form = db.session(), LetterFilter.asked()
    state = LetterState(form.word("state")) if form.word("state") else None
    number, size = asked_page(), asked_size()
    counts = queries.counts(session)
    total = counts[state] if state else sum(counts.values())
    found = queries.letters(session, state, size, offset(number, size))
    return render_template(
        "mail/letters.html",
        form=form,
        sends=settings_of(current_app).sends_mail,
        counts=[
            (say(STATE_NAMES[one]), count, url_for("mail.letters", state=one.value)) for one, count in counts.items()
        ],
        columns=COLUMNS,
        rows=[
            [
                {"text": fact.subject, "href": url_for("mail.letter", letter_id=fact.id)},
                fact.recipient,
                say(STATE_NAMES[fact.state]),
                format_moment(fact.queued_at),
                fact.attempts,
                format_moment(fact.next_try_at) if fact.next_try_at else None,
            ]
            for fact in found
        ],
        page=Page(found, number, size, total),
    )


@blueprint.get("/mail/<int(max=999999999999):letter_id>")
@asks(MANAGE)
def letter(letter_id: int) -> str:
    """Show where a letter stands. What it says is its reader's and is not shown."""
    fact = queries.letter_by_id(db.session(), letter_id)
    if fact is None:
        raise NotFound(Message(N_("there is no such letter")))
    return render_template(
        "mail/letter.html",
        letter=fact,
        state=STATE_NAMES[fact.state],
        tone=TONES[fact.state],
        may_retry=fact.state in RETRIED,
        sends=settings_of(current_app).sends_mail,
    )


@blueprint.post("/mail/<int(max=999999999999):letter_id>/retry")
@asks(MANAGE)
def retry(letter_id: int) -> Response:
    """Queue a letter anew that failed or was given up."""
    with unit_of_work(db.session()) as session:
        service.retry(session, current_actor(), current_clock(), letter_id)
    return redirect(url_for("mail.letter", letter_id=letter_id), 303)
