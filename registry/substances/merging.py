"""Products as records that may be merged: only those that hold the same, in the same form."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask import url_for
from sqlalchemy.orm import Session

from registry.kernel.mass import UNIT_NAMES, Unit, grams
from registry.kernel.text import N_
from registry.mergers.domain import PRODUCT, Trait
from registry.mergers.kinds import Mergeable
from registry.substances.domain.facts import RevisionFact
from registry.substances.forms import CONTROL_NAMES
from registry.substances.queries.products import revisions_for_products
from registry.web.locale import say


def describe(session: Session, codes: Collection[str], today: date) -> dict[str, list[Trait]]:
    """Return the fields of each product as its newest revision says; form, unit, control and composition must agree."""
    found = revisions_for_products(session, codes, today)
    return {code: _traits(revisions[-1]) for code, revisions in found.items() if revisions}


def _traits(last: RevisionFact) -> list[Trait]:
    held = sorted((part.substance_code, part.salt, part.amount_ng) for part in last.components)
    return [
        Trait(N_("Name"), last.name),
        Trait(N_("Manufacturer"), last.manufacturer),
        Trait(N_("GTIN"), last.gtin),
        Trait(N_("Dosage form"), last.form.strip().lower(), must_agree=True),
        Trait(N_("Unit of account"), say(UNIT_NAMES[Unit(last.unit)]), must_agree=True),
        Trait(N_("Control"), say(CONTROL_NAMES[last.control]), must_agree=True),
        Trait(N_("Other ingredients"), last.other_ingredients.strip(), must_agree=True),
        Trait(
            N_("Composition"), "; ".join(f"{code}, {salt}, {grams(ng)} g" for code, salt, ng in held), must_agree=True
        ),
    ]


MERGEABLE = Mergeable(PRODUCT, N_("Product"), describe, lambda code: url_for("products.product", code=code))
