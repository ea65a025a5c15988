"""Rows of the worklist."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class Flag(Base):
    """A finding kept as a case. `msgid` and `params` (JSON) are translated when read."""

    __tablename__ = "flag"
    __table_args__ = (UniqueConstraint("rule", "subject"), Index("ix_flag_state_opened_at", "state", "opened_at"))

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    rule: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    msgid: Mapped[str] = mapped_column(Text)
    params: Mapped[str] = mapped_column(Text)
    observed: Mapped[str | None] = mapped_column(String(80))
    limit_value: Mapped[str | None] = mapped_column(String(80))
    unit: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
