"""What a ward asked for and what became of it. Pure.

A ward is a further site of its organisation: what is issued to it is a transfer, so that it stays on the organisation's
shelf and is consumed nowhere; what is used on the ward is released there, as a total. No patient is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

OPEN, PART, DONE, REFUSED = "open", "part", "done", "refused"
STATES = {OPEN: N_("waits"), PART: N_("issued in part"), DONE: N_("issued"), REFUSED: N_("refused")}
LONGEST_REFERENCE = 56
"""The entries of a requisition bear its reference with a number behind it."""

NO_MORE = Rule(
    "DSP-03",
    N_("No more is issued on a requisition than the ward asked for."),
    N_("Project default"),
    Severity.REFUSE,
    ("NC-D6",),
    fixed=True,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the pharmacy: `units` issued by the entry `entry`, 0 once that is reversed; or a `reason` to refuse the rest."""

    number: int
    units: int
    entry: str | None
    reason: str | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Requisition:
    """What a ward asked of a pharmacy: one product, `units` of account. `purpose`: what it is meant for, never for whom."""

    id: int
    reference: str
    ward_id: int
    pharmacy_id: int
    product_id: int
    units: int
    asked_on: date
    purpose: str | None
    recorded_at: datetime
    recorded_by: str
    answers: tuple[Answer, ...] = ()

    @property
    def issued_units(self) -> int:
        """Return what was issued and not taken back."""
        return sum(answer.units for answer in self.answers)

    @property
    def left_units(self) -> int:
        """Return what may still be issued."""
        return 0 if any(answer.reason is not None for answer in self.answers) else self.units - self.issued_units

    @property
    def state(self) -> str:
        """Return whether it waits, was issued in part or whole, or was refused; what is refused after a part stays a part."""
        if self.issued_units >= self.units:
            return DONE
        if self.issued_units:
            return PART
        return OPEN if self.left_units else REFUSED
