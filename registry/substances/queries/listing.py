"""Products a page at a time, by the code of the last one shown: for lists that are read to their end."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.models import Product
from registry.substances.queries.products import revisions_for_products


def products_after(session: Session, after: str | None, limit: int, as_of: date) -> list[RevisionFact]:
    """Return the products behind the code `after`, by code, as in force on `as_of`; five statements."""
    chosen = select(Product.code).order_by(Product.code).limit(limit)
    if after is not None:
        chosen = chosen.where(Product.code > after)
    codes = session.scalars(chosen).all()
    found = revisions_for_products(session, codes, as_of)
    return [revision_on(found[code], as_of) for code in codes]
