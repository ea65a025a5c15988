"""Search over all rooms. One question takes the same number of statements whatever it finds.

A firm sees its own records only: every list is narrowed to `organisation_id` in the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, literal, or_, select
from sqlalchemy.orm import Session

from registry.db import as_day, folded
from registry.kernel.codes import search_key
from registry.substances.queries.base import LIKE_ESCAPE, containing
from registry.supervision.queries.tables import table

MOST = 20
"""Hits shown of one sort; one more is asked for, to say whether there are others."""


@dataclass(frozen=True, slots=True)
class PermitHit:
    """A permit found by its number or that of the other country."""

    number: str
    kind: str
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class ApplicationHit:
    """An application found by its reference."""

    id: int
    reference: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class BatchHit:
    """A batch found by its label, with the code of its product."""

    id: int
    label: str
    product: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class MovementHit:
    """An entry of the ledger found by its reference or document."""

    reference: str
    document: str | None
    kind: str
    occurred_on: date
    site: str


def find_permits(session: Session, words: str, organisation_id: int | None) -> list[PermitHit]:
    """Return permits whose own, foreign or EAEU number holds `words`, the youngest first; one statement."""
    permit = table("permit")
    query = select(permit.c.number, permit.c.kind, permit.c.issued_on, permit.c.expires_on).where(
        or_(*(_holds(permit.c[name], words) for name in ("number", "counterpart_number", "eaeu_number")))
    )
    if organisation_id is not None:
        query = query.where(permit.c.organisation_id == organisation_id)
    rows = _some(session, query.order_by(permit.c.issued_on.desc(), permit.c.id.desc()))
    return [PermitHit(row.number, row.kind, row.issued_on, row.expires_on) for row in rows]


def find_applications(session: Session, words: str, organisation_id: int | None) -> list[ApplicationHit]:
    """Return applications whose reference holds `words`, the youngest first; one statement."""
    application = table("application")
    query = select(application.c.id, application.c.reference, application.c.kind, application.c.state).where(
        or_(_holds(application.c.reference, words), _holds(application.c.counterpart_number, words))
    )
    if organisation_id is not None:
        query = query.where(application.c.organisation_id == organisation_id)
    rows = _some(session, query.order_by(application.c.id.desc()))
    return [ApplicationHit(row.id, row.reference, row.kind, row.state) for row in rows]


def find_batches(session: Session, words: str, organisation_id: int | None) -> list[BatchHit]:
    """Return batches whose label holds `words`; for a firm, those that are or were on a shelf of its own."""
    batch, product, balance, site = table("batch"), table("product"), table("balance"), table("site")
    query = (
        select(batch.c.id, batch.c.label, product.c.code, batch.c.expires_on)
        .join(product, product.c.id == batch.c.product_id)
        .where(batch.c.label != "", _holds(batch.c.label, words))
    )
    if organisation_id is not None:
        own = (
            select(literal(1))
            .select_from(balance)
            .join(site, site.c.id == balance.c.site_id)
            .where(balance.c.batch_id == batch.c.id, site.c.organisation_id == organisation_id)
        )
        query = query.where(own.exists())
    rows = _some(session, query.order_by(batch.c.label, batch.c.id))
    return [BatchHit(row.id, row.label, row.code, row.expires_on) for row in rows]


def find_movements(session: Session, words: str, organisation_id: int | None) -> list[MovementHit]:
    """Return entries whose reference or document begins with `words`, the youngest first; one statement.

    Beginnings only: a ledger of millions of entries is no place to look for middles. For a firm:
    what one of its sites sent, received or recorded.
    """
    movement, site = table("movement"), table("site")
    key = containing(words).removeprefix("%")
    query = (
        select(
            movement.c.reference,
            movement.c.document,
            movement.c.kind,
            movement.c.occurred_on,
            site.c.code.label("site"),
        )
        .join(site, site.c.id == movement.c.site_id)
        .where(
            or_(
                folded(movement.c.reference).like(key, escape=LIKE_ESCAPE),
                folded(movement.c.document).like(key, escape=LIKE_ESCAPE),
            )
        )
    )
    if organisation_id is not None:
        own = select(site.c.id).where(site.c.organisation_id == organisation_id).scalar_subquery()
        query = query.where(or_(site.c.organisation_id == organisation_id, movement.c.counterparty_id.in_(own)))
    rows = _some(session, query.order_by(movement.c.occurred_on.desc(), movement.c.id.desc()))
    return [MovementHit(row.reference, row.document, row.kind, as_day(row.occurred_on), row.site) for row in rows]


def _holds(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    return and_(column.is_not(None), folded(column).like(containing(words), escape=LIKE_ESCAPE))


def _some(session: Session, query: Select[Any]) -> Sequence[Row[Any]]:
    return session.execute(query.limit(MOST + 1)).all()


def is_question(words: str) -> bool:
    """Say whether there is anything to look for."""
    return bool(search_key(words))
