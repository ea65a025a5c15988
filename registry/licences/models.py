"""Rows of licences. A licence with other content is a new revision; the old one keeps its meaning."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment, Note


class Licence(Base):
    """A licence by its number; who holds it and what it covers stands in its revisions."""

    __tablename__ = "licence"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    number: Mapped[str] = mapped_column(String(64), unique=True)


class LicenceRevision(Base):
    """What a licence said from `effective_on`. `acts` and `scope` are words separated by ``;``.

    `site_id` None: all sites of the organisation. `limit_ng`: the most it allows, in nanograms of base.
    """

    __tablename__ = "licence_revision"
    __table_args__ = (UniqueConstraint("licence_id", "number"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licence.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    effective_on: Mapped[date] = mapped_column(Date)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    acts: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    authority: Mapped[str | None] = mapped_column(String(300))
    limit_ng: Mapped[int | None] = mapped_column(BigInteger)
    conditions: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class LicenceStop(Base):
    """Days on which a licence does not count, and why (`domain.STOP_CAUSES`).

    Never deleted; only `until_on` is set, once, with who lifted it.
    """

    __tablename__ = "licence_stop"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licence.id"), index=True)
    cause: Mapped[str] = mapped_column(String(20))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Note)
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    lifted_by: Mapped[str | None] = mapped_column(String(80))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
