"""A deed: what is done to something that stands, why, and who stands behind it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

SECOND_PERSON = Rule(
    "DED-01",
    N_("Whoever proposed a deed does not decide on it, under no account."),
    N_("Project default: two persons for permits, licences, quotas and whatever mends them"),
    Severity.REFUSE,
    ("NC-12", "NC-A5"),
    Severity.REFUSE,
    fixed=True,
)
RULES = (SECOND_PERSON,)


class DeedState(StrEnum):
    """Where a deed stands."""

    PROPOSED = "proposed"
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Mapping[DeedState, str] = MappingProxyType(
    {
        DeedState.PROPOSED: N_("waits for a second person"),
        DeedState.DONE: N_("done"),
        DeedState.REJECTED: N_("rejected"),
        DeedState.WITHDRAWN: N_("withdrawn"),
    }
)


@dataclass(frozen=True, slots=True)
class DeedKind:
    """One kind of deed. `name`: what a person may do; `told`: the sentence of the history once it is done.

    `proposes` and `decides`: actions of the policy; without `decides` one person does it at once.
    `by_holder`: the firm the subject belongs to may do it.
    """

    code: str
    name: str
    told: str
    proposes: str
    decides: str = ""

    @property
    def at_once(self) -> bool:
        """Say whether one person does it without another."""
        return not self.decides


@dataclass(frozen=True, slots=True)
class DeedFact:
    """One deed. `subject`: the number or code of what it is done to; `effective_on`: the day it counts from.

    `payload`: what is needed to do it, plain text by name.
    """

    id: int
    kind: str
    subject: str
    organisation_id: int | None
    effective_on: date
    reason: str
    payload: Mapping[str, str]
    state: DeedState
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_note: str | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed as somebody asks for it."""

    kind: DeedKind
    subject: str
    reason: str
    effective_on: date
    organisation_id: int | None = None
    payload: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
