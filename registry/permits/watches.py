"""What this room looks for day by day: applications that wait too long, on either side."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.rules import ANSWER_IN_TIME, DECIDED_IN_TIME
from registry.permits.queries.desk import waiting_cases


def overdue(session: Session, clock: Clock) -> list[Finding]:
    """Return the cases whose decision, or whose answer by the applicant, is overdue."""
    today = clock.today()
    parameters = parameters_on(session, today)
    findings = []
    for each in waiting_cases(session, clock.zone, parameters.number(PROCESSING_DAYS), limit=None):
        if each.is_overdue(today):
            rule, day, said = DECIDED_IN_TIME, each.due_on, N_("a decision was due on %(day)s")
        elif each.is_unanswered(today):
            rule, day, said = ANSWER_IN_TIME, each.row.reply_by, N_("an answer was due on %(day)s")
        else:
            continue
        due = day.isoformat() if day is not None else ""
        findings.append(
            Finding(
                rule,
                Message(said, {"day": due}),
                parameters.reported(rule),
                observed=today.isoformat(),
                limit=due,
                subject=f"application {each.row.asked.reference}",
                organisation_id=each.row.asked.organisation_id,
            )
        )
    return findings


WATCHES = (Watch((DECIDED_IN_TIME, ANSWER_IN_TIME), overdue),)
