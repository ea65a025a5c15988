"""The permit behind the unguessable word of its public page."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.permits.domain.facts import PermitFact
from registry.permits.models import Permit
from registry.permits.queries.permits import permits_by_ids


def permit_by_token(session: Session, token: str) -> PermitFact | None:
    """Return the permit with that word, None where there is none."""
    found = session.scalar(select(Permit.id).where(Permit.token == token))
    return permits_by_ids(session, [found]).get(found) if found is not None else None
