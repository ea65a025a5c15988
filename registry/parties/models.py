"""Rows of organisations, sites and authorities of other countries. What may change is kept in dated revisions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class Organisation(Base):
    """A legal person, the holder of licences and permits; its main site bears the same code.

    `email`: where letters to it go beside its people; `email_language`: the language they are in.
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_language: Mapped[str | None] = mapped_column(String(2))


class Site(Base):
    """A place where stock is held. Every organisation has one main site, and may have more."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    is_main: Mapped[bool]


class SiteRevision(Base):
    """What a site was from `effective_on`: name, kind, address, whether it sells at a distance. The first holds from 1900."""

    __tablename__ = "site_revision"
    __table_args__ = (UniqueConstraint("site_id", "number"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    effective_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(300))
    name_ru: Mapped[str | None] = mapped_column(String(300))
    name_ky: Mapped[str | None] = mapped_column(String(300))
    search_key: Mapped[str] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(String(100))
    address: Mapped[str | None] = mapped_column(Text)
    registration_number: Mapped[str | None] = mapped_column(String(64))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    distance_selling: Mapped[bool] = mapped_column(Boolean, server_default=false())
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))


class CompetentAuthority(Base):
    """The authority of another country that answers for `subject` (`domain.SUBJECTS`) from `valid_from`. Never changed.

    A later row of the same country and subject counts from its day. `language`: of letters to it;
    `source`: where the address was taken from.
    """

    __tablename__ = "competent_authority"
    __table_args__ = (UniqueConstraint("country", "subject", "valid_from"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    country: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(300))
    address: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str | None] = mapped_column(String(2))
    phone: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str | None] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(80))
