"""Pages of originals: the list of what was drawn, what was seen of one, and how a month was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, get_template_attribute, redirect, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.errors import Forbidden, NotFound, RegistryError
from registry.kernel.mass import decimal_text
from registry.kernel.text import N_, Message
from registry.originals import queries, service
from registry.originals.domain import SEEN_AGREES, Drawn, drawn_from, rank
from registry.originals.forms import OriginalsFilter, ResultForm
from registry.originals.queries import HUNDRED
from registry.originals.service import DRAW, RECORD
from registry.parties.queries import main_sites
from registry.permits.domain.facts import PermitFact
from registry.permits.queries import permits_by_ids
from registry.web.forms import PageForm
from registry.web.locale import country_name, current_language, format_day, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_count, asked_page, asked_size, offset

blueprint = Blueprint("originals", __name__, template_folder="templates")

READ = "originals.read"
Answer = Response | str | tuple[str, int]
COLUMNS = (
    {"label": N_("Permit"), "kind": "code"},
    {"label": N_("Holder")},
    {"label": N_("Country")},
    {"label": N_("Foreign permit"), "kind": "code"},
    {"label": N_("Drawn for")},
    {"label": N_("Last day")},
    {"label": N_("What came of it")},
)
RANKED_COLUMNS = (
    {"label": N_("Permit"), "kind": "code"},
    {"label": N_("SHA-256 of seed and number"), "kind": "code"},
    {"label": N_("Drawn")},
)
NO_DRAW = N_("the originals of this month are not drawn")


@blueprint.get("/originals")
@asks(READ)
def originals() -> str:
    """List what was drawn, the youngest month first, with a button where a month is due."""
    session, form, today = db.session(), OriginalsFilter.asked(), current_clock().today()
    number, size = asked_page(), asked_size()
    every = queries.drawn_of(session)
    chosen = [one for one in every if one.is_open or form.word("state") != "open"]
    start = offset(number, size)
    return render_template(
        "originals/list.html",
        form=form,
        columns=COLUMNS,
        rows=_rows(session, chosen[start : start + size], today),
        page=Page(chosen[start : start + size], number, size, len(chosen)),
        waiting=sum(one.is_open for one in every),
        late=sum(one.is_open and one.due_on < today for one in every),
        draws=[(f"{one.month:%Y-%m}", one.population) for one in queries.draws(session)],
        draw=PageForm() if policy.holds(current_actor(), DRAW) else None,
        drawn=asked_count("drawn"),
    )


def _rows(session: Session, chosen: Sequence[Drawn], today: date) -> list[list[object]]:
    permits = permits_by_ids(session, {one.permit_id for one in chosen})
    sites = main_sites(session, {permit.organisation_id for permit in permits.values()})
    return [
        [
            {"text": permit.number, "href": url_for("originals.original", drawn_id=one.id)},
            sites[permit.organisation_id].name_in(current_language(), today),
            country_name(permit.partner_country),
            permit.counterpart_number,
            f"{one.month:%Y-%m}",
            _due(one, today),
            say(one.last.outcome.name) if one.last else None,
        ]
        for one in chosen
        for permit in [permits[one.permit_id]]
    ]


def _due(one: Drawn, today: date) -> str:
    said = N_("late since %(day)s") if one.is_open and one.due_on < today else N_("by %(day)s")
    return translate(Message(said, {"day": one.due_on}))


@blueprint.post("/originals/draw")
@asks(DRAW)
def draw() -> Answer:
    """Draw what is due, as the daily command does."""
    with unit_of_work(db.session()) as session:
        done = service.draw(session, current_actor(), current_clock())
    return redirect(url_for("originals.originals", drawn=sum(len(one.permits) for one in done)), 303)


@blueprint.route("/originals/<int(max=999999999999):drawn_id>", methods=["GET", "POST"])
@asks(READ)
def original(drawn_id: int) -> Answer:
    """Show one drawn original; an officer records what was seen."""
    session, actor, today = db.session(), current_actor(), current_clock().today()
    found = service.require_drawn(session, drawn_id)
    permit = permits_by_ids(session, [found.permit_id])[found.permit_id]
    takes = policy.holds(actor, RECORD) and (found.last is None or found.last.outcome is not SEEN_AGREES)
    form = ResultForm()
    if form.is_submitted():
        policy.require(actor, RECORD)
        if form.validate_on_submit() and _recorded(form, found, permit):
            return redirect(url_for("originals.original", drawn_id=drawn_id), 303)
    else:
        form.seen_on.data = today
    people = people_named(session, {one.recorded_by for one in found.results})
    page = render_template(
        "originals/original.html",
        one=found,
        permit=permit,
        country=country_name(permit.partner_country),
        due=_due(found, today),
        month=f"{found.month:%Y-%m}",
        results=[(one, people[one.recorded_by]) for one in reversed(found.results)],
        form=form if takes else None,
    )
    return page, UNREADABLE if form.is_submitted() else 200


def _recorded(form: ResultForm, found: Drawn, permit: PermitFact) -> bool:
    try:
        with unit_of_work(db.session()) as session:
            service.record_result(
                session,
                current_actor(),
                current_clock(),
                found.id,
                str(form.outcome.data or ""),
                form.seen_on.data,
                str(form.note.data or ""),
            )
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, RECORD, f"permit {permit.number}")
        show_refusal(form, error)
        return False
    return True


@blueprint.get("/originals/draws/<month>")
@asks(READ)
def drawn_month(month: str) -> str:
    """Draw a month again from its seed, for whoever audits, and hold it against what was recorded."""
    session, clock = db.session(), current_clock()
    found = queries.draws(session, _month(month))
    if not found:
        raise NotFound(Message(NO_DRAW))
    (one,) = found
    permits = {permit.number: permit for permit in queries.permits_of_month(session, one.month)}
    again = drawn_from(one.seed, permits, one.share, one.least)
    recorded = {each.permit_id for each in queries.drawn_of(session, one.month)}
    seal = queries.seed_of(session, clock, one.month)
    return render_template(
        "originals/month.html",
        one=one,
        month=month,
        share=decimal_text(one.share * HUNDRED),
        who=people_named(session, [one.drawn_by])[one.drawn_by],
        agrees=(seal.sequence, seal.digest) == (one.event, one.seed)
        and {permits[number].id for number in again} == recorded,
        columns=RANKED_COLUMNS,
        rows=[
            [number, rank(one.seed, number), say(N_("drawn")) if permits[number].id in recorded else None]
            for number in sorted(permits, key=lambda each: rank(one.seed, each))
        ],
    )


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise NotFound(Message(NO_DRAW)) from error


def panel(session: Session, permit: PermitFact) -> Markup | None:
    """Return what the page of a permit says of its drawn original, None where it was not drawn."""
    found = queries.drawn_for_permit(session, permit.id)
    if found is None:
        return None
    section = get_template_attribute("originals/_panel.html", "panel")
    inside = policy.holds(current_actor(), READ)
    content: Markup = section(
        format_day(found.due_on),
        found.is_open,
        say(found.last.outcome.name) if found.last else None,
        url_for("originals.original", drawn_id=found.id) if inside else None,
    )
    return content
