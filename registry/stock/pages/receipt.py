"""One line between two sites: what was sent, what the receiver says, how a difference ends."""

from __future__ import annotations

from functools import partial

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.intake.check import Report
from registry.kernel.errors import NotFound, Problem, RegistryError
from registry.kernel.fields import BadCell
from registry.kernel.persons import as_document, as_note
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import recipients_of_organisations, sites_by_ids
from registry.stock.domain.kinds import MOVEMENT_KINDS, RETURN_SUPPLY
from registry.stock.domain.receipts import COLUMNS, OTHER_BATCH, REASONS, STATE_NAMES, Difference, LineState, SentLine
from registry.stock.forms import AnswerForm, RulingForm, SettleForm
from registry.stock.pages.blueprint import (
    POST,
    READ_LINES,
    blueprint,
    in_unit,
    product_name,
    rows,
    site_name,
    today,
    unit_name,
)
from registry.stock.pages.movements import NO_ENTRY
from registry.stock.pages.receipts import TONES
from registry.stock.pages.typed import REQUIRED, SOURCE, attempt
from registry.stock.queries.receipts import answers_to, lines_named, settlements_of
from registry.stock.service.receipts import receive
from registry.stock.service.settlements import RULE, corrections, rule_on, settle
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
from registry.web.locale import format_day, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal

ANSWERABLE = frozenset({LineState.UNCONFIRMED, LineState.CONFIRMED, LineState.DIFFERENT, LineState.NOT_ASKED})
WHAT_DIFFERS = N_("Say what differs: a quantity beside at least one reason.")
Forms = AnswerForm | SettleForm | RulingForm


def _asked(reference: str, action: str) -> tuple[SentLine, SiteFact, SiteFact]:
    """Return the line with sender and receiver; `NotFound` for what was never sent and for the lines of others alike."""
    line = lines_named(rows(), [reference]).get(reference)
    sites = sites_by_ids(rows(), [line.sender_id, line.receiver_id]) if line else {}
    own = policy.scope(current_actor(), action)
    if line is None or (own is not None and own not in {site.organisation_id for site in sites.values()}):
        raise NotFound(Message(NO_ENTRY, {"reference": reference[:64]}))
    return line, sites[line.sender_id], sites[line.receiver_id]


@blueprint.get("/receipts/<path:reference>")
@asks(READ_LINES)
def receipt(reference: str) -> str:
    """Show both sides of one line."""
    line, sender, receiver = _asked(reference, READ_LINES)
    return _page(line, sender, receiver)


@blueprint.post("/receipts/<path:reference>")
@asks(POST)
def answer(reference: str) -> Response | tuple[str, int]:
    """Keep what the receiver says of one line."""
    line, sender, receiver = _asked(reference, POST)
    policy.require(current_actor(), POST, receiver.organisation_id)
    form = AnswerForm()
    told = _told(form)
    if not told:
        form.form_errors.append(say(WHAT_DIFFERS))
        return _page(line, sender, receiver, form), UNREADABLE
    head = {"reference": reference, "received_on": str(form.received_on.data or ""), "note": str(form.note.data or "")}
    act = partial(receive, actor=current_actor(), clock=current_clock(), source=SOURCE)
    report = attempt(act, COLUMNS, [head | cells for cells in told], reference)
    if report.refused:
        form.form_errors.extend(translate(each.message) for each in form.add_problems(_beside(report, told)))
        return _page(line, sender, receiver, form), UNREADABLE
    return redirect(url_for("stock.receipt", reference=reference), 303)


def _told(form: AnswerForm) -> list[dict[str, str]]:
    """Return a row for each reason that is filled in."""
    batch = str(form.batch.data or "")
    told = []
    for code, reason in REASONS.items():
        typed = form[code].data
        if typed:
            cells = {"reason": code, "quantity": "" if reason.whole else str(typed)}
            told.append(cells | ({"batch": batch} if reason is OTHER_BATCH else {}))
    return told


def _beside(report: Report, told: list[dict[str, str]]) -> list[Problem]:
    """Return the problems under the names of the fields they are about, each once."""
    found: dict[tuple[str, str], Problem] = {}
    for problem in report.problems:
        name = told[problem.row - 1]["reason"] if problem.column == "quantity" and problem.row else problem.column
        message = REQUIRED if problem.code == "missing" else problem.message
        found.setdefault((name, problem.code), Problem(name, problem.code, message))
    return list(found.values())


@blueprint.post("/settlements/<path:reference>")
@asks(POST)
def settlement(reference: str) -> Response | tuple[str, int]:
    """End a difference by the entry that corrects it."""
    line, sender, receiver = _asked(reference, POST)
    form = SettleForm()
    try:
        with unit_of_work(rows()) as session:
            reason, entry = str(form.reason.data or ""), str(form.entry.data or "")
            settle(session, current_actor(), current_clock(), reference, reason, entry)
    except RegistryError as error:
        show_refusal(form, error)
        return _page(line, sender, receiver, form), UNREADABLE
    return redirect(url_for("stock.receipt", reference=reference), 303)


@blueprint.post("/rulings/<path:reference>")
@asks(RULE)
def ruling(reference: str) -> Response | tuple[str, int]:
    """End a difference by a ruling of the authority."""
    line, sender, receiver = _asked(reference, RULE)
    form = RulingForm()
    said = {}
    for name, read in (("text", as_note), ("document", as_document)):
        typed = str(form[name].data or "").strip()
        try:
            said[name] = read(typed)
        except BadCell as bad:
            form.add_problems([Problem(name, bad.code, bad.message)])
        if not typed:
            form.add_problems([Problem(name, "missing", REQUIRED)])
    if form.errors:
        return _page(line, sender, receiver, form), UNREADABLE
    try:
        with unit_of_work(rows()) as session:
            reason = str(form.reason.data or "")
            rule_on(session, current_actor(), current_clock(), reference, reason, said["text"], said["document"])
    except RegistryError as error:
        show_refusal(form, error)
        return _page(line, sender, receiver, form), UNREADABLE
    return redirect(url_for("stock.receipt", reference=reference), 303)


def _page(line: SentLine, sender: SiteFact, receiver: SiteFact, sent: Forms | None = None) -> str:
    """Show the line with the forms its reader may use; `sent`: the one that was refused."""
    session, actor = rows(), current_actor()
    revision = revisions_by_ids(session, [line.revision_id], today())[line.revision_id]
    answers, ends = answers_to(session, line.id), settlements_of(session, line)
    who = {each.recorded_by for each in answers} | {each.recorded_by for each in ends.values()}
    people = people_named(session, who, policy.scope(actor, READ_LINES))
    mine = policy.allows(actor, POST, receiver.organisation_id)
    rules = policy.holds(actor, RULE)
    either = mine or policy.allows(actor, POST, sender.organisation_id)
    return render_template(
        "stock/receipt.html",
        line=line,
        kind=MOVEMENT_KINDS[line.kind],
        sender=f"{sender.code} {site_name(sender)}",
        receiver=f"{receiver.code} {site_name(receiver)}",
        product=f"{revision.code} {product_name(revision)}",
        quantity=in_unit(line.units, revision),
        unit=unit_name(revision),
        states=STATE_NAMES,
        tone=TONES[line.state],
        answers=[
            (each, people[each.recorded_by], [_words(one, revision) for one in each.differences]) for each in answers
        ],
        reasons=REASONS,
        differences=[
            {
                "said": _words(one, revision),
                "end": ends.get(one.reason),
                "ended_by": people[ends[one.reason].recorded_by] if one.reason in ends else None,
                "settle": _settle_form(line, one, sent) if either and one in line.open else None,
                "rule": _ruling_form(one, sent) if rules and one in line.open else None,
            }
            for one in line.differences
        ],
        form=_answer_form(sent) if mine and line.state in ANSWERABLE and not line.settled else None,
        refused=sent,
        may_confirm=mine and line.state is LineState.UNCONFIRMED,
        today=today(),
        letter_goes=bool(recipients_of_organisations(session, {sender.organisation_id})),
        reverse=url_for("stock.reverse", document=line.reference)
        if policy.allows(actor, POST, sender.organisation_id) and line.state is LineState.DIFFERENT
        else None,
        give_back=url_for(
            "stock.enter", kind=RETURN_SUPPLY.code, site=receiver.code, product=revision.code, batch=line.label or None
        )
        if mine and any(REASONS[one.reason].lies_there for one in line.open)
        else None,
    )


def _words(one: Difference, revision: RevisionFact) -> str:
    quantity = in_unit(one.units, revision)
    return f"{say(REASONS[one.reason].name)}: {quantity}" + (f" ({one.label})" if one.label else "")


def _answer_form(sent: Forms | None) -> AnswerForm:
    if isinstance(sent, AnswerForm):
        return sent
    form = AnswerForm(formdata=None)
    form.received_on.data = f"{today():%d.%m.%Y}"
    return form


def _settle_form(line: SentLine, one: Difference, sent: Forms | None) -> SettleForm | None:
    """Return the form that names the entry; None where no entry fits yet."""
    fitting = corrections(rows(), line, one)
    form = sent if isinstance(sent, SettleForm) and sent.reason.data == one.reason else SettleForm(formdata=None)
    form.reason.data = one.reason
    form.entry.choices = [
        SelectChoice(
            each.reference, f"{each.reference}, {say(MOVEMENT_KINDS[each.kind].name)}, {format_day(each.occurred_on)}"
        )
        for each in fitting
    ]
    return form if fitting else None


def _ruling_form(one: Difference, sent: Forms | None) -> RulingForm:
    form = sent if isinstance(sent, RulingForm) and sent.reason.data == one.reason else RulingForm(formdata=None)
    form.reason.data = one.reason
    return form
