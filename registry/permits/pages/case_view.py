"""One case as people see it: what is asked, the step they may take, what is unusual, the position; the rest folded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flask import render_template, url_for
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import current_actor
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.kernel.mass import NG_PER_G
from registry.kernel.rules import Finding
from registry.parameters.queries import parameters_on
from registry.permits import panels, queries, service
from registry.permits.domain.changes import Change
from registry.permits.domain.checks import Case, run_checks
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.proposals import CUT_REASONS, conditions_in
from registry.permits.domain.transitions import (
    ANSWER,
    HAND_OVER,
    PENDING,
    REQUEST_INFORMATION,
    STATE_NAMES,
    TAKE_UP,
    State,
    Transition,
    told_outside,
)
from registry.permits.forms import HandOverForm, NoteForm, StepForm
from registry.permits.pages.case_steps import done_now, hand_over_form, next_text, note_form, steps_of
from registry.permits.pages.case_told import INTERNAL, asked_text, event_told, less_of, proposed_of, refusal_of
from registry.permits.pages.change_view import change_rows
from registry.permits.pages.check_view import kept_checks, shown_checks
from registry.permits.pages.known_view import known_tables
from registry.permits.pages.shared import (
    APPLY,
    READ,
    STATE_TONES,
    Names,
    due_text,
    names_for,
    particular_rows,
    taken_by_another,
    waited_for,
    waits_for_another,
)
from registry.permits.queries.cases import ApplicationRow, CaseEventFact, changes_of, known_at_decision
from registry.permits.queries.desk import case_notes, clock_of
from registry.web.locale import country_name, current_language, format_moment, say


@dataclass(frozen=True, slots=True)
class Bar:
    """The position of one substance in grams of base. `asked`: what this case takes; `free`: what is left after it."""

    label: str
    used: Fraction
    reserved: Fraction
    asked: Fraction
    free: Fraction
    limit: Fraction
    binds: bool


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of the application. `given` and `why`: where the proposal gives less."""

    product: str
    code: str
    asked: str
    given: str
    why: str


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
    lines = run_checks(judged) if judged else ()
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
    corrected = changes_of(session, row.id)
    less = less_of(session, row, names, corrected) if sees_position else {}
    # The first step makes version 1, and every step one more.
    history = [
        (version, event_told(event, people, less.get(version, ""), inside=sees_position))
        for version, event in enumerate(events, 1)
        if sees_position or event.transition not in INTERNAL
    ]
    state = State(row.state) if sees_position else told_outside(row.state)
    checks = shown_checks(judged, units, lines) if judged else None
    blocked = checks is not None and checks.refuses
    steps = steps_of(row, names, form, failed, blocked=blocked)
    works = policy.holds(actor, TAKE_UP.action)
    return render_template(
        "permits/case.html",
        row=row,
        asked=asked,
        kind=PERMIT_KINDS[asked.kind].name,
        state=(state.value, STATE_NAMES[state], STATE_TONES[state]),
        asked_text=asked_text(row, names),
        proposed=proposed_of(row, events, people, less, lines) if sees_position else None,
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
        refusal=refusal_of(row, inside=sees_position),
        checks=checks,
        panels=panels.shown_with_case(session, row),
        bars=_bars(judged) if judged else [],
        last_checks=kept_checks(events) if sees_position and judged is None else None,
        known=known_tables(known_at_decision(session, row.id)) if sees_position and row.state not in PENDING else [],
        submitted_by=people[row.submitted_by],
        events=[told for _, told in reversed(history)],
        changes=[told for version, told in history if changed_since is not None and version > changed_since],
        conditions=conditions_in(current_language(), row.conditions) if sees_proposal else "",
        question=_question(row, events),
        corrected=_corrected(corrected, events),
        corrects=url_for("applications.correct", case_id=row.id)
        if any(one.transition is ANSWER for one in steps)
        else None,
        steps=steps,
        asks_applicant=any(each.transition is REQUEST_INFORMATION for each in steps),
        next_text=next_text(steps, blocked=blocked),
        blocked=blocked,
        done=done_now(session, row, events) if failed is None and desk is None else None,
        taken_by=people[row.officer] if row.officer and sees_position else None,
        takes_over=actor.username if taken_by_another(actor, row) else None,
        clock_text=_clock_text(session, row) if sees_position else None,
        notes=[(format_moment(each.at), each.text, people[each.actor]) for each in reversed(notes)],
        note_form=note_form(desk) if works else None,
        hand_over=hand_over_form(session, row, desk) if works else None,
        desk=desk,
        refused=form if form is not None and changed_since is None else None,
        findings=findings,
        waits_for_another=waits_for_another(actor, row),
        waited_for=waited_for(row),
        sees_position=sees_position,
    )


def _question(row: ApplicationRow, events: Sequence[CaseEventFact]) -> str:
    """Return what the applicant is asked, empty while nothing is."""
    if row.state != State.INFORMATION_REQUESTED:
        return ""
    return next((one.note or "" for one in reversed(events) if one.transition == REQUEST_INFORMATION.step), "")


def _corrected(
    changes: Mapping[int, Sequence[Change]], events: Sequence[CaseEventFact]
) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return (moment, what was corrected) of every answer that corrected something, the latest first."""
    return [(format_moment(events[v - 1].at), change_rows(changes[v])) for v in sorted(changes, reverse=True)]


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


def _bars(case: Case) -> list[Bar]:
    """Return the position of every substance the permit would draw on, this application beside what is bound."""
    bars = []
    for substance_id, need in case.needs.items():
        substance, position = case.positions[substance_id]
        limit = position.headroom + position.used + position.reserved
        bars.append(
            Bar(
                label=f"{substance.code} {say(substance.name)}, {position.year}",
                used=position.used / NG_PER_G,
                reserved=position.reserved / NG_PER_G,
                asked=Fraction(need, NG_PER_G),
                free=(position.headroom - need) / NG_PER_G,
                limit=limit / NG_PER_G,
                binds=position.binds,
            )
        )
    return bars
