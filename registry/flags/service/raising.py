"""Raising flags in the transaction that caused them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from registry.flags.domain import FlagState, packed
from registry.flags.models import Flag
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding, Severity

SUBJECT_LENGTH = 200

Key = tuple[str, str]
"""Code of the rule and subject: a rule is flagged once per subject."""


def raise_flags(
    session: Session, clock: Clock, findings: Iterable[Finding], organisation_id: int | None = None
) -> None:
    """Keep every finding of severity ``flag`` on the worklist, in one statement.

    A rule is flagged once per subject: a second finding on the same changes nothing. The
    organisation is the finding's own, else `organisation_id`.
    """
    rows = {
        key_of(finding): _row(finding, clock, organisation_id)
        for finding in findings
        if finding.severity is Severity.FLAG
    }
    if not rows:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Flag).on_conflict_do_nothing(index_elements=["rule", "subject"])
    # In sorted order, so that two who raise the same flags at once wait for each other and never in a ring.
    session.connection().execute(statement, [rows[key] for key in sorted(rows)])


def key_of(finding: Finding) -> Key:
    """Return what a finding is flagged under."""
    return finding.rule.code, finding.subject[:SUBJECT_LENGTH]


def _row(finding: Finding, clock: Clock, organisation_id: int | None) -> dict[str, object]:
    rule, subject = key_of(finding)
    return {
        "rule": rule,
        "severity": finding.severity.value,
        "subject": subject,
        "organisation_id": organisation_id if finding.organisation_id is None else finding.organisation_id,
        "msgid": finding.message.msgid,
        "params": packed(finding.message.params),
        "observed": finding.observed,
        "limit_value": finding.limit,
        "unit": finding.unit,
        "state": FlagState.OPEN.value,
        "opened_at": clock.now(),
    }
