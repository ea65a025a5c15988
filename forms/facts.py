"""What a return is made from: frozen facts that the registry hands over.

All quantities are exact grams of anhydrous base (`Fraction`). Who fills these: the returns
room, from the ledger, by the transaction-to-form map; who reads them: editions and checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from registry.kernel.period import Period
from registry.kernel.text import Message

ZERO = Fraction(0)
NOT_ATTRIBUTED = "not_attributed"
"""Stands for the product made where no record tells it."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """The confirmed estimates of one drug and year, by item (1961 art. 19(1)), in grams.

    `consumption` is (a); the three `manufacture_*` are (b); `stocks` is (c); `special` is (d).
    """

    consumption: Fraction = ZERO
    manufacture_other: Fraction = ZERO
    manufacture_schedule_iii: Fraction = ZERO
    manufacture_not_covered: Fraction = ZERO
    stocks: Fraction = ZERO
    special: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class DrugYear:
    """One narcotic drug in one year, as the ledger of the wholesale level saw it, in grams.

    `opening_stock` and `closing_stock` are sums of balances, independent of the other
    columns, so that the balance check can fail. `limit` and `excess` are those of art. 21.
    `reported_closing_before` is the closing stock of the year before as sent to INCB, None
    where none is known; `taken_on` is stock first taken on within the year.
    """

    substance: str
    name: str
    opening_stock: Fraction = ZERO
    taken_on: Fraction = ZERO
    manufactured: Fraction = ZERO
    imported: Fraction = ZERO
    exported: Fraction = ZERO
    consumed: Fraction = ZERO
    used_other_drugs: Fraction = ZERO
    used_schedule_iii: Fraction = ZERO
    used_not_covered: Fraction = ZERO
    used_industry: Fraction = ZERO
    special_acquired: Fraction = ZERO
    special_withdrawn: Fraction = ZERO
    seized_released: Fraction = ZERO
    lost: Fraction = ZERO
    closing_stock: Fraction = ZERO
    limit: Fraction = ZERO
    excess: Fraction = ZERO
    estimates: Estimates = field(default_factory=Estimates)
    reported_closing_before: Fraction | None = None


@dataclass(frozen=True, slots=True)
class TradeLine:
    """What one drug was traded with one partner in one quarter, in grams.

    `column` is ``imported`` or ``exported``; `partner` an ISO 3166 code.
    """

    substance: str
    name: str
    column: str
    partner: str
    quarter: int
    quantity: Fraction


@dataclass(frozen=True, slots=True)
class UseLine:
    """What of one drug was used for one item of Part I of Form C to make one product, in grams.

    `made` is the code of the substance made, or `NOT_ATTRIBUTED`; `made_name` an English name.
    """

    substance: str
    name: str
    column: str
    made: str
    made_name: str
    quantity: Fraction


@dataclass(frozen=True, slots=True)
class SeizureLine:
    """What of one drug was seized or disposed of in the year, in grams as stated: nothing is converted.

    `column` is ``seized`` or ``disposed``; `origin` an ISO 3166 code, empty where it is not known.
    """

    substance: str
    name: str
    column: str
    origin: str
    quantity: Fraction


@dataclass(frozen=True, slots=True)
class Source:
    """What one product contributed to one column in the period, in grams.

    `schedule_three`: True for a Schedule III (1961) or exempt preparation, None when undecided.
    """

    substance: str
    column: str
    product: str
    schedule_three: bool | None
    quantity: Fraction


@dataclass(frozen=True, slots=True)
class FactorUse:
    """The conversion factor behind a product's figures.

    `base_ppm` is what the ledger used, `printed_ppm` what the edition in force on the first
    movement prints; `edition_from` is the day that edition came into force, None if unknown.
    `later_edition`: the edition is younger than the movement ("by a later edition").
    """

    substance: str
    product: str
    salt: str
    base_ppm: int
    printed_ppm: int | None
    edition: str
    edition_from: date | None
    later_edition: bool


@dataclass(frozen=True, slots=True)
class TradeEvidence:
    """On what the import and export figures of one drug rest, as numbers of ledger entries.

    `entries`: all of them; `without_permit`: entries that name no permit; `from_permit_only`:
    figures taken from a permit without goods having moved (must be none); `in_transit`:
    entries that rest on a transit permit (must be none).
    """

    substance: str
    entries: int = 0
    without_permit: int = 0
    from_permit_only: int = 0
    in_transit: int = 0


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover page: who answers for the return. Empty text where it is not known yet."""

    country: str
    authority: str = ""
    officer: str = ""
    title: str = ""
    telephone: str = ""
    email: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is wanted of one substance in one year, in grams: estimates by item, or the assessment.

    Items as in `Estimates`; ``opium_production`` is (f), ``synthetic_manufacture`` (h) over all
    establishments. `total` is the total of estimates of art. 19(2), last year's excess not yet
    taken off. `assessment`: of a psychotropic substance.
    """

    substance: str
    name: str
    consumption: Fraction = ZERO
    manufacture_other: Fraction = ZERO
    manufacture_schedule_iii: Fraction = ZERO
    manufacture_not_covered: Fraction = ZERO
    stocks: Fraction = ZERO
    special: Fraction = ZERO
    opium_production: Fraction = ZERO
    synthetic_manufacture: Fraction = ZERO
    total: Fraction = ZERO
    assessment: Fraction = ZERO


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """Everything one return of one period is made from, as known on `as_of`.

    For a quarter, `trade` holds that quarter; for a year, all four, and `drugs`, `uses` and `seizures` are filled.
    Estimates and assessments are made from `requirements` alone. `remarks` go into the notes of the return.
    """

    period: Period
    as_of: date
    cover: Cover
    drugs: tuple[DrugYear, ...] = ()
    trade: tuple[TradeLine, ...] = ()
    uses: tuple[UseLine, ...] = ()
    seizures: tuple[SeizureLine, ...] = ()
    sources: tuple[Source, ...] = ()
    factors: tuple[FactorUse, ...] = ()
    evidence: tuple[TradeEvidence, ...] = ()
    quarter_totals: Mapping[tuple[str, str], Fraction] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    remarks: tuple[Message, ...] = ()
