"""Rows of permits and of the cases that lead to them."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note

TOKEN_BYTES = 32


def new_token() -> str:
    """Return an unguessable word for the public page of a permit."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Permit(Base):
    """One permit of any kind. `quota_year`: the year whose position it is counted against.

    `arrived_on`: the first day goods moved on it (import, export), None until then. `particulars` and
    `conditions`: JSON, see `domain.particulars` and `domain.proposals`. `replaces_id`: the permit recorded in error that this one stands for.
    `token`: the unguessable word of its public page.
    """

    __tablename__ = "permit"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)
    eaeu_number: Mapped[str | None] = mapped_column(String(16), index=True, unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    partner_country: Mapped[str] = mapped_column(String(2))
    partner: Mapped[str] = mapped_column(String(300))
    issued_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)
    quota_year: Mapped[int] = mapped_column(Integer, index=True)
    counterpart_number: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str | None] = mapped_column(Note)
    customs_office: Mapped[str | None] = mapped_column(String(300))
    arrived_on: Mapped[date | None] = mapped_column(Date)
    particulars: Mapped[str] = mapped_column(Text, default="{}")
    conditions: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("permit.id"))
    token: Mapped[str] = mapped_column(String(43), unique=True, default=new_token)
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


class PermitArrival(Base):
    """What moved on a permit on one day, as the ledger tells; set anew whenever it changes."""

    __tablename__ = "permit_arrival"
    __table_args__ = (PrimaryKeyConstraint("permit_id", "product_id", "moved_on"),)

    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    moved_on: Mapped[date] = mapped_column(Date)
    units: Mapped[int] = mapped_column(BigInteger)


class PermitStop(Base):
    """Days on which a permit does not stand, and why (`domain.kinds.STOP_CAUSES`).

    From `from_on` to the day before `until_on`; None: without end so far. Never deleted; only
    `until_on` is set, once, with who lifted it.
    """

    __tablename__ = "permit_stop"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"), index=True)
    cause: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Note)
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_note: Mapped[str | None] = mapped_column(Note)


class ApplicationDraft(Base):
    """What an applicant has typed so far: cells as text (JSON), read and judged only when it is submitted."""

    __tablename__ = "application_draft"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    cells: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(Moment)


class Application(Base):
    """A request for a permit, and where its case stands. `version` guards against two officers at once.

    `particulars` and `conditions`: JSON, see `domain.particulars` and `domain.proposals`. `officer`: who has taken
    it up. `reply_by`: the day by which the applicant is to answer, while it is asked something. `cut_version`: the
    version whose cuts stand (`CaseCut`), None where everything asked for is proposed or nothing is.
    """

    __tablename__ = "application"
    __table_args__ = (CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="second_person"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    partner_country: Mapped[str] = mapped_column(String(2))
    partner: Mapped[str] = mapped_column(String(300))
    planned_on: Mapped[date] = mapped_column(Date)
    counterpart_number: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[str | None] = mapped_column(Note)
    justification: Mapped[str | None] = mapped_column(Note)
    particulars: Mapped[str] = mapped_column(Text, default="{}")
    state: Mapped[str] = mapped_column(String(30), index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    submitted_by: Mapped[str] = mapped_column(String(80))
    submitted_at: Mapped[datetime] = mapped_column(Moment)
    proposed_by: Mapped[str | None] = mapped_column(String(80))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    permit_id: Mapped[int | None] = mapped_column(ForeignKey("permit.id"))
    refusal_ground: Mapped[str | None] = mapped_column(String(40))
    refusal_text: Mapped[str | None] = mapped_column(Note)
    officer: Mapped[str | None] = mapped_column(String(80))
    reply_by: Mapped[date | None] = mapped_column(Date)
    conditions: Mapped[str] = mapped_column(Text, default="{}", server_default="{}")
    cut_version: Mapped[int | None] = mapped_column(Integer)


class ApplicationLine(Base):
    """One product asked for, in whole units of account.

    `revision_id`: the revision in force when it was submitted; a permit takes the one in force at issue.
    """

    __tablename__ = "application_line"
    __table_args__ = (
        UniqueConstraint("application_id", "product_id"),
        CheckConstraint("units > 0", name="units_positive"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("product_revision.id"))
    units: Mapped[int] = mapped_column(BigInteger)


class CaseCut(Base):
    """What a proposal gives of one line, less than was asked for, and why. `version`: the one the proposal made. Never changed."""

    __tablename__ = "case_cut"
    __table_args__ = (
        UniqueConstraint("application_id", "version", "product_id"),
        CheckConstraint("units >= 0", name="units_not_negative"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    units: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Note)


class CaseChange(Base):
    """One thing the applicant corrected when it answered, old and new. `version`: the one the answer made. Never changed.

    `field`: a column of the application, a particular, or ``product:`` and the code of a line, whose values are
    quantities in the unit of the product; None: it was not there before, or is no longer.
    """

    __tablename__ = "case_change"
    __table_args__ = (UniqueConstraint("application_id", "version", "field"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(80))
    before: Mapped[str | None] = mapped_column(Note)
    after: Mapped[str | None] = mapped_column(Note)


class CaseEvent(Base):
    """One step of a case: who, when, which transition, with what note, and what the checks said then (JSON)."""

    __tablename__ = "case_event"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    transition: Mapped[str] = mapped_column(String(30))
    note: Mapped[str | None] = mapped_column(Note)
    checks: Mapped[str | None] = mapped_column(Text)


class CaseDecision(Base):
    """What was known when a case was decided (JSON, see `domain.known`): once for every case, never changed."""

    __tablename__ = "case_decision"

    application_id: Mapped[int] = mapped_column(
        Identity, ForeignKey("application.id"), primary_key=True, autoincrement=False
    )
    decided_at: Mapped[datetime] = mapped_column(Moment)
    known: Mapped[str] = mapped_column(Text)


class CaseNote(Base):
    """What officers note on a case among themselves; the applicant never reads it. Never changed."""

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Note)


class PermitNumber(Base):
    """The last number drawn of one kind and year: gapless, because drawn in the transaction that uses it."""

    __tablename__ = "permit_number"
    __table_args__ = (UniqueConstraint("kind", "year"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)


class ForeignEstimate(Base):
    """What another country may import of a substance in a year, as published on a day; a later publication replaces."""

    __tablename__ = "foreign_estimate"
    __table_args__ = (UniqueConstraint("country", "year", "substance_id", "published_on"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    country: Mapped[str] = mapped_column(String(2))
    year: Mapped[int] = mapped_column(Integer)
    substance_id: Mapped[int] = mapped_column(ForeignKey("substance.id"))
    quantity_ng: Mapped[int] = mapped_column(BigInteger)
    published_on: Mapped[date] = mapped_column(Date)
    source: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class CustomsWriteOff(Base):
    """What customs let through on a permit in one message, or the taking back of one (`reverses_id`). Never changed.

    `message_id`: chosen by whoever sends it; the same one again has no second effect.
    """

    __tablename__ = "customs_write_off"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), unique=True)
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"), index=True)
    passed_on: Mapped[date] = mapped_column(Date)
    declaration: Mapped[str] = mapped_column(String(64))
    packing: Mapped[str | None] = mapped_column(Note(300))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("customs_write_off.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class CustomsWriteOffLine(Base):
    """What of one line of the permit passed, in whole units of account; below zero where it is taken back."""

    __tablename__ = "customs_write_off_line"
    __table_args__ = (PrimaryKeyConstraint("write_off_id", "line_id"),)

    write_off_id: Mapped[int] = mapped_column(ForeignKey("customs_write_off.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("permit_line.id"), index=True)
    units: Mapped[int] = mapped_column(BigInteger)
