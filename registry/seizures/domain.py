"""What a seizure is and what may become of it. Pure.

Seized goods are a ledger of their own: nothing here knows the licit stock, and a contract on
the imports keeps it so. Quantities are whole nanograms of the substance as the authority states
them: what a seizure holds of pure substance is not known here, so nothing is converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from registry.kernel.text import N_

SEIZED = "seized"
DISPOSED = "disposed"


@dataclass(frozen=True, slots=True)
class Disposal:
    """One way in which seized goods leave the register of seizures."""

    code: str
    name: str


DISPOSALS: Mapping[str, Disposal] = {
    disposal.code: disposal
    for disposal in (
        Disposal("destroyed", N_("destroyed")),
        Disposal("released", N_("released for licit use")),
        Disposal("special", N_("taken for special purposes")),
        Disposal("evidence", N_("handed over as evidence or for expert examination")),
        Disposal("other", N_("disposed of otherwise")),
    )
}
"""Release for licit use: 1961 art. 19(2)(d), 20(1)(e); special purposes: art. 1; the rest is a project default."""


@dataclass(frozen=True, slots=True)
class DisposalFact:
    """What became of a whole seizure, and when: a record of its own, added once."""

    kind: str
    disposed_on: date
    document: str | None
    recorded_at: datetime
    recorded_by: str

    def content(self) -> tuple[object, ...]:
        """Return what makes two disposals the same."""
        return self.kind, self.disposed_on, self.document


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why a seizure was entered by mistake: it stays on record and counts nowhere."""

    reason: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class SeizureFact:
    """One seizure as recorded. `quantity_ng`: of the substance, as stated; `disposal` None: still held."""

    id: int
    reference: str
    seized_on: date
    substance_id: int
    substance_code: str
    substance_name: str
    treaty: str
    quantity_ng: int
    origin: str | None
    place: str | None
    document: str | None
    recorded_at: datetime
    recorded_by: str
    disposal: DisposalFact | None = None
    withdrawal: Withdrawal | None = None

    def content(self) -> tuple[object, ...]:
        """Return what makes two records under one reference the same seizure; the disposal is not part of it."""
        return self.seized_on, self.substance_id, self.quantity_ng, self.origin, self.place, self.document


@dataclass(frozen=True, slots=True)
class SeizedTotal:
    """What one substance of one origin came to in one year. `column` is `SEIZED` or `DISPOSED`."""

    substance_id: int
    substance_code: str
    substance_name: str
    treaty: str
    column: str
    origin: str | None
    quantity_ng: int
    entries: int
