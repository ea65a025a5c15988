"""What may be done to a permit that was issued: one table that service, pages and interface read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.deeds.domain import DeedKind
from registry.kernel.text import N_
from registry.permits.domain.kinds import PermitState

PROPOSES, DECIDES = "permits.examine", "permits.issue"


@dataclass(frozen=True, slots=True)
class PermitDeed:
    """A deed on a permit: the states it may be done in, the cause with which the permit stops.

    `replaces`: a new permit takes the place of the old one, with what the payload mends.
    """

    kind: DeedKind
    sources: frozenset[PermitState]
    cause: str = ""
    replaces: bool = False


_OPEN = frozenset({PermitState.VALID})
_LASTING = frozenset({PermitState.VALID, PermitState.SUSPENDED})
_ALL_BUT_REVOKED = frozenset(PermitState) - {PermitState.REVOKED}

SUSPEND = PermitDeed(
    DeedKind("permits.suspend", N_("suspend"), N_("The permit was suspended"), PROPOSES), _OPEN, "officer"
)
LAPSE = PermitDeed(
    DeedKind(
        "permits.lapse", N_("record that the foreign permit has lapsed"), N_("The foreign permit lapsed"), PROPOSES
    ),
    _OPEN,
    "counterpart",
)
REINSTATE = PermitDeed(
    DeedKind("permits.reinstate", N_("reinstate"), N_("The permit was reinstated"), PROPOSES, DECIDES),
    frozenset({PermitState.SUSPENDED}),
)
REVOKE = PermitDeed(
    DeedKind("permits.revoke", N_("revoke"), N_("The permit was revoked"), PROPOSES, DECIDES), _LASTING, "revoked"
)
LOSE = PermitDeed(
    DeedKind(
        "permits.duplicate",
        N_("issue a duplicate for a lost paper"),
        N_("The paper was lost and a duplicate issued"),
        PROPOSES,
        DECIDES,
    ),
    _OPEN,
    "lost",
    replaces=True,
)
RETURN = PermitDeed(
    DeedKind("permits.return", N_("record that it came back unused"), N_("The permit came back unused"), PROPOSES),
    frozenset({PermitState.VALID, PermitState.SUSPENDED, PermitState.EXPIRED}),
    "returned",
)
CORRECT = PermitDeed(
    DeedKind(
        "permits.correct",
        N_("mend what was recorded in error"),
        N_("The permit was found recorded in error and mended by a new one"),
        PROPOSES,
        DECIDES,
    ),
    _ALL_BUT_REVOKED,
    "error",
    replaces=True,
)

PERMIT_DEEDS: Mapping[str, PermitDeed] = MappingProxyType(
    {deed.kind.code: deed for deed in (SUSPEND, LAPSE, REINSTATE, REVOKE, LOSE, RETURN, CORRECT)}
)
MENDED = ("partner_country", "partner", "counterpart_number", "expires_on", "purpose", "customs_office")
"""What a mended permit may state otherwise, beside the quantity of each line (``quantity:CODE``)."""
QUANTITY = "quantity:"


def deeds_open_to(state: PermitState) -> tuple[PermitDeed, ...]:
    """Return what may be done to a permit in `state`."""
    return tuple(deed for deed in PERMIT_DEEDS.values() if state in deed.sources)
