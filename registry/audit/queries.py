"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.domain import FIRST_DIGEST, Event, Fault, Head, faults
from registry.audit.models import AuditEvent, AuditHead

STREAM = 5_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One audit event as people read it."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str


def entries(
    session: Session, *, before: int | None = None, subject: str | None = None, limit: int = 100
) -> list[Entry]:
    """Return the newest events first, older than sequence `before`, of one `subject` if given."""
    query = select(AuditEvent).order_by(AuditEvent.sequence.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEvent.sequence < before)
    if subject is not None:
        query = query.where(AuditEvent.subject == subject)
    return [
        Entry(row.sequence, row.at, row.actor, row.action, row.subject, row.outcome, row.detail)
        for row in session.scalars(query)
    ]


def chain_head(session: Session) -> Head:
    """Return the end of the chain as it stands now."""
    row = session.execute(select(AuditHead.sequence, AuditHead.digest)).first()
    return Head(row.sequence, row.digest) if row else Head(0, FIRST_DIGEST)


def head_before(session: Session, moment: datetime) -> Head:
    """Return the chain as it ended before `moment`; one statement."""
    query = select(AuditEvent.sequence, AuditEvent.digest).where(AuditEvent.at < moment)
    row = session.execute(query.order_by(AuditEvent.sequence.desc()).limit(1)).first()
    return Head(row.sequence, row.digest) if row else Head(0, FIRST_DIGEST)


def verify(session: Session, kept: Iterable[Head] = ()) -> tuple[int, list[Fault]]:
    """Check the whole chain, and that it runs through the heads `kept` outside.

    Returns the number of events and every fault found.
    """
    head = chain_head(session)
    columns = select(
        AuditEvent.sequence,
        AuditEvent.at,
        AuditEvent.actor,
        AuditEvent.action,
        AuditEvent.subject,
        AuditEvent.outcome,
        AuditEvent.detail,
        AuditEvent.previous,
        AuditEvent.digest,
    ).order_by(AuditEvent.sequence)
    rows = session.execute(columns.execution_options(yield_per=STREAM))
    count = 0

    def chain() -> object:
        nonlocal count
        for row in rows:
            count += 1
            at = row.at.isoformat(timespec="microseconds")
            yield (
                Event(row.sequence, at, row.actor, row.action, row.subject, row.outcome, row.detail),
                row.previous,
                row.digest,
            )

    found = faults(chain(), head.sequence, head.digest, kept)  # type: ignore[arg-type]
    return count, found
