"""Rows of quotas: dated lines that are never changed, the position that bounds reservations, and what the ledger told us."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class QuotaLine(Base):
    """One estimate, supplement, assessment, requirement, state quota or allocation, as decided.

    `effective_on`: the day from which it counts. Nothing is overwritten: a supplement adds, a
    later line of the other kinds replaces from its day. `state`: proposed or approved.
    """

    __tablename__ = "quota_line"
    __table_args__ = (Index("ix_quota_line_substance_year", "substance_id", "year"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    kind: Mapped[str] = mapped_column(String(20))
    item: Mapped[str | None] = mapped_column(String(30))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    quantity_ng: Mapped[int] = mapped_column(BigInteger)
    act: Mapped[str | None] = mapped_column(String(300))
    act_date: Mapped[date | None] = mapped_column(Date)
    effective_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)


class QuotaPosition(Base):
    """The row that bounds reservations of one substance and year; locked before anything is granted.

    `grantable_ng`: the most that may be reserved in all, in whole nanograms of base, rounded
    down once from the exact position; None where nothing binds (precursors). Reported facts
    may push it below `reserved_ng`. Both are set anew under the lock before every grant,
    because a permit that expires frees its share without anybody writing.
    """

    __tablename__ = "quota_position"
    __table_args__ = (PrimaryKeyConstraint("year", "substance_id"),)

    year: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    grantable_ng: Mapped[int | None] = mapped_column(BigInteger)
    reserved_ng: Mapped[int] = mapped_column(BigInteger, default=0)


class LedgerYear(Base):
    """What the ledger told us of one substance and year, so that quotas never reads the ledger.

    `figures` is JSON: column of Form C -> exact nanograms of base as ``"n"`` or ``"n/d"``.
    """

    __tablename__ = "ledger_year"
    __table_args__ = (PrimaryKeyConstraint("year", "substance_id"),)

    year: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    figures: Mapped[str] = mapped_column(Text)
