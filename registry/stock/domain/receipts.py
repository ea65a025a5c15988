"""What a receiver says of what was sent: the states of a line, the reasons a difference may have, the columns of an answer.

What the sender enters is on the receiver's shelf at once. The receiver's answer moves nothing: a
difference is two people saying two things, and stays until an entry of the ledger makes both
right or the authority rules. So the ledger remains the fold of its movements, whatever is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registry.kernel.fields import Column, as_code, as_day, as_quantity, choice
from registry.kernel.persons import as_document, as_note, plain_documents
from registry.kernel.text import N_


class LineState(StrEnum):
    """Where what was sent stands between the two sites."""

    NOT_ASKED = "not_asked"
    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    DIFFERENT = "different"
    SETTLED = "settled"
    TAKEN_BACK = "taken_back"


STATE_NAMES: Mapping[LineState, str] = {
    LineState.NOT_ASKED: N_("sent before receipts were confirmed"),
    LineState.UNCONFIRMED: N_("waits for confirmation"),
    LineState.CONFIRMED: N_("confirmed as sent"),
    LineState.DIFFERENT: N_("received differently"),
    LineState.SETTLED: N_("received differently, settled"),
    LineState.TAKEN_BACK: N_("taken back by the sender"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why less, more or something else arrived.

    `rises`: more lies there than was entered, so that what corrects it raises the receiver's shelf.
    `relabelled`: it names the batch that came instead. `whole`: it is about the whole of the line.
    `lies_there`: what it is about lies at the receiver's, who may send it back.
    """

    code: str
    name: str
    rises: bool = False
    relabelled: bool = False
    whole: bool = False
    lies_there: bool = False


OTHER_BATCH = Reason("other_batch", N_("came with another batch number"), relabelled=True, lies_there=True)
REASONS: Mapping[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason("short", N_("missing")),
        Reason("over", N_("more than entered"), rises=True, lies_there=True),
        Reason("damaged", N_("came damaged"), lies_there=True),
        OTHER_BATCH,
        Reason("never_sent", N_("never came"), whole=True),
        Reason("never_ordered", N_("was never ordered"), lies_there=True),
    )
}

COLUMNS = (
    Column("reference", as_document, note=N_("reference of the entry that sent the goods"), plain=plain_documents),
    Column("received_on", as_day, note=N_("the day the goods arrived, 2025-03-31 or 31.03.2025")),
    Column(
        "reason",
        choice(REASONS),
        required=False,
        note=N_("what differs; empty: everything came as sent. One row for each reason"),
        choices=tuple(REASONS),
        meanings=tuple((reason.code, reason.name) for reason in REASONS.values()),
    ),
    Column("quantity", as_quantity, required=False, note=N_("how much differs, in the unit of the product")),
    Column("batch", as_code, required=False, note=N_("the batch that came instead")),
    Column("note", as_note, required=False, note=N_("free note; never a name or personal number")),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs for one reason, in units of account; `label`: the batch that came instead."""

    reason: str
    units: int
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a difference: by `entry`, a reference, or by `ruling` of the authority with its `document`."""

    entry: str | None
    ruling: str | None
    document: str | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class SentLine:
    """One entry that sent something, with the receiver's last answer; quantities in units of account.

    `answered` counts the answers. `received_on` and `as_sent` are of the last one, `open` and `settled` its differences by reason.
    """

    id: int
    reference: str
    occurred_on: date
    kind: str
    sender_id: int
    receiver_id: int
    product_id: int
    revision_id: int
    batch_id: int
    label: str
    expires_on: date | None
    units: int
    document: str | None
    asked: bool
    reversed_by: str | None
    answered: int = 0
    received_on: date | None = None
    as_sent: bool | None = None
    note: str | None = None
    differences: tuple[Difference, ...] = ()
    settled: frozenset[str] = frozenset()

    @property
    def state(self) -> LineState:
        """Return where the line stands."""
        if self.reversed_by is not None:
            return LineState.TAKEN_BACK
        if self.as_sent is None:
            return LineState.UNCONFIRMED if self.asked else LineState.NOT_ASKED
        if self.as_sent:
            return LineState.CONFIRMED
        return LineState.DIFFERENT if self.open else LineState.SETTLED

    @property
    def open(self) -> tuple[Difference, ...]:
        """Return the differences that nothing has ended yet."""
        if self.reversed_by is not None:
            return ()
        return tuple(one for one in self.differences if one.reason not in self.settled)

    def says(self, received_on: date, differences: Iterable[Difference]) -> bool:
        """Say whether the last answer is this one."""
        same_day = self.received_on == received_on
        return self.as_sent is not None and same_day and set(self.differences) == set(differences)


def disputed(differences: Iterable[Difference]) -> int:
    """Return how many units of what was sent are said not to lie there as entered."""
    return sum(one.units for one in differences if not REASONS[one.reason].rises)


def unconfirmed_on_hand(days: Iterable[tuple[int, int]]) -> int:
    """Return how much of what lies on a shelf nobody has confirmed, from its days in order.

    A day is the change of the shelf and what was sent to it and waits, in units of account. What
    leaves is taken from what is confirmed, as STK-24 asks; what is gone all the same, because nothing
    else lay there, waits no more, whatever arrives later.
    """
    held = waiting = 0
    for change, sent in days:
        held += change
        waiting = max(0, min(waiting + sent, held))
    return waiting
