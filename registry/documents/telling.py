"""Small parts that contents of every kind are told with: names, quantities, entries, codes of substances. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from registry.documents.domain import (
    Amount,
    Entry,
    Named,
    Several,
    Value,
)
from registry.kernel.mass import UNIT_NAMES, UNITS_OF_ACCOUNT, Unit
from registry.parties.domain import SiteRevisionFact
from registry.substances.domain.facts import RevisionFact


def substance_codes(revisions: Iterable[RevisionFact]) -> tuple[str, ...]:
    """Return the codes of all substances, sorted."""
    return tuple(sorted({part.substance_code for revision in revisions for part in revision.components}))


def told(*pairs: tuple[str, Value | None]) -> tuple[Entry, ...]:
    """Return entries; what nobody stated is left out."""
    return tuple(Entry(label, value) for label, value in pairs if value not in (None, "", Several(())))


def name_of(revision: SiteRevisionFact) -> Named:
    """Return the name of a site in every language recorded."""
    return Named(revision.name, revision.name_ru or "", revision.name_ky or "")


def product_name(revision: RevisionFact) -> Named:
    """Return the name of a product with form and manufacturer."""
    more = "".join(f", {each}" for each in (revision.form, revision.manufacturer) if each)
    return Named(revision.name, revision.name_ru, revision.name_ky, more)


def quantity(revision: RevisionFact, units: int) -> Amount:
    """Return whole units of account as a quantity in the product's unit, as labelled."""
    unit = Unit(revision.unit)
    return Amount(Fraction(units, UNITS_OF_ACCOUNT[unit].per_unit), UNIT_NAMES[unit])
