"""Kinds of permits, grounds of refusal, validity: tables of data, the only place that spells their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from registry.kernel.text import N_


@dataclass(frozen=True, slots=True)
class PermitKind:
    """One kind of permit. `act`: what the licence must cover. `letter`: in the register number.

    `reserves`: takes its quantity from the quota position from issue until goods arrive.
    `open_for_applications`: applications are taken in here now.
    `needs_counterpart`: not issued without the permit of the other country.
    """

    code: str
    name: str
    letter: str
    act: str
    reserves: bool = False
    open_for_applications: bool = False
    needs_counterpart: bool = False


# The codes of the acts are those of the licences' table; a kind of permit bears the name of its act.
IMPORT = PermitKind("import", N_("import permit"), "I", "import", reserves=True, open_for_applications=True)
EXPORT = PermitKind("export", N_("export permit"), "E", "export", needs_counterpart=True)
TRANSIT = PermitKind("transit", N_("transit permit"), "T", "transit")
INDUSTRIAL_USE = PermitKind("industrial_use", N_("industrial-use permit"), "U", "industrial_use")

PERMIT_KINDS: Mapping[str, PermitKind] = MappingProxyType(
    {kind.code: kind for kind in (IMPORT, EXPORT, TRANSIT, INDUSTRIAL_USE)}
)


@dataclass(frozen=True, slots=True)
class RefusalGround:
    """A coded ground of refusal. No Kyrgyz list was found: these are the project's default."""

    code: str
    name: str


REFUSAL_GROUNDS: Mapping[str, RefusalGround] = MappingProxyType(
    {
        ground.code: ground
        for ground in (
            RefusalGround("no_licence", N_("no valid licence for the act")),
            RefusalGround("quota_exhausted", N_("quota exhausted")),
            RefusalGround("not_allowed", N_("substance or form not allowed")),
            RefusalGround("counterpart_missing", N_("permit of the other country is missing")),
            RefusalGround("data_mismatch", N_("data do not match")),
            RefusalGround("reports_overdue", N_("reports are overdue")),
            RefusalGround("loss_unresolved", N_("a reported loss is not resolved")),
            RefusalGround("security", N_("security condition not met")),
            RefusalGround("false_data", N_("false data")),
            RefusalGround("sanction", N_("sanction or court order")),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a permit is valid from its day of issue; holds for permits issued from `since`."""

    since: date
    days: int


VALIDITIES = (Validity(date(1900, 1, 1), 90),)
"""NC-P6, project default: a change is a further row, so that old permits keep what was valid for them."""


def expiry_of(issued_on: date, quota_year: int, licence_until: date | None) -> date:
    """Return the last day of a permit: `days` after issue, not beyond 31 December of its quota year nor the licence."""
    days = [each.days for each in VALIDITIES if each.since <= issued_on][-1]
    ends = [issued_on + timedelta(days=days), date(quota_year, 12, 31)]
    return min(ends if licence_until is None else [*ends, licence_until])


class PermitState(StrEnum):
    """What a permit is on a day; worked out, never stored."""

    VALID = "valid"
    USED = "used"
    EXPIRED = "expired"


PERMIT_STATE_NAMES = {
    PermitState.VALID: N_("valid"),
    PermitState.USED: N_("goods have moved"),
    PermitState.EXPIRED: N_("expired"),
}
