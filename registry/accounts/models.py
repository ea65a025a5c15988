"""Rows of accounts, their roles and deputies, sessions, one-time links, tokens and counted tries.

Of every secret only a digest is kept: whoever reads the database can neither sign in nor
take over a session.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class Account(Base):
    """A person who may sign in. Never deleted: the audit log names it. `organisation_id` is set for firms.

    `person`: a code that all accounts of one employee share, so that two persons are two persons.
    """

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    organisation_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    person: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    active: Mapped[bool]
    is_demo: Mapped[bool]
    must_change_password: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Moment)


class AccountRole(Base):
    """One role of one account."""

    __tablename__ = "account_role"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class Deputy(Base):
    """Who holds the roles of an account from one day to another, by which act; only its end is written later.

    `account_id`: who is away. From `ended_on` it holds no longer, whatever `to_on` says.
    """

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("deputy_id <> account_id", name="somebody_else"),
        CheckConstraint("to_on >= from_on", name="days"),
    )

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    act: Mapped[str] = mapped_column(String(300))
    act_date: Mapped[date] = mapped_column(Date)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[str] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class WebSession(Base):
    """One browser. Without an account it holds only what a form needs before the sign-in; `data` is JSON."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_last_seen_at", "last_seen_at"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(120))
    data: Mapped[str] = mapped_column(Text)


class OneTimeLink(Base):
    """A link handed over by an administrator, good once and for a short while."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class ApiToken(Base):
    """A token of a person's program for the HTTP interface. Kept after its end: the audit log names its id."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    read_only: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInAttempt(Base):
    """Wrong tries counted for one account name or one address.

    The key is a digest: people type passwords into the wrong field.
    """

    __tablename__ = "sign_in_attempt"

    key_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)
