"""Imported lots in quarantine: since when, decided how, and for which kinds of entry that closes them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.kernel.parameters import Course
from registry.stock.domain.kinds import TRANSFER, MovementKind
from registry.stock.domain.parameters import IMPORT_QUARANTINE


@dataclass(frozen=True, slots=True)
class Lot:
    """One entry that imported a batch, in units of account. `released`: None while nobody has decided."""

    id: int
    reference: str
    occurred_on: date
    site_id: int
    batch_id: int
    revision_id: int
    label: str
    expires_on: date | None
    units: int
    document: str | None
    released: bool | None

    @property
    def shelf(self) -> tuple[int, int]:
        """Return the shelf it came to."""
        return self.site_id, self.batch_id


def asked_since(course: Course) -> date | None:
    """Return the first day on which the country ever asked for quarantine, None where it never did."""
    return course.first_on(IMPORT_QUARANTINE)


def is_asked(course: Course, day: date) -> bool:
    """Say whether what is imported on a day goes to quarantine."""
    return course.on(day).switch(IMPORT_QUARANTINE)


def closes(kind: MovementKind, *, released: bool | None) -> bool:
    """Say whether a lot so decided may not be taken by entries of `kind`; what was refused may go back abroad."""
    if released:
        return False
    return kind is TRANSFER or (kind.issues and (kind.trade is None or released is None))
