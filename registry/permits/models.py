"""Rows of permits and of the cases that lead to them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class Permit(Base):
    """One permit of any kind. `quota_year`: the year whose position it is counted against.

    `arrived_on`: the day of its arrival (import) or departure (export), None until goods moved.
    """

    __tablename__ = "permit"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    partner_country: Mapped[str] = mapped_column(String(2))
    partner: Mapped[str] = mapped_column(String(300))
    issued_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)
    quota_year: Mapped[int] = mapped_column(Integer, index=True)
    counterpart_number: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str | None] = mapped_column(Text)
    customs_office: Mapped[str | None] = mapped_column(String(300))
    arrived_on: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class PermitLine(Base):
    """One product on a permit, in whole units of account of the product revision in force at issue."""

    __tablename__ = "permit_line"
    __table_args__ = (UniqueConstraint("permit_id", "product_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("product_revision.id"))
    units: Mapped[int] = mapped_column(BigInteger)
    arrived_units: Mapped[int] = mapped_column(BigInteger, default=0)


class Application(Base):
    """A request for a permit, and where its case stands. `version` guards against two officers at once.

    `revision_id`: the product revision in force when it was submitted; a permit takes the one in force at issue.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="second_person"),
        CheckConstraint("units > 0", name="units_positive"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    partner_country: Mapped[str] = mapped_column(String(2))
    partner: Mapped[str] = mapped_column(String(300))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("product_revision.id"))
    units: Mapped[int] = mapped_column(BigInteger)
    planned_on: Mapped[date] = mapped_column(Date)
    counterpart_number: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str | None] = mapped_column(Text)
    justification: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(30), index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    submitted_by: Mapped[str] = mapped_column(String(80))
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    proposed_by: Mapped[str | None] = mapped_column(String(80))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    permit_id: Mapped[int | None] = mapped_column(ForeignKey("permit.id"))
    refusal_ground: Mapped[str | None] = mapped_column(String(40))
    refusal_text: Mapped[str | None] = mapped_column(Text)


class CaseEvent(Base):
    """One step of a case: who, when, which transition, with what note, and what the checks said then (JSON)."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    transition: Mapped[str] = mapped_column(String(30))
    note: Mapped[str | None] = mapped_column(Text)
    checks: Mapped[str | None] = mapped_column(Text)


class PermitNumber(Base):
    """The last number drawn of one kind and year: gapless, because drawn in the transaction that uses it."""

    __tablename__ = "permit_number"
    __table_args__ = (UniqueConstraint("kind", "year"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)
