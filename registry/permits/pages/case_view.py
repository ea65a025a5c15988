"""One case as people see it: summary, checks, position, history, the steps they may take now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flask import render_template
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import FIRM_ROLES
from registry.accounts.guard import current_actor
from registry.accounts.people import people_named, person_name
from registry.accounts.queries import accounts
from registry.accounts.sessions import current_clock
from registry.kernel.mass import NG_PER_G
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.permits import panels, queries, service
from registry.permits.domain.checks import Case, run_checks
from registry.permits.domain.kinds import PERMIT_KINDS, REFUSAL_GROUNDS
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.proposals import CUT_REASONS, conditions_in
from registry.permits.domain.transitions import (
    HAND_OVER,
    PENDING,
    PROPOSE,
    PROPOSE_REFUSAL,
    SEND_BACK,
    STATE_NAMES,
    TAKE_UP,
    TRANSITIONS,
    State,
    Transition,
    told_of,
)
from registry.permits.forms import HandOverForm, NoteForm, StepForm
from registry.permits.pages.check_view import kept_checks, shown_check
from registry.permits.pages.known_view import known_tables
from registry.permits.pages.shared import (
    APPLY,
    READ,
    STATE_TONES,
    Names,
    due_text,
    my_steps,
    names_for,
    particular_rows,
    waited_for,
    waits_for_another,
)
from registry.permits.propose_form import propose_form
from registry.permits.queries.cases import ApplicationRow, CaseEventFact, cuts_of, known_at_decision
from registry.permits.queries.desk import case_notes, clock_of
from registry.permits.service.notices import cut_told
from registry.web.locale import (
    country_name,
    current_language,
    format_moment,
    say,
    translate,
)

ENDS = frozenset({State.REFUSED, State.WITHDRAWN})
AUTHORITY = N_("authority")
INTERNAL = frozenset({PROPOSE.step, PROPOSE_REFUSAL.step, SEND_BACK.step})
"""Steps whose texts are words between officers, not for the applicant."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The position of one substance in grams of base. `asked`: what this case takes; it is part of `reserved`."""

    label: str
    used: Fraction
    reserved: Fraction
    free: Fraction
    limit: Fraction
    asked: Fraction
    free_before: Fraction
    binds: bool


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of the application. `given` and `why`: where the proposal gives less."""

    product: str
    code: str
    asked: str
    given: str
    why: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step the person may take now, with its form."""

    transition: Transition
    form: StepForm
    asks_ground: bool
    style: str
    is_open: bool


def case_page(
    session: Session,
    row: ApplicationRow,
    form: StepForm | None = None,
    failed: Transition | None = None,
    *,
    findings: Sequence[Finding] = (),
    changed_since: int | None = None,
    desk: HandOverForm | NoteForm | None = None,
) -> str:
    """Return the page of a case. `form` and `failed`: a step that was refused, shown with what was typed."""
    actor, clock = current_actor(), current_clock()
    today, asked = clock.today(), row.asked
    sees_position = policy.allows(actor, READ)
    judged = service.case_of(session, clock, row) if sees_position and row.state in PENDING else None
    # A firm reads of a cut and of conditions once they are decided: until then they are words between officers.
    sees_proposal = sees_position or row.permit_id is not None
    events = queries.case_events(session, row.id)
    permit = queries.permits_by_ids(session, [row.permit_id]).get(row.permit_id) if row.permit_id else None
    notes = case_notes(session, row.id) if sees_position else []
    colleagues = {event.note for event in events if event.transition == HAND_OVER.step}
    authors = {event.actor for event in events} | {each.actor for each in notes}
    people = people_named(session, {row.submitted_by, row.officer, *authors, *colleagues})
    names = names_for(session, [asked.organisation_id], row.revision_ids.values(), today)
    units = {revision.code: revision.unit for revision in names.revisions.values()}
    less = _less(session, row, names) if sees_position else {}
    # The first step makes version 1, and every step one more.
    history = [_told(event, people, less.get(v, ""), inside=sees_position) for v, event in enumerate(events, 1)]
    return render_template(
        "permits/case.html",
        row=row,
        asked=asked,
        kind=PERMIT_KINDS[asked.kind].name,
        state=(STATE_NAMES[State(row.state)], STATE_TONES[State(row.state)]),
        organisation=names.organisation(asked.organisation_id),
        organisation_code=names.sites[asked.organisation_id].organisation_code,
        goods=[
            Goods(
                names.product(row.revision_ids[product]),
                names.revisions[row.revision_ids[product]].code,
                names.quantity(row.revision_ids[product], asked_units),
                *(_given(names, row, product) if sees_proposal else ("", "")),
            )
            for product, asked_units in asked.lines
        ],
        country=country_name(asked.partner_country),
        particulars=particular_rows(asked.particulars),
        again=policy.allows(actor, APPLY, asked.organisation_id),
        permit=permit,
        refusal=_refusal(row, inside=sees_position),
        checks=[shown_check(judged, units, line) for line in run_checks(judged)] if judged else [],
        panels=panels.shown_with_case(session, row),
        bars=_bars(judged) if judged else [],
        last_checks=kept_checks(events) if sees_position and judged is None else None,
        known=known_tables(known_at_decision(session, row.id)) if sees_position and row.state not in PENDING else [],
        submitted_by=people[row.submitted_by],
        events=history[::-1],
        changes=history[changed_since:] if changed_since is not None else [],
        conditions=conditions_in(current_language(), row.conditions) if sees_proposal else "",
        steps=_steps(row, names, form, failed),
        taken_by=people[row.officer] if row.officer and sees_position else None,
        clock_text=_clock_text(session, row) if sees_position else None,
        notes=[(format_moment(each.at), each.text, people[each.actor]) for each in reversed(notes)],
        note_form=_note_form(desk) if policy.holds(actor, TAKE_UP.action) else None,
        hand_over=_hand_over_form(session, row, desk) if policy.holds(actor, TAKE_UP.action) else None,
        desk=desk,
        refused=form if form is not None and changed_since is None else None,
        findings=findings,
        waits_for_another=waits_for_another(actor, row),
        waited_for=waited_for(row),
        sees_position=sees_position,
    )


def _given(names: Names, row: ApplicationRow, product: int) -> tuple[str, str]:
    """Return what the proposal gives of a line and why, both empty where it gives all."""
    cut = row.cuts.get(product)
    if cut is None:
        return "", ""
    return names.quantity(row.revision_ids[product], cut.units), f"{say(CUT_REASONS[cut.reason].name)}. {cut.text}"


def _clock_text(session: Session, row: ApplicationRow) -> str | None:
    """Say by when the case is to be decided, or that its clock rests."""
    clock = current_clock()
    days = parameters_on(session, clock.today()).number(PROCESSING_DAYS)
    return due_text(clock_of(session, clock.zone, days, row), clock.today()) if row.state in PENDING else None


def _note_form(failed: HandOverForm | NoteForm | None) -> NoteForm:
    form = failed if isinstance(failed, NoteForm) else NoteForm(formdata=None)
    form.note.id = "case-note"
    return form


def _hand_over_form(
    session: Session, row: ApplicationRow, failed: HandOverForm | NoteForm | None
) -> HandOverForm | None:
    """Return the form with every colleague who could take the case, None where it goes to nobody any more."""
    if row.state not in PENDING:
        return None
    form = failed if isinstance(failed, HandOverForm) else HandOverForm(formdata=None)
    form.version.data, form.version.raw_data, form.version.id = str(row.version), None, "hand-over-version"
    form.colleague.choices = [
        (one.username, person_name(one))
        for one in accounts(session, current_clock().today())
        if one.active and one.username != row.officer and policy.allows(one.actor, TAKE_UP.action)
    ]
    return form if form.colleague.choices else None


def _refusal(row: ApplicationRow, *, inside: bool) -> tuple[Message, bool] | None:
    """Return how a refusal is headed and whether it is decided; before that only the authority reads it."""
    decided = row.state == State.REFUSED
    if row.refusal_ground is None or not (decided or (inside and row.state == State.REFUSAL_PROPOSED)):
        return None
    said = {"ground": Message(REFUSAL_GROUNDS[row.refusal_ground].name)}
    head = N_("Refused: %(ground)s") if decided else N_("Refusal proposed, not decided: %(ground)s")
    return Message(head, said), decided


def _steps(row: ApplicationRow, names: Names, form: StepForm | None, failed: Transition | None) -> list[Step]:
    """Return the steps with their forms; every form carries the version the page shows now."""
    steps = []
    # The step that carries the case on comes first, those that end it last.
    mine = sorted(my_steps(current_actor(), row), key=lambda one: (one.target in ENDS, one.needs_note))
    for number, transition in enumerate(mine):
        is_failed = form is not None and failed is not None and failed.step == transition.step
        own = form if is_failed and form is not None else _blank(transition, row, names)
        own.version.data = str(row.version)
        own.version.raw_data = None
        for field in own:
            field.id = f"{transition.step}-{field.short_name}"
        ends = transition.target in ENDS
        style = "warning" if ends else "secondary" if number else ""
        is_open = is_failed or (number == 0 and not ends)
        steps.append(Step(transition, own, transition.names_ground, style, is_open))
    return steps


def _blank(transition: Transition, row: ApplicationRow, names: Names) -> StepForm:
    return propose_form(row, names.revisions) if transition is PROPOSE else StepForm(formdata=None)


def _bars(case: Case) -> list[Bar]:
    """Return the position of every substance the permit would draw on, this application taken in."""
    bars = []
    for substance_id, need in case.needs.items():
        substance, position = case.positions[substance_id]
        limit = position.headroom + position.used + position.reserved
        bars.append(
            Bar(
                label=f"{substance.code} {say(substance.name)}, {position.year}",
                used=position.used / NG_PER_G,
                reserved=(position.reserved + need) / NG_PER_G,
                free=(position.headroom - need) / NG_PER_G,
                limit=limit / NG_PER_G,
                asked=Fraction(need, NG_PER_G),
                free_before=position.headroom / NG_PER_G,
                binds=position.binds,
            )
        )
    return bars


def _less(session: Session, row: ApplicationRow, names: Names) -> dict[int, str]:
    """Return version -> what the proposal that made it gave less of, those sent back included."""
    asked = dict(row.asked.lines)
    return {
        version: " ".join(
            translate(cut_told(names.revisions[row.revision_ids[product]], asked[product], cut))
            for product, cut in cuts.items()
        )
        for version, cuts in cuts_of(session, row.id).items()
    }


def _told(event: CaseEventFact, people: Mapping[str, str], less: str, *, inside: bool) -> tuple[str, str, str]:
    """Return an event as the timeline shows it: moment, what was done with its text, by whom.

    `less`: what a proposal gave less of.
    `inside` False: for the applicant, who reads what is meant for it, and of the authority no names.
    """
    if event.transition == HAND_OVER.step:
        colleague = f": {people[event.note]}" if inside and event.note else ""
        return (
            format_moment(event.at),
            say(told_of(event.transition)) + colleague,
            people[event.actor] if inside else say(AUTHORITY),
        )
    step = TRANSITIONS.get(event.transition)
    done = say(step.told) if step else event.transition
    note = event.note if inside or event.transition not in INTERNAL else None
    said = " ".join(part for part in (less, note) if part)
    own = step is not None and bool(policy.ACTIONS[step.action].roles & FIRM_ROLES)
    who = people[event.actor] if inside or own else say(AUTHORITY)
    return format_moment(event.at), f"{done}: {said}" if said else done, who
