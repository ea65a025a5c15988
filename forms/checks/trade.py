"""Checks on imports and exports: the four quarters, and what the figures rest on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from forms.checks.model import Outcome, Status
from forms.facts import ZERO, DrugYear, ReturnFacts, TradeEvidence
from registry.kernel.mass import decimal_text
from registry.kernel.text import N_, Message

_DIRECTIONS = (
    (
        "imported",
        N_("imports of the year %(observed)s g, the four quarters %(limit)s g"),
        N_("imports of the year %(observed)s g, the four quarters %(limit)s g: %(difference)s g apart"),
    ),
    (
        "exported",
        N_("exports of the year %(observed)s g, the four quarters %(limit)s g"),
        N_("exports of the year %(observed)s g, the four quarters %(limit)s g: %(difference)s g apart"),
    ),
)


def four_quarters(facts: ReturnFacts) -> Iterator[Outcome]:
    """Imports and exports of the year equal the sum of the four quarterly returns.

    A drug or direction that one side does not name counts as nothing there.
    """
    years = {drug.substance: drug for drug in facts.drugs}
    for substance in sorted(years.keys() | {substance for substance, _column in facts.quarter_totals}):
        drug = years.get(substance, DrugYear(substance, substance))
        traded = False
        for column, kept, broken in _DIRECTIONS:
            annual = drug.imported if column == "imported" else drug.exported
            quarters = facts.quarter_totals.get((substance, column), ZERO)
            if not annual and not quarters:
                continue
            traded = True
            difference = annual - quarters
            blanks = {
                "observed": decimal_text(annual),
                "limit": decimal_text(quarters),
                "difference": decimal_text(abs(difference)),
            }
            if difference == 0:
                yield Outcome(Status.PASS, substance, difference, Message(kept, blanks))
            else:
                yield Outcome(Status.FAIL, substance, difference, Message(broken, blanks))
        if not traded:
            yield Outcome(Status.NOT_APPLICABLE, substance, None, Message(N_("neither imported nor exported")))


def traded_substances(facts: ReturnFacts) -> set[str]:
    """Return the codes of the drugs with a figure of import or export in `facts`."""
    by_year = {drug.substance for drug in facts.drugs if drug.imported or drug.exported}
    return by_year | {line.substance for line in facts.trade if line.quantity}


def _evidence(facts: ReturnFacts) -> Iterator[tuple[str, TradeEvidence | None]]:
    known = {evidence.substance: evidence for evidence in facts.evidence}
    for substance in sorted(known.keys() | traded_substances(facts)):
        yield substance, known.get(substance)


def _unknown(substance: str) -> Outcome:
    message = Message(N_("what the figures of import and export rest on is not known"))
    return Outcome(Status.NOT_APPLICABLE, substance, None, message)


def endorsed(facts: ReturnFacts) -> Iterator[Outcome]:
    """Imports and exports are quantities that moved, under a permit, never quantities permitted."""
    for substance, evidence in _evidence(facts):
        if evidence is None:
            yield _unknown(substance)
        elif evidence.from_permit_only > 0:
            message = Message(
                N_("%(observed)s of %(entries)s figures come from a permit without goods having moved"),
                {"observed": evidence.from_permit_only, "entries": evidence.entries},
            )
            yield Outcome(Status.FAIL, substance, Fraction(evidence.from_permit_only), message)
        elif evidence.without_permit > 0:
            message = Message(
                N_("%(observed)s of %(entries)s ledger entries name no permit"),
                {"observed": evidence.without_permit, "entries": evidence.entries},
            )
            yield Outcome(Status.WARN, substance, Fraction(evidence.without_permit), message)
        elif evidence.entries == 0:
            yield Outcome(Status.NOT_APPLICABLE, substance, None, Message(N_("neither imported nor exported")))
        else:
            message = Message(N_("all %(entries)s ledger entries name their permit"), {"entries": evidence.entries})
            yield Outcome(Status.PASS, substance, ZERO, message)


def transit(facts: ReturnFacts) -> Iterator[Outcome]:
    """Goods in transit are neither import nor export unless their destination was changed here."""
    for substance, evidence in _evidence(facts):
        if evidence is None:
            yield _unknown(substance)
        elif evidence.in_transit > 0:
            message = Message(
                N_("%(observed)s of %(entries)s ledger entries rest on a transit permit"),
                {"observed": evidence.in_transit, "entries": evidence.entries},
            )
            yield Outcome(Status.FAIL, substance, Fraction(evidence.in_transit), message)
        elif evidence.entries == 0:
            yield Outcome(Status.NOT_APPLICABLE, substance, None, Message(N_("neither imported nor exported")))
        else:
            message = Message(N_("none of %(entries)s ledger entries is transit"), {"entries": evidence.entries})
            yield Outcome(Status.PASS, substance, ZERO, message)
