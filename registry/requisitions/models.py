"""Rows of requisitions and of the answers to them; none is ever changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class RequisitionRow(Base):
    """What a ward asked for; `units`: of account. `purpose`: what it is meant for; personal numbers are refused."""

    __tablename__ = "requisition"
    __table_args__ = (CheckConstraint("units > 0", name="units_positive"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    ward_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    pharmacy_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    units: Mapped[int] = mapped_column(BigInteger)
    asked_on: Mapped[date] = mapped_column(Date)
    purpose: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class RequisitionAnswer(Base):
    """An issue, by the reference of its `entry`, or the refusal of the rest, with its `reason`."""

    __tablename__ = "requisition_answer"
    __table_args__ = (
        PrimaryKeyConstraint("requisition_id", "number"),
        CheckConstraint("(entry IS NULL) <> (reason IS NULL)", name="one_answer"),
    )

    requisition_id: Mapped[int] = mapped_column(Identity, ForeignKey("requisition.id"))
    number: Mapped[int] = mapped_column(Integer)
    entry: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
