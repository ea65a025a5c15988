"""Rows of the ledger: movements that are never changed, the balances they move, the national totals."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class Posting(Base):
    """One batch of movements written together: who, when, from where. `digest` is that of its content."""

    __tablename__ = "posting"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    movements: Mapped[int] = mapped_column(Integer)


class Batch(Base):
    """A batch of a product; label ``""``: no batch stated.

    It keeps the product revision of its first entry, so that a later change of composition
    cannot change what is already on the shelves.
    """

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("product_id", "label"), Index("ix_batch_label", "label"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    label: Mapped[str] = mapped_column(String(64))
    revision_id: Mapped[int] = mapped_column(ForeignKey("product_revision.id"))
    expires_on: Mapped[date | None] = mapped_column(Date)


class Movement(Base):
    """One entry of the ledger, in whole units of account.

    `units` is the size of the entry; `site_delta` and `counter_delta` say how it changes the
    shelf of `site_id` and of `counterparty_id`. `effect` is what it does to the national
    totals, frozen as it was judged: ``consumed+ stock-``. `occurred_on` is when it happened;
    when we learned it stands in the posting.
    """

    __tablename__ = "movement"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        UniqueConstraint("reference"),
        Index("ix_movement_shelf", "site_id", "batch_id", "occurred_on"),
        Index(
            "ix_movement_counter_shelf",
            "counterparty_id",
            "batch_id",
            "occurred_on",
            sqlite_where=text("counter_delta <> 0"),
            postgresql_where=text("counter_delta <> 0"),
        ),
        Index(
            "ix_movement_permit",
            "permit_id",
            sqlite_where=text("permit_id IS NOT NULL"),
            postgresql_where=text("permit_id IS NOT NULL"),
        ),
        Index(
            "uq_movement_reverses_id",
            "reverses_id",
            unique=True,
            sqlite_where=text("reverses_id IS NOT NULL"),
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        Index(
            "ix_movement_trade",
            "occurred_on",
            sqlite_where=text("country IS NOT NULL"),
            postgresql_where=text("country IS NOT NULL"),
        ),
        Index("ix_movement_occurred_on", "occurred_on"),
        Index(
            "ix_movement_prescription",
            "site_id",
            "prescription",
            sqlite_where=text("prescription IS NOT NULL AND prescription <> 'daily-sheet'"),
            postgresql_where=text("prescription IS NOT NULL AND prescription <> 'daily-sheet'"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64))
    occurred_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(20))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    units: Mapped[int] = mapped_column(BigInteger)
    site_delta: Mapped[int] = mapped_column(BigInteger)
    counterparty_id: Mapped[int | None] = mapped_column(BigInteger)
    counter_delta: Mapped[int] = mapped_column(BigInteger)
    effect: Mapped[str] = mapped_column(String(40))
    permit_id: Mapped[int | None] = mapped_column(BigInteger)
    reverses_id: Mapped[int | None] = mapped_column(BigInteger)
    country: Mapped[str | None] = mapped_column(String(2))
    document: Mapped[str | None] = mapped_column(String(64))
    prescription: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Note)
    posting_id: Mapped[int] = mapped_column(BigInteger)


class Balance(Base):
    """What is on one shelf now, in whole units of account. Never below zero.

    `last_on`: the latest day recorded; a posting that touches no day before it needs no history.
    """

    __tablename__ = "balance"
    __table_args__ = (
        PrimaryKeyConstraint("site_id", "batch_id"),
        CheckConstraint("units >= 0", name="never_negative"),
    )

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    units: Mapped[int] = mapped_column(BigInteger)
    last_on: Mapped[date | None] = mapped_column(Date)


class NationalTotal(Base):
    """The national roll-up: month x product revision x column x partner, in units of account.

    `column_name` is a column of the forms, or ``stock`` (what the wholesale level holds more or
    less) or ``taken_on``. Kept inside every posting; a recomputation must agree exactly.
    """

    __tablename__ = "national_total"
    __table_args__ = (
        PrimaryKeyConstraint("month", "revision_id", "column_name", "partner"),
        Index("ix_national_total_revision_id", "revision_id"),
    )

    month: Mapped[int] = mapped_column(Integer)
    revision_id: Mapped[int] = mapped_column(ForeignKey("product_revision.id"))
    column_name: Mapped[str] = mapped_column(String(20))
    partner: Mapped[str] = mapped_column(String(2))
    units: Mapped[int] = mapped_column(BigInteger)


class ReceiptStart(Base):
    """One row: the last entry recorded before receivers were asked to confirm; nobody confirms that one or older ones."""

    __tablename__ = "receipt_start"

    movement_id: Mapped[int] = mapped_column(Identity, primary_key=True)


class Receipt(Base):
    """What the receiver says of an entry that sent something: the answer with the highest number counts.

    `received_on` is when it happened, `recorded_at` when we learned it. `as_sent`: nothing differs.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        PrimaryKeyConstraint("movement_id", "number"),
        Index(
            "ix_receipt_different",
            "movement_id",
            sqlite_where=text("NOT as_sent"),
            postgresql_where=text("NOT as_sent"),
        ),
    )

    movement_id: Mapped[int] = mapped_column(Identity, ForeignKey("movement.id"))
    number: Mapped[int] = mapped_column(Integer)
    received_on: Mapped[date] = mapped_column(Date)
    as_sent: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class ReceiptDifference(Base):
    """What differs, by reason, in units of account. `label`: the batch that came instead."""

    __tablename__ = "receipt_difference"
    __table_args__ = (
        PrimaryKeyConstraint("movement_id", "number", "reason"),
        ForeignKeyConstraint(["movement_id", "number"], ["receipt.movement_id", "receipt.number"]),
        CheckConstraint("units > 0", name="units_positive"),
    )

    movement_id: Mapped[int] = mapped_column(Identity)
    number: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(20))
    units: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str | None] = mapped_column(String(64))


class ReceiptSettlement(Base):
    """How a difference came to its end: by the entry that corrects the ledger, or by a ruling of the authority."""

    __tablename__ = "receipt_settlement"
    __table_args__ = (
        PrimaryKeyConstraint("movement_id", "number", "reason"),
        ForeignKeyConstraint(
            ["movement_id", "number", "reason"],
            ["receipt_difference.movement_id", "receipt_difference.number", "receipt_difference.reason"],
        ),
        UniqueConstraint("entry_id"),
        CheckConstraint("(entry_id IS NULL) <> (ruling IS NULL)", name="one_end"),
    )

    movement_id: Mapped[int] = mapped_column(Identity)
    number: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(20))
    entry_id: Mapped[int | None] = mapped_column(Identity, ForeignKey("movement.id"))
    ruling: Mapped[str | None] = mapped_column(Note)
    document: Mapped[str | None] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class ReturnedDestruction(Base):
    """What became of goods a patient brought back: destroyed by an act, all of them, once; no shelf moves.

    `document`: the number of the act; `note`: how it was done. Neither names anybody: personal numbers are refused.
    """

    __tablename__ = "returned_destruction"

    movement_id: Mapped[int] = mapped_column(Identity, ForeignKey("movement.id"), primary_key=True)
    destroyed_on: Mapped[date] = mapped_column(Date)
    document: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class PrescriptionLimit(Base):
    """The most one prescription may stand for, from `effective_on`: of a product, or of a substance in any product.

    `most`: units of account of the product, or nanograms of anhydrous base of the substance; None lifts the limit.
    `act`: the number of the act that sets it.
    """

    __tablename__ = "prescription_limit"
    __table_args__ = (
        UniqueConstraint("subject", "subject_id", "effective_on"),
        CheckConstraint("most > 0", name="most_positive"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    effective_on: Mapped[date] = mapped_column(Date)
    most: Mapped[int | None] = mapped_column(BigInteger)
    act: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class QuarantineDecision(Base):
    """What was decided of an imported lot: released for use, or refused; by which document, on which day."""

    __tablename__ = "quarantine_decision"

    movement_id: Mapped[int] = mapped_column(Identity, ForeignKey("movement.id"), primary_key=True)
    released: Mapped[bool] = mapped_column(Boolean)
    decided_on: Mapped[date] = mapped_column(Date)
    document: Mapped[str] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
