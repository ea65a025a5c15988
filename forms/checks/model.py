"""What a check says, and what a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from forms.edition import Form
from forms.facts import ReturnFacts
from registry.kernel.text import Message


class Status(StrEnum):
    """The outcome of a check. `NOT_APPLICABLE`: the facts to judge by are missing."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    FAIL = "fail"
    WARN = "warn"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found for one substance.

    `difference` is exact: grams, or a number of ledger entries, or parts per million, as the
    check's rule says (`CheckRule.measure`); None where nothing could be compared.
    """

    status: Status
    substance: str
    difference: Fraction | None
    message: Message


@dataclass(frozen=True, slots=True)
class Check:
    """An `Outcome` under the code of its check, as it stands in a return."""

    code: str
    status: Status
    substance: str
    difference: Fraction | None
    message: Message


@dataclass(frozen=True, slots=True)
class CheckRule:
    """One check: its code, what it asks (a msgid), its ground, the forms it runs on, its function.

    None of the balance equations is printed in a text of the Board that was seen; where
    `ground` says "derived" the check follows from the definitions.
    """

    code: str
    title: str
    ground: str
    forms: frozenset[Form]
    measure: str
    function: Callable[[ReturnFacts], Iterable[Outcome]]
