"""Permits and applications a page at a time, the youngest first, by the id of the last one shown."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.permits.domain.facts import PermitFact
from registry.permits.models import Application, Permit
from registry.permits.queries.cases import ApplicationRow, read_applications
from registry.permits.queries.permits import permits_by_ids


def permits_below(
    session: Session,
    below: int | None,
    limit: int,
    *,
    organisation_id: int | None = None,
    kind: str | None = None,
    state: ColumnElement[bool] | None = None,
) -> list[PermitFact]:
    """Return the permits recorded before the one of id `below`, of one holder, kind and state where given."""
    chosen: list[ColumnElement[bool]] = []
    if below is not None:
        chosen.append(Permit.id < below)
    if organisation_id is not None:
        chosen.append(Permit.organisation_id == organisation_id)
    if kind is not None:
        chosen.append(Permit.kind == kind)
    if state is not None:
        chosen.append(state)
    ids = session.scalars(select(Permit.id).where(*chosen).order_by(Permit.id.desc()).limit(limit)).all()
    found = permits_by_ids(session, ids)
    return [found[number] for number in ids]


def applications_below(
    session: Session,
    below: int | None,
    limit: int,
    *,
    organisation_id: int | None = None,
    states: Sequence[str] | None = None,
) -> list[ApplicationRow]:
    """Return the applications submitted before the one of id `below`, of one applicant and in some states where given."""
    chosen: list[ColumnElement[bool]] = []
    if below is not None:
        chosen.append(Application.id < below)
    if organisation_id is not None:
        chosen.append(Application.organisation_id == organisation_id)
    if states is not None:
        chosen.append(Application.state.in_(states))
    return read_applications(session, *chosen, limit=limit, youngest_first=True)
