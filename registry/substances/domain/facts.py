"""Facts of lists and products as other rooms read them, and the few words they are told in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from registry.kernel.text import Message

FIRST_DAY = date(1900, 1, 1)
"""From this day the first revision of a product counts: earlier entries need a composition too."""

SUBSTANCE_FORM = "substance"
"""The `form` of a product that is the substance itself (contract section 2, `manufacture`)."""


class Treaty(StrEnum):
    """The instrument that puts a substance under control, by the year of the convention."""

    NARCOTIC = "1961"
    PSYCHOTROPIC = "1971"
    PRECURSOR = "1988"
    NATIONAL = "national"


class Control(StrEnum):
    """How the control of a product is decided: worked out, or stated by the officer."""

    AUTO = "auto"
    SCHEDULE_III_1961 = "schedule_iii_1961"
    EXEMPT_1971 = "exempt_1971"
    NONE = "none"


CLASS_OF_TREATY = {
    Treaty.NARCOTIC: "narcotic",
    Treaty.PSYCHOTROPIC: "psychotropic",
    Treaty.PRECURSOR: "precursor",
}
ALL_CLASSES = frozenset(CLASS_OF_TREATY.values())


@dataclass(frozen=True, slots=True)
class EditionFact:
    """One edition of a list. `valid_from` None: unknown; `precision` says how exact the day is.

    `by_later`: the edition is younger than the day it was asked for; no older one is loaded.
    """

    id: int
    list_code: str
    edition: str
    title: str
    valid_from: date | None
    precision: str
    by_later: bool = False


@dataclass(frozen=True, slots=True)
class SubstanceFact:
    """A listed substance. `schedules` reads ``{"1961:I", "1961:IV"}`` on the day asked for.

    `national_classes`: codes of the classes of the national list that hold an entry on that day;
    empty until a national list is loaded, then the INCB entry no longer stands in alone.
    """

    id: int
    code: str
    name: str
    treaty: str
    cas: str = ""
    schedules: frozenset[str] = frozenset()
    national_classes: frozenset[str] = frozenset()

    @property
    def classes(self) -> frozenset[str]:
        """Return the control classes of the treaty and of the national list together."""
        return classes_of(self.treaty, self.national_classes)


@dataclass(frozen=True, slots=True)
class ComponentFact:
    """One controlled substance in one product revision.

    `amount_ng`: the salt as stated, per stated unit of the product; `base_ppm`: the printed
    factor (100 % = 1_000_000); `base_ng_per_unit`: exact anhydrous base of one unit of account.
    """

    substance_id: int
    substance_code: str
    substance_name: str
    treaty: str
    schedules: frozenset[str]
    salt: str
    amount_ng: int
    base_ppm: int
    base_ng_per_unit: Fraction
    national_classes: frozenset[str] = frozenset()
    factor_id: int | None = None

    @property
    def classes(self) -> frozenset[str]:
        """Return the control classes of the treaty and of the national list together."""
        return classes_of(self.treaty, self.national_classes)


@dataclass(frozen=True, slots=True)
class RevisionFact:
    """One dated revision of a product, with its whole composition.

    A revision counts from `valid_from` until the next one; the first counts from 1900-01-01.
    `schedule_three`: True for a preparation of Schedule III of 1961, False when not, None when
    undecided; `schedule_three_reason` is what the officer reads.
    """

    id: int
    product_id: int
    code: str
    number: int
    valid_from: date
    name: str
    form: str
    unit: str
    control: str
    schedule_three: bool | None
    components: tuple[ComponentFact, ...] = ()
    name_ru: str = ""
    name_ky: str = ""
    other_ingredients: str = ""
    gtin: str = ""
    manufacturer: str = ""
    country: str = ""
    schedule_three_reason: Message = field(default_factory=lambda: Message(""))

    @property
    def classes(self) -> frozenset[str]:
        """Return the control classes of all components together."""
        return frozenset().union(*(component.classes for component in self.components))

    @property
    def schedules(self) -> frozenset[str]:
        """Return the schedules of all components, and ``1961:III`` for a preparation of Schedule III."""
        own = frozenset({"1961:III"}) if self.schedule_three is True else frozenset[str]()
        return own.union(*(component.schedules for component in self.components))

    @property
    def is_exempt(self) -> bool:
        """Say whether the officer stated an exempted preparation (1971 art. 3)."""
        return self.control == Control.EXEMPT_1971

    @property
    def is_free(self) -> bool:
        """Say whether the officer stated that no control applies to the product."""
        return self.control == Control.NONE


def classes_of(treaty: str, national_classes: frozenset[str]) -> frozenset[str]:
    """Return the class of the treaty together with those of the national list."""
    own = CLASS_OF_TREATY.get(Treaty(treaty))
    return national_classes | {own} if own else national_classes


def is_substance_form(revision: RevisionFact) -> bool:
    """Say whether the product is the substance itself, not a preparation made from it."""
    return revision.form.strip().casefold() == SUBSTANCE_FORM


def needs_permit(revision: RevisionFact) -> bool:
    """Say whether import and export of the product need a permit (contract section 2).

    Every product that holds a narcotic drug, psychotropic or precursor needs one, except
    Schedule III (1961) and exempt preparations. Undecided is not an exception.
    """
    return any(
        not component.classes.isdisjoint(ALL_CLASSES)
        for component in revision.components
        if not _lifted(revision, component)
    )


def _lifted(revision: RevisionFact, component: ComponentFact) -> bool:
    """Say whether the exemption of the preparation reaches this component.

    Schedule III lifts the permit for its narcotic drug only (1961 art. 31(16)), an exempted
    preparation for its psychotropic only (1971 art. 3); "none" lifts it for everything.
    """
    if component.treaty == Treaty.NARCOTIC and revision.schedule_three is True:
        return True
    if component.treaty == Treaty.PSYCHOTROPIC and revision.control == Control.EXEMPT_1971:
        return True
    return revision.control == Control.NONE


def revision_on(revisions: Sequence[RevisionFact], day: date) -> RevisionFact:
    """Return the revision in force on `day`: the youngest that is not younger than the day.

    Raises ValueError when `revisions` is empty.
    """
    if not revisions:
        raise ValueError("a product without revisions")
    in_force = [revision for revision in revisions if revision.valid_from <= day]
    return max(in_force, key=_age) if in_force else min(revisions, key=_age)


def _age(revision: RevisionFact) -> tuple[date, int]:
    return revision.valid_from, revision.number
