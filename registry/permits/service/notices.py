"""Letters to the holders of permits: queued with the deed they tell of, in the language of each reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.text import N_, Message
from registry.mail.domain import Letter
from registry.mail.service import queue
from registry.parties.queries import recipients_of_organisations
from registry.permits.domain.facts import PermitFact
from registry.permits.queries.cases import ApplicationRow
from registry.web.locale import translate_in

SUBJECT = N_("Permit %(number)s")
OF_APPLICATION = N_("Application %(reference)s")
ASKED = N_(
    "The authority asks you about your application %(reference)s:\n\n%(text)s\n\nPlease answer on its page by %(day)s."
    " Until then the time for the decision stands still."
)
ISSUED = N_(
    "Permit %(number)s was issued on your application %(reference)s. You find it on the page of the application."
)
REFUSED = N_("Your application %(reference)s was refused: %(ground)s.\n\n%(text)s")


def tell_holders(
    session: Session, clock: Clock, permits: Sequence[PermitFact], msgid: str, day: date, why: Message
) -> None:
    """Queue a letter about each permit to whoever reads for its holder; `msgid` names number, day and why.

    The number of statements does not grow with the permits.
    """
    readers = recipients_of_organisations(session, {permit.organisation_id for permit in permits})
    letters = []
    for permit in permits:
        said = {"number": permit.number, "day": day, "why": why}
        for reader in readers.get(permit.organisation_id, ()):
            letters.append(
                Letter(
                    key=f"permit {permit.number} {msgid[:40]} {clock.now().isoformat()} {reader.address}"[:200],
                    recipient=reader.address,
                    language=reader.language,
                    subject=translate_in(reader.language, Message(SUBJECT, {"number": permit.number})),
                    body=translate_in(reader.language, Message(msgid, said)),
                )
            )
    queue(session, clock, *letters)


def tell_applicant(
    session: Session, clock: Clock, row: ApplicationRow, version: int, msgid: str, **said: object
) -> None:
    """Queue a letter about step `version` of a case to whoever reads for the applicant, each in their language."""
    of = row.asked.organisation_id
    said |= {"reference": row.asked.reference}
    subject = Message(OF_APPLICATION, {"reference": row.asked.reference})
    letters = [
        Letter(
            key=f"application {row.id} step {version} {reader.address}"[:200],
            recipient=reader.address,
            language=reader.language,
            subject=translate_in(reader.language, subject),
            body=translate_in(reader.language, Message(msgid, said)),
        )
        for reader in recipients_of_organisations(session, [of]).get(of, ())
    ]
    queue(session, clock, *letters)
