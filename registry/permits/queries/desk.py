"""What the desk of the authority shows: cases that wait with their clocks, and what officers noted on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.accounts.domain import AUTHORITY_ROLES
from registry.accounts.policy import holds
from registry.kernel.actor import Actor
from registry.kernel.clock import day_of
from registry.permits.domain.term import Rest, decision_due
from registry.permits.domain.transitions import ANSWER, FORWARD, PENDING, REQUEST_INFORMATION, State
from registry.permits.models import Application, CaseEvent, CaseNote
from registry.permits.queries.cases import ApplicationRow, read_applications
from registry.substances.queries.base import wanted_ids
from registry.workdays.queries import working_days

MOST = 500
"""Cases that wait, shown at once; a country of some million people has a few dozen."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case nobody has decided, and the last day to decide it; None while the applicant is asked something."""

    row: ApplicationRow
    due_on: date | None

    def is_late(self, today: date) -> bool:
        """Say whether the day has passed: for the decision, or for the answer of the applicant."""
        return self.is_overdue(today) or self.is_unanswered(today)

    def is_overdue(self, today: date) -> bool:
        """Say whether the day for the decision has passed."""
        return self.due_on is not None and self.due_on < today

    def is_unanswered(self, today: date) -> bool:
        """Say whether the day for the answer of the applicant has passed."""
        asked = self.row.state == State.INFORMATION_REQUESTED
        return asked and self.row.reply_by is not None and self.row.reply_by < today


@dataclass(frozen=True, slots=True)
class NoteFact:
    """What an officer noted on a case."""

    at: datetime
    actor: str
    text: str


def waiting_cases(
    session: Session,
    zone: ZoneInfo,
    days: int,
    *,
    states: Collection[str] | None = None,
    kind: str | None = None,
    organisation_id: int | None = None,
    officer: str | None = None,
    limit: int | None = MOST,
) -> list[Waiting]:
    """Return the cases that wait, of `states` or of any, narrowed where asked, those due first in front. Five statements.

    `days`: working days a decision may take. `officer`: whoever took them up.
    """
    wanted = tuple(state.value for state in PENDING) if states is None else tuple(states)
    chosen: list[ColumnElement[bool]] = [Application.state.in_(wanted)]
    if kind is not None:
        chosen.append(Application.kind == kind)
    if organisation_id is not None:
        chosen.append(Application.organisation_id == organisation_id)
    if officer is not None:
        chosen.append(Application.officer == officer)
    rows = read_applications(session, *chosen, limit=limit)
    rests, working = _rests(session, {row.id for row in rows}, zone), working_days(session)
    found = [
        Waiting(row, decision_due(day_of(row.submitted_at, zone), days, rests.get(row.id, ()), working)) for row in rows
    ]
    return sorted(found, key=lambda one: (one.due_on or one.row.reply_by or date.max, one.due_on is None, one.row.id))


def waiting_for(session: Session, actor: Actor, zone: ZoneInfo, days: int) -> list[Waiting]:
    """Return the cases that this person carries on, those due first in front.

    Left out: what they proposed themselves, and what a colleague has taken up.
    """
    states = [state.value for state, step in FORWARD.items() if holds(actor, step.action)]
    if not states:
        return []
    own = None if actor.has(*AUTHORITY_ROLES) else actor.organisation_id or 0
    found = waiting_cases(session, zone, days, states=states, organisation_id=own)
    return [each for each in found if _is_theirs(each.row, actor.username)]


def _is_theirs(row: ApplicationRow, username: str) -> bool:
    if FORWARD[State(row.state)].second_person:
        return row.proposed_by != username
    return row.state != State.UNDER_REVIEW or row.officer in (None, username)


def clock_of(session: Session, zone: ZoneInfo, days: int, row: ApplicationRow) -> Waiting:
    """Return one case with its clock."""
    rests = _rests(session, [row.id], zone).get(row.id, ())
    return Waiting(row, decision_due(day_of(row.submitted_at, zone), days, rests, working_days(session)))


def _rests(session: Session, ids: Iterable[int], zone: ZoneInfo) -> dict[int, list[Rest]]:
    """Return case id -> when the applicant was asked and answered."""
    keys = wanted_ids(session, "wanted_case", ids)
    found: dict[int, list[Rest]] = defaultdict(list)
    for number, at, step in session.execute(
        select(CaseEvent.application_id, CaseEvent.at, CaseEvent.transition)
        .where(
            CaseEvent.application_id.in_(select(keys.c.id)),
            CaseEvent.transition.in_((REQUEST_INFORMATION.step, ANSWER.step)),
        )
        .order_by(CaseEvent.id)
    ):
        day = day_of(at, zone)
        if step == REQUEST_INFORMATION.step:
            found[number].append((day, None))
        elif found[number]:
            found[number][-1] = found[number][-1][0], day
    return found


def case_notes(session: Session, application_id: int) -> list[NoteFact]:
    """Return what officers noted on a case, the oldest first."""
    rows = session.execute(
        select(CaseNote.at, CaseNote.actor, CaseNote.text)
        .where(CaseNote.application_id == application_id)
        .order_by(CaseNote.id)
    )
    return [NoteFact(*row) for row in rows]
