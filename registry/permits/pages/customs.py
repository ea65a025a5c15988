"""The page made for the border: one field, one answer, and what passes is written off line by line."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.errors import Forbidden, Invalid, NotFound, Problem, RegistryError
from registry.kernel.fields import Column, as_code, as_name
from registry.kernel.text import N_, Message
from registry.permits.domain.after import WriteOff, bar_to_passing, customs_state, left_after, passed_under
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES
from registry.permits.domain.proposals import conditions_in
from registry.permits.pages.permits import TONES
from registry.permits.pages.shared import Names, names_for
from registry.permits.queries.customs import permit_asked_for, write_offs_by_messages, write_offs_of
from registry.permits.queries.permits import permits_by_ids, permits_by_numbers
from registry.permits.service.customs import Outcome, WriteOffAsked, reverse, write_off
from registry.web.forms import DayField, Filled, PageForm
from registry.web.locale import country_name, current_language, format_day, format_moment, say, translate
from registry.web.page_forms import UNREADABLE, QueryForm, read_cells, show_refusal

blueprint = Blueprint("customs", __name__, template_folder="../templates")
Answer = Response | str | tuple[str, int]

READ, WRITE_OFF = "customs.read", "customs.write_off"
LONGEST_CODE = 400
"""A code on paper holds an address and what it claims; nobody types that, a reader does."""
LINE_COLUMNS = (
    {"label": N_("Product")},
    {"label": N_("Permitted"), "kind": "number"},
    {"label": N_("Written off"), "kind": "number"},
    {"label": N_("May still pass"), "kind": "number"},
)
CELLS = (Column("message_id", as_code), Column("declaration", as_code), Column("packing", as_name, required=False))


class AskForm(QueryForm):
    """What is typed or scanned at the border."""

    q = StringField(
        N_("Number of the permit, or the code on its paper"),
        description=N_("Type the number or let a reader scan the code."),
    )


class WriteOffForm(PageForm):
    """What passes now. The message id comes with the page, so that the same form sent twice counts once."""

    message_id = HiddenField()
    declaration = StringField(N_("Number of the customs declaration"))
    passed_on = DayField(N_("Day the goods are let through"), [Filled()])
    packing = StringField(N_("Number and marks of the packages"))


class ReversalForm(PageForm):
    """Why a write-off is taken back."""

    message_id = HiddenField(validators=[Length(max=64)])
    reason = TextAreaField(N_("Reason"), [Filled(), Length(max=2000)])


@blueprint.get("/customs")
@asks(READ)
def customs() -> Answer:
    """Ask for a permit by its number or the code on its paper."""
    form = AskForm.asked()
    words = form.word("q")
    found = permit_asked_for(db.session(), words) if words else None
    if found is not None:
        return redirect(url_for("customs.permit", number=found.number), 303)
    if words:
        form.q.errors = [say(N_("No permit has this number or code. Nothing may pass on it."))]
    return render_template("permits/customs.html", form=form)


@blueprint.get("/customs/permits/<path:number>")
@asks(READ)
def permit(number: str) -> str:
    """Say whether goods may pass on a permit today, what has passed and what is left."""
    found = _require(db.session(), number)
    return _page(db.session(), found, _form(db.session(), found))


@blueprint.post("/customs/write-offs/<path:number>")
@asks(WRITE_OFF)
def write_off_lines(number: str) -> Answer:
    """Write off what passes now."""
    found = _require(db.session(), number)
    form = _form(db.session(), found)
    names = _names(db.session(), found)
    typed = [
        (line, str(form[_field(line.id)].data or "").strip())
        for line in found.lines.values()
        if str(form[_field(line.id)].data or "").strip()
    ]
    cells, problems = read_cells(CELLS, form.data)
    if not form.validate_on_submit() or problems:
        form.add_problems(problems)
        return _page(db.session(), found, form), UNREADABLE
    asked = WriteOffAsked(
        message_id=str(cells["message_id"]),
        permit=number,
        passed_on=form.passed_on.data,
        declaration=str(cells["declaration"]),
        packing=str(cells["packing"]) if cells["packing"] else None,
        lines=tuple((names.revisions[line.revision_id].code, quantity) for line, quantity in typed),
    )
    try:
        with unit_of_work(db.session()) as session:
            told = write_off(session, current_actor(), current_clock(), [asked])[0]
            if told.outcome is Outcome.REJECTED:
                placed = [_placed(problem, [line.id for line, _ in typed]) for problem in told.problems]
                raise Invalid(Message(N_("this may not pass")), placed)
    except Forbidden:
        raise
    except RegistryError as error:
        record_refused(error, WRITE_OFF, f"permit {number}")
        show_refusal(form, error)
        return _page(db.session(), _require(db.session(), number), form), UNREADABLE
    return redirect(url_for("customs.permit", number=number, done=asked.message_id), 303)


@blueprint.route("/customs/reversals/<path:message_id>", methods=["GET", "POST"])
@asks(WRITE_OFF)
def take_back(message_id: str) -> Answer:
    """Take a write-off back, whole, with a reason."""
    form, found = ReversalForm(), write_offs_by_messages(db.session(), [message_id]).get(message_id)
    if found is None or found.reverses_id is not None:
        raise NotFound(Message(N_("there is no write-off with the message id %(id)s"), {"id": message_id}))
    number = permits_by_ids(db.session(), [found.permit_id])[found.permit_id].number
    if not form.message_id.data:
        form.message_id.data = secrets.token_hex(16)
    status = 200
    if request.method == "POST":
        status = UNREADABLE
        if form.validate_on_submit():
            try:
                with unit_of_work(db.session()) as session:
                    reason = str(form.reason.data or "").strip()
                    actor, clock = current_actor(), current_clock()
                    entry = reverse(session, actor, clock, form.message_id.data, message_id, reason)
            except (Forbidden, NotFound):
                raise
            except RegistryError as error:
                record_refused(error, WRITE_OFF, f"message {message_id}")
                show_refusal(form, error)
            else:
                return redirect(url_for("customs.permit", number=number, done=entry.message_id), 303)
    return render_template("permits/customs_take_back.html", form=form, entry=found, number=number), status


def _require(session: Session, number: str) -> PermitFact:
    found = permits_by_numbers(session, [number]).get(number)
    if found is None:
        raise NotFound(Message(N_("there is no permit with the number %(number)s"), {"number": number}))
    return found


def _names(session: Session, found: PermitFact) -> Names:
    lines = (line.revision_id for line in found.lines.values())
    return names_for(session, [found.organisation_id], lines, current_clock().today())


def _field(line_id: int) -> str:
    return f"quantity_{line_id}"


def _form(session: Session, found: PermitFact) -> WriteOffForm:
    """Return the form with a field for each line of the permit, and a message id of its own."""
    names, left = _names(session, found), left_after(found, write_offs_of(session, [found.id]).get(found.id, []))
    fields = {
        _field(line.id): StringField(
            names.product(line.revision_id),
            description=translate(
                Message(
                    N_("At most %(left)s; empty: nothing of it passes."),
                    {"left": names.quantity(line.revision_id, left[line.id])},
                )
            ),
        )
        for line in found.lines.values()
        if left[line.id] > 0 or request.method == "POST"
    }
    form: WriteOffForm = type("LinesForm", (WriteOffForm,), fields)()
    if request.method != "POST":
        form.message_id.data = secrets.token_hex(16)
        form.passed_on.data = current_clock().today()
    return form


def _placed(problem: Problem, lines: Sequence[int]) -> Problem:
    """Put a problem of a line beside the field of that line."""
    parts = problem.column.split(".")
    column = _field(lines[int(parts[1])]) if len(parts) > 1 else problem.column
    return Problem(column, problem.code, problem.message)


def _page(session: Session, found: PermitFact, form: WriteOffForm) -> str:
    today, names = current_clock().today(), _names(session, found)
    entries = write_offs_of(session, [found.id]).get(found.id, [])
    bar, left = bar_to_passing(found, entries, today), left_after(found, entries)
    state = customs_state(found, entries, today)
    writes = policy.holds(current_actor(), WRITE_OFF)
    done = request.args.get("done", "")
    return render_template(
        "permits/customs_permit.html",
        conditions=conditions_in(current_language(), found.conditions),
        permit=found,
        kind=PERMIT_KINDS[found.kind].name,
        bar=bar,
        passed=passed_under(found, entries) if bar is None else None,
        state=(PERMIT_STATE_NAMES[state], TONES[state]),
        holder=names.organisation(found.organisation_id),
        country=country_name(found.partner_country),
        lines=(
            LINE_COLUMNS,
            [
                [
                    names.product(line.revision_id),
                    names.quantity(line.revision_id, line.units),
                    names.quantity(line.revision_id, line.units - left[line.id]),
                    names.quantity(line.revision_id, left[line.id] if bar is None else 0),
                ]
                for line in found.lines.values()
            ],
        ),
        form=form,
        fields=[form[_field(line.id)] for line in found.lines.values() if _field(line.id) in form],
        writes=writes and (bar is None or bool(form.errors) or _late(found, entries)),
        written=_entries(session, found, entries, names, writes=writes),
        done=any(entry.message_id == done for entry in entries),
    )


def _late(found: PermitFact, entries: Sequence[WriteOff]) -> bool:
    """Say whether what passed on an earlier, open day may still be written off: the paper comes after the goods."""
    return bar_to_passing(found, entries, found.issued_on) is None


def _entries(
    session: Session, found: PermitFact, entries: Sequence[WriteOff], names: Names, *, writes: bool
) -> list[dict[str, object]]:
    revisions = {line.id: line.revision_id for line in found.lines.values()}
    people = people_named(session, (entry.recorded_by for entry in entries))
    back = {entry.reverses_id for entry in entries}
    numbers = {entry.id: entry.declaration for entry in entries}
    return [
        {
            "goods": "; ".join(
                f"{names.product(revisions[line])} {names.quantity(revisions[line], units)}"
                for line, units in entry.units.items()
            ),
            "passed_on": format_day(entry.passed_on),
            "declaration": entry.declaration,
            "packing": entry.packing,
            "reason": entry.reason,
            "taken_back": entry.id in back,
            "takes_back": numbers.get(entry.reverses_id or 0),
            "moment": format_moment(entry.recorded_at),
            "person": people.get(entry.recorded_by, entry.recorded_by),
            "take_back": url_for("customs.take_back", message_id=entry.message_id)
            if writes and entry.reverses_id is None and entry.id not in back
            else None,
        }
        for entry in reversed(entries)
    ]
