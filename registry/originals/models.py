"""Rows of draws, of what was drawn and of what was seen: only ever added to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class OriginalDraw(Base):
    """The draw of one month; see `domain.Draw`. `share`: per cent, as the parameter was spelled."""

    __tablename__ = "original_draw"

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    seed: Mapped[str] = mapped_column(String(64))
    event: Mapped[int] = mapped_column(BigInteger)
    population: Mapped[int] = mapped_column(Integer)
    share: Mapped[str] = mapped_column(String(20))
    least: Mapped[int] = mapped_column(Integer)
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    drawn_by: Mapped[str] = mapped_column(String(80))


class OriginalDrawn(Base):
    """One permit that was drawn, and the day by which the foreign original is to be shown."""

    __tablename__ = "original_drawn"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    month: Mapped[date] = mapped_column(ForeignKey("original_draw.month"), index=True)
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"), unique=True)
    due_on: Mapped[date] = mapped_column(Date)


class OriginalResult(Base):
    """What an officer saw (`domain.OUTCOMES`); the last one counts."""

    __tablename__ = "original_result"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    drawn_id: Mapped[int] = mapped_column(ForeignKey("original_drawn.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    seen_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Note)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
