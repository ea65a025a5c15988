"""Letters between sender and receiver: what arrives and waits to be confirmed, what was received otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter
from registry.mail.service import queue
from registry.parties.domain import SiteFact
from registry.parties.queries import recipients_of_organisations
from registry.stock.domain.receipts import REASONS, Difference, SentLine
from registry.substances.domain.facts import RevisionFact
from registry.web.locale import translate_in

DIFFERS = N_("Received otherwise: %(reference)s")
DIFFERENT = N_(
    "%(site)s says that what you entered as sent under “%(reference)s” on %(day)s did not arrive as entered."
    " Your entry stays as it is. Look at the page of the entry: it ends with an entry that corrects the ledger,"
    " or with a ruling of the authority."
)
OF_IT = N_("%(product)s, batch %(batch)s: %(quantity)s %(unit)s %(reason)s")
RULED = N_("Ruling on a difference: %(reference)s")
RULING = N_("The authority has ruled on what arrived otherwise than entered under “%(reference)s”:\n\n%(text)s")

Told = tuple[SentLine, Sequence[Difference], RevisionFact]


def tell_of_differences(session: Session, clock: Clock, told: Sequence[Told], sites: Mapping[int, SiteFact]) -> None:
    """Queue a letter to whoever reads for the sender of each line; the statements do not grow with the lines."""
    readers = recipients_of_organisations(session, {sites[line.sender_id].organisation_id for line, _, _ in told})
    letters = []
    for line, differences, revision in told:
        head = {"reference": line.reference, "day": line.occurred_on, "site": sites[line.receiver_id].code}
        said = [Message(DIFFERENT, head), *(_difference(line, one, revision) for one in differences)]
        for reader in readers.get(sites[line.sender_id].organisation_id, ()):
            letters.append(
                Letter(
                    key=f"difference {line.reference} {line.answered + 1} {reader.address}"[:KEY_LENGTH],
                    recipient=reader.address,
                    language=reader.language,
                    subject=translate_in(reader.language, Message(DIFFERS, {"reference": line.reference})),
                    body="\n\n".join(translate_in(reader.language, each) for each in said),
                )
            )
    queue(session, clock, *letters)


def tell_of_ruling(
    session: Session, clock: Clock, line: SentLine, reason: str, text: str, organisations: Iterable[int]
) -> None:
    """Queue a letter to whoever reads for either side."""
    readers = recipients_of_organisations(session, organisations)
    subject = Message(RULED, {"reference": line.reference})
    body = Message(RULING, {"reference": line.reference, "text": text})
    queue(
        session,
        clock,
        *(
            Letter(
                key=f"ruling {line.reference} {line.answered} {reason} {reader.address}"[:KEY_LENGTH],
                recipient=reader.address,
                language=reader.language,
                subject=translate_in(reader.language, subject),
                body=translate_in(reader.language, body),
            )
            for each in readers.values()
            for reader in each
        ),
    )


def _difference(line: SentLine, one: Difference, revision: RevisionFact) -> Message:
    said = {
        "product": revision.code,
        "batch": line.label or "–",
        "quantity": stated(one.units, revision.unit),
        "unit": Message(UNIT_NAMES[Unit(revision.unit)]),
        "reason": Message(REASONS[one.reason].name),
    }
    return Message(OF_IT, said)
