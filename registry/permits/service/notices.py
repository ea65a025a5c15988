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
from registry.web.locale import translate_in

SUBJECT = N_("Permit %(number)s")


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
