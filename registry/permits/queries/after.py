"""Permits on which something is behind us: goods moved, customs let them pass, or the last day is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from registry.permits.domain.facts import PermitFact
from registry.permits.models import CustomsWriteOff, Permit
from registry.permits.queries.permits import permits_by_ids
from registry.substances.queries.base import wanted_ids


def permits_after_issue(
    session: Session, kinds: Collection[str], ended_since: date, today: date, besides: Collection[int]
) -> list[PermitFact]:
    """Return the permits of `kinds` on which goods moved or passed, that are over, or are among `besides`.

    Those whose last day lies before `ended_since` are left out. Five statements.
    """
    named = wanted_ids(session, "named_permit", besides)
    passed = exists().where(CustomsWriteOff.permit_id == Permit.id)
    ids = session.scalars(
        select(Permit.id).where(
            Permit.kind.in_(tuple(kinds)),
            Permit.expires_on >= ended_since,
            or_(
                Permit.arrived_on.is_not(None),
                Permit.expires_on < today,
                passed,
                Permit.id.in_(select(named.c.id)),
            ),
        )
    ).all()
    return list(permits_by_ids(session, ids).values())


def customs_since(session: Session) -> date | None:
    """Return the first day of which customs wrote anything off here, None where it never did."""
    return session.scalar(select(func.min(CustomsWriteOff.passed_on)))
