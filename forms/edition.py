"""What an edition of a form is: data, so that a person who holds the printed form can correct it.

An edition says for which periods it serves, which parts and columns it has, in which unit and
with how many decimals its figures are written. It holds no figure and computes none, but for
the rounding of a single figure to its own decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from registry.kernel.mass import fixed_text, rounded
from registry.kernel.period import Period, annual_due
from registry.kernel.text import Message

GRAMS_IN = {"mg": Fraction(1, 1000), "g": Fraction(1), "kg": Fraction(1000)}


class Form(StrEnum):
    """The seven forms of the Board, by the code used on the command line."""

    A = "A"
    B = "B"
    C = "C"
    AP = "AP"
    BP = "BP"
    P = "P"
    D = "D"


class PeriodKind(StrEnum):
    """The length of the period one return covers."""

    QUARTER = "quarter"
    YEAR = "year"


class Shape(StrEnum):
    """How a part is laid out.

    `DRUGS`: a row per drug, a column per item. `PARTNERS`: a row per drug, a column per trading
    partner, with the total of the drug. `MADE`: a row per drug and product made of it.
    `SEIZURES`: like `DRUGS`, from the register of seizures. `REQUIREMENTS`: like `DRUGS`, from what was
    estimated or assessed. `BY_HAND`: the registry has no facts for this part.
    """

    DRUGS = "drugs"
    PARTNERS = "partners"
    MADE = "made"
    SEIZURES = "seizures"
    REQUIREMENTS = "requirements"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Column:
    """One item of a form.

    `code` is the name of the fact it is taken from, `caption` an English msgid. `clause` is the
    article that asks for it. `captions` holds the same caption by language where it can be
    derived from the treaty's own words in that language; it serves where no translation exists.
    """

    code: str
    caption: str
    clause: str
    captions: Mapping[str, str] = field(default_factory=dict)

    def caption_in(self, language: str, translate: Callable[[Message], str]) -> str:
        """Return the caption for people: a translation if there is one, else our own, else English."""
        translated = translate(Message(self.caption))
        return translated if translated != self.caption else self.captions.get(language[:2], self.caption)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form. `title` is a msgid; `note` one too, said below it.

    `breaks_down`: the items of Part I that a part of the shape `MADE` shows by product made.
    """

    code: str
    title: str
    shape: Shape
    columns: tuple[Column, ...] = ()
    note: str = ""
    breaks_down: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """Drugs whose figures are written with the same number of decimals of the edition's unit.

    `substances` None means every drug that no other group names; an edition has one such group.
    """

    title: str
    decimals: int
    substances: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One printed edition of one form.

    `issued` is the month printed on it (its first day); it gives the `code`. `valid_from` and
    `valid_to` are the first and the last period it serves, `valid_to` None for the newest.
    `rows_by_group`: rows are printed group by group, else all drugs in one alphabet.
    `grid_known` is False as long as the printed grid (captions, their order, pre-printed rows)
    has not been seen; the return then says so. `optional`: no day is printed by which it must be sent. `remarks` are msgids that go with every return.
    """

    form: Form
    ordinal: str
    issued: date
    title: str
    legal_basis: str
    period_kind: PeriodKind
    valid_from: Period
    valid_to: Period | None
    due: Callable[[Period], date]
    unit: str
    groups: tuple[UnitGroup, ...]
    parts: tuple[Part, ...]
    rows_by_group: bool = False
    grid_known: bool = False
    remarks: tuple[str, ...] = ()
    optional: bool = False

    def __post_init__(self) -> None:
        if sum(group.substances is None for group in self.groups) != 1:
            raise ValueError(f"{self.form} {self.code}: exactly one group must take the drugs no other group names")
        if self.unit not in GRAMS_IN:
            raise ValueError(f"{self.form} {self.code}: unknown unit {self.unit}")

    @property
    def code(self) -> str:
        """Return year and month of issue, ``YYYY-MM``: the name of the edition on the wire."""
        return f"{self.issued:%Y-%m}"

    def group_of(self, substance: str) -> UnitGroup:
        """Return the unit group `substance` is reported in."""
        rest = next(group for group in self.groups if group.substances is None)
        return next((group for group in self.groups if group.substances and substance in group.substances), rest)

    def written(self, substance: str, exact_g: Fraction) -> str:
        """Return exact grams as the form asks: in its unit, rounded half up once, trailing zeros cut."""
        decimals = self.group_of(substance).decimals
        return fixed_text(rounded(exact_g / GRAMS_IN[self.unit], decimals), decimals)


def due_after_year(period: Period) -> date:
    """Return the day an annual return is due: 30 June of the year after (1961 art. 20(2)(a))."""
    return annual_due(period.year)
