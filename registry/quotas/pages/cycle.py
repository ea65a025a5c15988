"""Pages of the cycle: a line is drafted, proposed, decided by another person, published; each line has its own page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.queries import takes_both_steps
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.codes import substance_code
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, RegistryError
from registry.kernel.fields import as_day
from registry.kernel.mass import grams
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.quotas import queries, service
from registry.quotas.domain.deeds import CORRECT
from registry.quotas.domain.kinds import CONSUMPTION, QUOTA_KINDS
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.needs import closed_years, under_supply
from registry.quotas.domain.states import (
    APPROVE,
    LINE_STATE_NAMES,
    LINE_STATE_TONES,
    PREPARED,
    PROPOSE,
    PUBLISH,
    REJECT,
    REVISE,
    TRANSITIONS,
    WITHDRAW,
    LineState,
    Transition,
    steps_from,
)
from registry.quotas.forms import ProposalForm, StepForm, seen_version
from registry.quotas.pages.blueprint import (
    LINE_COLUMNS,
    READ,
    Answer,
    blueprint,
    cells_of,
    item_title,
    line_href,
    names_of,
    rows,
    today,
)
from registry.substances.domain.facts import SubstanceFact
from registry.substances.domain.medical_names import is_whole_name, listed_name
from registry.substances.queries import find_substances, meant_by, substance_by_codes
from registry.web.locale import format_day, format_moment, format_quantity, say
from registry.web.page_forms import UNREADABLE, show_refusal

CHOOSE, KEEP = "choose", "keep"
OFFERED = 10
UNREAD = Message(N_("the line cannot be proposed"))
WHICH = Message(N_("no code of a list: choose the substance that is meant"))
NO_LINE = Message(N_("there is no such line"))
NOT_A_DRAFT = Message(N_("only a draft is changed: withdraw the line and propose another"))
WAITING_COLUMNS = (
    {"label": N_("Substance"), "kind": "link"},
    {"label": N_("Year"), "kind": "number"},
    *LINE_COLUMNS[1:6],
    {"label": N_("Proposed by")},
)
Keep = Callable[[Session, service.ProposedLine], int]


@blueprint.route("/quotas/new", methods=["GET", "POST"])
@asks(PROPOSE.action)
def propose() -> Answer:
    """Propose a line, or keep it as a draft; it counts once a second person has approved it."""
    form = ProposalForm()
    if not form.is_submitted():
        form.year.data = request.args.get("year", str(today().year))
        form.substance.data = request.args.get("substance", "")
        for name in ("kind", "item", "organisation", "quantity_g"):
            if name in request.args:
                form[name].data = request.args[name]
        return _proposal(form)
    keep = service.draft_line if KEEP in request.form else service.propose_line
    return _kept(form, lambda session, command: keep(session, current_actor(), current_clock(), command))


@blueprint.route("/quotas/lines/<int(max=999999999999):line_id>/revise", methods=["GET", "POST"])
@asks(REVISE.action)
def revise(line_id: int) -> Answer:
    """Change a draft; what is no draft any more is shown instead."""
    line = _line(line_id)
    form = ProposalForm()
    if line.state not in REVISE.sources:
        if form.is_submitted():
            raise Conflict(NOT_A_DRAFT)
        return redirect(url_for("quotas.line", line_id=line_id), 303)
    if not form.is_submitted():
        _fill(form, line)
        return _proposal(form, line=line)

    def keep(session: Session, command: service.ProposedLine) -> int:
        service.revise_draft(session, current_actor(), current_clock(), line_id, command, seen_version(form))
        return line_id

    return _kept(form, keep, line)


def _fill(form: ProposalForm, line: LineFact) -> None:
    names = names_of([line])
    holder = names.organisations.get(line.organisation_id or 0, "")
    form.year.data = str(line.year)
    form.substance.data = names.substances[line.substance_id].code
    form.kind.data, form.item.data = line.kind, line.item or ""
    form.organisation.data = holder.partition(" ")[0]
    form.quantity_g.data = grams(line.quantity_ng)
    form.act.data = line.act or ""
    form.act_date.data = line.act_date.isoformat() if line.act_date else ""
    form.effective_on.data = line.effective_on.isoformat()
    form.note.data = line.note or ""
    form.version.data = str(line.version)


def _proposal(
    form: ProposalForm, offered: Sequence[SubstanceFact] = (), line: LineFact | None = None, status: int = 200
) -> Answer:
    page = render_template("quotas/propose.html", form=form, offered=offered, choose=CHOOSE, keep=KEEP, line=line)
    return page, status


def _kept(form: ProposalForm, keep: Keep, line: LineFact | None = None) -> Answer:
    """Read what was typed and keep it; show the form again with everything that is wrong."""
    if request.form.get(CHOOSE):
        form.substance.data = request.form[CHOOSE]
        return _proposal(form, line=line)
    offered: Sequence[SubstanceFact] = ()
    session = rows()
    try:
        code, offered = _meant(session, str(form.substance.data or ""))
        command = _read(form, code, offered)
        with unit_of_work(session):
            line_id = keep(session, command)
    except RegistryError as error:
        record_refused(error, PROPOSE.action, "quota line")
        show_refusal(form, error)
        return _proposal(form, offered, line, UNREADABLE)
    return redirect(url_for("quotas.line", line_id=line_id), 303)


def _meant(session: Session, words: str) -> tuple[str, list[SubstanceFact]]:
    """Return the code that is meant: a whole code or name decides; else what the words may mean."""
    code = substance_code(words)
    if not words.strip() or substance_by_codes(session, [code], today()):
        return code, []
    name = listed_name(words, say)
    matches = find_substances(session, name, OFFERED, today())
    decided = meant_by(matches) if is_whole_name(words, name, say) else None
    return (decided.code, []) if decided else (code, [match.substance for match in matches])


def _read(form: ProposalForm, code: str, offered: Sequence[SubstanceFact]) -> service.ProposedLine:
    valid = form.validate_on_submit()
    row, problems = form.read(code)
    if offered:
        problems = [one for one in problems if one.column != "substance"]
        problems.append(Problem("substance", "unknown-substance", WHICH))
    if problems or not valid:
        raise Invalid(UNREAD, problems)
    row.pop("row")
    row["quantity_ng"] = row.pop("quantity_g")
    return service.ProposedLine(**row)  # type: ignore[arg-type]


@blueprint.get("/quotas/proposals")
@asks(READ)
def proposals() -> str:
    """List the lines that wait for a second person, and the drafts."""
    lines = queries.prepared_lines(rows())
    names = names_of(lines)
    people = people_named(rows(), {line.proposed_by for line in lines})

    def cells(line: LineFact) -> list[object]:
        return [
            {"text": names.substance(line), "href": line_href(line)},
            str(line.year),
            *cells_of(line, names)[:5],
            people.get(line.proposed_by, line.proposed_by),
        ]

    return render_template(
        "quotas/proposals.html",
        columns=WAITING_COLUMNS,
        waiting=[cells(line) for line in lines if line.state == LineState.PROPOSED],
        drafts=[cells(line) for line in lines if line.state == LineState.DRAFT],
        may_propose=policy.allows(current_actor(), PROPOSE.action),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One step of the history as shown."""

    moment: str
    text: str
    person: str
    note: str | None
    details: Sequence[tuple[str, str]]


@blueprint.get("/quotas/lines/<int(max=999999999999):line_id>")
@asks(READ)
def line(line_id: int) -> str:
    """Show one line: what it says, what may be done with it, and everything that was."""
    found = _line(line_id)
    form = StepForm(version=str(found.version))
    return _line_page(found, form)


def _line(line_id: int) -> LineFact:
    found = queries.line_by_id(rows(), line_id)
    if found is None:
        raise NotFound(NO_LINE)
    return found


def _line_page(found: LineFact, form: StepForm, findings: Sequence[Finding] = ()) -> str:
    names = names_of([found])
    events = queries.events_of(rows(), [found.id]).get(found.id, [])
    people = people_named(rows(), {event.done_by for event in events} | {found.proposed_by})
    steps = _steps(found, current_actor())
    state = LineState(found.state)
    return render_template(
        "quotas/line.html",
        line=found,
        form=form,
        findings=[*findings, *_scarce(found, names.substances[found.substance_id])],
        fact=names.substances[found.substance_id],
        title=f"{names.substance(found)}, {found.year}",
        kind=QUOTA_KINDS[found.kind],
        item=item_title(found.item) if found.item else None,
        organisation=names.organisations.get(found.organisation_id or 0),
        state=(state.value, LINE_STATE_NAMES[state], LINE_STATE_TONES[state]),
        proposer=people.get(found.proposed_by, found.proposed_by),
        steps=steps,
        asks_act=APPROVE in steps,
        asks_note=any(step in steps for step in (APPROVE, REJECT, WITHDRAW)),
        may_mend=found.counts and policy.allows(current_actor(), CORRECT.proposes),
        replaced_by=_other(events, "replaced_by"),
        replaces=_other(events, "replaces"),
        may_revise=found.state in REVISE.sources and policy.allows(current_actor(), REVISE.action),
        own=found.state == LineState.PROPOSED and found.proposed_by == current_actor().username,
        history=[_told(event, people.get(event.done_by, event.done_by)) for event in reversed(events)],
    )


def _other(events: Sequence[queries.LineEvent], name: str) -> object:
    """Return the line that stands in place of this one, or the one in whose place it stands."""
    return next((event.detail[name] for event in events if event.detail.get(name)), None)


def _scarce(found: LineFact, fact: SubstanceFact) -> list[Finding]:
    """Return the finding that a line not yet decided is below what was consumed in the last closed year."""
    kind = QUOTA_KINDS[found.kind]
    about_all = not (kind.adds or kind.of_organisation) and found.item in (None, CONSUMPTION.code)
    if found.state not in PREPARED or not about_all:
        return []
    ledger = queries.ledger_until(rows(), found.year, [fact.id]).get(fact.id, {})
    consumed = closed_years(ledger, found.year, today())
    last = max(consumed, default=0)
    parameters = parameters_on(rows(), today())
    finding = under_supply(fact, found.year, found.quantity_ng, consumed.get(last), last, parameters)
    return [finding] if finding is not None else []


def _steps(found: LineFact, actor: Actor) -> list[Transition]:
    """Return the steps this person may take with the line."""
    possible = [
        step
        for step in steps_from(found.state)
        if policy.allows(actor, step.action)
        and (not step.own or found.proposed_by == actor.username)
        and (not step.published_kinds or QUOTA_KINDS[found.kind].public)
    ]
    return [
        step
        for step in possible
        if not step.second_person or not takes_both_steps(rows(), found.proposed_by, actor, step.action)
    ]


DETAILS = {
    "act": N_("Act"),
    "act_date": N_("Day of the act"),
    "effective_on": N_("Counts from"),
    "quantity_g_before": N_("Quantity before"),
    "quantity_g": N_("Quantity"),
}


def _told(event: queries.LineEvent, person: str) -> Told:
    details = [(say(DETAILS[name]), _detail(name, value)) for name, value in event.detail.items() if name in DETAILS]
    return Told(
        format_moment(event.done_at),
        say(TRANSITIONS[event.step].told),
        person,
        event.note,
        [d for d in details if d[1]],
    )


def _detail(name: str, value: object) -> str:
    if not value:
        return ""
    if name in ("act_date", "effective_on"):
        return format_day(as_day(str(value)))
    if name.startswith("quantity"):
        return format_quantity(str(value), N_("g"))
    return str(value)


@blueprint.post("/quotas/lines/<int(max=999999999999):line_id>/propose")
@asks(PROPOSE.action)
def submit(line_id: int) -> Answer:
    """Propose a draft to the second person."""
    return _step(line_id, PROPOSE)


@blueprint.post("/quotas/lines/<int(max=999999999999):line_id>/approve")
@asks(APPROVE.action)
def approve(line_id: int) -> Answer:
    """Approve a line somebody else has proposed; from then on it counts."""
    return _step(line_id, APPROVE)


@blueprint.post("/quotas/lines/<int(max=999999999999):line_id>/reject")
@asks(REJECT.action)
def reject(line_id: int) -> Answer:
    """Reject a proposed line with the reason; it stays in the history."""
    return _step(line_id, REJECT)


@blueprint.post("/quotas/lines/<int(max=999999999999):line_id>/withdraw")
@asks(WITHDRAW.action)
def withdraw(line_id: int) -> Answer:
    """Withdraw a line one has proposed oneself."""
    return _step(line_id, WITHDRAW)


@blueprint.post("/quotas/lines/<int(max=999999999999):line_id>/publish")
@asks(PUBLISH.action)
def publish(line_id: int) -> Answer:
    """Publish an approved line."""
    return _step(line_id, PUBLISH)


def _step(line_id: int, step: Transition) -> Answer:
    session, form = rows(), StepForm()
    _line(line_id)
    try:
        decision = form.decision()
        with unit_of_work(session):
            service.take_step(session, current_actor(), current_clock(), line_id, step, decision)
    except (Forbidden, NotFound):
        raise
    except RegistryError as error:
        record_refused(error, step.action, f"quota line {line_id}")
        findings = show_refusal(form, error)
        found = _line(line_id)
        form.version.data = str(found.version)
        return _line_page(found, form, findings), UNREADABLE
    return redirect(url_for("quotas.line", line_id=line_id), 303)
