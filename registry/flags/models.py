"""Rows of the worklist: flags, what was done with each, and the sweeps."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class Flag(Base):
    """A finding kept as a case. `msgid` and `params` (JSON) are translated when read.

    `stands` False: a watch has looked and the cause is gone. `assignee`: the user name of who works on it.
    """

    __tablename__ = "flag"
    __table_args__ = (
        UniqueConstraint("rule", "subject"),
        Index("ix_flag_state_opened_at", "state", "opened_at"),
        Index("ix_flag_state_rule_opened_at", "state", "rule", "opened_at"),
    )

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
    note: Mapped[str | None] = mapped_column(Note)
    assignee: Mapped[str | None] = mapped_column(String(80), index=True)
    stands: Mapped[bool] = mapped_column(Boolean, server_default=true())


class FlagEvent(Base):
    """Something done with a flag after it was raised; only ever added to."""

    __tablename__ = "flag_event"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Note)
    observed: Mapped[str | None] = mapped_column(String(80))


class FlagSweep(Base):
    """One run of all watches: when, by whom, for which day, and what came of it; only ever added to."""

    __tablename__ = "flag_sweep"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    day: Mapped[date] = mapped_column(Date)
    opened: Mapped[int] = mapped_column(Integer)
    returned: Mapped[int] = mapped_column(Integer)
    closed: Mapped[int] = mapped_column(Integer)
    standing: Mapped[int] = mapped_column(Integer)
