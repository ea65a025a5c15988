"""What we wait for: by age, from whom, with the reminders that were written, and a button for those that are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import current_app, redirect, render_template, url_for
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.endorsements import queries, service
from registry.endorsements.domain.waiting import FROM_NAMES, From, Waiting
from registry.endorsements.forms import WaitingFilter
from registry.endorsements.pages.blueprint import AWAITED, CHASE, Answer, blueprint
from registry.endorsements.queries.after import Reminder, Watched, watched
from registry.kernel.text import N_, Message
from registry.parties.domain import AuthorityFact, responsible
from registry.parties.queries import authorities_on, main_sites
from registry.web.forms import PageForm
from registry.web.locale import country_name, current_language, format_day, format_number, say, translate
from registry.web.paging import Page, asked_count, asked_page, asked_size, offset

COLUMNS = (
    {"label": N_("Permit"), "kind": "code"},
    {"label": N_("What")},
    {"label": N_("From whom")},
    {"label": N_("Since")},
    {"label": N_("Days"), "kind": "number"},
    {"label": N_("Last day")},
    {"label": N_("Reminders")},
)


@blueprint.get("/waiting")
@asks(AWAITED)
def waiting() -> str:
    """List what is waited for on permits, the longest first."""
    session, form = db.session(), WaitingFilter.asked()
    number, size = asked_page(), asked_size()
    known = watched(session, current_clock())
    every = known.waiting()
    countries = {one.permit.partner_country for one in every}
    form.offer(sorted(((code, country_name(code)) for code in countries), key=lambda pair: pair[1]))
    chosen = [one for one in every if _fits(one, form, known.today)]
    start = offset(number, size)
    return render_template(
        "endorsements/waiting.html",
        form=form,
        columns=COLUMNS,
        rows=_rows(session, known, chosen[start : start + size]),
        page=Page(chosen[start : start + size], number, size, len(chosen)),
        late=format_number(sum(one.is_late(known.today) for one in every)),
        total=format_number(len(every)),
        send=PageForm() if policy.holds(current_actor(), CHASE) else None,
        sent=asked_count("sent"),
    )


def _fits(one: Waiting, form: WaitingFilter, today: date) -> bool:
    return (
        form.word("kind") in ("", one.kind.code)
        and form.word("of") in ("", one.kind.of.value)
        and form.word("country") in ("", one.permit.partner_country)
        and (not form.word("late") or one.is_late(today))
    )


def _rows(session: Session, known: Watched, chosen: Sequence[Waiting]) -> list[list[object]]:
    sites = main_sites(session, {one.permit.organisation_id for one in chosen})
    holders = {key: site.name_in(current_language(), known.today) for key, site in sites.items()}
    abroad = authorities_on(session, {one.permit.partner_country for one in chosen}, known.today)
    written = queries.reminders_of(session, {one.permit.id for one in chosen})
    return [
        [
            {"text": one.permit.number, "href": url_for("permits.permit", number=one.permit.number)},
            say(one.kind.name),
            _whom(one, known, holders, abroad),
            format_day(one.since),
            format_number((known.today - one.since).days),
            _due(one, known.today),
            _reminders(written.get((one.permit.id, one.kind.code), ())),
        ]
        for one in chosen
    ]


def _whom(
    one: Waiting, known: Watched, holders: Mapping[int, str], abroad: Mapping[tuple[str, str], AuthorityFact]
) -> object:
    if one.kind.of is From.HOLDER:
        return holders[one.permit.organisation_id]
    if one.kind.of is not From.ABROAD:
        return say(FROM_NAMES[one.kind.of])
    country = one.permit.partner_country
    other = responsible(abroad, country, known.subject_of(one.permit))
    if other is None:
        said = N_("%(country)s: no authority is recorded")
        return {
            "text": translate(Message(said, {"country": country_name(country)})),
            "href": url_for("parties.authorities", country=country),
        }
    words = other.name if other.email else translate(Message(N_("%(name)s: no address"), {"name": other.name}))
    return {"text": words, "href": url_for("parties.authority", country=country)}


def _due(one: Waiting, today: date) -> str:
    said = N_("late since %(day)s") if one.is_late(today) else N_("by %(day)s")
    return translate(Message(said, {"day": one.due_on}))


def _reminders(written: Sequence[Reminder]) -> str | None:
    if not written:
        return None
    said = N_("%(count)s, the last on %(day)s")
    return translate(Message(said, {"count": len(written), "day": written[-1].sent_on}))


@blueprint.post("/waiting/reminders")
@asks(CHASE)
def remind() -> Answer:
    """Queue the reminders that are due, as the daily command does."""
    with unit_of_work(db.session()) as session:
        done = service.chase(session, current_actor(), current_clock(), settings_of(current_app).authority)
    return redirect(url_for("endorsements.waiting", sent=done.letters), 303)
