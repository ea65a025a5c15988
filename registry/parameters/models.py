"""Rows of parameters: values as proposed, and what was decided about each. Neither is ever changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class ParameterValue(Base):
    """One value of one parameter, as somebody proposed or set it, in its stored spelling."""

    __tablename__ = "parameter_value"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), index=True)
    value: Mapped[str] = mapped_column(String(60))
    effective_on: Mapped[date] = mapped_column(Date)
    act: Mapped[str] = mapped_column(String(300))
    act_date: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Note)
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_at: Mapped[datetime] = mapped_column(Moment)


class ParameterDecision(Base):
    """The one decision about a value: its key is the value's, so that two officers cannot both decide."""

    __tablename__ = "parameter_decision"

    value_id: Mapped[int] = mapped_column(Identity, ForeignKey("parameter_value.id"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(10))
    effective_on: Mapped[date | None] = mapped_column(Date)
    decided_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[str | None] = mapped_column(Note)
