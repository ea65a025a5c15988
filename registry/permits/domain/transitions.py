"""States of an application and the steps between them: one table that service, pages and policy read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from registry.kernel.text import N_


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    INFORMATION_REQUESTED = "information_requested"
    PROPOSED = "proposed"
    REFUSAL_PROPOSED = "refusal_proposed"
    ISSUED = "issued"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Mapping[State, str] = MappingProxyType(
    {
        State.SUBMITTED: N_("submitted"),
        State.UNDER_REVIEW: N_("under review"),
        State.INFORMATION_REQUESTED: N_("information requested"),
        State.PROPOSED: N_("proposed for issue"),
        State.REFUSAL_PROPOSED: N_("proposed for refusal"),
        State.ISSUED: N_("permit issued"),
        State.REFUSED: N_("refused"),
        State.WITHDRAWN: N_("withdrawn"),
    }
)
PENDING = (
    State.SUBMITTED,
    State.UNDER_REVIEW,
    State.INFORMATION_REQUESTED,
    State.PROPOSED,
    State.REFUSAL_PROPOSED,
)
"""States of a case nobody has decided yet."""


def told_outside(state: str) -> State:
    """Return the state a firm reads: what the authority has proposed is under review until it is decided."""
    known = State(state)
    return State.UNDER_REVIEW if known in (State.PROPOSED, State.REFUSAL_PROPOSED) else known


def states_told_as(told: str) -> tuple[str, ...]:
    """Return the states a firm reads as `told`; none where it never reads it."""
    return tuple(state.value for state in State if told_outside(state) == told)


@dataclass(frozen=True, slots=True)
class Transition:
    """One step. `action`: what the policy asks; `second_person`: not by whoever proposed the case.

    `name`: what a person may do; `told`: the sentence of the history once it is done.
    `needs_note`: a text for the other side must be given; `takes_note`: one may be.
    """

    step: str
    name: str
    told: str
    sources: tuple[State, ...]
    target: State
    action: str
    second_person: bool = False
    needs_note: bool = False
    takes_note: bool = True

    @property
    def names_ground(self) -> bool:
        """Say whether a coded ground of refusal belongs to the step."""
        return self.target in (State.REFUSED, State.REFUSAL_PROPOSED)


SUBMIT = Transition("submit", N_("submit"), N_("The application was submitted"), (), State.SUBMITTED, "permits.apply")
TAKE_UP = Transition(
    "take_up",
    N_("take up"),
    N_("The application was taken up for examination"),
    (State.SUBMITTED,),
    State.UNDER_REVIEW,
    "permits.examine",
    takes_note=False,
)
REQUEST_INFORMATION = Transition(
    "request_information",
    N_("request information"),
    N_("Further information was requested"),
    (State.UNDER_REVIEW,),
    State.INFORMATION_REQUESTED,
    "permits.examine",
    needs_note=True,
)
ANSWER = Transition(
    "answer",
    N_("answer"),
    N_("The applicant answered"),
    (State.INFORMATION_REQUESTED,),
    State.UNDER_REVIEW,
    "permits.apply",
    needs_note=True,
)
PROPOSE = Transition(
    "propose",
    N_("propose for issue"),
    N_("The permit was proposed for issue"),
    (State.UNDER_REVIEW,),
    State.PROPOSED,
    "permits.examine",
)
PROPOSE_REFUSAL = Transition(
    "propose_refusal",
    N_("propose for refusal"),
    N_("The application was proposed for refusal"),
    (State.UNDER_REVIEW,),
    State.REFUSAL_PROPOSED,
    "permits.examine",
    needs_note=True,
)
SEND_BACK = Transition(
    "send_back",
    N_("send back"),
    N_("The case was sent back to the officer"),
    (State.PROPOSED, State.REFUSAL_PROPOSED),
    State.UNDER_REVIEW,
    "permits.issue",
    needs_note=True,
)
ISSUE = Transition(
    "issue",
    N_("issue the permit"),
    N_("The permit was issued"),
    (State.PROPOSED,),
    State.ISSUED,
    "permits.issue",
    second_person=True,
)
REFUSE = Transition(
    "refuse",
    N_("refuse"),
    N_("The application was refused"),
    (State.PROPOSED, State.REFUSAL_PROPOSED),
    State.REFUSED,
    "permits.refuse",
    second_person=True,
    needs_note=True,
)
WITHDRAW = Transition(
    "withdraw", N_("withdraw"), N_("The application was withdrawn"), PENDING, State.WITHDRAWN, "permits.apply"
)


@dataclass(frozen=True, slots=True)
class Handover:
    """A case goes to a colleague; its state stays. `told`: the sentence of the history."""

    step: str
    name: str
    told: str


HAND_OVER = Handover("hand_over", N_("hand over"), N_("The case was handed over to another officer"))

TRANSITIONS: Mapping[str, Transition] = MappingProxyType(
    {
        transition.step: transition
        for transition in (
            SUBMIT,
            TAKE_UP,
            REQUEST_INFORMATION,
            ANSWER,
            PROPOSE,
            PROPOSE_REFUSAL,
            SEND_BACK,
            ISSUE,
            REFUSE,
            WITHDRAW,
        )
    }
)


FORWARD: Mapping[State, Transition] = MappingProxyType(
    {
        State.SUBMITTED: TAKE_UP,
        State.UNDER_REVIEW: PROPOSE,
        State.INFORMATION_REQUESTED: ANSWER,
        State.PROPOSED: ISSUE,
        State.REFUSAL_PROPOSED: REFUSE,
    }
)
"""The step that carries a case on from each state where nothing is amiss."""


def steps_from(state: str) -> tuple[Transition, ...]:
    """Return the steps that may be taken from `state`."""
    return tuple(each for each in TRANSITIONS.values() if state in each.sources)


def told_of(step: str) -> str:
    """Return how the history tells of a step, the handing over of a case among them."""
    return HAND_OVER.told if step == HAND_OVER.step else TRANSITIONS[step].told
