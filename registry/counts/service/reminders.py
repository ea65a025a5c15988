"""What is late, and the letters that remind of it: cases of counts, reports of losses, losses no notice tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from registry.counts.domain.losses import POLICE, REPORT, SORTS, STEPS, THEFT, Notice, due_on
from registry.counts.queries.courses import open_cases
from registry.counts.queries.losses import notices, notices_waiting, untold
from registry.kernel.clock import Clock, day_of
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter
from registry.mail.service import queue
from registry.parameters.queries import parameters_on
from registry.parties.queries import recipients_of_organisations, sites_by_ids
from registry.web.locale import translate_in
from registry.workdays.queries import working_days

CASE_SUBJECT = N_("Differences to be explained: %(reference)s")
CASE_BODY = N_(
    "The count %(reference)s at %(site)s found differences from the book, to be explained by %(day)s: lines %(count)s."
    " Open the count under “Counts”: a second count, then the cause."
)
STEP_SUBJECT = N_("Late: %(step)s, %(reference)s")
STEP_BODY = N_(
    "%(step)s of the notice %(reference)s of %(site)s should have come by %(day)s. It is recorded under “Losses and thefts”."
)
UNTOLD_SUBJECT = N_("A notice is missing: %(reference)s")
UNTOLD_BODY = N_(
    "The entry %(reference)s of %(site)s (%(kind)s) is told in no notice. Send the notice under “Losses and thefts”."
)


@dataclass(frozen=True, slots=True)
class LateStep:
    """What should have followed a notice by a day."""

    notice: Notice
    step: str
    due_on: date


def late_steps(session: Session, clock: Clock) -> list[LateStep]:
    """Return what should have followed the notices by now; a constant number of statements."""
    today, parameters, days = clock.today(), parameters_on(session, clock.today()), working_days(session)
    waiting = {
        REPORT: notices_waiting(session, REPORT, SORTS),
        POLICE: notices_waiting(session, POLICE, (THEFT,)),
    }
    known = notices(session, {number for each in waiting.values() for number in each})
    found = []
    for step, ids in waiting.items():
        for number in ids:
            notice = known[number]
            due = due_on(notice, step, day_of(notice.discovered_at, clock.zone), parameters, days)
            if due is not None and due < today:
                found.append(LateStep(notice, step, due))
    return found


_Said = tuple[str, int, Message, Message]
"""Key, site id, subject and body of a letter."""


def remind(session: Session, clock: Clock) -> int:
    """Queue a letter to the firm about each thing that is late, once for each; return how many. Statements do not grow with it."""
    said = [*_cases(session, clock), *_steps(session, clock), *_untold(session, clock)]
    sites = sites_by_ids(session, {site for _, site, _, _ in said})
    readers = recipients_of_organisations(session, {site.organisation_id for site in sites.values()})
    letters = []
    for key, site_id, subject, body in said:
        site = sites[site_id]
        whole = Message(body.msgid, {**body.params, "site": site.code})
        for reader in readers.get(site.organisation_id, ()):
            letters.append(
                Letter(
                    key=f"{key} {reader.address}"[:KEY_LENGTH],
                    recipient=reader.address,
                    language=reader.language,
                    subject=translate_in(reader.language, subject),
                    body=translate_in(reader.language, whole),
                )
            )
    queue(session, clock, *letters)
    return len(letters)


def _cases(session: Session, clock: Clock) -> Iterator[_Said]:
    today = clock.today()
    for each in open_cases(session):
        if each.due_on is not None and each.due_on < today:
            told = {"reference": each.reference}
            more = told | {"day": each.due_on, "count": each.lines}
            yield f"late {each.reference}", each.site_id, Message(CASE_SUBJECT, told), Message(CASE_BODY, more)


def _steps(session: Session, clock: Clock) -> Iterator[_Said]:
    for each in late_steps(session, clock):
        told = {"reference": each.notice.reference, "step": Message(STEPS[each.step])}
        subject, body = Message(STEP_SUBJECT, told), Message(STEP_BODY, told | {"day": each.due_on})
        yield f"late {each.step} {each.notice.reference}", each.notice.site_id, subject, body


def _untold(session: Session, clock: Clock) -> Iterator[_Said]:
    for each in untold(session):
        if day_of(each.recorded_at, clock.zone) < clock.today():
            told = {"reference": each.reference}
            body = Message(UNTOLD_BODY, told | {"kind": Message(SORTS[each.kind])})
            yield f"untold {each.reference}", each.site_id, Message(UNTOLD_SUBJECT, told), body
