"""Checks on stock: the opening figure, and the balance of the year."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from forms.checks.model import Outcome, Status
from forms.facts import DrugYear, ReturnFacts
from registry.kernel.mass import decimal_text
from registry.kernel.text import N_, Message


def opening_stock(facts: ReturnFacts) -> Iterator[Outcome]:
    """Opening stock equals the closing stock reported for the year before.

    A difference that is wholly stock first taken on within the year is said, not failed.
    """
    for drug in facts.drugs:
        reported = drug.reported_closing_before
        if reported is None:
            message = Message(N_("no closing stock of the year before is known"))
            yield Outcome(Status.NOT_APPLICABLE, drug.substance, None, message)
            continue
        difference = drug.opening_stock - reported
        blanks = {
            "observed": decimal_text(drug.opening_stock),
            "reported": decimal_text(reported),
            "difference": decimal_text(difference),
        }
        if difference == 0:
            status = Status.PASS
            message = Message(N_("opening stock %(observed)s g is the closing stock reported before"), blanks)
        elif difference == drug.taken_on:
            status = Status.WARN
            message = Message(
                N_(
                    "opening stock %(observed)s g, reported closing stock %(reported)s g: the difference of"
                    " %(difference)s g is stock first taken on in the year"
                ),
                blanks,
            )
        else:
            status = Status.FAIL
            message = Message(
                N_("opening stock %(observed)s g, reported closing stock %(reported)s g: %(difference)s g apart"),
                blanks,
            )
        yield Outcome(status, drug.substance, difference, message)


def used_under_estimates(drug: DrugYear) -> Fraction:
    """Return use as article 19(1)(b) counts it: three purposes, without industry, in grams."""
    return drug.used_other_drugs + drug.used_schedule_iii + drug.used_not_covered


def came_in(drug: DrugYear) -> Fraction:
    """Return opening stock and everything that raised it, in grams."""
    return drug.opening_stock + drug.manufactured + drug.imported + drug.seized_released + drug.special_withdrawn


def went_out(drug: DrugYear) -> Fraction:
    """Return everything that lowered the stock, and what is left, in grams."""
    used = used_under_estimates(drug) + drug.used_industry
    return drug.consumed + used + drug.exported + drug.special_acquired + drug.lost + drug.closing_stock


def balance(facts: ReturnFacts) -> Iterator[Outcome]:
    """What was there and came in equals what went out and is left, drug by drug.

    Both stocks are sums of balances that were not computed from the other columns, so that
    this comparison can fail.
    """
    for drug in facts.drugs:
        received, accounted = came_in(drug), went_out(drug)
        difference = received - accounted
        blanks = {
            "observed": decimal_text(received),
            "limit": decimal_text(accounted),
            "difference": decimal_text(abs(difference)),
        }
        if difference == 0:
            message = Message(N_("in %(observed)s g, out and left %(limit)s g: balanced"), blanks)
            yield Outcome(Status.PASS, drug.substance, difference, message)
        else:
            message = Message(N_("in %(observed)s g, out and left %(limit)s g: %(difference)s g apart"), blanks)
            yield Outcome(Status.FAIL, drug.substance, difference, message)
