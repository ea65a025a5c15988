"""Rows of what was sent to INCB, before and from here, and of population figures."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, PrimaryKeyConstraint, String, UniqueConstraint
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


class ReturnSent(Base):
    """A return was sent on `sent_on`; the highest number counts. Never changed.

    `last_entry`: the number of the youngest entry of the ledger then; a later one of the days it counts changes its figures.
    """

    __tablename__ = "return_sent"
    __table_args__ = (PrimaryKeyConstraint("form", "year", "quarter", "number"),)

    form: Mapped[str] = mapped_column(String(4))
    year: Mapped[int] = mapped_column(Integer)
    quarter: Mapped[int] = mapped_column(Integer)
    number: Mapped[int] = mapped_column(Integer)
    sent_on: Mapped[date] = mapped_column(Date)
    last_entry: Mapped[int] = mapped_column(Identity)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
