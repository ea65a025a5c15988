"""Shelves a page at a time, by site, product and batch: for lists that are read to their end."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import inline_rows
from registry.stock.queries.held import SHELF_COLUMNS, ShelfFact, shelf_fact


def shelves_after(
    session: Session,
    site_ids: Iterable[int],
    after: tuple[int, int, str] | None,
    limit: int,
    *,
    product_id: int | None = None,
) -> list[ShelfFact]:
    """Return the shelves of these sites that hold something, behind the key (site, product, batch). One statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
    condition = ""
    parameters["limit"] = limit
    if product_id is not None:
        condition += " AND b.product_id = :product"
        parameters["product"] = product_id
    if after is not None:
        condition += (
            " AND (s.site_id > :site OR (s.site_id = :site AND (b.product_id > :last OR"
            " (b.product_id = :last AND b.label > :label))))"
        )
        parameters |= {"site": after[0], "last": after[1], "label": after[2]}
    rows = session.execute(
        text(
            f"SELECT {SHELF_COLUMNS}"
            f" FROM {source} JOIN balance s ON s.site_id = wanted.id JOIN batch b ON b.id = s.batch_id"
            f" WHERE s.units > 0{condition} ORDER BY s.site_id, b.product_id, b.label LIMIT :limit"
        ),
        parameters,
    )
    return [shelf_fact(row) for row in rows]
