"""Rows of answers given to writes, so that a repeated request has one effect."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Moment


class GivenAnswer(Base):
    """One write by its sender's key: what was asked (a digest) and what was answered; `headers` is JSON.

    Made before the write, in the same transaction: the key decides which of two requests is first.
    """

    __tablename__ = "given_answer"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
