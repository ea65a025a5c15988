"""What this room looks for day by day: applications that wait too long, permits that could stand again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.flags.watches import Watch
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.permits.domain.parameters import PROCESSING_DAYS
from registry.permits.domain.rules import ANSWER_IN_TIME, DECIDED_IN_TIME, STANDS_AGAIN
from registry.permits.queries.desk import waiting_cases
from registry.permits.queries.permits import stopped_permits
from registry.permits.service.stops import LICENCE_STOP, uncovered_on


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


def standing_again(session: Session, clock: Clock) -> list[Finding]:
    """Return the permits that are still stopped although a licence of their holder covers them again."""
    today = clock.today()
    parameters = parameters_on(session, today)
    stopped = stopped_permits(session, LICENCE_STOP, today)
    uncovered = {permit.id for permit in uncovered_on(session, stopped, today)}
    return [
        Finding(
            STANDS_AGAIN,
            Message(
                N_(
                    "permit %(number)s is stopped, but a licence of the holder covers it again: take it up again, or revoke it"
                ),
                {"number": permit.number},
            ),
            parameters.reported(STANDS_AGAIN),
            subject=f"permit {permit.number}",
            organisation_id=permit.organisation_id,
        )
        for permit in stopped
        if permit.id not in uncovered
    ]


WATCHES = (Watch((DECIDED_IN_TIME, ANSWER_IN_TIME), overdue), Watch((STANDS_AGAIN,), standing_again))
