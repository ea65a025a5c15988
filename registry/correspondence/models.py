"""Rows of the exchange with other authorities. Only ever added to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class CounterpartFile(Base):
    """The permit of another authority, as it came in a file. Which of our permits it belongs to follows from the numbers.

    `our_number`: the permit of ours it names; `filed_under`: the permit or application a person put it
    to, empty where nobody did. `facts`: JSON, see `domain.permit_file`; `content`: the file itself, `sha256` its digest.
    """

    __tablename__ = "counterpart_file"
    __table_args__ = (
        UniqueConstraint("sha256", "filed_under"),
        Index("ix_counterpart_file_country_number", "country", "number"),
        Index("ix_counterpart_file_our_number", "our_number"),
        Index("ix_counterpart_file_filed_under", "filed_under"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(64))
    country: Mapped[str] = mapped_column(String(2))
    issuer: Mapped[str | None] = mapped_column(String(300))
    issued_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)
    our_number: Mapped[str | None] = mapped_column(String(64))
    filed_under: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    facts: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(Moment)
    received_by: Mapped[str] = mapped_column(String(80))


class PermitLetter(Base):
    """One letter about a permit to the authority of the other country; where it stands, the letter with `letter_key` says.

    `attempt` counts the letters of one purpose; every one after the first has a `reason`.
    """

    __tablename__ = "permit_letter"
    __table_args__ = (UniqueConstraint("permit_id", "purpose", "attempt"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    attempt: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(Note)
    authority: Mapped[str] = mapped_column(String(300))
    recipient: Mapped[str] = mapped_column(String(254))
    letter_key: Mapped[str] = mapped_column(String(200))
    pdf_sha256: Mapped[str] = mapped_column(String(64))
    xml_sha256: Mapped[str] = mapped_column(String(64))
    queued_at: Mapped[datetime] = mapped_column(Moment)
    queued_by: Mapped[str] = mapped_column(String(80))
