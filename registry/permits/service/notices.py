"""Letters to the holders of permits: queued with the deed they tell of, in the language of each reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from registry.accounts.domain import Recipient
from registry.kernel.clock import Clock
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter, LetterState
from registry.mail.queries import letters_by_keys
from registry.mail.service import queue
from registry.parties.queries import recipients_of_organisations
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.proposals import CUT_REASONS, CutFact
from registry.permits.queries.cases import ApplicationRow
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids
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
    session: Session,
    clock: Clock,
    row: ApplicationRow,
    version: int,
    msgid: str,
    more: Sequence[Message] = (),
    readers: Sequence[Recipient] | None = None,
    **said: object,
) -> None:
    """Queue a letter about step `version` of a case to whoever reads for the applicant, each in their language.

    `more`: sentences that follow, each a paragraph of its own. `readers`: where they were looked up already.
    """
    said |= {"reference": row.asked.reference}
    if readers is None:
        readers = _readers_of(session, row)
    subject = Message(OF_APPLICATION, {"reference": row.asked.reference})
    letters = [
        Letter(
            key=_key(row, version, reader),
            recipient=reader.address,
            language=reader.language,
            subject=translate_in(reader.language, subject),
            body="\n\n".join(translate_in(reader.language, each) for each in (Message(msgid, said), *more)),
        )
        for reader in readers
    ]
    queue(session, clock, *letters)


def letters_told(session: Session, row: ApplicationRow, version: int) -> list[LetterState]:
    """Return where the letters about step `version` of a case stand; none where nobody of the applicant has an address."""
    keys = [_key(row, version, reader) for reader in _readers_of(session, row)]
    return [letter.state for letter in letters_by_keys(session, keys).values()]


def _readers_of(session: Session, row: ApplicationRow) -> Sequence[Recipient]:
    of = row.asked.organisation_id
    return recipients_of_organisations(session, [of]).get(of, ())


def _key(row: ApplicationRow, version: int, reader: Recipient) -> str:
    return f"application {row.id} step {version} {reader.address}"[:KEY_LENGTH]


def tell_issued(
    session: Session, clock: Clock, row: ApplicationRow, version: int, number: str, readers: Sequence[Recipient]
) -> None:
    """Queue the letter about an issued permit, with every line of which less is given than was asked for."""
    used = revisions_by_ids(session, row.revision_ids.values(), clock.today()) if row.cuts else {}
    asked = dict(row.asked.lines)
    less = [cut_told(used[row.revision_ids[product]], asked[product], cut) for product, cut in row.cuts.items()]
    tell_applicant(session, clock, row, version, ISSUED, less, readers, number=number)


def cut_told(revision: RevisionFact, asked: int, cut: CutFact) -> Message:
    """Return a cut as a sentence: of what how much of how much is given, and why."""
    said = {
        "product": revision.code,
        "given": stated(cut.units, revision.unit),
        "asked": stated(asked, revision.unit),
        "unit": Message(UNIT_NAMES[Unit(revision.unit)]),
        "reason": Message(CUT_REASONS[cut.reason].name),
        "text": cut.text,
    }
    return Message(N_("Of %(product)s, %(given)s of %(asked)s %(unit)s are given: %(reason)s. %(text)s"), said)
