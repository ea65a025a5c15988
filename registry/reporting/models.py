"""Rows of reports: what sites stated, and the letters about what is late. Never changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Integer, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


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
