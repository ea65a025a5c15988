"""Late reports are asked for in steps: two letters to the site, then one to the authority; each step once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.accounts.domain import Role
from registry.accounts.queries import recipients_with
from registry.audit.service import record
from registry.db import lock_gate
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter
from registry.mail.service import queue
from registry.parameters.queries import parameters_on
from registry.parties.queries import recipients_of_organisations
from registry.reporting.domain.calendar import DutyState, step_on
from registry.reporting.domain.parameters import STEPS
from registry.reporting.models import ReportReminder
from registry.reporting.queries.reports import Owed, owed_by_all
from registry.reporting.service.refusals import settle
from registry.web.locale import translate_in

CHASE = "reports.chase"
CHASE_GATE = 40
TO_AUTHORITY = len(STEPS)
MOST_LINES = 200
"""So many reports stand in one letter to the authority; the page lists the rest."""
SUBJECT = N_("Report of %(site)s for %(period)s: reminder %(step)s")
BODY = N_(
    "The report of %(site)s for %(period)s was due on %(day)s and has not come.\n\n"
    "Look at the sheet of the days under “Reports”, enter what is missing and report that it is complete."
    " Where nothing moved, report that.\n\n%(authority)s"
)
NOTICE_SUBJECT = N_("Missing reports: %(count)s")
NOTICE = N_("These reports have not come, although their sites were reminded:")
LINE = N_("%(site)s, %(period)s: due on %(day)s, days late: %(late)s")
REST = N_("and %(count)s more")


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is due: the report it asks for, and how many letters it is written in."""

    owed: Owed
    number: int
    letters: int


@dataclass(frozen=True, slots=True)
class Chased:
    """What a run did. `unreachable`: late, and nobody has an address."""

    steps: tuple[Step, ...]
    unreachable: tuple[Step, ...]
    late: int
    letters: tuple[Letter, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the outcome as a JSON object."""

        def listed(steps: Sequence[Step]) -> list[dict[str, object]]:
            return [
                {"site": one.owed.site.code, "period": one.owed.duty.span.code, "step": one.number} for one in steps
            ]

        return {
            "late": self.late,
            "steps": listed(self.steps),
            "letters": len(self.letters),
            "unreachable": listed(self.unreachable),
        }


def chase(session: Session, actor: Actor, clock: Clock, authority: str) -> Chased:
    """Queue the letters of every step that is due and not written. `authority`: who signs them.

    Run twice it does nothing twice. A step that was slept through is not made up for: the last one is written. The
    number of statements does not grow with the sites.
    """
    policy.require(actor, CHASE)
    lock_gate(session, CHASE_GATE, [1])
    settle(session, clock)
    done = due(session, clock, authority)
    queue(session, clock, *done.letters)
    if done.steps:
        session.connection().execute(insert(ReportReminder), [_row(one, actor, clock) for one in done.steps])
    told = {"late": done.late, "steps": len(done.steps), "letters": len(done.letters)}
    record(session, actor, clock, CHASE, f"reports of {clock.today().isoformat()}", told)
    return done


def due(session: Session, clock: Clock, authority: str) -> Chased:
    """Return the steps that are due, without writing anything."""
    today = clock.today()
    parameters = parameters_on(session, today)
    late = [one for one in owed_by_all(session, today) if one.state is DutyState.LATE]
    asked = [(one, step) for one in late if (step := step_on(one.duty, today, parameters)) > one.step]
    to_sites = [(one, step) for one, step in asked if step != TO_AUTHORITY]
    to_us = [one for one, step in asked if step == TO_AUTHORITY]
    readers = recipients_of_organisations(session, {one.site.organisation_id for one, _ in to_sites})
    letters: list[Letter] = []
    steps: dict[bool, list[Step]] = defaultdict(list)
    for one, number in to_sites:
        said = {
            "site": one.site.code,
            "period": one.duty.span.words,
            "day": one.duty.due_on,
            "step": number,
            "authority": authority,
        }
        written = [
            Letter(
                key=f"report {one.site.code} {one.duty.span.code} {number} {reader.address}"[:KEY_LENGTH],
                recipient=reader.address,
                language=reader.language,
                subject=translate_in(reader.language, Message(SUBJECT, said)),
                body=translate_in(reader.language, Message(BODY, said)),
            )
            for reader in readers.get(one.site.organisation_id, ())
        ]
        letters.extend(written)
        steps[bool(written)].append(Step(one, number, len(written)))
    notices = _notices(session, clock, to_us) if to_us else []
    letters.extend(notices)
    steps[bool(notices)].extend(Step(one, TO_AUTHORITY, len(notices)) for one in to_us)
    return Chased(tuple(steps[True]), tuple(steps[False]), len(late), tuple(letters))


def _notices(session: Session, clock: Clock, missing: Sequence[Owed]) -> list[Letter]:
    """Return one letter to each officer about everything that has reached the last step today."""
    letters = []
    for reader in recipients_with(session, [Role.OFFICER]):
        lines = [
            translate_in(
                reader.language,
                Message(
                    LINE,
                    {
                        "site": one.site.code,
                        "period": one.duty.span.words,
                        "day": one.duty.due_on,
                        "late": one.duty.days_late(clock.today()),
                    },
                ),
            )
            for one in missing[:MOST_LINES]
        ]
        if len(missing) > MOST_LINES:
            lines.append(translate_in(reader.language, Message(REST, {"count": len(missing) - MOST_LINES})))
        body = "\n".join([translate_in(reader.language, Message(NOTICE)), "", *lines])
        subject = translate_in(reader.language, Message(NOTICE_SUBJECT, {"count": len(missing)}))
        key = f"missing reports {clock.now().isoformat()} {reader.address}"[:KEY_LENGTH]
        letters.append(Letter(key, reader.address, reader.language, subject, body))
    return letters


def _row(one: Step, actor: Actor, clock: Clock) -> dict[str, object]:
    return {
        "site_id": one.owed.site.id,
        "period": one.owed.duty.span.code,
        "step": one.number,
        "sent_on": clock.today(),
        "letters": one.letters,
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
