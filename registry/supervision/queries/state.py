"""What the database says of itself: schema, newest events, work that waits."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.audit.domain import FIRST_DIGEST, Event, Fault, seal
from registry.flags.domain import FlagState
from registry.kernel.text import N_
from registry.permits.domain.transitions import PENDING
from registry.quotas.domain.states import LineState
from registry.supervision.queries.tables import table

NEWEST = 1_000


def schema_head(session: Session) -> str | None:
    """Return the migration the database stands at, None where none was ever run."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def newest_events_faults(session: Session) -> tuple[int, list[Fault], str]:
    """Check the newest thousand events of the audit log against each other and the head.

    Returns how many were checked, what is wrong, and the moment of the newest (ISO, "" for none).
    The whole chain is the matter of `flask audit verify`.
    """
    event, head = table("audit_event"), table("audit_head")
    rows = session.execute(select(event).order_by(event.c.sequence.desc()).limit(NEWEST)).all()[::-1]
    end = session.execute(select(head.c.sequence, head.c.digest)).first()
    sequence, digest = (end.sequence, end.digest) if end else (0, FIRST_DIGEST)
    if not rows:
        return 0, [Fault(sequence, N_("the end of the chain does not meet its head"))] if sequence else [], ""
    sealed = [
        (
            Event(
                row.sequence,
                row.at.isoformat(timespec="microseconds"),
                row.actor,
                row.action,
                row.subject,
                row.outcome,
                row.detail,
            ),
            row.previous,
            row.digest,
        )
        for row in rows
    ]
    return len(rows), _tail_faults(sealed, sequence, digest), sealed[-1][0].at


def _tail_faults(sealed: list[tuple[Event, str, str]], sequence: int, digest: str) -> list[Fault]:
    """Check a tail of the chain: it begins anywhere, and its first event vouches for what was before."""
    found = []
    before, number = sealed[0][1], sealed[0][0].sequence
    for event, previous, sealing in sealed:
        if event.sequence != number or previous != before or seal(previous, event) != sealing:
            found.append(Fault(event.sequence, N_("changed")))
        before, number = sealing, event.sequence + 1
    if (number - 1, before) != (sequence, digest):
        found.append(Fault(sequence, N_("the end of the chain does not meet its head")))
    return found


def pending_work(session: Session) -> dict[str, int]:
    """Return how much waits: open flags, cases not decided, quota lines for a second person, uploads not written."""
    flag, application, line, upload = (table(name) for name in ("flag", "application", "quota_line", "upload"))
    asked = {
        "flags": select(func.count()).select_from(flag).where(flag.c.state == FlagState.OPEN.value),
        "cases": select(func.count())
        .select_from(application)
        .where(application.c.state.in_([state.value for state in PENDING])),
        "lines": select(func.count()).select_from(line).where(line.c.state == LineState.PROPOSED.value),
        "uploads": select(func.count()).select_from(upload).where(upload.c.closed_at.is_(None)),
    }
    return {name: int(session.execute(query).scalar_one()) for name, query in asked.items()}
