"""Rows of counts: nothing in them is ever changed, a correction is a new count or a new entry of the ledger."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class StockCount(Base):
    """One count of a site. `frozen_on`: the book stands as at the close of that day.

    `reference` is the number of the count, the document its entries name; `opened_by` an account.
    """

    __tablename__ = "stock_count"
    __table_args__ = (UniqueConstraint("reference"), Index("ix_stock_count_site", "site_id", "frozen_on"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    frozen_on: Mapped[date] = mapped_column(Date)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(80))


class CountWithdrawal(Base):
    """A count that was opened by mistake. `reason`: why, in words, never of a patient."""

    __tablename__ = "count_withdrawal"

    count_id: Mapped[int] = mapped_column(Identity, ForeignKey("stock_count.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Note)
    withdrawn_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_by: Mapped[str] = mapped_column(String(80))


class CountRound(Base):
    """One round of a count: `part` 1 of the first count, 2 of the second one."""

    __tablename__ = "count_round"
    __table_args__ = (PrimaryKeyConstraint("count_id", "number"),)

    count_id: Mapped[int] = mapped_column(Identity, ForeignKey("stock_count.id"))
    number: Mapped[int] = mapped_column(Integer)
    part: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime] = mapped_column(Moment)


class CountLine(Base):
    """A line asked for in a round. `label`: the batch, ``""`` where none is stated; `row_reference`: of the row of a file."""

    __tablename__ = "count_line"
    __table_args__ = (
        PrimaryKeyConstraint("count_id", "number", "product_id", "label"),
        ForeignKeyConstraint(["count_id", "number"], ["count_round.count_id", "count_round.number"]),
        UniqueConstraint("row_reference"),
    )

    count_id: Mapped[int] = mapped_column(Identity)
    number: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    label: Mapped[str] = mapped_column(String(64))
    row_reference: Mapped[str | None] = mapped_column(String(64))


class CountSheet(Base):
    """The sheet of one person in a round. `counter`: the account of whoever counted, or in a file the name of a member of staff."""

    __tablename__ = "count_sheet"
    __table_args__ = (
        PrimaryKeyConstraint("count_id", "number", "place"),
        ForeignKeyConstraint(["count_id", "number"], ["count_round.count_id", "count_round.number"]),
        CheckConstraint("place IN (1, 2)", name="two_sheets"),
    )

    count_id: Mapped[int] = mapped_column(Identity)
    number: Mapped[int] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(Integer)
    counter: Mapped[str] = mapped_column(String(300))
    entered_at: Mapped[datetime] = mapped_column(Moment)
    entered_by: Mapped[str] = mapped_column(String(80))


class CountFigure(Base):
    """What one person found of one line, in units of account."""

    __tablename__ = "count_figure"
    __table_args__ = (
        PrimaryKeyConstraint("count_id", "number", "place", "product_id", "label"),
        ForeignKeyConstraint(
            ["count_id", "number", "place"], ["count_sheet.count_id", "count_sheet.number", "count_sheet.place"]
        ),
        CheckConstraint("units >= 0", name="never_negative"),
    )

    count_id: Mapped[int] = mapped_column(Identity)
    number: Mapped[int] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    label: Mapped[str] = mapped_column(String(64))
    units: Mapped[int] = mapped_column(BigInteger)


class CountResult(Base):
    """A line as it was compared with the book, in units of account. `due_on`: the day by which a case is explained."""

    __tablename__ = "count_result"
    __table_args__ = (
        PrimaryKeyConstraint("count_id", "place"),
        UniqueConstraint("count_id", "product_id", "label"),
        Index("ix_count_result_outcome", "outcome", "due_on"),
    )

    count_id: Mapped[int] = mapped_column(Identity, ForeignKey("stock_count.id"))
    place: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    label: Mapped[str] = mapped_column(String(64))
    counted: Mapped[int] = mapped_column(BigInteger)
    book: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None] = mapped_column(Date)


class CountClosing(Base):
    """How a case was closed. `explanation`: what was found out, in words; `entry`: the reference of the entry it led to."""

    __tablename__ = "count_closing"
    __table_args__ = (
        PrimaryKeyConstraint("count_id", "place"),
        ForeignKeyConstraint(["count_id", "place"], ["count_result.count_id", "count_result.place"]),
    )

    count_id: Mapped[int] = mapped_column(Identity)
    place: Mapped[int] = mapped_column(Integer)
    cause: Mapped[str] = mapped_column(String(20))
    explanation: Mapped[str] = mapped_column(Note)
    entry: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime] = mapped_column(Moment)
    closed_by: Mapped[str] = mapped_column(String(80))


class NaturalLossNorm(Base):
    """The natural loss of a product that is allowed, in millionths of what left the shelf, from a day on. `act`: what sets it."""

    __tablename__ = "natural_loss_norm"
    __table_args__ = (UniqueConstraint("product_id", "effective_on"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    share_ppm: Mapped[int] = mapped_column(BigInteger)
    effective_on: Mapped[date] = mapped_column(Date)
    act: Mapped[str] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class LossNoticeStart(Base):
    """One row: the last entry recorded before losses were told in notices; nobody is asked for those."""

    __tablename__ = "loss_notice_start"

    movement_id: Mapped[int] = mapped_column(Identity, primary_key=True)


class LossNotice(Base):
    """A loss or theft as its site tells it. `reference`: the number of the notice; `what`: what is known of it, in words."""

    __tablename__ = "loss_notice"
    __table_args__ = (UniqueConstraint("reference"), Index("ix_loss_notice_site_id", "site_id"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    sort: Mapped[str] = mapped_column(String(20))
    discovered_at: Mapped[datetime] = mapped_column(Moment)
    happened_on: Mapped[date | None] = mapped_column(Date)
    what: Mapped[str] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class LossAmount(Base):
    """What a notice says is missing of one batch, in units of account."""

    __tablename__ = "loss_amount"
    __table_args__ = (
        PrimaryKeyConstraint("notice_id", "product_id", "label"),
        CheckConstraint("units > 0", name="units_positive"),
    )

    notice_id: Mapped[int] = mapped_column(Identity, ForeignKey("loss_notice.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    label: Mapped[str] = mapped_column(String(64))
    units: Mapped[int] = mapped_column(BigInteger)


class LossNoticeEntry(Base):
    """An entry of the ledger that goes with a notice; it goes with one."""

    __tablename__ = "loss_notice_entry"
    __table_args__ = (Index("ix_loss_notice_entry_notice_id", "notice_id"),)

    movement_id: Mapped[int] = mapped_column(Identity, ForeignKey("movement.id"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("loss_notice.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class LossStep(Base):
    """What followed a notice: the full report, the number of the police. `number`: of the document; `findings`: in words."""

    __tablename__ = "loss_step"
    __table_args__ = (PrimaryKeyConstraint("notice_id", "step"),)

    notice_id: Mapped[int] = mapped_column(Identity, ForeignKey("loss_notice.id"))
    step: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(64))
    findings: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class DestructionAct(Base):
    """An act of destruction as drafted. `venue`: where it is done; `note`: what else is to be said, never of a patient."""

    __tablename__ = "destruction_act"
    __table_args__ = (Index("ix_destruction_act_site_id", "site_id"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    destroyed_on: Mapped[date] = mapped_column(Date)
    venue: Mapped[str] = mapped_column(Note(300))
    ground: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(Note)
    drafted_at: Mapped[datetime] = mapped_column(Moment)
    drafted_by: Mapped[str] = mapped_column(String(80))


class DestructionLine(Base):
    """What an act destroys of one batch, in units of account."""

    __tablename__ = "destruction_line"
    __table_args__ = (
        PrimaryKeyConstraint("act_id", "product_id", "label"),
        CheckConstraint("units > 0", name="units_positive"),
    )

    act_id: Mapped[int] = mapped_column(Identity, ForeignKey("destruction_act.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    label: Mapped[str] = mapped_column(String(64))
    units: Mapped[int] = mapped_column(BigInteger)


class DestructionSignature(Base):
    """One of the three signatures. `name` and `position`: of the official who signs; `signed_by`: the account."""

    __tablename__ = "destruction_signature"
    __table_args__ = (PrimaryKeyConstraint("act_id", "role"),)

    act_id: Mapped[int] = mapped_column(Identity, ForeignKey("destruction_act.id"))
    role: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(300))
    position: Mapped[str] = mapped_column(String(300))
    institution: Mapped[str] = mapped_column(String(20))
    signed_at: Mapped[datetime] = mapped_column(Moment)
    signed_by: Mapped[str] = mapped_column(String(80))


class DestructionDone(Base):
    """The number of an act that all have signed; its entries name it as their document."""

    __tablename__ = "destruction_done"
    __table_args__ = (UniqueConstraint("number"),)

    act_id: Mapped[int] = mapped_column(Identity, ForeignKey("destruction_act.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[datetime] = mapped_column(Moment)


class DestructionWithdrawal(Base):
    """An act taken back before all had signed. `reason`: why, in words."""

    __tablename__ = "destruction_withdrawal"

    act_id: Mapped[int] = mapped_column(Identity, ForeignKey("destruction_act.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Note)
    withdrawn_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_by: Mapped[str] = mapped_column(String(80))


class DestructionNumber(Base):
    """The last number of an act drawn in a year: gapless, because drawn in the transaction that uses it."""

    __tablename__ = "destruction_number"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)
