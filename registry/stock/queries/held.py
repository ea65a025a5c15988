"""What lies on the shelves now, for the pages of balances and the choices of an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows

BATCHES_NAMED = 5
"""So many batches are named where one was asked for that is not there."""


@dataclass(frozen=True, slots=True)
class HeldProduct:
    """One product revision over the shelves asked for: units of account, shelves, shelves that expire by the day asked."""

    product_id: int
    revision_id: int
    units: int
    shelves: int
    expiring: int


@dataclass(frozen=True, slots=True)
class ShelfFact:
    """What lies on one shelf: `units` of account of a batch at a site. `label` ``""``: no batch stated."""

    site_id: int
    product_id: int
    revision_id: int
    label: str
    expires_on: date | None
    units: int
    batch_id: int

    def has_expired(self, day: date) -> bool:
        """Say whether it has expired by `day`; a batch is good on its last day."""
        return self.expires_on is not None and self.expires_on < day


SHELF_COLUMNS = "s.site_id, b.product_id, b.revision_id, b.label, b.expires_on, s.units, b.id"


def shelf_fact(row: Row[*tuple[Any, ...]]) -> ShelfFact:
    """Return one row of `SHELF_COLUMNS`."""
    expires_on = as_day(row[4]) if row[4] is not None else None
    return ShelfFact(row[0], row[1], row[2], row[3], expires_on, int(row[5]), row[6])


def held_products(session: Session, site_ids: Iterable[int], expiring_by: date) -> list[HeldProduct]:
    """Return what these sites hold together by product revision; empty shelves are left out. One statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
    rows = session.execute(
        text(
            "SELECT b.product_id, b.revision_id, SUM(s.units), COUNT(*),"
            " SUM(CASE WHEN b.expires_on <= :soon THEN 1 ELSE 0 END)"
            f" FROM {source} JOIN balance s ON s.site_id = wanted.id JOIN batch b ON b.id = s.batch_id"
            " WHERE s.units > 0 GROUP BY 1, 2"
        ),
        parameters | {"soon": expiring_by.isoformat()},
    )
    return [HeldProduct(row[0], row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows]


def shelves_of(
    session: Session,
    site_ids: Iterable[int],
    product_ids: Sequence[int],
    *,
    expiring_by: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[ShelfFact]:
    """Return one page of the shelves that hold something, products in the order given, then by batch. One statement.

    `expiring_by`: only batches whose expiry date is not later.
    """
    sites, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
    ranked = [(number, rank) for rank, number in enumerate(product_ids)]
    products, more = inline_rows(session, "ranked", {"id": "int", "place": "int"}, ranked)
    condition = ""
    parameters |= more | {"limit": limit, "offset": offset}
    if expiring_by is not None:
        condition = " AND b.expires_on <= :soon"
        parameters["soon"] = expiring_by.isoformat()
    rows = session.execute(
        text(
            f"SELECT {SHELF_COLUMNS}"
            f" FROM {sites} JOIN balance s ON s.site_id = wanted.id JOIN batch b ON b.id = s.batch_id"
            f" JOIN {products} ON ranked.id = b.product_id"
            f" WHERE s.units > 0{condition} ORDER BY ranked.place, b.label, s.site_id LIMIT :limit OFFSET :offset"
        ),
        parameters,
    )
    return [shelf_fact(row) for row in rows]


def first_to_expire(session: Session, shelves: Iterable[tuple[int, int]], day: date) -> list[ShelfFact]:
    """Return what lies of (site, product) and has not expired by `day`, the first to expire first; one statement.

    Of batches that expire on one day the smaller number comes first; those without an expiry date come last.
    """
    source, parameters = inline_rows(session, "asked", {"site": "int", "product": "int"}, sorted(set(shelves)))
    rows = session.execute(
        text(
            f"SELECT {SHELF_COLUMNS} FROM {source} JOIN balance s ON s.site_id = asked.site AND s.units > 0"
            " JOIN batch b ON b.id = s.batch_id AND b.product_id = asked.product"
            " WHERE b.expires_on IS NULL OR b.expires_on >= :day"
            " ORDER BY s.site_id, b.product_id, CASE WHEN b.expires_on IS NULL THEN 1 ELSE 0 END, b.expires_on, b.label"
        ),
        parameters | {"day": day.isoformat()},
    )
    return [shelf_fact(row) for row in rows]


def shelf_units(session: Session, site_id: int, product_id: int, label: str) -> int:
    """Return what lies on one shelf now, in units of account; 0 for a shelf that never was."""
    found = session.execute(
        text(
            "SELECT s.units FROM batch b JOIN balance s ON s.batch_id = b.id AND s.site_id = :site"
            " WHERE b.product_id = :product AND b.label = :label"
        ),
        {"site": site_id, "product": product_id, "label": label},
    ).scalar()
    return int(found or 0)


def batches_lying(session: Session, shelves: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, ...]]:
    """Return (site, product) -> labels of up to five batches that lie there, the first to expire first. One statement."""
    source, parameters = inline_rows(session, "asked", {"site": "int", "product": "int"}, sorted(set(shelves)))
    rows = session.execute(
        text(
            "SELECT site, product, label FROM (SELECT asked.site, asked.product, b.label,"
            " ROW_NUMBER() OVER (PARTITION BY asked.site, asked.product"
            " ORDER BY CASE WHEN b.expires_on IS NULL THEN 1 ELSE 0 END, b.expires_on, b.label) AS place"
            f" FROM {source} JOIN balance s ON s.site_id = asked.site AND s.units > 0"
            " JOIN batch b ON b.id = s.batch_id AND b.product_id = asked.product) AS placed"
            " WHERE place <= :most ORDER BY site, product, place"
        ),
        parameters | {"most": BATCHES_NAMED},
    )
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for site, product, label in rows:
        found[site, product] = (*found.get((site, product), ()), label)
    return found
