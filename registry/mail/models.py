"""Rows of letters: written with the deed they tell of, changed only by the sender."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class OutgoingLetter(Base):
    """One letter. `key` makes a second one of the same deed impossible; `message_id` stays the same at every attempt.

    `next_try_at`: from then on a sender may take it; while one has it, when it may be taken by another.
    """

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_state_next_try_at", "state", "next_try_at"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    message_id: Mapped[str] = mapped_column(String(80))
    recipient: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    queued_at: Mapped[datetime] = mapped_column(Moment)
    next_try_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(String(500))


class LetterAttachment(Base):
    """One file that goes with a letter, in its order."""

    __tablename__ = "letter_attachment"
    __table_args__ = (PrimaryKeyConstraint("letter_id", "number"),)

    letter_id: Mapped[int] = mapped_column(Identity, ForeignKey("letter.id"))
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)
