"""Rows of what was sent to INCB before, and of population figures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, PrimaryKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class PastFigure(Base):
    """One figure of a return sent in the past, as stated in the unit of its form: `millionths` of it."""

    __tablename__ = "past_figure"
    __table_args__ = (UniqueConstraint("form", "year", "quarter", "substance_id", "column_name", "partner"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    form: Mapped[str] = mapped_column(String(4))
    year: Mapped[int] = mapped_column(Integer)
    quarter: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    column_name: Mapped[str] = mapped_column(String(40))
    partner: Mapped[str] = mapped_column(String(2))
    millionths: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class Population(Base):
    """The population of a country in a year, for indicators of availability."""

    __tablename__ = "population"
    __table_args__ = (PrimaryKeyConstraint("country", "year"),)

    country: Mapped[str] = mapped_column(String(2))
    year: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
