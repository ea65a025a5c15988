"""Pages of permits: the register and one permit; a firm sees its own only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, current_app, get_template_attribute, redirect, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.deeds.asking import history, may_ask
from registry.kernel.actor import Actor
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.kernel.text import N_, Message
from registry.parties import queries as parties
from registry.permits import panels, queries
from registry.permits.domain.deeds import PERMIT_DEEDS, PROPOSES, deeds_open_to
from registry.permits.domain.facts import PermitFact, reserved_ng
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES, STOP_CAUSES, PermitState
from registry.permits.domain.proposals import conditions_in
from registry.permits.domain.transitions import told_of
from registry.permits.forms import PermitFilter, SecondNumberForm
from registry.permits.pages.shared import APPLY, READ, Names, case_address, in_lines, names_for
from registry.permits.queries.register import application_of_permit, find_permits, permit_replacing
from registry.permits.service.second_number import set_eaeu_number
from registry.web.locale import country_name, current_language, format_day, format_grams, format_moment, say
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset
from registry.web.shell import href_if_there

blueprint = Blueprint("permits", __name__, template_folder="../templates")

Answer = Response | str | tuple[str, int]
POST = "stock.post"
ENTER = "stock.enter"
"""Endpoint of the page on which the holder records an arrival; a room above this one makes it."""
TONES = {
    PermitState.VALID: "green",
    PermitState.USED: "blue",
    PermitState.EXHAUSTED: "blue",
    PermitState.EXPIRED: "grey",
    PermitState.SUSPENDED: "orange",
    PermitState.REVOKED: "red",
    PermitState.LOST: "red",
    PermitState.RETURNED: "grey",
}
COLUMNS = (
    {"label": N_("Number"), "kind": "code"},
    {"label": N_("Kind")},
    {"label": N_("Organisation")},
    {"label": N_("Product")},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("Valid to")},
    {"label": N_("State")},
)
LINE_COLUMNS = (
    {"label": N_("Product")},
    {"label": N_("Permitted"), "kind": "number"},
    {"label": N_("Arrived"), "kind": "number"},
    {"label": N_("Not arrived"), "kind": "number"},
)
RESERVED_COLUMNS = ({"label": N_("Substance")}, {"label": N_("Reserved, as anhydrous base"), "kind": "number"})


@blueprint.get("/permits")
@asks(READ)
def permits() -> str:
    """List permits with what they are today, the youngest first."""
    session, today = db.session(), current_clock().today()
    form = PermitFilter.asked()
    holder = policy.scope(current_actor(), READ)
    code = form.word("organisation")
    if code:
        asked = parties.organisations_by_codes(session, [code]).get(code, 0)
        if holder is None and not asked:
            form.organisation.errors = [say(parties.unknown_organisation(session, code))]
        holder = asked if holder in (None, asked) else holder
    number, size = asked_page(), asked_size()
    found, total = find_permits(
        session,
        today,
        text=form.word("q"),
        organisation_id=holder,
        kind=form.word("kind") or None,
        state=form.chosen,
        limit=size,
        offset=offset(number, size),
    )
    return render_template(
        "permits/permits.html",
        form=form,
        columns=COLUMNS,
        rows=_rows(session, found, today),
        page=Page(found, number, size, total),
    )


def _names(session: Session, found: Sequence[PermitFact], today: date) -> Names:
    revisions = {line.revision_id for one in found for line in one.lines.values()}
    return names_for(session, (one.organisation_id for one in found), revisions, today)


def _rows(session: Session, found: Sequence[PermitFact], today: date) -> list[list[object]]:
    names = _names(session, found, today)
    rows: list[list[object]] = []
    for one in found:
        lines = one.lines.values()
        rows.append(
            [
                {"text": one.number, "href": url_for("permits.permit", number=one.number)},
                say(PERMIT_KINDS[one.kind].name),
                names.organisation(one.organisation_id),
                in_lines(names.product(line.revision_id) for line in lines),
                in_lines(names.quantity(line.revision_id, line.units) for line in lines),
                format_day(one.expires_on),
                say(PERMIT_STATE_NAMES[one.state_on(today)]),
            ]
        )
    return rows


@blueprint.get("/permits/<path:number>")
@asks(READ)
def permit(number: str) -> str:
    """Show one permit: what it allows, what has arrived, what it reserves, how it came about."""
    return _permit_page(number)


@blueprint.post("/permits/eaeu/<path:number>")
@asks(PROPOSES)
def second_number(number: str) -> Answer:
    """Record the number a permit bears in the EAEU."""
    form = SecondNumberForm()
    typed = str(form.eaeu_number.data or "")
    if not form.validate_on_submit():
        return _permit_page(number, form), UNREADABLE
    try:
        with unit_of_work(db.session()) as session:
            country = settings_of(current_app).country
            set_eaeu_number(session, current_actor(), current_clock(), number, typed, country)
    except (Invalid, Conflict) as error:
        record_refused(error, PROPOSES, f"permit {number}")
        show_refusal(form, error)
        return _permit_page(number, form), UNREADABLE
    return redirect(url_for("permits.permit", number=number), 303)


def _second_number_form(found: PermitFact, failed: SecondNumberForm | None) -> SecondNumberForm | None:
    if not policy.allows(current_actor(), PROPOSES, found.organisation_id):
        return None
    return failed or SecondNumberForm(formdata=None, data={"eaeu_number": found.eaeu_number or ""})


def _permit_page(number: str, failed: SecondNumberForm | None = None) -> str:
    session, today, actor = db.session(), current_clock().today(), current_actor()
    found = queries.permits_by_numbers(session, [number]).get(number)
    policy.require(actor, READ, found.organisation_id if found else None)
    if found is None:
        raise NotFound(Message(N_("there is no permit with the number %(number)s"), {"number": number}))
    names, state = _names(session, [found], today), found.state_on(today)
    case_id = application_of_permit(session, found.id)
    return render_template(
        "permits/permit.html",
        permit=found,
        second=_second_number_form(found, failed),
        conditions=conditions_in(current_language(), found.conditions),
        kind=PERMIT_KINDS[found.kind].name,
        state=(PERMIT_STATE_NAMES[state], TONES[state]),
        organisation=names.organisation(found.organisation_id),
        organisation_code=names.sites[found.organisation_id].organisation_code,
        country=country_name(found.partner_country),
        lines=(LINE_COLUMNS, _lines(found, names)),
        stands=state is PermitState.VALID,
        reserved=(RESERVED_COLUMNS, _reserved(found, names, today)),
        enter=_enter_address(found) if state is PermitState.VALID else None,
        case_address=case_address(case_id) if case_id is not None and _opens_cases(actor) else None,
        events=_events(session, case_id),
        stop=_stop(found, today),
        panels=panels.shown(session, found),
        linked=_linked(session, found),
        deeds=[
            (say(kind.name), url_for("permits.deed", code=kind.code, number=number))
            for kind in may_ask([deed.kind for deed in deeds_open_to(state)], found.organisation_id)
        ],
        done=history(session, number, {code: deed.kind for code, deed in PERMIT_DEEDS.items()}, "permits."),
    )


def _stop(found: PermitFact, today: date) -> dict[str, object] | None:
    stop = found.stopped_on(today)
    if stop is None:
        return None
    return {"why": say(STOP_CAUSES[stop.cause].name), "from_on": stop.from_on, "note": stop.note}


def _linked(session: Session, found: PermitFact) -> list[tuple[str, str]]:
    """Return the permit this one stands for, and the one that stands for it."""
    earlier = queries.permits_by_ids(session, [found.replaces_id]) if found.replaces_id else {}
    later = permit_replacing(session, found.id)
    return [
        *((permit.number, say(N_("It stands in place of"))) for permit in earlier.values()),
        *([(later, say(N_("In its place stands")))] if later else []),
    ]


def _lines(found: PermitFact, names: Names) -> list[list[object]]:
    return [
        [
            {
                "text": names.product(line.revision_id),
                "href": url_for("products.product", code=names.revisions[line.revision_id].code),
            },
            names.quantity(line.revision_id, line.units),
            names.quantity(line.revision_id, line.arrived_units),
            names.quantity(line.revision_id, max(0, line.units - line.arrived_units)),
        ]
        for line in found.lines.values()
    ]


def _reserved(found: PermitFact, names: Names, today: date) -> list[list[object]]:
    """Return what the permit takes from quota positions today, by substance."""
    total: dict[int, int] = {}
    words: dict[int, str] = {}
    for line in found.lines.values():
        revision = names.revisions[line.revision_id]
        words |= {
            part.substance_id: f"{part.substance_code} {say(part.substance_name)}" for part in revision.components
        }
        for substance, need in reserved_ng(revision, found.reserved_units(line, today)).items():
            total[substance] = total.get(substance, 0) + need
    return [[words[substance], format_grams(need)] for substance, need in total.items() if need]


def _enter_address(found: PermitFact) -> str | None:
    """Return where the holder records what moved on the permit, None for others and while there is no such page."""
    actor = current_actor()
    is_holder = found.organisation_id == actor.organisation_id and policy.holds(actor, POST)
    return url_for(ENTER, permit=found.number) if is_holder and href_if_there(current_app, ENTER) else None


def _opens_cases(actor: Actor) -> bool:
    """Say whether the person may open the application behind a permit: the authority, and whoever applies."""
    return policy.allows(actor, READ) or policy.holds(actor, APPLY)


def _events(session: Session, case_id: int | None) -> list[tuple[str, str, str]]:
    if case_id is None:
        return []
    return [
        (format_moment(event.at), say(told_of(event.transition)), "")
        for event in reversed(queries.case_events(session, case_id))
    ]


def organisation_panel(session: Session, organisation_id: int, code: str) -> Markup:
    """Return the permits of an organisation for its page."""
    today = current_clock().today()
    found, total = find_permits(session, today, organisation_id=organisation_id, limit=10)
    table = get_template_attribute("permits/_panel.html", "panel")
    content: Markup = table(COLUMNS, _rows(session, found, today), total, code)
    return content
