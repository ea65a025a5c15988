"""Checks on what the products behind the figures are: Schedule III, and the conversion factors."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from forms.checks.model import Outcome, Status
from forms.columns import USED_SCHEDULE_III
from forms.facts import ZERO, FactorUse, ReturnFacts, Source
from registry.kernel.mass import decimal_text
from registry.kernel.text import N_, Message

PPM_PER_PERCENT = 10_000


def _products(sources: list[Source]) -> str:
    return ", ".join(sorted({source.product for source in sources}))


def _mass(sources: list[Source]) -> Fraction:
    return sum((source.quantity for source in sources), ZERO)


def schedule_three(facts: ReturnFacts) -> Iterator[Outcome]:
    """Preparations of Schedule III give no import, export or consumption: only the drug used to make them counts."""
    counted: dict[str, list[Source]] = {}
    for source in facts.sources:
        group = counted.setdefault(source.substance, [])
        if source.column != USED_SCHEDULE_III.code and source.quantity:
            group.append(source)
    for substance, sources in sorted(counted.items()):
        wrong = [source for source in sources if source.schedule_three is True]
        undecided = [source for source in sources if source.schedule_three is None]
        if wrong:
            message = Message(
                N_("%(observed)s g come from preparations of Schedule III: %(products)s"),
                {"observed": decimal_text(_mass(wrong)), "products": _products(wrong)},
            )
            yield Outcome(Status.FAIL, substance, _mass(wrong), message)
        elif undecided:
            message = Message(
                N_("%(observed)s g come from products not yet decided to be in or out of Schedule III: %(products)s"),
                {"observed": decimal_text(_mass(undecided)), "products": _products(undecided)},
            )
            yield Outcome(Status.WARN, substance, _mass(undecided), message)
        else:
            message = Message(N_("no preparation of Schedule III among the figures"))
            yield Outcome(Status.PASS, substance, ZERO, message)


def percent(ppm: int) -> str:
    """Return parts per million as the lists print a factor: 896000 -> ``"89.6"``."""
    return decimal_text(Fraction(ppm, PPM_PER_PERCENT))


def _factor(use: FactorUse) -> Outcome:
    blanks = {
        "product": use.product,
        "salt": use.salt,
        "observed": percent(use.base_ppm),
        "edition": use.edition,
    }
    if not use.edition and use.printed_ppm == use.base_ppm:
        message = Message(N_("%(product)s: the base itself is stated, nothing is converted"), {"product": use.product})
        return Outcome(Status.PASS, use.substance, Fraction(0), message)
    if use.printed_ppm is None:
        message = Message(
            N_("%(product)s: no printed factor for %(salt)s in %(edition)s; %(observed)s %% used"), blanks
        )
        return Outcome(Status.WARN, use.substance, None, message)
    difference = Fraction(use.base_ppm - use.printed_ppm)
    blanks["limit"] = percent(use.printed_ppm)
    if difference:
        message = Message(
            N_("%(product)s: %(observed)s %% used for %(salt)s, but %(edition)s prints %(limit)s %%"), blanks
        )
        return Outcome(Status.FAIL, use.substance, difference, message)
    if use.later_edition:
        blanks["day"] = "?" if use.edition_from is None else use.edition_from.isoformat()
        message = Message(
            N_("%(product)s: %(observed)s %% for %(salt)s by a later edition, %(edition)s, in force from %(day)s"),
            blanks,
        )
        return Outcome(Status.WARN, use.substance, difference, message)
    message = Message(N_("%(product)s: %(observed)s %% for %(salt)s, as %(edition)s prints"), blanks)
    return Outcome(Status.PASS, use.substance, difference, message)


def conversion_factors(facts: ReturnFacts) -> Iterator[Outcome]:
    """Every figure is in anhydrous base, by the factor in force on the day of the movement.

    A factor other than the printed one fails; one that no edition of that day prints is said.
    """
    order = sorted(facts.factors, key=lambda use: (use.substance, use.product, use.salt))
    known = {use.substance for use in order}
    figures = {drug.substance for drug in facts.drugs} | {line.substance for line in facts.trade if line.quantity}
    for use in order:
        yield _factor(use)
    for substance in sorted(figures - known):
        message = Message(N_("the conversion factors behind the figures are not known"))
        yield Outcome(Status.NOT_APPLICABLE, substance, None, message)
