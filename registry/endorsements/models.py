"""Rows of endorsements and reminders: only ever added to, a correction is a new endorsement."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class Endorsement(Base):
    """What one authority certified about the goods of a permit. `issuer`: its country, empty for us.

    The numbers of an issuer are unique; `foreign_number`: of the other country's permit; `replaces_id`: the endorsement this one stands for.
    """

    __tablename__ = "endorsement"
    __table_args__ = (UniqueConstraint("issuer", "number"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(64))
    direction: Mapped[str] = mapped_column(String(10))
    issuer: Mapped[str] = mapped_column(String(2))
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    foreign_number: Mapped[str | None] = mapped_column(String(64))
    arrived_on: Mapped[date] = mapped_column(Date)
    endorsed_on: Mapped[date] = mapped_column(Date)
    customs_office: Mapped[str | None] = mapped_column(String(300))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("endorsement.id"), unique=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class EndorsementLine(Base):
    """What was received of one line of the permit, in whole units of account, and why that differs."""

    __tablename__ = "endorsement_line"
    __table_args__ = (
        PrimaryKeyConstraint("endorsement_id", "line_id"),
        CheckConstraint("units >= 0", name="units_not_negative"),
    )

    endorsement_id: Mapped[int] = mapped_column(ForeignKey("endorsement.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("permit_line.id"), index=True)
    units: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(30))
    text: Mapped[str | None] = mapped_column(Note)


class PermitReminder(Base):
    """One reminder about one thing waited for on a permit: the `step` of `kind`, written to so many `letters`."""

    __tablename__ = "permit_reminder"
    __table_args__ = (PrimaryKeyConstraint("permit_id", "kind", "step"),)

    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"))
    kind: Mapped[str] = mapped_column(String(30))
    step: Mapped[int] = mapped_column(Integer)
    sent_on: Mapped[date] = mapped_column(Date)
    letters: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
