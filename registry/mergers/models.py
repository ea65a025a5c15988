"""Rows of mergers. A row is never deleted; only its end is written, once."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class Merger(Base):
    """`duplicate` resolves to `survivor` (codes of one kind of record), by `deed_id`; from `ended_on` no more.

    Chains are kept short: when the survivor is merged further, the row ends by that deed and another leads there.
    """

    __tablename__ = "merger"
    __table_args__ = (
        Index(
            "uq_merger_in_force",
            "kind",
            "duplicate",
            unique=True,
            sqlite_where=text("ended_by_id IS NULL"),
            postgresql_where=text("ended_by_id IS NULL"),
        ),
        Index("ix_merger_survivor", "survivor"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    duplicate: Mapped[str] = mapped_column(String(64))
    survivor: Mapped[str] = mapped_column(String(64))
    merged_on: Mapped[date] = mapped_column(Date)
    deed_id: Mapped[int] = mapped_column(ForeignKey("deed.id"), index=True)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("deed.id"), index=True)
