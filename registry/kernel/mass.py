"""Quantities: exact or refused, never a float.

Mass is whole nanograms, or an exact fraction of them where a factor asks for it. Stock is
counted in whole units of account of a product. Printing never rounds by itself; rounding
happens once, where a figure leaves the system, as the edition of the form asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from registry.kernel.text import N_, Message

NG_PER_MG = 10**6
NG_PER_G = 10**9
NG_PER_KG = 10**12
PPM = 10**6
LARGEST = 2**63 - 1

_BLANKS = str.maketrans("", "", "\u00a0\u202f ")
_NUMBER = re.compile(r"(?P<whole>[0-9]{1,19})(?:[.,](?P<part>[0-9]{1,18}))?", re.ASCII)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?", re.ASCII)


class NotAQuantity(ValueError):
    """A text that is not an exact quantity; `message` says why and what would be right."""

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message


def parse_scaled(text: str, places: int, *, positive: bool = True) -> int:
    """Read a decimal as a whole number of its `places`-th decimal: ``"12,5"``, 3 -> 12500.

    Takes a dot or a comma, and blanks (also no-break) between groups of three digits.
    Raises `NotAQuantity` for anything that cannot be held exactly: exponents, signs,
    underscores, digits of other scripts, too many decimals, too large; and for zero
    unless `positive` is False.
    """
    cleaned = text.strip()
    if _GROUPED.fullmatch(cleaned):
        cleaned = cleaned.translate(_BLANKS)
    match = _NUMBER.fullmatch(cleaned)
    if match is None:
        raise NotAQuantity("not-a-quantity", _why_not(cleaned))
    part = (match["part"] or "").rstrip("0")
    if len(part) > places:
        if places == 0:
            message = Message(N_("“%(text)s” is not a whole number: pieces cannot be divided"), {"text": cleaned})
        else:
            message = Message(
                N_("“%(text)s” has more than %(places)s decimals: write at most %(places)s"),
                {"text": cleaned, "places": places},
            )
        raise NotAQuantity("too-many-decimals", message)
    scaled: int = int(match["whole"]) * 10**places + int(part.ljust(places, "0") or "0")
    if scaled > LARGEST:
        raise NotAQuantity("too-large", Message(N_("“%(text)s” is too large"), {"text": cleaned}))
    if positive and scaled == 0:
        raise NotAQuantity("not-positive", Message(N_("the quantity must be more than zero")))
    return scaled


def _why_not(text: str) -> Message:
    if not text:
        return Message(N_("a quantity is missing: write a number such as 12.5 or 12,5"))
    if text[0] in "-\u2212":
        return Message(
            N_("“%(text)s” is negative: write the quantity without a sign"),
            {"text": text[:40]},
        )
    return Message(
        N_(
            "“%(text)s” is not a number we can hold exactly: write digits with at most one dot or comma, such as 12.5 or 12,5"
        ),
        {"text": text[:40]},
    )


def decimal_text(value: Fraction | int) -> str:
    """Print an exact number as a decimal string without trailing zeros: 1/8 -> ``"0.125"``.

    Raises ValueError when the number has no finite decimal (a factor never gives one).
    """
    number = Fraction(value)
    places = 0
    rest = number.denominator
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        places = max(places, count)
    if rest != 1:
        raise ValueError(f"{number} has no finite decimal")
    return fixed_text(number, places)


def fixed_text(number: Fraction, places: int) -> str:
    """Print `number`, a multiple of 10**-places, without trailing zeros."""
    scaled = number * 10**places
    sign = "-" if scaled < 0 else ""
    digits = str(abs(int(scaled))).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:].rstrip("0")) if places else (digits, "")
    return sign + whole + ("." + part if part else "")


def grams(nanograms: Fraction | int) -> str:
    """Print a mass in nanograms as exact grams: 896250000000 -> ``"896.25"``."""
    return decimal_text(Fraction(nanograms) / NG_PER_G)


def rounded(number: Fraction, places: int) -> Fraction:
    """Round half up to `places` decimals, away from zero, as office arithmetic does."""
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    result = Fraction(whole, 10**places)
    return -result if number < 0 else result


def ceiling(number: Fraction) -> int:
    """Return the smallest whole number not below `number` (reservations round up)."""
    return -((-number.numerator) // number.denominator)


def floor(number: Fraction) -> int:
    """Return the largest whole number not above `number` (limits round down)."""
    return number.numerator // number.denominator


class Unit(StrEnum):
    """The unit in which people state a quantity of a product."""

    PIECE = "piece"
    MILLILITRE = "ml"
    LITRE = "l"
    GRAM = "g"
    KILOGRAM = "kg"


@dataclass(frozen=True, slots=True)
class UnitOfAccount:
    """How a stated quantity becomes whole units of account.

    `places`: decimals a stated quantity may have. One stated unit is 10**places units of
    account: a piece stays a piece, a millilitre is 1000 microlitres, a gram 10**6 micrograms.
    """

    unit: Unit
    places: int

    @property
    def per_unit(self) -> int:
        """Return the number of units of account in one stated unit."""
        return int(10**self.places)


UNITS_OF_ACCOUNT = {
    Unit.PIECE: UnitOfAccount(Unit.PIECE, 0),
    Unit.MILLILITRE: UnitOfAccount(Unit.MILLILITRE, 3),
    Unit.LITRE: UnitOfAccount(Unit.LITRE, 6),
    Unit.GRAM: UnitOfAccount(Unit.GRAM, 6),
    Unit.KILOGRAM: UnitOfAccount(Unit.KILOGRAM, 9),
}


UNIT_NAMES = {
    Unit.PIECE: N_("pcs"),
    Unit.MILLILITRE: N_("ml"),
    Unit.LITRE: N_("l"),
    Unit.GRAM: N_("g"),
    Unit.KILOGRAM: N_("kg"),
}


def stated(units: int, unit: Unit | str) -> str:
    """Print whole units of account in the product's own unit: 12500 microlitres -> ``"12.5"``."""
    places = UNITS_OF_ACCOUNT[Unit(unit)].places
    return fixed_text(Fraction(units, 10**places), places)


def base_ng_per_unit(amount_ng: int, base_ppm: int, unit: Unit | str) -> Fraction:
    """Return the exact anhydrous base, in nanograms, of one unit of account.

    `amount_ng`: salt as stated, in nanograms per stated unit of the product;
    `base_ppm`: the list's printed factor in parts per million (75 % -> 750000).
    """
    return Fraction(amount_ng * base_ppm, PPM * UNITS_OF_ACCOUNT[Unit(unit)].per_unit)
