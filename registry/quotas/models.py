"""Rows of quotas: dated lines with their history, the position that bounds reservations, what the ledger told us, and needs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class QuotaLine(Base):
    """One estimate, supplement, assessment, requirement, state quota or allocation, as decided.

    `effective_on`: the day from which it counts. Nothing is overwritten: a supplement adds, a
    later line of the other kinds replaces from its day. Its content is fixed once it was
    approved. `version` rises with every step, so that of two officers at once one comes first.
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
    note: Mapped[str | None] = mapped_column(Note)
    proposed_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class QuotaLineEvent(Base):
    """One step of a line, never changed: who did what when, and why.

    `version`: of the line after the step. `detail`: JSON, what the step set or changed.
    """

    __tablename__ = "quota_line_event"
    __table_args__ = (UniqueConstraint("line_id", "version"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("quota_line.id"))
    version: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Note)
    detail: Mapped[str] = mapped_column(Text)
    done_by: Mapped[str] = mapped_column(String(80))
    done_at: Mapped[datetime] = mapped_column(Moment)


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


class CarryOverChange(Base):
    """What a posting into a closed year changed in the year after it, never changed itself.

    `year`: the year whose position moved. Excess of the year before and stock on 1 January,
    as exact nanograms ``"n"`` or ``"n/d"``.
    """

    __tablename__ = "carry_over_change"
    __table_args__ = (Index("ix_carry_over_change_substance_id_year", "substance_id", "year"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    excess_before: Mapped[str] = mapped_column(Text)
    excess_after: Mapped[str] = mapped_column(Text)
    stock_before: Mapped[str] = mapped_column(Text)
    stock_after: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)


class NeedCalculation(Base):
    """One need worked out for a substance and year: method, inputs as JSON, result in whole nanograms of base."""

    __tablename__ = "need_calculation"
    __table_args__ = (Index("ix_need_calculation_substance_id_year", "substance_id", "year"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    method: Mapped[str] = mapped_column(String(20))
    inputs: Mapped[str] = mapped_column(Text)
    result_ng: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(Note)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(Moment)


class NeedChoice(Base):
    """The figure an officer picked for a year and why; without `calculation_id` it is the officer's own.

    `used_before_ng`: what was consumed in the last closed year, None where the ledger does not
    say. `line_ids`: JSON list of the lines drafted from it.
    """

    __tablename__ = "need_choice"
    __table_args__ = (Index("ix_need_choice_substance_id_year", "substance_id", "year"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    calculation_id: Mapped[int | None] = mapped_column(ForeignKey("need_calculation.id"))
    quantity_ng: Mapped[int] = mapped_column(BigInteger)
    used_before_ng: Mapped[int | None] = mapped_column(BigInteger)
    justification: Mapped[str] = mapped_column(Note)
    line_ids: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(Moment)


class YearOpening(Base):
    """A year that was opened by an officer; never changed."""

    __tablename__ = "year_opening"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    year: Mapped[int] = mapped_column(Integer, unique=True)
    opened_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(Moment)


class YearOpeningLine(Base):
    """What the year took over of one substance when it was opened, in exact nanograms ``"n"`` or ``"n/d"``; never changed.

    `pieces`: JSON, the parts of the excess with what they are.
    """

    __tablename__ = "year_opening_line"
    __table_args__ = (PrimaryKeyConstraint("opening_id", "substance_id"),)

    opening_id: Mapped[int] = mapped_column(ForeignKey("year_opening.id"))
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    stock: Mapped[str] = mapped_column(Text)
    excess: Mapped[str] = mapped_column(Text)
    pieces: Mapped[str] = mapped_column(Text)


class YearTick(Base):
    """What somebody said of one item at the turn of a year (`domain.turn.TURN_ITEMS`); the last word counts, none is lost."""

    __tablename__ = "year_tick"
    __table_args__ = (Index("ix_year_tick_year", "year"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    item: Mapped[str] = mapped_column(String(20))
    done: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Note)
    ticked_by: Mapped[str] = mapped_column(String(80))
    ticked_at: Mapped[datetime] = mapped_column(Moment)
