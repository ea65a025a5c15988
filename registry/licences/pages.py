"""Pages of licences; a firm sees its own only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from flask import Blueprint, abort, get_template_attribute, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.db import db
from registry.deeds.asking import Answer, Asking, asking_page, history, may_ask
from registry.deeds.domain import DeedFact
from registry.deeds.effects import Details, Effect
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message
from registry.licences import queries, service
from registry.licences.domain import (
    ACTS,
    DEEDS,
    ENDING_SOON,
    ONE_DAY,
    PROPOSES,
    STOP_CAUSES,
    STOPS_WITH,
    LicenceFact,
    deeds_open_to,
)
from registry.licences.forms import ENDED, ENDING, VALID, LicenceFilter
from registry.parameters.queries import parameters_on
from registry.parties import queries as parties
from registry.parties.domain import SiteFact
from registry.substances.domain.facts import CLASS_OF_TREATY
from registry.substances.domain.scope import SCHEDULES, is_code_term
from registry.substances.queries import substance_by_codes
from registry.web.locale import current_language, format_day, format_grams, say, translate
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("licences", __name__, template_folder="templates")

READ = "licences.read"
STATES = {VALID: (N_("valid"), "green"), ENDING: (N_("ends soon"), "orange"), ENDED: (N_("ended"), "grey")}
NOT_YET = (N_("not valid yet"), "blue")
CLASS_WORDS = dict(
    zip(
        CLASS_OF_TREATY.values(),
        (N_("all narcotic drugs"), N_("all psychotropic substances"), N_("all precursors")),
        strict=True,
    )
)
SCHEDULE_WORDS = N_("Schedule %(schedule)s of the %(year)s Convention")
TABLE_WORDS = N_("Table %(schedule)s of the %(year)s Convention")
COLUMNS = (
    {"label": N_("Number"), "kind": "code"},
    {"label": N_("Organisation")},
    {"label": N_("Acts")},
    {"label": N_("Valid")},
    {"label": N_("State")},
)


@blueprint.get("/licences")
@asks(READ)
def licences() -> str:
    """List licences as their newest revision says, for a firm its own."""
    session, today = db.session(), current_clock().today()
    form = LicenceFilter.asked()
    number, size = asked_page(), asked_size()
    holder = policy.scope(current_actor(), READ)
    code = form.word("organisation")
    if code:
        asked = parties.organisations_by_codes(session, [code]).get(code, 0)
        if holder is None and not asked:
            form.organisation.errors = [say(parties.unknown_organisation(session, code))]
        holder = asked if holder in (None, asked) else holder
    state = form.word("state")
    soon = _soon(session, today)
    ends_by = {ENDING: soon, ENDED: today - ONE_DAY}.get(state)
    found = queries.find_licences(
        session,
        form.word("q"),
        organisation_id=holder,
        act=form.word("act") or None,
        valid_on=today if state in (VALID, ENDING) else None,
        ends_by=ends_by,
        limit=size,
        offset=offset(number, size),
    )
    return render_template(
        "licences/list.html",
        form=form,
        columns=COLUMNS,
        rows=_rows(session, found.licences, today, soon),
        page=Page(found.licences, number, size, found.total),
    )


def _rows(session: Session, licences: Iterable[LicenceFact], today: date, soon: date) -> list[list[object]]:
    chosen = list(licences)
    holders = parties.main_sites(session, {one.organisation_id for one in chosen})
    return [
        [
            {"text": one.number, "href": url_for("licences.licence", number=one.number)},
            _name(holders.get(one.organisation_id), today),
            act_words(one),
            f"{format_day(one.valid_from)} – {format_day(one.valid_to)}",
            say(state_of(one, today, soon)[0]),
        ]
        for one in chosen
    ]


def _name(site: SiteFact | None, today: date) -> str:
    return f"{site.organisation_code} {site.name_in(current_language(), today)}" if site else ""


def act_words(licence: LicenceFact) -> str:
    """Return the acts of a licence in words, in the order of the table of acts."""
    return ", ".join(say(act.name) for code, act in ACTS.items() if code in licence.acts)


def _soon(session: Session, today: date) -> date:
    """Return the last day of a licence that is shown as ending soon."""
    return today + timedelta(days=parameters_on(session, today).number(ENDING_SOON))


def state_of(licence: LicenceFact, today: date, soon: date) -> tuple[str, str]:
    """Return the state of a licence on `today` as a msgid, and the tone of its tag; `soon`: until then it ends soon."""
    stop = licence.stopped_on(today)
    if stop is not None:
        return STOP_CAUSES[stop.cause].name, "red"
    if today < licence.valid_from:
        return NOT_YET
    if today > licence.valid_to:
        return STATES[ENDED]
    return STATES[ENDING if licence.valid_to <= soon else VALID]


@blueprint.get("/licences/<path:number>")
@asks(READ)
def licence(number: str) -> str:
    """Show a licence: acts and scope in words, and all its revisions."""
    session, today = db.session(), current_clock().today()
    revisions = queries.licences_by_numbers(session, [number]).get(number, ())
    last = revisions[-1] if revisions else None
    policy.require(current_actor(), READ, last.organisation_id if last else None)
    if last is None:
        raise NotFound(Message(N_("there is no licence with the number %(number)s"), {"number": number}))
    # A firm reads what was said of itself: revisions of an earlier holder are not its business.
    shown = [one for one in reversed(revisions) if policy.allows(current_actor(), READ, one.organisation_id)]
    names = _substance_names(session, shown, today)
    sites = parties.sites_by_ids(session, {one.site_id for one in shown if one.site_id is not None})
    holders = parties.main_sites(session, {one.organisation_id for one in shown})
    today_deeds = may_ask(deeds_open_to(last, today), last.organisation_id)
    return render_template(
        "licences/licence.html",
        last=last,
        deeds=[(say(kind.name), url_for("licences.deed", code=kind.code, number=number)) for kind in today_deeds],
        events=history(session, number, DEEDS, "licences."),
        state=state_of(last, today, _soon(session, today)),
        revisions=[
            {
                "fact": one,
                "holder": holders[one.organisation_id].organisation_code,
                "holder_name": _name(holders[one.organisation_id], today),
                "site": _site_words(sites.get(one.site_id or 0), today),
                "acts": [say(act.name) for code, act in ACTS.items() if code in one.acts],
                "scope": [scope_words(term, names) for term in one.scope],
                "limit": format_grams(one.limit_ng),
            }
            for one in shown
        ],
    )


@blueprint.route("/licences/deeds/<code>/<path:number>", methods=["GET", "POST"])
@asks(PROPOSES)
def deed(code: str, number: str) -> Answer:
    """Ask for one deed on one licence."""
    if code not in DEEDS:
        abort(404)
    licence = service.require_licence(db.session(), number)
    policy.require(current_actor(), PROPOSES, licence.organisation_id)

    def take(unit: Session, reason: str, day: date, _payload: Mapping[str, str]) -> DeedFact:
        return service.ask(unit, current_actor(), current_clock(), number, code, reason, day)

    title = translate(Message(N_("Licence %(number)s"), {"number": number}))
    back = url_for("licences.licence", number=number)
    return asking_page(Asking(DEEDS[code], number, title, back, {}, take), request.form)


def effects() -> list[Effect]:
    """Return how each deed on a licence is carried out once decided."""
    return [
        Effect(kind, service.EFFECTS[code], lambda number: url_for("licences.licence", number=number), _details)
        for code, kind in DEEDS.items()
    ]


def _details(deeds: Sequence[DeedFact]) -> Details:
    """Return whose licence it is, what for, and what it is today beside what it would be, for the second person."""
    session, today = db.session(), current_clock().today()
    known = queries.licences_by_numbers(session, {deed.subject for deed in deeds})
    found = {number: revisions[-1] for number, revisions in known.items()}
    holders = parties.main_sites(session, {licence.organisation_id for licence in found.values()})
    soon = _soon(session, today)
    told = [(deed, found[deed.subject]) for deed in deeds if deed.subject in found]
    return {deed.id: _said(deed, licence, holders[licence.organisation_id], soon) for deed, licence in told}


def _said(deed: DeedFact, found: LicenceFact, holder: SiteFact, soon: date) -> Sequence[tuple[str, str]]:
    today = current_clock().today()
    now = say(state_of(found, today, soon)[0])
    then = say(STOP_CAUSES[STOPS_WITH[deed.kind]].name if deed.kind in STOPS_WITH else STATES[VALID][0])
    return [
        (say(N_("Holder")), _name(holder, today)),
        (say(N_("Acts")), act_words(found)),
        (say(N_("State")), f"{now} → {then}"),
    ]


def _site_words(site: SiteFact | None, today: date) -> str | None:
    return f"{site.code} {site.name_in(current_language(), today)}" if site else None


def _substance_names(session: Session, revisions: Iterable[LicenceFact], today: date) -> Mapping[str, str]:
    codes = {term for one in revisions for term in one.scope if is_code_term(term)}
    return {code: say(fact.name) for code, fact in substance_by_codes(session, codes, today).items()}


def scope_words(term: str, names: Mapping[str, str]) -> str:
    """Return a term of the scope in words; `names`: substance code -> name."""
    if term in CLASS_WORDS:
        return say(CLASS_WORDS[term])
    year, _, schedule = term.partition(":")
    if schedule in SCHEDULES.get(year, ()):
        words = TABLE_WORDS if len(SCHEDULES[year]) == len(("I", "II")) else SCHEDULE_WORDS
        return translate(Message(words, {"schedule": schedule, "year": year}))
    return f"{term} {names.get(term, '')}".strip()


def organisation_panel(session: Session, organisation_id: int, code: str) -> Markup:
    """Return the licences of an organisation for its page."""
    found, today = queries.find_licences(session, organisation_id=organisation_id, limit=20), current_clock().today()
    table = get_template_attribute("licences/_panel.html", "panel")
    content: Markup = table(COLUMNS, _rows(session, found.licences, today, _soon(session, today)), found.total, code)
    return content
