"""What lies on shelves, or was entered since a moment, for one site or product; each function takes one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from registry.db import Moment
from registry.stock.models import Balance, Batch, Movement, Posting
from registry.substances.queries.base import wanted_codes


def shelves_held(session: Session, site_id: int | None, product_id: int | None) -> int:
    """Return how many shelves hold something."""
    chosen: ColumnElement[bool] = Balance.site_id == site_id if product_id is None else Batch.product_id == product_id
    query = select(func.count()).select_from(Balance).join(Batch, Batch.id == Balance.batch_id)
    return int(session.execute(query.where(Balance.units > 0, chosen)).scalar_one())


def entries_since(session: Session, since: datetime, site_id: int | None, product_id: int | None) -> int:
    """Return how many entries of the ledger were recorded after `since`."""
    chosen = (
        or_(Movement.site_id == site_id, Movement.counterparty_id == site_id)
        if product_id is None
        else Batch.product_id == product_id
    )
    query = (
        select(func.count())
        .select_from(Movement)
        .join(Posting, Posting.id == Movement.posting_id)
        .join(Batch, Batch.id == Movement.batch_id)
        .where(Posting.recorded_at > bindparam("since", since, Moment), chosen)
    )
    return int(session.execute(query).scalar_one())


def recorded_moments(session: Session, references: Iterable[str]) -> dict[str, datetime]:
    """Return when entries were recorded, by reference; one statement."""
    keys = wanted_codes(session, "wanted_reference", references)
    chosen = select(Movement.reference, Posting.recorded_at).join(Posting, Posting.id == Movement.posting_id)
    return dict(session.execute(chosen.join(keys, keys.c.code == Movement.reference)).all())
