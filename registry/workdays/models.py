"""Rows of set days: entries are never changed, the one recorded last about a day stands."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class WorkdayEntry(Base):
    """What was recorded about one day: a public holiday, or a weekend day that is worked."""

    __tablename__ = "workday_entry"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    sort: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(300))
    act: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
