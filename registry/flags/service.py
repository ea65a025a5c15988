"""Raising flags in the transaction that caused them, and closing them with a reason."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.flags.domain import FlagState, packed
from registry.flags.models import Flag
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_, Message

SUBJECT_LENGTH = 200


def raise_flags(
    session: Session, clock: Clock, findings: Iterable[Finding], organisation_id: int | None = None
) -> None:
    """Keep every finding of severity ``flag`` on the worklist, in one statement.

    A rule is flagged once per subject: a second finding on the same changes nothing.
    """
    rows = {
        (finding.rule.code, finding.subject): _row(finding, clock, organisation_id)
        for finding in findings
        if finding.severity is Severity.FLAG
    }
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Flag).on_conflict_do_nothing(index_elements=["rule", "subject"])
    session.connection().execute(statement, list(rows.values()))


def _row(finding: Finding, clock: Clock, organisation_id: int | None) -> dict[str, object]:
    return {
        "rule": finding.rule.code,
        "severity": finding.severity.value,
        "subject": finding.subject[:SUBJECT_LENGTH],
        "organisation_id": organisation_id,
        "msgid": finding.message.msgid,
        "params": packed(finding.message.params),
        "observed": finding.observed,
        "limit_value": finding.limit,
        "unit": finding.unit,
        "state": FlagState.OPEN.value,
        "opened_at": clock.now(),
    }


def close_flag(session: Session, actor: Actor, clock: Clock, flag_id: int, note: str) -> None:
    """Close an open flag with a note. Raises `NotFound`, or `Conflict` when somebody closed it already."""
    flag = session.execute(select(Flag.rule, Flag.subject).where(Flag.id == flag_id)).first()
    if flag is None:
        raise NotFound(Message(N_("there is no such flag")))
    closed = session.execute(
        update(Flag)
        .where(Flag.id == flag_id, Flag.state == FlagState.OPEN.value)
        .values(state=FlagState.CLOSED.value, closed_at=clock.now(), closed_by=actor.username, note=note)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(Message(N_("somebody has closed this flag already")))
    record(
        session,
        actor,
        clock,
        "flags.close",
        f"flag {flag_id}",
        {"rule": flag.rule, "subject": flag.subject, "note": note},
    )
