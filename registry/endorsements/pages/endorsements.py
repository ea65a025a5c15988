"""Pages of endorsements: the list, one of them, the form, and the section on the page of a permit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import current_app, get_template_attribute, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.endorsements import queries, service
from registry.endorsements.domain.comparison import Compared, compared
from registry.endorsements.domain.facts import (
    DIRECTION_NAMES,
    REASONS,
    Direction,
    EndorsementFact,
    direction_of,
    standing,
)
from registry.endorsements.domain.waiting import FROM_NAMES
from registry.endorsements.forms import CELLS, EndorsementFilter, EndorsementForm, form_for
from registry.endorsements.pages.blueprint import ENDORSE, READ, Answer, blueprint
from registry.endorsements.queries.after import watched_permit
from registry.kernel.errors import Forbidden, Invalid, NotFound, Problem, RegistryError
from registry.kernel.mass import stated
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import PermitFact
from registry.permits.pages.shared import Names, names_for
from registry.permits.queries.permits import permits_by_ids, permits_by_numbers
from registry.web.locale import country_name, format_day, format_moment, say, translate
from registry.web.page_forms import UNREADABLE, read_cells, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset
from registry.web.shell import href_if_there

NO_ENDORSEMENT = N_("there is no such endorsement")
COLUMNS = (
    {"label": N_("Number"), "kind": "code"},
    {"label": N_("Whose")},
    {"label": N_("Permit"), "kind": "code"},
    {"label": N_("Partner country")},
    {"label": N_("Goods arrived on")},
    {"label": N_("What was received")},
    {"label": N_("State")},
)
COMPARED_COLUMNS = (
    {"label": N_("Product")},
    {"label": N_("Permitted"), "kind": "number"},
    {"label": N_("Written off by customs"), "kind": "number"},
    {"label": N_("In the ledger"), "kind": "number"},
    {"label": N_("Endorsed"), "kind": "number"},
    {"label": N_("Difference"), "kind": "number"},
)
LINE_COLUMNS = (
    {"label": N_("Product")},
    {"label": N_("Permitted"), "kind": "number"},
    {"label": N_("Received"), "kind": "number"},
    {"label": N_("Why it differs")},
)


@blueprint.get("/endorsements")
@asks(READ)
def endorsements() -> str:
    """List endorsements, the youngest first; for a firm those of its own permits."""
    session, form = db.session(), EndorsementFilter.asked()
    number, size = asked_page(), asked_size()
    found, total = queries.find_endorsements(
        session,
        form.word("q"),
        direction=form.word("direction") or None,
        organisation_id=policy.scope(current_actor(), READ),
        limit=size,
        offset=offset(number, size),
    )
    return render_template(
        "endorsements/list.html",
        form=form,
        columns=COLUMNS,
        rows=_rows(session, found),
        page=Page(found, number, size, total),
    )


def _rows(session: Session, found: Sequence[EndorsementFact]) -> list[list[object]]:
    permits = permits_by_ids(session, {one.permit_id for one in found})
    names = _names(session, permits.values())
    # A correction may stand on another page of the list: all endorsements of these permits are asked for.
    kept = queries.endorsements_of(session, permits)
    stand = {each.id for of in kept.values() for each in standing(of)}
    return [
        [
            {"text": one.number, "href": url_for("endorsements.endorsement", endorsement_id=one.id)},
            say(DIRECTION_NAMES[one.direction]),
            {
                "text": permits[one.permit_id].number,
                "href": url_for("permits.permit", number=permits[one.permit_id].number),
            },
            country_name(permits[one.permit_id].partner_country),
            format_day(one.arrived_on),
            _goods(permits[one.permit_id], one, names),
            say(N_("stands")) if one.id in stand else say(N_("replaced")),
        ]
        for one in found
    ]


def _names(session: Session, permits: Iterable[PermitFact]) -> Names:
    chosen = list(permits)
    revisions = {line.revision_id for one in chosen for line in one.lines.values()}
    return names_for(session, {one.organisation_id for one in chosen}, revisions, current_clock().today())


def _goods(permit: PermitFact, one: EndorsementFact, names: Names) -> str:
    revisions = {line.id: line.revision_id for line in permit.lines.values()}
    return "; ".join(
        f"{names.product(revisions[line])} {names.quantity(revisions[line], part.units)}"
        for line, part in one.lines.items()
    )


@blueprint.get("/endorsements/<int:endorsement_id>")
@asks(READ)
def endorsement(endorsement_id: int) -> str:
    """Show one endorsement: what was received of each product, what it replaces or is replaced by, its paper."""
    session, actor = db.session(), current_actor()
    found = queries.endorsement_by_id(session, endorsement_id)
    if found is None or policy.scope(actor, READ) not in (None, found.organisation_id):
        raise NotFound(Message(NO_ENDORSEMENT))
    permit = permits_by_ids(session, [found.permit_id])[found.permit_id]
    names = _names(session, [permit])
    kept = queries.endorsements_of(session, [permit.id])[permit.id]
    later = next((each for each in kept if each.replaces_id == found.id), None)
    paper = (
        href_if_there(current_app, "documents.documents", kind="endorsement", subject=found.number)
        if found.direction is Direction.SENT
        else None
    )
    # A firm reads when it was recorded, and of the authority no names.
    inside = policy.holds(actor, "deeds.read")
    who = people_named(session, [found.recorded_by])[found.recorded_by] if inside else say(N_("authority"))
    return render_template(
        "endorsements/endorsement.html",
        one=found,
        direction=DIRECTION_NAMES[found.direction],
        permit=permit,
        country=country_name(permit.partner_country),
        lines=(LINE_COLUMNS, _line_rows(permit, found, names)),
        earlier=next((each for each in kept if each.id == found.replaces_id), None),
        later=later,
        paper=paper,
        recorded=f"{format_moment(found.recorded_at)}, {who}",
        correct=url_for("endorsements.record", number=permit.number, replaces=found.number)
        if later is None and policy.holds(actor, ENDORSE)
        else None,
    )


def _line_rows(permit: PermitFact, one: EndorsementFact, names: Names) -> list[list[object]]:
    rows: list[list[object]] = []
    for line in permit.lines.values():
        part = one.lines.get(line.id)
        if part is None:
            continue
        why = [say(REASONS[part.reason].name)] if part.reason else []
        rows.append(
            [
                names.product(line.revision_id),
                names.quantity(line.revision_id, line.units),
                names.quantity(line.revision_id, part.units),
                ": ".join([*why, *([part.text] if part.text else [])]) or None,
            ]
        )
    return rows


@blueprint.route("/endorsements/record/<path:number>", methods=["GET", "POST"])
@asks(ENDORSE)
def record(number: str) -> Answer:
    """Record an endorsement of a permit, or the one that replaces another."""
    session = db.session()
    permit = permits_by_numbers(session, [number]).get(number)
    direction = direction_of(permit) if permit else None
    if permit is None or direction is None:
        raise NotFound(Message(N_("there is no permit %(number)s that could be endorsed"), {"number": number}))
    kept = queries.endorsements_of(session, [permit.id]).get(permit.id, [])
    corrects = request.args.get("replaces") or None
    replaces = next((each for each in standing(kept) if each.number == corrects), None)
    names = _names(session, [permit])
    form = form_for((line.id, names.product(line.revision_id)) for line in permit.lines.values())
    if not form.is_submitted():
        _offer(form, permit, names, kept, replaces)
    elif (done := _take(form, permit, names, corrects)) is not None:
        return redirect(url_for("endorsements.endorsement", endorsement_id=done), 303)
    page = render_template(
        "endorsements/record.html",
        form=form,
        permit=permit,
        direction=direction.value,
        country=country_name(permit.partner_country),
        replaces=replaces,
        lines=[
            (form[f"quantity_{line.id}"], form[f"reason_{line.id}"], form[f"text_{line.id}"])
            for line in permit.lines.values()
        ],
        compared=(COMPARED_COLUMNS, _compared(queries.comparison_of(session, permit), names)),
    )
    return page, UNREADABLE if form.is_submitted() else 200


def _offer(
    form: EndorsementForm,
    permit: PermitFact,
    names: Names,
    kept: Sequence[EndorsementFact],
    replaces: EndorsementFact | None,
) -> None:
    """Fill the form with what is known: of the endorsement to be replaced, else of the permit and the ledger."""
    if direction_of(permit) is Direction.SENT:
        form.number.data = f"{permit.number}-E{len(kept) + 1}"
    form.endorsed_on.data = current_clock().today()
    form.foreign_number.data = (replaces.foreign_number if replaces else permit.counterpart_number) or ""
    form.arrived_on.data = replaces.arrived_on if replaces else permit.arrived_on
    office = permit.particulars.get("customs_office") or permit.customs_office
    form.customs_office.data = (replaces.customs_office if replaces else office) or ""
    for line in permit.lines.values():
        part = replaces.lines.get(line.id) if replaces else None
        units = part.units if part else line.arrived_units or line.units
        form[f"quantity_{line.id}"].data = stated(units, names.revisions[line.revision_id].unit)
        if part:
            form[f"reason_{line.id}"].data, form[f"text_{line.id}"].data = part.reason or "", part.text or ""


def _take(form: EndorsementForm, permit: PermitFact, names: Names, corrects: str | None) -> int | None:
    """Record what was typed and return its id; None, with the errors in the form, where it cannot be.

    `corrects`: number of the endorsement it is to replace; the service refuses one that no longer stands.
    """
    cells, problems = read_cells(CELLS, form.data)
    form.validate()
    form.add_problems(problems)
    if form.errors:
        return None
    lines = list(permit.lines.values())
    asked = service.EndorsementAsked(
        permit=permit.number,
        number=str(cells["number"]),
        foreign_number=str(cells["foreign_number"]) if cells["foreign_number"] else None,
        customs_office=str(cells["customs_office"]) if cells["customs_office"] else None,
        arrived_on=form.arrived_on.data,
        endorsed_on=form.endorsed_on.data,
        replaces=corrects,
        lines=tuple(
            service.StatedLine(
                names.revisions[line.revision_id].code,
                str(form[f"quantity_{line.id}"].data or ""),
                str(form[f"reason_{line.id}"].data or ""),
                str(form[f"text_{line.id}"].data or ""),
            )
            for line in lines
        ),
    )
    try:
        with unit_of_work(db.session()) as session:
            return service.endorse(session, current_actor(), current_clock(), asked).id
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, ENDORSE, f"permit {permit.number}")
        show_refusal(form, _placed(error, [line.id for line in lines]))
        return None


def _placed(error: RegistryError, lines: Sequence[int]) -> RegistryError:
    """Put the problems of a line beside the fields of that line."""
    if isinstance(error, Invalid):
        moved = []
        for problem in error.problems:
            place, _, field = problem.column.removeprefix("lines.").partition(".")
            column = f"{field}_{lines[int(place)]}" if field and place.isdecimal() else problem.column
            moved.append(Problem(column, problem.code, problem.message))
        return Invalid(error.message, moved)
    return error


def _compared(found: Sequence[Compared], names: Names) -> list[list[object]]:
    def told(revision: int, units: int | None) -> str | None:
        return None if units is None else names.quantity(revision, units)

    return [
        [
            names.product(one.line.revision_id),
            names.quantity(one.line.revision_id, one.line.units),
            told(one.line.revision_id, one.customs),
            told(one.line.revision_id, one.ledger),
            told(one.line.revision_id, one.endorsed),
            told(one.line.revision_id, one.difference),
        ]
        for one in found
    ]


def panel(session: Session, permit: PermitFact) -> Markup | None:
    """Return what happened on a permit after its issue, for its page: four figures side by side, and the endorsements."""
    direction, known = direction_of(permit), watched_permit(session, current_clock(), permit)
    [found] = known.found
    kept, names = found.endorsements, _names(session, [permit])
    rows = _compared(compared(found), names)
    if direction is None and all(cell is None for row in rows for cell in row[2:]):
        return None  # nobody endorses it, and nothing has happened on it yet
    may = direction is not None and policy.holds(current_actor(), ENDORSE) and (permit.several or not standing(kept))
    show = get_template_attribute("endorsements/_panel.html", "panel")
    stand = {each.id for each in standing(kept)}
    content: Markup = show(
        COMPARED_COLUMNS,
        rows,
        [
            (
                one,
                say(DIRECTION_NAMES[one.direction]),
                _goods(permit, one, names),
                url_for("endorsements.endorsement", endorsement_id=one.id),
                one.id in stand,
            )
            for one in reversed(kept)
        ],
        url_for("endorsements.record", number=permit.number) if may else None,
        [
            (
                say(FROM_NAMES[one.kind.of]),
                translate(Message(one.kind.said, {"day": one.since})),
                one.due_on,
                one.is_late(known.today),
            )
            for one in known.waiting()
        ],
    )
    return content
