"""Kinds of permits, grounds of refusal, validity: tables of data, the only place that spells their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from registry.kernel.parameters import DEFAULTS, Parameters
from registry.kernel.text import N_
from registry.permits.domain.parameters import VALIDITY_DAYS


class Way(StrEnum):
    """What the goods of a permit do: the trade a movement of the ledger must match; the words are those of the acts."""

    IMPORT = "import"
    EXPORT = "export"
    TRANSIT = "transit"
    USE = "industrial_use"


class Goods(StrEnum):
    """Which goods a kind of permit is for."""

    CONTROLLED = "controlled"
    """What needs a permit."""
    PSYCHOTROPIC_III = "psychotropic_iii"
    """Schedule III of 1971 and nothing stricter: a declaration is enough (art. 12(2))."""
    FREE = "free"
    """What needs none: preparations of Schedule III of 1961, exempt ones."""
    PRECURSOR = "precursor"


@dataclass(frozen=True, slots=True)
class PermitKind:
    """One kind of permit. `way`: what the goods do, and the act the licence must cover. `letter`: in the register number.

    `use`: when to apply for it, in one sentence.

    `reserves`: takes its quantity from the quota position from issue until goods arrive.
    `needs_counterpart`: not issued without the permit of the other country.
    `several`: goods move more than once, against a running balance.
    `in_files`: may come by file (contract section 2).
    `asks` and `needs`: the particulars its application may give, and those it must.
    `beyond_estimates`: a further reason why an estimate need not hold the quantity.
    """

    code: str
    name: str
    letter: str
    way: Way
    use: str
    goods: Goods = Goods.CONTROLLED
    reserves: bool = False
    needs_counterpart: bool = False
    several: bool = False
    in_files: bool = False
    asks: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    beyond_estimates: str = ""

    @property
    def act(self) -> str:
        """Return the act of the licences' table that the licence must cover."""
        return self.way.value


_PARTNER = ("partner_address", "contract_number")
_ROAD = ("customs_office", "entry_point", "transport", "route", "planned_arrival")
_PAPER = ("counterpart_issued_on", "counterpart_expires_on", "counterpart_issuer", "counterpart_seen")
_BUYER = ("consignee", "consignee_address", "consignee_place")
_STOCK = ("stock_on_hand", "stock_on")

# The codes of the acts are those of the licences' table; a kind of permit that came first bears the name of its act.
IMPORT = PermitKind(
    "import",
    N_("import permit"),
    "I",
    Way.IMPORT,
    N_("Controlled goods come from abroad for you, in one consignment."),
    reserves=True,
    in_files=True,
    asks=(*_PARTNER, *_PAPER, *_ROAD, *_STOCK, "exception"),
)
EXPORT = PermitKind(
    "export",
    N_("export permit"),
    "E",
    Way.EXPORT,
    N_("Controlled goods leave the country, in one consignment, to a buyer whose authority permitted the import."),
    needs_counterpart=True,
    in_files=True,
    asks=(*_PARTNER, *_BUYER, *_PAPER, *_ROAD, *_STOCK, "exception"),
)
TRANSIT = PermitKind(
    "transit",
    N_("transit permit"),
    "T",
    Way.TRANSIT,
    N_("Goods of another country pass through this one to a third."),
    needs_counterpart=True,
    in_files=True,
    asks=(*_PARTNER, *_BUYER, *_PAPER, *_ROAD, "origin_country", "origin_permit", "exit_point", "unloading"),
    needs=frozenset({"origin_country", "origin_permit", "route"}),
)
INDUSTRIAL_USE = PermitKind(
    "industrial_use",
    N_("industrial-use permit"),
    "U",
    Way.USE,
    N_("You use a controlled substance here to make something else, with no trade abroad."),
    in_files=True,
    asks=("process", "product_made", "premises", *_STOCK),
    needs=frozenset({"process", "product_made"}),
)
RE_EXPORT = PermitKind(
    "re_export",
    N_("re-export permit"),
    "R",
    Way.EXPORT,
    N_("Goods that came on an import permit of yours leave again, whole or in part."),
    needs_counterpart=True,
    asks=("original_permit", *_PARTNER, *_BUYER, *_PAPER, *_ROAD),
    needs=frozenset({"original_permit"}),
    beyond_estimates="re_export",
)
DIVERSION = PermitKind(
    "diversion",
    N_("permit to divert a consignment under way"),
    "D",
    Way.TRANSIT,
    N_("A consignment that is under way here goes to another country than its export permit names."),
    needs_counterpart=True,
    asks=("origin_country", "origin_permit", "diverted_from", *_PARTNER, *_BUYER, *_PAPER, *_ROAD, "exit_point"),
    needs=frozenset({"origin_country", "origin_permit", "diverted_from"}),
)
EMERGENCY = PermitKind(
    "emergency",
    N_("emergency supply permit"),
    "X",
    Way.EXPORT,
    N_("Medicines go out at once where disaster struck, and the authority there cannot permit the import in time."),
    asks=("emergency", "relief_agency", *_PARTNER, *_BUYER, *_ROAD),
    needs=frozenset({"emergency"}),
    beyond_estimates="vital_treatment",
)
NO_OBJECTION = PermitKind(
    "no_objection",
    N_("letter of no objection"),
    "N",
    Way.IMPORT,
    N_("The goods need no permit here, but the other country or a carrier asks for a paper of the authority."),
    goods=Goods.FREE,
    asks=(*_PARTNER, *_ROAD),
)
DECLARATION = PermitKind(
    "declaration",
    N_("export declaration (1971, Schedule III)"),
    "C",
    Way.EXPORT,
    N_("Psychotropic substances of Schedule III of 1971 alone leave the country: a declaration goes with them."),
    goods=Goods.PSYCHOTROPIC_III,
    asks=(*_PARTNER, *_BUYER, *_ROAD, "exception"),
)
PERIODIC_IMPORT = PermitKind(
    "periodic_import",
    N_("periodic import permit (several consignments)"),
    "P",
    Way.IMPORT,
    N_("The same goods come in several consignments within the year, against one running balance."),
    reserves=True,
    several=True,
    asks=(*_PARTNER, *_PAPER, *_ROAD, *_STOCK, "consignments", "exception"),
    needs=frozenset({"consignments"}),
)
PERIODIC_EXPORT = PermitKind(
    "periodic_export",
    N_("periodic export permit for precursors"),
    "Q",
    Way.EXPORT,
    N_("Precursors leave in several consignments within the year, against one running balance."),
    goods=Goods.PRECURSOR,
    needs_counterpart=True,
    several=True,
    asks=(*_PARTNER, *_BUYER, *_PAPER, *_ROAD, "consignments"),
    needs=frozenset({"consignments"}),
)

PERMIT_KINDS: Mapping[str, PermitKind] = MappingProxyType(
    {
        kind.code: kind
        for kind in (
            IMPORT,
            EXPORT,
            TRANSIT,
            INDUSTRIAL_USE,
            RE_EXPORT,
            DIVERSION,
            EMERGENCY,
            NO_OBJECTION,
            DECLARATION,
            PERIODIC_IMPORT,
            PERIODIC_EXPORT,
        )
    }
)
FILE_KINDS: Mapping[str, PermitKind] = MappingProxyType({k.code: k for k in PERMIT_KINDS.values() if k.in_files})
RESERVING = tuple(kind.code for kind in PERMIT_KINDS.values() if kind.reserves)
"""Kinds whose permits and applications take from the quota."""
SEVERAL = tuple(kind.code for kind in PERMIT_KINDS.values() if kind.several)
"""Kinds with a running balance."""


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


def expiry_of(issued_on: date, quota_year: int, *ends: date | None, parameters: Parameters = DEFAULTS) -> date:
    """Return the last day of a permit, not beyond 31 December of its quota year nor any of `ends`.

    `ends`: the last day of the licence, of the foreign permit; None where there is none. `parameters`
    are those of the day of issue, so that old permits keep what was valid for them.
    """
    known = [end for end in ends if end is not None]
    return min([issued_on + timedelta(days=parameters.number(VALIDITY_DAYS)), date(quota_year, 12, 31), *known])


class PermitState(StrEnum):
    """What a permit is on a day; worked out, never stored."""

    VALID = "valid"
    USED = "used"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    LOST = "lost"
    RETURNED = "returned"


PERMIT_STATE_NAMES = {
    PermitState.VALID: N_("valid"),
    PermitState.USED: N_("goods have moved"),
    PermitState.EXHAUSTED: N_("exhausted"),
    PermitState.EXPIRED: N_("expired"),
    PermitState.SUSPENDED: N_("suspended"),
    PermitState.REVOKED: N_("revoked"),
    PermitState.LOST: N_("paper lost"),
    PermitState.RETURNED: N_("returned unused"),
}


@dataclass(frozen=True, slots=True)
class StopCause:
    """Why a permit does not stand for a time or for good. `for_good`: it never comes back.

    `by_itself`: it follows from something else (the licence, the foreign permit), no officer decides it.
    """

    code: str
    name: str
    state: PermitState
    for_good: bool = False
    by_itself: bool = False


STOP_CAUSES: Mapping[str, StopCause] = MappingProxyType(
    {
        cause.code: cause
        for cause in (
            StopCause("officer", N_("suspended by an officer"), PermitState.SUSPENDED),
            StopCause(
                "licence", N_("the licence it rests on no longer covers it"), PermitState.SUSPENDED, by_itself=True
            ),
            StopCause("counterpart", N_("the foreign permit has lapsed"), PermitState.SUSPENDED, by_itself=True),
            StopCause("revoked", N_("revoked"), PermitState.REVOKED, for_good=True),
            StopCause("error", N_("recorded in error"), PermitState.REVOKED, for_good=True),
            StopCause("lost", N_("the paper was lost"), PermitState.LOST, for_good=True),
            StopCause("returned", N_("returned unused by the holder"), PermitState.RETURNED, for_good=True),
        )
    }
)
"""The strongest comes last: a permit with several stops is what the last of them says."""
