"""Kinds of quota lines and items of the estimates, as tables: the only place that spells their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.kernel.text import N_
from registry.substances.domain.facts import Treaty


@dataclass(frozen=True, slots=True)
class QuotaKind:
    """One kind of line.

    `treaties`: for which substances it may be set. `itemised`: names an item of the estimates
    (only for narcotic drugs). `adds`: joins what is there, else the later line replaces the
    earlier from its day. `stays`: also counts in later years until replaced. `of_organisation`:
    belongs to one organisation. `by_act`: rests on an act, named with its day by the time it is
    approved. `public`: may be published. `needs_reason`: must say why it is proposed; a later
    line of a kind that is `replaced_with_reason` must, too.
    """

    code: str
    name: str
    about: str
    treaties: frozenset[str]
    itemised: bool = False
    adds: bool = False
    stays: bool = False
    of_organisation: bool = False
    by_act: bool = False
    public: bool = False
    needs_reason: bool = False
    replaced_with_reason: bool = False


_NARCOTIC = frozenset({Treaty.NARCOTIC.value})
_PSYCHOTROPIC = frozenset({Treaty.PSYCHOTROPIC.value})
_PRECURSOR = frozenset({Treaty.PRECURSOR.value})
_ALL = frozenset(treaty.value for treaty in Treaty)

ESTIMATE = QuotaKind(
    "estimate", N_("estimate"), N_("confirmed by INCB for one year and item"), _NARCOTIC, itemised=True
)
SUPPLEMENT = QuotaKind(
    "supplement",
    N_("supplementary estimate"),
    N_("adds to an estimate, an assessment or a requirement"),
    _NARCOTIC | _PSYCHOTROPIC | _PRECURSOR,
    itemised=True,
    adds=True,
    needs_reason=True,
)
ASSESSMENT = QuotaKind(
    "assessment", N_("assessment of needs"), N_("stays until another replaces it"), _PSYCHOTROPIC, stays=True
)
REQUIREMENT = QuotaKind(
    "alr",
    N_("annual legitimate requirement"),
    N_("advisory figure for a precursor; stays until replaced"),
    _PRECURSOR,
    stays=True,
)
STATE_QUOTA = QuotaKind(
    "state_quota",
    N_("state quota"),
    N_("maximum quantity of the year set by the Cabinet of Ministers"),
    _ALL,
    by_act=True,
    public=True,
    replaced_with_reason=True,
)
ALLOCATION = QuotaKind(
    "allocation", N_("quota allocation"), N_("share of one organisation"), _ALL, of_organisation=True
)

QUOTA_KINDS: Mapping[str, QuotaKind] = MappingProxyType(
    {kind.code: kind for kind in (ESTIMATE, SUPPLEMENT, ASSESSMENT, REQUIREMENT, STATE_QUOTA, ALLOCATION)}
)

CEILING_KIND: Mapping[str, QuotaKind] = MappingProxyType(
    {
        Treaty.NARCOTIC.value: ESTIMATE,
        Treaty.PSYCHOTROPIC.value: ASSESSMENT,
        Treaty.PRECURSOR.value: REQUIREMENT,
    }
)
"""Which kind is the international ceiling of a substance, by treaty; none for what only national law controls."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the estimates, by its letter in art. 19(1) of the 1961 Convention."""

    code: str
    letter: str
    name: str
    of_organisation: bool = False


CONSUMPTION = Item("consumption", "a", N_("medical and scientific consumption"))
OTHER_DRUGS = Item("manufacture_other", "b", N_("manufacture of other drugs"))
SCHEDULE_THREE = Item("manufacture_schedule_iii", "b", N_("manufacture of preparations in Schedule III"))
NOT_COVERED = Item("manufacture_not_covered", "b", N_("manufacture of substances outside the Convention"))
STOCKS = Item("stocks", "c", N_("stocks to be held on 31 December"))
SPECIAL = Item("special", "d", N_("addition to special stocks"))
OPIUM = Item("opium_production", "f", N_("production of opium"))
SYNTHETIC = Item("synthetic_manufacture", "h", N_("manufacture of a synthetic drug"), of_organisation=True)

ITEMS: Mapping[str, Item] = MappingProxyType(
    {
        item.code: item
        for item in (CONSUMPTION, OTHER_DRUGS, SCHEDULE_THREE, NOT_COVERED, STOCKS, SPECIAL, OPIUM, SYNTHETIC)
    }
)
