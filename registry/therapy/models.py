"""Rows of daily sheets. None is ever changed: a correction is a further version, both stay visible."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class TherapySheet(Base):
    """One version of the daily sheet of a site and product; see `domain.sheets.Sheet`. Quantities in units of account.

    Texts: `label`, `concentrate_label`, `prepared_label` are batch numbers as printed on packs, `note` and `reason`
    what a person says of the day or of a correction; personal numbers are refused. Nobody who takes a dose is in it.
    """

    __tablename__ = "therapy_sheet"
    __table_args__ = (
        UniqueConstraint("site_id", "product_id", "sheet_on", "version"),
        CheckConstraint("observed_doses >= 0 AND home_doses >= 0 AND spill_units >= 0", name="nothing_negative"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    sheet_on: Mapped[date] = mapped_column(Date, index=True)
    version: Mapped[int] = mapped_column(Integer)
    observed_doses: Mapped[int] = mapped_column(Integer)
    observed_units: Mapped[int] = mapped_column(BigInteger)
    home_handouts: Mapped[int] = mapped_column(Integer)
    home_doses: Mapped[int] = mapped_column(Integer)
    home_units: Mapped[int] = mapped_column(BigInteger)
    home_longest: Mapped[int] = mapped_column(Integer)
    largest_units: Mapped[int | None] = mapped_column(BigInteger)
    spill_units: Mapped[int] = mapped_column(BigInteger)
    residue_units: Mapped[int | None] = mapped_column(BigInteger)
    closing_units: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str | None] = mapped_column(String(64))
    concentrate_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
    concentrate_label: Mapped[str | None] = mapped_column(String(64))
    concentrate_units: Mapped[int] = mapped_column(BigInteger)
    obtained_units: Mapped[int] = mapped_column(BigInteger)
    prepared_label: Mapped[str | None] = mapped_column(String(64))
    prepared_expires_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Note)
    reason: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
