"""The most one prescription may stand for: set by acts, by product or by substance; nothing is limited until then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.kernel.fields import Column, as_code, as_day, as_quantity, as_substance
from registry.kernel.persons import as_document
from registry.kernel.text import N_

OF_PRODUCT, OF_SUBSTANCE = "product", "substance"
LIMIT_COLUMNS = (
    Column("effective_on", as_day, note=N_("the day from which it counts, 2025-03-31 or 31.03.2025")),
    Column("act", as_document, note=N_("number of the act that sets it")),
    Column(
        "substance", as_substance, required=False, note=N_("code of the substance, in whatever product; or a product")
    ),
    Column("product", as_code, required=False, note=N_("code of the product; or a substance")),
    Column(
        "most",
        as_quantity,
        required=False,
        note=N_("the most on one prescription: grams of anhydrous base, or the unit of the product; empty: no limit"),
    ),
)
Subject = tuple[str, int]
"""`OF_PRODUCT` or `OF_SUBSTANCE`, and its id."""


@dataclass(frozen=True, slots=True)
class LimitFact:
    """One limit as recorded. `most`: units of account of a product, or nanograms of base of a substance; None: lifted."""

    subject: Subject
    effective_on: date
    most: int | None
    act: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit by its subject, the oldest first."""

    by_subject: Mapping[Subject, Sequence[LimitFact]] = field(default_factory=dict)

    def on(self, subject: Subject, day: date) -> int | None:
        """Return the most of a product or substance on one prescription on `day`; None where nothing limits it."""
        in_force = [one for one in self.by_subject.get(subject, ()) if one.effective_on <= day]
        return in_force[-1].most if in_force else None


def limits_of(facts: Iterable[LimitFact]) -> Limits:
    """Order limits by subject and day."""
    found: dict[Subject, list[LimitFact]] = {}
    for fact in sorted(facts, key=lambda fact: fact.effective_on):
        found.setdefault(fact.subject, []).append(fact)
    return Limits(found)
