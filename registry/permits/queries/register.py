"""Lists of permits and applications for pages: narrowed, counted, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from registry.db import folded
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import SEVERAL, STOP_CAUSES, PermitState
from registry.permits.models import Application, Permit, PermitArrival, PermitLine
from registry.permits.queries.cases import ApplicationRow, read_applications
from registry.permits.queries.permits import is_stopped, permits_by_ids
from registry.substances.queries.base import LIKE_ESCAPE, containing


def find_permits(
    session: Session,
    today: date,
    *,
    text: str = "",
    organisation_id: int | None = None,
    kind: str | None = None,
    state: PermitState | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[PermitFact], int]:
    """Return one page of permits, the youngest first, and how many there are in all.

    `text`: part of the number, of the foreign number or of that in the EAEU; `state`: what the permit is on `today`,
    by the rule of `PermitFact.state_on`. Six statements.
    """
    chosen: list[ColumnElement[bool]] = []
    if text.strip():
        pattern = containing(text)
        numbers = (Permit.number, Permit.counterpart_number, Permit.eaeu_number)
        chosen.append(or_(*(folded(column).like(pattern, escape=LIKE_ESCAPE) for column in numbers)))
    if organisation_id is not None:
        chosen.append(Permit.organisation_id == organisation_id)
    if kind is not None:
        chosen.append(Permit.kind == kind)
    if state is not None:
        chosen.append(stands_as(state, today))
    total = session.execute(select(func.count(Permit.id)).where(*chosen)).scalar_one()
    order = (Permit.issued_on.desc(), Permit.id.desc())
    ids = session.scalars(select(Permit.id).where(*chosen).order_by(*order).limit(limit).offset(offset)).all()
    found = permits_by_ids(session, ids)
    return [found[number] for number in ids], total


def stands_as(state: PermitState, day: date) -> ColumnElement[bool]:
    """Say in SQL that a permit is `state` on `day`, by the rule of `PermitFact.state_on`."""
    stands = ~is_stopped(day)
    moved = Permit.arrived_on.is_not(None) & (Permit.arrived_on <= day)
    used = moved & Permit.kind.not_in(SEVERAL)
    exhausted = moved & Permit.kind.in_(SEVERAL) & ~_has_rest(day)
    still = stands & ~used & ~exhausted
    if state in _STOPPED:
        return _is_stopped_as(state, day)
    return {
        PermitState.USED: stands & used,
        PermitState.EXHAUSTED: stands & exhausted,
        PermitState.VALID: still & (Permit.expires_on >= day),
        PermitState.EXPIRED: still & (Permit.expires_on < day),
    }[state]


_STOPPED = {cause.state for cause in STOP_CAUSES.values()}


def _is_stopped_as(state: PermitState, day: date) -> ColumnElement[bool]:
    """Say that the strongest stop of the day makes the permit `state`."""
    order = list(STOP_CAUSES)
    own = [code for code, cause in STOP_CAUSES.items() if cause.state is state]
    stronger = [code for code in order[max(map(order.index, own)) + 1 :] if code not in own]
    is_so: ColumnElement[bool] = is_stopped(day, own)
    return is_so & ~is_stopped(day, stronger) if stronger else is_so


def _has_rest(day: date) -> ColumnElement[bool]:
    """Say that something is left on at least one line."""
    moved = (
        select(func.coalesce(func.sum(PermitArrival.units), 0))
        .where(
            PermitArrival.permit_id == PermitLine.permit_id,
            PermitArrival.product_id == PermitLine.product_id,
            PermitArrival.moved_on <= day,
        )
        .correlate(PermitLine)
        .scalar_subquery()
    )
    return exists().where(PermitLine.permit_id == Permit.id, PermitLine.units > moved)


def application_of_permit(session: Session, permit_id: int) -> int | None:
    """Return the id of the application a permit was issued on, None for a permit that came by file."""
    return session.scalar(select(Application.id).where(Application.permit_id == permit_id))


def issued_here(session: Session, since: date, open_on: date) -> list[PermitFact]:
    """Return the permits issued on an application from `since` on whose last day is not before `open_on`; five statements."""
    ids = session.scalars(
        select(Permit.id)
        .join(Application, Application.permit_id == Permit.id)
        .where(Permit.issued_on >= since, Permit.expires_on >= open_on)
    ).all()
    return list(permits_by_ids(session, ids).values())


def issued_with_counterpart(session: Session, since: date, before: date) -> list[PermitFact]:
    """Return the permits issued on an application from `since` to the day before `before` that name a foreign permit."""
    ids = session.scalars(
        select(Permit.id)
        .join(Application, Application.permit_id == Permit.id)
        .where(Permit.issued_on >= since, Permit.issued_on < before, Permit.counterpart_number.is_not(None))
    ).all()
    return list(permits_by_ids(session, ids).values())


def permit_replacing(session: Session, permit_id: int) -> str | None:
    """Return the number of the permit that stands in place of one recorded in error or lost."""
    return session.scalar(select(Permit.number).where(Permit.replaces_id == permit_id))


def applications_page(
    session: Session,
    *,
    organisation_id: int | None = None,
    states: Sequence[str] | None = None,
    kind: str | None = None,
    officer: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[ApplicationRow]:
    """Return one page of applications, the youngest first, narrowed where asked."""
    chosen = _narrowed(organisation_id, states, kind, officer)
    return read_applications(session, *chosen, limit=limit, offset=offset, youngest_first=True)


def applications_count(
    session: Session,
    *,
    organisation_id: int | None = None,
    states: Sequence[str] | None = None,
    kind: str | None = None,
    officer: str | None = None,
) -> int:
    """Return how many applications `applications_page` would list in all."""
    chosen = _narrowed(organisation_id, states, kind, officer)
    return int(session.execute(select(func.count(Application.id)).where(*chosen)).scalar_one())


def _narrowed(
    organisation_id: int | None, states: Sequence[str] | None, kind: str | None, officer: str | None
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if kind is not None:
        chosen.append(Application.kind == kind)
    if officer is not None:
        chosen.append(Application.officer == officer)
    if organisation_id is not None:
        chosen.append(Application.organisation_id == organisation_id)
    if states is not None:
        chosen.append(Application.state.in_(states))
    return chosen
