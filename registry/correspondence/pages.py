"""Pages of the exchange with other authorities: files to take along, files that came, letters that went."""

from __future__ import annotations

from flask import Blueprint, current_app, get_template_attribute, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock, settings_of
from registry.correspondence import queries, views
from registry.correspondence.catalogue import format_named, formats, official
from registry.correspondence.domain.letters import concerns_abroad
from registry.correspondence.forms import LetterForm, ReceiveForm
from registry.correspondence.mapping import OfficialSchema
from registry.correspondence.service.exporting import READ, export_permit
from registry.correspondence.service.receiving import RECEIVE, ComingFile, Taken, compared, receive
from registry.correspondence.service.sending import SEND, Sending, addressee_of, make_paper, send
from registry.db import db, unit_of_work
from registry.kernel.errors import Invalid, RegistryError
from registry.kernel.mass import UNIT_NAMES
from registry.kernel.text import N_
from registry.parties.domain import AuthorityFact
from registry.permits import panels
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.transitions import PENDING
from registry.permits.queries import ApplicationRow
from registry.web.downloads import download
from registry.web.locale import country_name, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("correspondence", __name__, template_folder="templates")

SEE = "correspondence.read"
OWN_SCHEMA = N_("ours, version 1")
PLAIN = "application/octet-stream"
PROBLEMS = (
    {"label": N_("Line"), "kind": "number"},
    {"label": N_("Place"), "kind": "code"},
    {"label": N_("What is wrong, and what would be right")},
)
Answer = Response | str | tuple[str, int]


@blueprint.get("/permit-files/<name>/<path:number>")
@asks(READ)
def file(name: str, number: str) -> Response:
    """Hand a permit out as a file: XML, JSON, or an official schema."""
    written = format_named(current_app, name)
    with unit_of_work(db.session()) as session:
        made = export_permit(session, current_actor(), current_clock(), settings_of(current_app), number, written)
    return download(made.content, made.media_type, made.name)


def panel(session: Session, permit: PermitFact) -> Markup:
    """Return what stands on the page of a permit: its files for everybody who reads it, the rest for the authority."""
    actor, is_abroad = current_actor(), concerns_abroad(permit.kind)
    links = [
        (one.title if isinstance(one, OfficialSchema) else name.upper(), _file_address(name, permit))
        for name, one in formats(current_app).items()
    ]
    sees = policy.holds(actor, SEE) and is_abroad
    received = queries.received_for(session, permit) if sees else []
    letters = queries.letters_of(session, permit.id) if sees else []
    people = people_named(session, {one.received_by for one in received} | {one.queued_by for one in letters})
    show = get_template_attribute("correspondence/_panel.html", "panel")
    content: Markup = show(
        links=links,
        sees=sees,
        letters=(views.LETTERS, views.letter_rows(letters, people)),
        received=(views.RECEIVED, views.received_rows(received, people)),
        differences=_differences(session, queries.Ours(permit=permit), received),
        letter=url_for("correspondence.letter", number=permit.number) if sees and policy.holds(actor, SEND) else None,
        take_in=url_for("correspondence.take_in", about=permit.number)
        if sees and policy.holds(actor, RECEIVE)
        else None,
    )
    return content


def case_panel(session: Session, row: ApplicationRow) -> Markup | None:
    """Return what stands on the page of a case: the permit of the other country and where it differs from what is asked for."""
    actor = current_actor()
    if not policy.holds(actor, SEE) or not concerns_abroad(row.asked.kind):
        return None
    received = queries.received_for_case(session, row)
    takes = policy.holds(actor, RECEIVE) and row.state in PENDING
    if not received and not takes:
        return None
    people = people_named(session, {one.received_by for one in received})
    show = get_template_attribute("correspondence/_panel.html", "case_panel")
    content: Markup = show(
        received=(views.RECEIVED, views.received_rows(received, people)),
        differences=_differences(session, queries.Ours(application=row), received),
        take_in=url_for("correspondence.take_in", about=row.asked.reference) if takes else None,
    )
    return content if received else panels.Aside(content)


def _differences(session: Session, ours: queries.Ours, received: list[queries.Received]) -> object:
    """Return the table of what the newest file of another authority says otherwise; None where none came."""
    if not received:
        return None
    newest = received[0]
    facts = queries.facts_of(session, [newest.id])[newest.id]
    found = compared(session, ours, facts, settings_of(current_app), current_clock().today())
    return newest.number, views.DIFFERENCES, views.difference_rows(found)


def _file_address(name: str, permit: PermitFact) -> str:
    return url_for("correspondence.file", name=name, number=permit.number)


@blueprint.get("/counterparts")
@asks(SEE)
def counterparts() -> str:
    """List the files other authorities sent, the newest first."""
    session = db.session()
    number, size = asked_page(), asked_size()
    found = queries.received_page(session, size, offset(number, size))
    people = people_named(session, {one.received_by for one in found})
    return render_template(
        "correspondence/counterparts.html",
        columns=views.RECEIVED,
        rows=views.received_rows(found, people),
        page=Page(found, number, size, queries.received_count(session)),
        takes=policy.holds(current_actor(), RECEIVE),
    )


@blueprint.get("/counterparts/<int:counterpart_id>")
@asks(SEE)
def counterpart(counterpart_id: int) -> str:
    """Show one file of another authority: what it is, what of ours it belongs to, where the two differ."""
    session, settings, today = db.session(), settings_of(current_app), current_clock().today()
    received = queries.received_by_id(session, counterpart_id)
    ours = queries.ours_of(session, received)
    facts = queries.facts_of(session, [received.id])[received.id]
    return render_template(
        "correspondence/counterpart.html",
        received=received,
        facts=facts,
        units=UNIT_NAMES,
        country=country_name(received.country),
        by=people_named(session, [received.received_by])[received.received_by],
        ours=ours,
        address=_address_of(ours),
        columns=views.DIFFERENCES,
        rows=views.difference_rows(compared(session, ours, facts, settings, today)),
    )


def _address_of(ours: queries.Ours) -> str | None:
    if ours.permit is not None:
        return url_for("permits.permit", number=ours.permit.number)
    return url_for("cases.case", case_id=ours.application.id) if ours.application is not None else None


@blueprint.get("/counterparts/<int:counterpart_id>/file")
@asks(SEE)
def counterpart_file(counterpart_id: int) -> Response:
    """Hand a file out as it came; no browser shows it."""
    received = queries.received_by_id(db.session(), counterpart_id)
    return download(queries.content_of(db.session(), counterpart_id), PLAIN, received.name)


@blueprint.route("/counterparts/new", methods=["GET", "POST"])
@asks(RECEIVE)
def take_in() -> Answer:
    """Ask for the file of another authority and take it in, or say line by line what is wrong with it."""
    form = ReceiveForm()
    schemas = official(current_app)
    form.schema.choices = [
        SelectChoice("", OWN_SCHEMA),
        *(SelectChoice(name, one.title) for name, one in schemas.items()),
    ]
    if not form.is_submitted():
        form.about.data = request.args.get("about", "")
        return render_template("correspondence/receive.html", form=form, columns=PROBLEMS, problems=())
    sent = form.sent() if form.validate() else None
    if sent is None:
        return _refused(form, ())
    about = str(form.about.data or "").strip()
    coming = ComingFile(*sent, about=about, schema=schemas.get(str(form.schema.data or "")))
    try:
        taken = _receive(coming)
    except RegistryError as error:
        record_refused(error, RECEIVE, about or sent[0])
        if isinstance(error, Invalid):
            form.form_errors.append(translate(error.message))
            return _refused(form, [[one.row, one.column, translate(one.message)] for one in error.problems])
        show_refusal(form, error)
        return _refused(form, ())
    return redirect(url_for("correspondence.counterpart", counterpart_id=taken.received.id), 303)


def _receive(coming: ComingFile) -> Taken:
    with unit_of_work(db.session()) as session:
        return receive(session, current_actor(), current_clock(), settings_of(current_app), coming)


def _refused(form: ReceiveForm, problems: object) -> tuple[str, int]:
    page = render_template("correspondence/receive.html", form=form, columns=PROBLEMS, problems=problems)
    return page, UNREADABLE


@blueprint.route("/permit-letters/<path:number>", methods=["GET", "POST"])
@asks(SEND)
def letter(number: str) -> Answer:
    """Show to whom a permit goes with what, and queue the letter. Raises `NotSigned` without a key."""
    session, settings = db.session(), settings_of(current_app)
    permit = queries.require_permit(session, number)
    form = LetterForm()
    if not form.is_submitted():
        return _letter_page(session, permit, form)
    if not form.validate():
        return _letter_page(session, permit, form), UNREADABLE
    asked = Sending(number, str(form.purpose.data), str(form.reason.data or ""))
    try:
        made = make_paper(session, current_clock(), settings, number)
        with unit_of_work(session):
            send(session, current_actor(), current_clock(), settings, asked, made)
    except Invalid as error:
        record_refused(error, SEND, number)
        show_refusal(form, error)
        return _letter_page(session, permit, form), UNREADABLE
    return redirect(url_for("permits.permit", number=number), 303)


def _letter_page(session: Session, permit: PermitFact, form: LetterForm) -> str:
    authority: AuthorityFact | None = addressee_of(session, permit, current_clock())
    before = queries.letters_of(session, permit.id)
    people = people_named(session, {one.queued_by for one in before})
    return render_template(
        "correspondence/letter.html",
        permit=permit,
        kind=say(PERMIT_KINDS[permit.kind].name),
        country=country_name(permit.partner_country),
        authority=authority,
        form=form,
        letters=(views.LETTERS, views.letter_rows(before, people)),
    )
