"""States of a quota line and the steps between them: one table that service, pages and policy read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from registry.kernel.text import N_


class LineState(StrEnum):
    """Where a line stands. It counts once a second person has approved it."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ERROR = "error"


LINE_STATE_NAMES: Mapping[LineState, str] = MappingProxyType(
    {
        LineState.DRAFT: N_("draft"),
        LineState.PROPOSED: N_("proposed"),
        LineState.APPROVED: N_("approved"),
        LineState.PUBLISHED: N_("published"),
        LineState.REJECTED: N_("rejected"),
        LineState.WITHDRAWN: N_("withdrawn"),
        LineState.ERROR: N_("recorded in error"),
    }
)
LINE_STATE_TONES: Mapping[LineState, str] = MappingProxyType(
    {
        LineState.DRAFT: "grey",
        LineState.PROPOSED: "blue",
        LineState.APPROVED: "green",
        LineState.PUBLISHED: "teal",
        LineState.REJECTED: "red",
        LineState.WITHDRAWN: "grey",
        LineState.ERROR: "red",
    }
)
COUNTING = frozenset({LineState.APPROVED.value, LineState.PUBLISHED.value})
"""A line in one of these counts."""
PREPARED = frozenset({LineState.DRAFT.value, LineState.PROPOSED.value})
"""A line in one of these may still come to count."""
ENDED = frozenset({LineState.REJECTED.value, LineState.WITHDRAWN.value, LineState.ERROR.value})
"""A line in one of these never will, or should never have; its key is free again."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One step. `action`: what the policy asks.

    `name`: what a person may do; `told`: the sentence of the history once it is done.
    `second_person`: not by whoever proposed the line, under any account. `own`: only by
    whoever proposed it. `needs_note`: a reason must be given. `needs_act`: a line of a kind
    that rests on an act must name it with its day by now. `published_kinds`: only for lines
    of kinds that are published. `by_deed`: no step of its own, it follows a deed of two persons.
    """

    step: str
    name: str
    told: str
    sources: tuple[LineState, ...]
    target: LineState
    action: str
    second_person: bool = False
    own: bool = False
    needs_note: bool = False
    needs_act: bool = False
    published_kinds: bool = False
    by_deed: bool = False


_PROPOSE, _APPROVE, _PUBLISH = "quotas.propose", "quotas.approve", "quotas.publish"

DRAFT = Transition("draft", N_("keep as a draft"), N_("The line was drafted"), (), LineState.DRAFT, _PROPOSE)
REVISE = Transition(
    "revise", N_("change the draft"), N_("The draft was changed"), (LineState.DRAFT,), LineState.DRAFT, _PROPOSE
)
PROPOSE = Transition(
    "propose", N_("propose"), N_("The line was proposed"), (LineState.DRAFT,), LineState.PROPOSED, _PROPOSE
)
APPROVE = Transition(
    "approve",
    N_("approve"),
    N_("The line was approved"),
    (LineState.PROPOSED,),
    LineState.APPROVED,
    _APPROVE,
    second_person=True,
    needs_act=True,
)
REJECT = Transition(
    "reject",
    N_("reject"),
    N_("The line was rejected"),
    (LineState.PROPOSED,),
    LineState.REJECTED,
    _APPROVE,
    second_person=True,
    needs_note=True,
)
WITHDRAW = Transition(
    "withdraw",
    N_("withdraw"),
    N_("The line was withdrawn"),
    (LineState.DRAFT, LineState.PROPOSED),
    LineState.WITHDRAWN,
    _PROPOSE,
    own=True,
)
PUBLISH = Transition(
    "publish",
    N_("publish"),
    N_("The line was published"),
    (LineState.APPROVED,),
    LineState.PUBLISHED,
    _PUBLISH,
    published_kinds=True,
)
RECORD = Transition(
    "record",
    N_("record from a file"),
    N_("The line was recorded from a file as decided elsewhere"),
    (),
    LineState.APPROVED,
    "files.import.quotas",
)
MISTAKE = Transition(
    "mistake",
    N_("mend what was recorded in error"),
    N_("The line was found recorded in error"),
    (LineState.APPROVED, LineState.PUBLISHED),
    LineState.ERROR,
    _APPROVE,
    by_deed=True,
)
REPLACE = Transition(
    "replace",
    N_("mend what was recorded in error"),
    N_("The line was recorded in place of one in error"),
    (),
    LineState.APPROVED,
    _APPROVE,
    by_deed=True,
)

TRANSITIONS: Mapping[str, Transition] = MappingProxyType(
    {each.step: each for each in (DRAFT, REVISE, PROPOSE, APPROVE, REJECT, WITHDRAW, PUBLISH, RECORD, MISTAKE, REPLACE)}
)


def steps_from(state: str) -> tuple[Transition, ...]:
    """Return the steps that may be taken from `state`, but for those that change the content."""
    return tuple(
        each for each in TRANSITIONS.values() if state in each.sources and each is not REVISE and not each.by_deed
    )
