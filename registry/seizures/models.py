"""Rows of seizures. None is ever changed: a disposal and a withdrawal are records of their own."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class Seizure(Base):
    """One seizure of one substance. `quantity_ng`: nanograms as stated, nothing is converted."""

    __tablename__ = "seizure"
    __table_args__ = (CheckConstraint("quantity_ng > 0", name="quantity_positive"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    seized_on: Mapped[date] = mapped_column(Date, index=True)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"), index=True)
    quantity_ng: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str | None] = mapped_column(String(2))
    place: Mapped[str | None] = mapped_column(Note)
    document: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class SeizureDisposal(Base):
    """What became of a seizure; one record at most, added with it or later."""

    __tablename__ = "seizure_disposal"

    seizure_id: Mapped[int] = mapped_column(ForeignKey("seizure.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    disposed_on: Mapped[date] = mapped_column(Date, index=True)
    document: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class SeizureWithdrawal(Base):
    """A seizure entered by mistake: from `recorded_at` on it counts nowhere."""

    __tablename__ = "seizure_withdrawal"

    seizure_id: Mapped[int] = mapped_column(ForeignKey("seizure.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
