"""A value of a parameter and what was decided about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_


class Decision(StrEnum):
    """What became of a proposed value; without a decision it waits."""

    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


DECISION_NAMES = {
    Decision.APPROVED: N_("approved"),
    Decision.REJECTED: N_("rejected"),
    Decision.WITHDRAWN: N_("withdrawn"),
}


@dataclass(frozen=True, slots=True)
class ValueFact:
    """One value as proposed, with its decision.

    `effective_on` is the day it was proposed for; `counts_from` the day it counts from, which
    is later where it was approved later: a change never reaches back.
    """

    id: int
    code: str
    value: str
    effective_on: date
    act: str
    act_date: date | None
    note: str | None
    proposed_by: str
    proposed_at: datetime
    decision: Decision | None = None
    counts_from: date | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    @property
    def waits(self) -> bool:
        """Say whether nobody has decided yet."""
        return self.decision is None


def in_force(values: Iterable[ValueFact], day: date) -> ValueFact | None:
    """Return which of the values of one parameter, in the order proposed, holds on `day`; None: the default does."""
    begun = [fact for fact in values if fact.counts_from is not None and fact.counts_from <= day]
    return max(begun, key=_rank, default=None)


def next_change(values: Iterable[ValueFact], day: date) -> ValueFact | None:
    """Return the value that takes over first after `day`."""
    ahead = [fact for fact in values if fact.counts_from is not None and fact.counts_from > day]
    first = min((fact.counts_from for fact in ahead if fact.counts_from), default=None)
    return max((fact for fact in ahead if fact.counts_from == first), key=_rank, default=None)


def _rank(fact: ValueFact) -> tuple[object, ...]:
    """Return the order in which approved values take over from one another, as `kernel.parameters.Course` has it."""
    return fact.counts_from, fact.decided_at, fact.id


SECOND_PERSON = Rule(
    "PAR-01",
    N_("Whoever proposes a value of a parameter does not approve it."),
    N_("Project default: two persons"),
    Severity.REFUSE,
    ("NC-A5", "NC-A10"),
    Severity.REFUSE,
    fixed=True,
)
RULES = (SECOND_PERSON,)
