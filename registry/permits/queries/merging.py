"""What is open, or was recorded since a moment, for one organisation or product; each function takes one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from registry.db import Moment
from registry.permits.domain.kinds import SEVERAL, STOP_CAUSES
from registry.permits.domain.transitions import PENDING
from registry.permits.models import Application, ApplicationDraft, ApplicationLine, Permit, PermitLine
from registry.permits.queries.permits import is_stopped
from registry.substances.queries.base import wanted_codes

FOR_GOOD = frozenset(cause.code for cause in STOP_CAUSES.values() if cause.for_good)


def open_permits(session: Session, day: date, organisation_id: int | None, product_id: int | None) -> int:
    """Return on how many permits goods may still move, those suspended included."""
    return _count(
        session,
        Permit,
        _permits_of(organisation_id, product_id),
        Permit.expires_on >= day,
        or_(Permit.arrived_on.is_(None), Permit.kind.in_(SEVERAL)),
        ~is_stopped(day, FOR_GOOD),
    )


def permits_since(session: Session, since: datetime, organisation_id: int | None, product_id: int | None) -> int:
    """Return how many permits were recorded after `since`."""
    later = Permit.recorded_at > bindparam("since", since, Moment)
    return _count(session, Permit, _permits_of(organisation_id, product_id), later)


def open_cases(session: Session, organisation_id: int | None, product_id: int | None) -> int:
    """Return how many applications nobody has decided."""
    pending = Application.state.in_([state.value for state in PENDING])
    return _count(session, Application, _cases_of(organisation_id, product_id), pending)


def cases_since(session: Session, since: datetime, organisation_id: int | None, product_id: int | None) -> int:
    """Return how many applications were submitted after `since`."""
    later = Application.submitted_at > bindparam("since", since, Moment)
    return _count(session, Application, _cases_of(organisation_id, product_id), later)


def drafts_kept(session: Session, organisation_id: int) -> int:
    """Return how many drafts of applications an organisation keeps."""
    return _count(session, ApplicationDraft, ApplicationDraft.organisation_id == organisation_id)


def permit_moments(session: Session, numbers: Iterable[str]) -> dict[str, datetime]:
    """Return when permits were recorded, by number."""
    keys = wanted_codes(session, "wanted_number", numbers)
    return dict(
        session.execute(select(Permit.number, Permit.recorded_at).join(keys, keys.c.code == Permit.number)).all()
    )


def case_moments(session: Session, references: Iterable[str]) -> dict[str, datetime]:
    """Return when applications were submitted, by reference."""
    keys = wanted_codes(session, "wanted_reference", references)
    chosen = select(Application.reference, Application.submitted_at)
    return dict(session.execute(chosen.join(keys, keys.c.code == Application.reference)).all())


def _permits_of(organisation_id: int | None, product_id: int | None) -> ColumnElement[bool]:
    if product_id is None:
        return Permit.organisation_id == organisation_id
    return exists().where(PermitLine.permit_id == Permit.id, PermitLine.product_id == product_id)


def _cases_of(organisation_id: int | None, product_id: int | None) -> ColumnElement[bool]:
    if product_id is None:
        return Application.organisation_id == organisation_id
    return exists().where(ApplicationLine.application_id == Application.id, ApplicationLine.product_id == product_id)


def _count(session: Session, table: type, *chosen: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(table).where(*chosen)).scalar_one())
