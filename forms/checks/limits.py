"""Checks against the estimates and the yearly limit of article 21 of the 1961 Convention."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from forms.checks.model import Outcome, Status
from forms.checks.stock import came_in, used_under_estimates, went_out
from forms.facts import ZERO, DrugYear, Estimates, ReturnFacts
from registry.kernel.mass import decimal_text
from registry.kernel.text import N_, Message


def estimated_use(estimates: Estimates) -> Fraction:
    """Return item (b) of article 19(1), the sum of its three purposes, in grams."""
    return estimates.manufacture_other + estimates.manufacture_schedule_iii + estimates.manufacture_not_covered


def residual_excess(drug: DrugYear) -> Fraction:
    """Return the excess as what lies above the estimates, without looking at trade, in grams.

    It equals manufacture and import less the limit of article 21 whenever the balance holds;
    so it is a second way to the same figure.
    """
    estimates = drug.estimates
    rise = drug.closing_stock - drug.opening_stock
    wanted = max(ZERO, estimates.stocks - drug.opening_stock)
    return max(
        ZERO,
        max(ZERO, drug.consumed - estimates.consumption)
        + max(ZERO, used_under_estimates(drug) - estimated_use(estimates))
        + (rise - min(max(ZERO, rise), wanted))
        + max(ZERO, drug.special_acquired - estimates.special)
        + drug.used_industry
        + drug.lost,
    )


def excess(facts: ReturnFacts) -> Iterator[Outcome]:
    """The excess equals what lies above the estimates, in stock above its target, in industry and in losses.

    Judged only where the balance of the drug holds: without it the two ways must differ.
    """
    for drug in facts.drugs:
        if came_in(drug) != went_out(drug):
            message = Message(N_("not judged: the balance of the year does not hold"))
            yield Outcome(Status.NOT_APPLICABLE, drug.substance, None, message)
            continue
        expected = residual_excess(drug)
        difference = drug.excess - expected
        blanks = {"observed": decimal_text(drug.excess), "limit": decimal_text(expected)}
        if difference == 0:
            message = Message(N_("excess %(observed)s g, the same when worked out from the estimates"), blanks)
            yield Outcome(Status.PASS, drug.substance, difference, message)
        else:
            message = Message(N_("excess %(observed)s g, but %(limit)s g when worked out from the estimates"), blanks)
            yield Outcome(Status.FAIL, drug.substance, difference, message)


def within(substance: str, observed: Fraction, limit: Fraction, kept: str, broken: str) -> Outcome:
    """Compare `observed` with `limit`, both in grams; `kept` and `broken` are the two msgids."""
    difference = observed - limit
    blanks = {
        "observed": decimal_text(observed),
        "limit": decimal_text(limit),
        "difference": decimal_text(abs(difference)),
    }
    if difference <= 0:
        return Outcome(Status.PASS, substance, difference, Message(kept, blanks))
    return Outcome(Status.FAIL, substance, difference, Message(broken, blanks))


def yearly_limit(facts: ReturnFacts) -> Iterator[Outcome]:
    """Manufacture and import of the year stay within the limit of article 21."""
    for drug in facts.drugs:
        yield within(
            drug.substance,
            drug.manufactured + drug.imported,
            drug.limit,
            N_("manufactured and imported %(observed)s g, limit %(limit)s g"),
            N_("manufactured and imported %(observed)s g, limit %(limit)s g: %(difference)s g above it"),
        )


def estimates(facts: ReturnFacts) -> Iterator[Outcome]:
    """Consumption, use and special acquisition each stay within their own estimate."""
    for drug in facts.drugs:
        items = (
            (
                drug.consumed,
                drug.estimates.consumption,
                N_("consumption %(observed)s g, estimate %(limit)s g"),
                N_("consumption %(observed)s g, estimate %(limit)s g: %(difference)s g above it"),
            ),
            (
                used_under_estimates(drug),
                estimated_use(drug.estimates),
                N_("use for manufacture %(observed)s g, estimate %(limit)s g"),
                N_("use for manufacture %(observed)s g, estimate %(limit)s g: %(difference)s g above it"),
            ),
            (
                drug.special_acquired,
                drug.estimates.special,
                N_("acquired for special purposes %(observed)s g, estimate %(limit)s g"),
                N_("acquired for special purposes %(observed)s g, estimate %(limit)s g: %(difference)s g above it"),
            ),
        )
        judged = [item for item in items if item[0] or item[1]]
        if not judged:
            message = Message(N_("nothing consumed, used or acquired, and nothing estimated"))
            yield Outcome(Status.NOT_APPLICABLE, drug.substance, None, message)
        for observed, limit, kept, broken in judged:
            yield within(drug.substance, observed, limit, kept, broken)
