"""What a merger is, what hinders it, and how an entry that names the duplicate is told so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from registry.deeds.domain import DeedKind
from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

SITE, PRODUCT = "site", "product"
PREFIX = "mergers."
PROPOSES, DECIDES = "mergers.propose", "mergers.decide"

MERGE = DeedKind(
    "mergers.merge", N_("merge into another record"), N_("The record was merged into another"), PROPOSES, DECIDES
)
SEPARATE = DeedKind(
    "mergers.separate", N_("separate again"), N_("The record was separated from the other again"), PROPOSES, DECIDES
)
KINDS = {kind.code: kind for kind in (MERGE, SEPARATE)}

UNDER_SURVIVOR = Rule(
    "MRG-01",
    N_("What names a record that was merged into another is recorded under the other."),
    N_("Project default"),
    Severity.NOTE,
    ("issue-3",),
    Severity.NOTE,
    fixed=True,
)
RULES = (UNDER_SURVIVOR,)


@dataclass(frozen=True, slots=True)
class MergerFact:
    """One merger: `duplicate` resolves to `survivor` since `merged_on`, until it was separated on `ended_on`."""

    id: int
    kind: str
    duplicate: str
    survivor: str
    merged_on: date
    reason: str
    recorded_at: datetime
    recorded_by: str
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where a code led from one moment to another (None: still)."""

    survivor: str
    since: datetime
    until: datetime | None


def standing_for(led: Sequence[Resolution], at: datetime | None = None) -> str | None:
    """Return the code that stood for another `at` a moment (None: now), None where it stood for itself."""
    for one in led:
        if one.until is None if at is None else one.since <= at and (one.until is None or at < one.until):
            return one.survivor
    return None


@dataclass(frozen=True, slots=True)
class Trait:
    """One field of a record, shown beside that of the other. `must_agree`: records that differ in it are not the same."""

    label: str
    value: str
    must_agree: bool = False


@dataclass(frozen=True, slots=True)
class Hanging:
    """What still hangs on a record: how many, where they are listed, what to do first."""

    label: str
    count: int
    href: str
    advice: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What rooms are asked of a record: what hangs on it today, or with `since` what was recorded for it since.

    `deciding`: the answer must hold until the transaction ends.
    """

    code: str
    today: date
    since: datetime | None = None
    deciding: bool = False


def differences(duplicate: list[Trait], survivor: list[Trait]) -> list[tuple[Trait, Trait]]:
    """Return the fields that must agree and do not, each with both values."""
    return [
        (own, other)
        for own, other in zip(duplicate, survivor, strict=True)
        if own.must_agree and own.value != other.value
    ]
