"""The steps a person may take on a case, each with its form, and what stands above them: what is next, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import request
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.guard import current_actor
from registry.accounts.people import person_name
from registry.accounts.queries import accounts
from registry.accounts.sessions import current_clock
from registry.kernel.text import N_
from registry.mail.domain import DUE, LetterState
from registry.parameters.queries import parameters_on
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.transitions import (
    ANSWER,
    FORWARD,
    HAND_OVER,
    ISSUE,
    PENDING,
    PROPOSE,
    REFUSE,
    REQUEST_INFORMATION,
    TAKE_UP,
    TRANSITIONS,
    State,
    Transition,
    told_of,
)
from registry.permits.forms import HandOverForm, NoteForm, StepForm
from registry.permits.pages.shared import Names, case_address, my_steps, taken_by_another
from registry.permits.propose_form import propose_form
from registry.permits.queries.cases import ApplicationRow, CaseEventFact
from registry.permits.queries.desk import waiting_for
from registry.permits.service.notices import letters_told
from registry.web.locale import say

ENDS = frozenset({State.REFUSED, State.WITHDRAWN})
NOTED = "note"
TAKEN_OVER = N_("You have taken the case over")
NOTE_KEPT = N_("The note is kept")
TOLD_BY_LETTER = frozenset({REQUEST_INFORMATION.step, ISSUE.step, REFUSE.step})
NO_LETTER = N_("The applicant reads it on its page. No letter goes out: no address is known.")
LETTER_WAITS = N_("A letter to the applicant waits for sending.")
LETTER_SENT = N_("A letter went to the applicant.")
LETTER_GIVEN_UP = N_("The applicant reads it on its page. The letter was given up: no mail server took it.")
NEXT: Mapping[str, str] = MappingProxyType(
    {
        TAKE_UP.step: N_("Take the case up; after that you propose a decision."),
        PROPOSE.step: N_("Propose the permit as it is asked for; a second person decides."),
        ISSUE.step: N_("You decide as the second person: issue the permit, refuse it, or send the case back."),
        REFUSE.step: N_("You decide as the second person: refuse as proposed, or send the case back."),
        ANSWER.step: N_("The authority asks you something: answer below."),
    }
)
"""What the person at hand does next, by the step that carries the case on."""
BLOCKED = N_(
    "As it stands a rule refuses the permit: give less, ask the applicant, or propose to refuse the application."
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step the person may take now, with its form. `main`: it carries the case on."""

    transition: Transition
    form: StepForm
    main: bool
    style: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What the person has just done, in a sentence, what became of the letter about it, and the case that is next."""

    told: str
    letter: str | None = None
    next_reference: str | None = None
    next_href: str | None = None


def steps_of(
    row: ApplicationRow, names: Names, form: StepForm | None, failed: Transition | None, *, blocked: bool
) -> list[Step]:
    """Return the steps with their forms, the one that carries the case on in front; each form carries the version shown.

    Where a colleague has the case its examination is not offered: it is taken over first.
    `form` and `failed`: a step that was refused, with what was typed. `blocked`: a rule refuses what is asked for.
    """
    forward = FORWARD.get(State(row.state))
    # What ends the case comes last, unless it is what was proposed.
    actor, tried = current_actor(), failed.step if failed is not None else None
    withheld = TAKE_UP.action if taken_by_another(actor, row) else None
    mine = sorted(
        (one for one in my_steps(actor, row) if one.action != withheld or one.step == tried),
        key=lambda one: (one is not forward, one.target in ENDS, one.needs_note),
    )
    steps = []
    for transition in mine:
        is_failed = form is not None and failed is not None and failed.step == transition.step
        own = form if is_failed and form is not None else _blank(transition, row, names)
        own.version.data, own.version.raw_data = str(row.version), None
        for field in own:
            field.id = f"{transition.step}-{field.short_name}"
        main = transition is forward
        style = "warning" if transition.target in ENDS else "" if main and not blocked else "secondary"
        steps.append(Step(transition, own, main, style, is_failed or (main and blocked)))
    return steps


def _blank(transition: Transition, row: ApplicationRow, names: Names) -> StepForm:
    if transition is PROPOSE:
        return propose_form(row, names.revisions)
    if transition is REFUSE and row.refusal_ground:
        # Whoever decides reads what was proposed, and changes it where need be.
        note, _, appeal = (row.refusal_text or "").rpartition("\n")
        return StepForm(formdata=None, data={"ground": row.refusal_ground, "note": note, "appeal": appeal})
    return StepForm(formdata=None)


def next_text(steps: list[Step], *, blocked: bool) -> str | None:
    """Say what the person does next; None where it is not theirs to carry the case on."""
    main = next((each.transition for each in steps if each.main), None)
    if main is None:
        return None
    return BLOCKED if blocked and main is PROPOSE else NEXT[main.step]


def done_now(session: Session, row: ApplicationRow, events: list[CaseEventFact]) -> Done | None:
    """Return what the address says the person has just done, if the case bears it out, and where they go on."""
    said, actor = request.args.get("done"), current_actor()
    if said == NOTED:
        return Done(say(NOTE_KEPT))
    if not events or said != events[-1].transition or events[-1].actor != actor.username:
        return None
    told = say(told_of(said)) if said in TRANSITIONS or said == HAND_OVER.step else ""
    if said == HAND_OVER.step and row.officer == actor.username:
        told = say(TAKEN_OVER)
    letter = _letter_told(session, row) if said in TOLD_BY_LETTER else None
    if (my_steps(actor, row) and not taken_by_another(actor, row)) or not policy.allows(actor, "permits.read"):
        return Done(told, letter)
    clock = current_clock()
    days = parameters_on(session, clock.today()).number(PROCESSING_DAYS)
    following = next((each.row for each in waiting_for(session, actor, clock.zone, days)), None)
    if following is None:
        return Done(told, letter)
    return Done(told, letter, following.asked.reference, case_address(following.id))


def _letter_told(session: Session, row: ApplicationRow) -> str:
    """Say what became of the letters to the applicant about the step that was taken last."""
    states = letters_told(session, row, row.version)
    if not states:
        return NO_LETTER
    if LetterState.SENT in states:
        return LETTER_SENT
    return LETTER_WAITS if set(states) & set(DUE) else LETTER_GIVEN_UP


def note_form(failed: HandOverForm | NoteForm | None) -> NoteForm:
    """Return the form of a note among officers."""
    form = failed if isinstance(failed, NoteForm) else NoteForm(formdata=None)
    form.note.id = "case-note"
    return form


def hand_over_form(
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
