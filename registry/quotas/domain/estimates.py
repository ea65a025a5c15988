"""Totals of estimates and the yearly limit of manufacture and import: 1961 Convention arts. 19 and 21.

All quantities are exact nanograms of anhydrous base. Source: ``incb-forms.md`` section 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from registry.kernel.text import N_
from registry.quotas.domain.kinds import (
    CONSUMPTION,
    NOT_COVERED,
    OPIUM,
    OTHER_DRUGS,
    SCHEDULE_THREE,
    SPECIAL,
    STOCKS,
    SYNTHETIC,
)
from registry.quotas.domain.lines import ZERO, Ceilings

Figures = Mapping[str, Fraction]
"""Column of Form C (and ``opening_stock``, ``imported`` ...) -> exact nanograms; what is missing is zero."""

OPENING = "opening_stock"
CLOSING = "closing_stock"
TAKEN_ON = "taken_on"
USED = ("used_other_drugs", "used_schedule_iii", "used_not_covered")
_MANUFACTURE = (OTHER_DRUGS.code, SCHEDULE_THREE.code, NOT_COVERED.code)


@dataclass(frozen=True, slots=True)
class Piece:
    """One signed part of a sum, with the msgid that says what it is: every figure explains itself."""

    label: str
    quantity: Fraction


def figure(figures: Figures, column: str) -> Fraction:
    """Return one figure, zero where the ledger told none."""
    return figures.get(column, ZERO)


def figures_for(by_year: Mapping[int, Figures], year: int) -> Figures:
    """Return the figures of `year`; a year without entries keeps the stock the last one closed with."""
    if year in by_year:
        return by_year[year]
    before = [known for known in by_year if known < year]
    held = figure(by_year[max(before)], CLOSING) if before else ZERO
    return {OPENING: held, CLOSING: held}


def opening_stock(figures_before: Figures, figures: Figures) -> Fraction:
    """Return S0: the close of the year before and everything taken on within the year."""
    if OPENING in figures:
        return figures[OPENING]
    return figure(figures_before, CLOSING) + figure(figures, TAKEN_ON)


def total_pieces(ceilings: Ceilings, opening: Fraction) -> list[Piece]:
    """Return the parts of the total of estimates T (art. 19(2)).

    The text adds what lifts actual stock to the estimated level and never subtracts when
    stock is higher. Where the manufacture of a synthetic drug (h) or the production of opium
    (f) exceeds the sum, it takes its place; the difference is then shown as a part.
    """
    pieces = [
        Piece(N_("(a) consumption"), ceilings.item(CONSUMPTION.code)),
        Piece(N_("(b) manufacture"), ceilings.item(*_MANUFACTURE)),
        Piece(N_("(d) addition to special stocks"), ceilings.item(SPECIAL.code)),
        Piece(N_("(c) stocks to be held, less stock on 1 January"), max(ZERO, ceilings.item(STOCKS.code) - opening)),
    ]
    for label, item in (
        (N_("(h) manufacture of a synthetic drug, beyond the sum above"), SYNTHETIC),
        (N_("(f) production of opium, beyond the sum above"), OPIUM),
    ):
        beyond = ceilings.item(item.code) - sum((piece.quantity for piece in pieces), ZERO)
        if beyond > 0:
            pieces.append(Piece(label, beyond))
    return pieces


def deduction_pieces(excess_before: Fraction, figures: Figures) -> list[Piece]:
    """Return what is taken off T: last year's excess (art. 21(3)), seizures released and withdrawals (art. 19(2)(d))."""
    return [
        Piece(N_("excess of last year"), -excess_before),
        Piece(N_("seized and released for licit use"), -figure(figures, "seized_released")),
        Piece(N_("withdrawn from special stocks"), -figure(figures, "special_withdrawn")),
    ]


def total_of_estimates(ceilings: Ceilings, opening: Fraction, excess_before: Fraction, figures: Figures) -> list[Piece]:
    """Return the parts of T', the total of estimates as adjusted; their sum is the ceiling (art. 19(5))."""
    return total_pieces(ceilings, opening) + deduction_pieces(excess_before, figures)


def sum_of(pieces: list[Piece]) -> Fraction:
    """Return what the parts add up to."""
    return sum((piece.quantity for piece in pieces), ZERO)


def limit_pieces(ceilings: Ceilings, figures: Figures) -> list[Piece]:
    """Return the parts of the yearly limit L of manufacture and import (art. 21(1)-(2)).

    "Within the limit of the relevant estimate" is read as the smaller of actual and estimate.
    Industrial use and losses are not among the parts the article names.
    """
    opening = figure(figures, OPENING)
    used = sum((figure(figures, column) for column in USED), ZERO)
    risen = max(ZERO, figure(figures, CLOSING) - opening)
    wanted = max(ZERO, ceilings.item(STOCKS.code) - opening)
    return [
        Piece(N_("consumed, within (a)"), min(figure(figures, "consumed"), ceilings.item(CONSUMPTION.code))),
        Piece(N_("used for manufacture, within (b)"), min(used, ceilings.item(*_MANUFACTURE))),
        Piece(N_("exported"), figure(figures, "exported")),
        Piece(N_("added to stock, up to the level of (c)"), min(risen, wanted)),
        Piece(
            N_("acquired for special purposes, within (d)"),
            min(figure(figures, "special_acquired"), ceilings.item(SPECIAL.code)),
        ),
        Piece(N_("seized and released for licit use"), -figure(figures, "seized_released")),
        Piece(N_("withdrawn from special stocks"), -figure(figures, "special_withdrawn")),
    ]


def limit_of_year(ceilings: Ceilings, figures: Figures) -> Fraction:
    """Return L, the yearly limit of manufacture and import (art. 21(1)-(2))."""
    return sum_of(limit_pieces(ceilings, figures))


def excess(ceilings: Ceilings, figures: Figures) -> Fraction:
    """Return what was manufactured and imported above L; it is taken off next year (art. 21(3))."""
    return max(ZERO, figure(figures, "manufactured") + figure(figures, "imported") - limit_of_year(ceilings, figures))


def excess_pieces(ceilings: Ceilings, figures: Figures) -> list[Piece]:
    """Return what the excess is worked out from: manufacture and import, less each part of L; below zero it is none."""
    return [
        Piece(N_("manufactured"), figure(figures, "manufactured")),
        Piece(N_("imported"), figure(figures, "imported")),
        *(Piece(each.label, -each.quantity) for each in limit_pieces(ceilings, figures)),
    ]


@dataclass(frozen=True, slots=True)
class CarryOver:
    """What a year takes over from the one before: its excess with the parts, and the stock of 1 January."""

    excess: Fraction
    pieces: tuple[Piece, ...]
    stock: Fraction


def carry_over(ceilings_before: Ceilings, figures_before: Figures) -> CarryOver:
    """Return what the year after takes over (art. 19(2)(c), 21(3))."""
    return CarryOver(
        excess(ceilings_before, figures_before),
        tuple(excess_pieces(ceilings_before, figures_before)),
        figure(figures_before, CLOSING),
    )
