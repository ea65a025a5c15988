"""Letters between sender and receiver: what arrives and waits to be confirmed, what was received otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.mail.domain import KEY_LENGTH, Letter
from registry.mail.service import queue
from registry.parties.domain import SiteFact
from registry.parties.queries import recipients_of_organisations, sites_by_ids
from registry.stock.domain.receipts import REASONS, Difference, SentLine
from registry.stock.queries.journal import RECENT_DAYS
from registry.stock.queries.receipts import Sent, sent_lately
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

ARRIVES = N_("Sent to you: please confirm")
ARRIVING = N_(
    "%(sender)s has entered goods as sent to %(site)s: lines %(count)s, the oldest of %(day)s. They lie on your shelf"
    " at once. Confirm that they came as sent, or say what differs: in the menu, “Arriving: to be confirmed”."
)
TOLD_BACK = timedelta(days=3)
"""How far back what was recorded is told of, where the command did not run for a while."""

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


def tell_of_arrivals(session: Session, clock: Clock) -> int:
    """Queue a letter to whoever reads for the receiver of what was recorded within each hour that has ended; return how many.

    An hour of one sender and receiver is one letter, and is told once however often this runs. A constant number of statements.
    """
    now = clock.now()
    ended = now.replace(minute=0, second=0, microsecond=0)
    since = clock.today() - timedelta(days=RECENT_DAYS)
    hours: dict[tuple[int, int, datetime], list[Sent]] = defaultdict(list)
    for one in sent_lately(session, ended - TOLD_BACK, ended, since):
        hour = one.recorded_at.replace(minute=0, second=0, microsecond=0)
        hours[one.sender_id, one.receiver_id, hour].append(one)
    sites = sites_by_ids(session, {site for sender, receiver, _ in hours for site in (sender, receiver)})
    readers = recipients_of_organisations(session, {sites[receiver].organisation_id for _, receiver, _ in hours})
    letters = []
    for (sender, receiver, hour), sent in hours.items():
        said = {
            "sender": sites[sender].code,
            "site": sites[receiver].code,
            "count": sum(one.lines for one in sent),
            "day": min(one.oldest for one in sent),
        }
        for reader in readers.get(sites[receiver].organisation_id, ()):
            letters.append(
                Letter(
                    key=f"arriving {sender} {receiver} {hour.isoformat()} {reader.address}"[:KEY_LENGTH],
                    recipient=reader.address,
                    language=reader.language,
                    subject=translate_in(reader.language, Message(ARRIVES)),
                    body=translate_in(reader.language, Message(ARRIVING, said)),
                )
            )
    queue(session, clock, *letters)
    return len(letters)


def _difference(line: SentLine, one: Difference, revision: RevisionFact) -> Message:
    said = {
        "product": revision.code,
        "batch": line.label or "–",
        "quantity": stated(one.units, revision.unit),
        "unit": Message(UNIT_NAMES[Unit(revision.unit)]),
        "reason": Message(REASONS[one.reason].name),
    }
    return Message(OF_IT, said)
