"""A value of a parameter and what was decided about it. Pure."""

from __future__ import annotations

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
