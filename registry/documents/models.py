"""Rows of documents: the signed bytes, kept as they left the house. Only ever added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Base, Identity, Moment


class SignedDocument(Base):
    """One signed file. `digest`: of what it says, whatever the language; `sha256`: of its bytes.

    `certificate`: fingerprint of the certificate it was signed with.
    """

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("kind", "subject", "languages", "digest"),)

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(64))
    languages: Mapped[str] = mapped_column(String(5))
    digest: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    certificate: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(80))
