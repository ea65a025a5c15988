"""Rows of reports: what sites stated, the letters about what is late, the files that were refused."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
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


class SiteReport(Base):
    """A site states that its movements from `first_on` to `until_on` are complete; the highest number counts.

    `period`: the code of the span. `nil`: that nothing moved. `entries`: how many there were, `last_entry` the id of
    the youngest of the whole ledger of the site: a later one of these days changes what was stated. `digest`: SHA-256
    of the sheet the person saw (`domain.sheets`).
    """

    __tablename__ = "site_report"
    __table_args__ = (PrimaryKeyConstraint("site_id", "period", "number"),)

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    period: Mapped[str] = mapped_column(String(7), index=True)
    number: Mapped[int] = mapped_column(Integer)
    first_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    nil: Mapped[bool] = mapped_column(Boolean)
    closing: Mapped[bool] = mapped_column(Boolean)
    entries: Mapped[int] = mapped_column(Integer)
    last_entry: Mapped[int] = mapped_column(Identity)
    digest: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class ReportReminder(Base):
    """The letters of one step about one late report: 1 and 2 to the site, 3 to the authority."""

    __tablename__ = "report_reminder"
    __table_args__ = (PrimaryKeyConstraint("site_id", "period", "step"),)

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    period: Mapped[str] = mapped_column(String(7))
    step: Mapped[int] = mapped_column(Integer)
    sent_on: Mapped[date] = mapped_column(Date)
    letters: Mapped[int] = mapped_column(Integer)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class RefusedFile(Base):
    """A file of movements that was refused, kept with its firm until its rows are posted or it is discarded with a reason.

    `site_id`: the one site its rows name, None where they name several or none. `digest`, `size_bytes`: of the file as
    it came; of a page of the journal the digest is that of its token, so that the page is kept once however often it is sent. `findings`: JSON of what was wrong, for the person who mends it. `content`: the rows as sent, as CSV, so that they can be
    mended and sent again; None where the file could not be read. In both every personal number is made unreadable, and a
    cell refused for one is kept as the mask alone. `unnamed`: rows without a reference, which no posting can settle.
    `reason`: why it was discarded; None where its rows were posted.
    """

    __tablename__ = "refused_file"
    __table_args__ = (UniqueConstraint("organisation_id", "digest"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int] = mapped_column(Integer)
    unnamed: Mapped[int] = mapped_column(Integer)
    problems: Mapped[int] = mapped_column(Integer)
    findings: Mapped[str] = mapped_column(Text)
    content: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(Moment)
    sent_by: Mapped[str] = mapped_column(String(80))
    closed_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    closed_by: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(Note)


class RefusedRow(Base):
    """The reference of a row of a refused file: once all of them are posted, the file is settled."""

    __tablename__ = "refused_row"
    __table_args__ = (PrimaryKeyConstraint("file_id", "reference"),)

    file_id: Mapped[int] = mapped_column(ForeignKey("refused_file.id"))
    reference: Mapped[str] = mapped_column(String(64))


class PeriodAct(Base):
    """A period closed or reopened by the authority, of one site or of all (`site_id` None); see `domain.closing.Act`. Never changed."""

    __tablename__ = "period_act"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    period: Mapped[str] = mapped_column(String(7))
    first_on: Mapped[date] = mapped_column(Date, index=True)
    last_on: Mapped[date] = mapped_column(Date)
    closed: Mapped[bool] = mapped_column(Boolean)
    effective_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
