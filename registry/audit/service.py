"""Recording what was done, in the same transaction as the deed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.audit.domain import FIRST_DIGEST, Event, canonical, seal
from registry.audit.models import AuditEvent, AuditHead
from registry.db import before_commit
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, RegistryError, RuleRefused

SUBJECT_LENGTH = 200


class _Sealer:
    """Collects the events of one unit of work; seals them last, so that the chain is locked briefly."""

    def __init__(self) -> None:
        self.waiting: list[Event] = []

    def __call__(self, session: Session) -> None:
        """Draw the numbers inside the lock (outside it, chains break themselves) and append."""
        head = session.execute(select(AuditHead.sequence, AuditHead.digest).with_for_update()).first()
        if head is None:
            session.execute(insert(AuditHead).values(id=1, sequence=0, digest=FIRST_DIGEST))
        sequence, digest = head or (0, FIRST_DIGEST)
        rows = []
        for waiting in self.waiting:
            sequence += 1
            event = Event(
                sequence, waiting.at, waiting.actor, waiting.action, waiting.subject, waiting.outcome, waiting.detail
            )
            previous, digest = digest, seal(digest, event)
            rows.append(_row(event, previous, digest))
        session.execute(insert(AuditEvent), rows)
        session.execute(update(AuditHead).values(sequence=sequence, digest=digest))


def _row(event: Event, previous: str, digest: str) -> dict[str, object]:
    return {
        "sequence": event.sequence,
        "at": datetime.fromisoformat(event.at),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "outcome": event.outcome,
        "detail": event.detail,
        "previous": previous,
        "digest": digest,
    }


def record(
    session: Session,
    actor: Actor,
    clock: Clock,
    action: str,
    subject: str,
    detail: Mapping[str, object] | None = None,
    outcome: str = "done",
) -> None:
    """Record that `actor` did `action` (``stock.post``) to `subject` (``upload 17``).

    The event is appended just before the unit of work commits; without a commit there is no event.
    It says for whom, where the right came from a person who is away.
    """
    said = dict(detail or {})
    if actor.used:
        said["deputy_for"] = [
            f"{absent}: {act}" for absent, act in sorted({(use.absent, use.act) for use in actor.used})
        ]
    event = Event(
        0,
        clock.now().isoformat(timespec="microseconds"),
        actor.username,
        action,
        subject[:SUBJECT_LENGTH],
        outcome,
        canonical(said),
    )
    before_commit(session, "audit", _Sealer).waiting.append(event)


def record_refusal(
    session: Session, actor: Actor, clock: Clock, action: str, subject: str, error: RegistryError
) -> None:
    """Record a refused attempt; call it in a short unit of work of its own, after the rollback."""
    detail: dict[str, object] = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, RuleRefused):
        detail["rules"] = sorted({finding.rule.code for finding in error.findings})
    if isinstance(error, Invalid):
        detail["problems"] = len(error.problems)
    record(session, actor, clock, action, subject, detail, outcome="refused")
