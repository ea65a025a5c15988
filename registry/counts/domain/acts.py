"""An act of destruction: what is destroyed why and how, signed by three different people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.kernel.text import N_

SERIES = "D"
"""The letter of the series in the number of an act: ``KG-D-2026-000001``."""


class ActState(StrEnum):
    """Where an act stands."""

    DRAFTED = "drafted"
    DONE = "done"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Mapping[ActState, str] = {
    ActState.DRAFTED: N_("waits for signatures"),
    ActState.DONE: N_("signed by all, destroyed"),
    ActState.WITHDRAWN: N_("withdrawn"),
}
METHODS: Mapping[str, str] = {
    "incineration": N_("incineration"),
    "crushed": N_("ampoules crushed, contents diluted"),
    "dissolved": N_("dissolved and diluted"),
    "denatured": N_("denatured by a chemical"),
    "encapsulated": N_("encapsulated and buried"),
}
GROUNDS: Mapping[str, str] = {
    "expired": N_("the batch has expired"),
    "spoiled": N_("broken or spoiled"),
    "refused": N_("refused in quarantine"),
    "unused": N_("not used any more"),
    "recalled": N_("recalled"),
}
SITE, AUTHORITY, THIRD = "site", "authority", "third"
ROLES: Mapping[str, str] = {
    SITE: N_("for the site"),
    AUTHORITY: N_("for the authority"),
    THIRD: N_("for a third institution"),
}
"""Whom the three people sign for."""
THIRD_INSTITUTIONS: Mapping[str, str] = {
    "interior": N_("internal affairs"),
    "health": N_("health"),
    "environment": N_("environment"),
}
INSTITUTIONS: Mapping[str, str] = {SITE: N_("the site"), AUTHORITY: N_("the authority"), **THIRD_INSTITUTIONS}


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of an act: units of account of a batch."""

    product_id: int
    label: str
    units: int


@dataclass(frozen=True, slots=True)
class Signature:
    """One of the three signatures: who, in what position, of which institution, and whose account signed."""

    role: str
    name: str
    position: str
    institution: str
    signed_at: datetime
    signed_by: str


@dataclass(frozen=True, slots=True)
class Act:
    """An act with its goods and signatures. `number` once it is signed by all; `withdrawn`: why it was taken back."""

    id: int
    site_id: int
    destroyed_on: date
    venue: str
    ground: str
    method: str
    note: str | None
    drafted_at: datetime
    drafted_by: str
    number: str | None
    withdrawn: str | None
    goods: Sequence[Goods] = ()
    signatures: Sequence[Signature] = ()

    @property
    def state(self) -> ActState:
        """Return where the act stands."""
        if self.withdrawn is not None:
            return ActState.WITHDRAWN
        return ActState.DONE if self.number is not None else ActState.DRAFTED

    @property
    def missing(self) -> tuple[str, ...]:
        """Return whose signatures are waited for."""
        signed = {each.role for each in self.signatures}
        return tuple(role for role in ROLES if role not in signed)
