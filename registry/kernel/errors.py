"""The few ways in which the domain says no. None of them knows HTTP.

One table in `registry.web.errors` maps them to answers; a 500 therefore always means a bug.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.kernel.rules import Finding
from registry.kernel.text import Message


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad value: where it stands, a stable code, and what would be right.

    `row` counts as a spreadsheet does (the header is row 1); None for a single document.
    """

    column: str
    code: str
    message: Message
    row: int | None = None


class RegistryError(Exception):
    """Base of everything the domain refuses."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NotFound(RegistryError):
    """What was asked for is not in the registry."""


class Conflict(RegistryError):
    """Somebody else was there first, or the same key came with other content."""


class Stale(Conflict):
    """The caller has read a version that is no longer the present one."""


class Forbidden(RegistryError):
    """The policy does not allow this person to do this."""


class Unavailable(RegistryError):
    """Something outside the registry that the deed needs is missing: a key, a device. Nothing was done."""


class TransitionRefused(RegistryError):
    """The case is not in a state from which this step may be taken."""


class Invalid(RegistryError):
    """Values that cannot be read or do not exist; every problem at once."""

    def __init__(self, message: Message, problems: Sequence[Problem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class RuleRefused(RegistryError):
    """Readable, but a rule forbids it; every finding at once."""

    def __init__(self, message: Message, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
