"""Rows of parameters -> what was set on a day; each function takes one statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.db import remembered
from registry.kernel.parameters import Change, Course, Parameters
from registry.parameters.domain import Decision, ValueFact
from registry.parameters.models import ParameterDecision, ParameterValue

_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    ParameterValue.id,
    ParameterValue.code,
    ParameterValue.value,
    ParameterValue.effective_on,
    ParameterValue.act,
    ParameterValue.act_date,
    ParameterValue.note,
    ParameterValue.proposed_by,
    ParameterValue.proposed_at,
    ParameterDecision.decision,
    ParameterDecision.effective_on,
    ParameterDecision.decided_by,
    ParameterDecision.decided_at,
    ParameterDecision.note,
)


def parameters_on(session: Session, day: date, known_at: datetime | None = None) -> Parameters:
    """Return what was set on `day`; with `known_at` only what had been approved by that moment."""
    return course(session, known_at).on(day)


def course(session: Session, known_at: datetime | None = None) -> Course:
    """Return every approved value in the order decided, for whoever judges events of many days.

    Read once in a transaction; whoever decides on a value calls `forget`.
    """
    return remembered(session, (course, known_at), lambda: _course(session, known_at))


def _course(session: Session, known_at: datetime | None) -> Course:
    query = (
        select(ParameterValue.code, ParameterValue.value, ParameterDecision.effective_on)
        .join(ParameterDecision, ParameterDecision.value_id == ParameterValue.id)
        .where(ParameterDecision.decision == Decision.APPROVED.value)
        .order_by(ParameterDecision.decided_at, ParameterDecision.value_id)
    )
    if known_at is not None:
        query = query.where(ParameterDecision.decided_at <= known_at)
    rows = session.execute(query)
    return Course(tuple(Change(code, value, day) for code, value, day in rows if day is not None))


def all_values(session: Session) -> list[ValueFact]:
    """Return every value of every parameter with its decision, in the order proposed."""
    return _read(session)


def values_of(session: Session, code: str) -> list[ValueFact]:
    """Return every value of one parameter with its decision, in the order proposed."""
    return _read(session, ParameterValue.code == code)


def waiting_values(session: Session) -> list[ValueFact]:
    """Return the values that wait for a second person, the oldest first."""
    return _read(session, ParameterDecision.value_id.is_(None))


def value_by_id(session: Session, value_id: int) -> ValueFact | None:
    """Return one value."""
    found = _read(session, ParameterValue.id == value_id)
    return found[0] if found else None


def _read(session: Session, *chosen: ColumnElement[bool]) -> list[ValueFact]:
    query = (
        select(*_COLUMNS)
        .outerjoin(ParameterDecision, ParameterDecision.value_id == ParameterValue.id)
        .where(*chosen)
        .order_by(ParameterValue.id)
    )
    facts = (ValueFact(*row) for row in session.execute(query))
    return [replace(fact, decision=Decision(fact.decision)) if fact.decision else fact for fact in facts]
