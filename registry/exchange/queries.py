"""Reading kept files: a person sees the own ones only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.exchange.models import Upload
from registry.kernel.actor import Actor
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message


@dataclass(frozen=True, slots=True)
class UploadFact:
    """One kept file. `content` None: written, or thrown away; `receipt`: the report, once written."""

    id: int
    kind: str
    name: str
    content: bytes | None
    digest: str
    size_bytes: int
    sent_at: datetime
    closed_at: datetime | None
    receipt: Mapping[str, object] | None


def upload_of(session: Session, actor: Actor, kind: str, upload_id: int) -> UploadFact:
    """Return the file `upload_id` that `actor` sent. Raises `NotFound`, also for files of others."""
    row = session.execute(
        select(Upload)
        .where(Upload.id == upload_id, Upload.kind == kind, Upload.sent_by == actor.username)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(Message(N_("this file is not kept here: send it again")))
    return UploadFact(
        row.id,
        row.kind,
        row.name,
        row.content,
        row.digest,
        row.size_bytes,
        row.sent_at,
        row.closed_at,
        json.loads(row.receipt) if row.receipt else None,
    )
