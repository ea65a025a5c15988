"""Customs writes off what crosses the border, once for every message however often it is sent."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.db import lock_gate
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, NotFound, Problem, TransitionRefused
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.permits.domain.after import WriteOff, left_after, write_off_problems
from registry.permits.domain.facts import PermitFact
from registry.permits.models import CustomsWriteOff, CustomsWriteOffLine
from registry.permits.queries.customs import write_offs_by_messages, write_offs_of
from registry.permits.queries.permits import permits_by_ids, permits_by_numbers
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids

MESSAGES_GATE, CUSTOMS_GATE = 12, 13
"""Messages are locked before permits: the same message sent twice at once waits for its first answer."""
WRITE_OFF = "customs.write_off"


@dataclass(frozen=True, slots=True)
class WriteOffAsked:
    """One message of customs: what passed on one permit. `lines`: product code and quantity in the product's unit."""

    message_id: str
    permit: str
    passed_on: date
    declaration: str
    lines: tuple[tuple[str, str], ...]
    packing: str | None = None


class Outcome(StrEnum):
    """What became of a message."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to one message. `left`: line id -> units that may still pass, as the first answer told it."""

    asked: WriteOffAsked
    outcome: Outcome
    permit: PermitFact | None = None
    entry: WriteOff | None = None
    left: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Ledger:
    """What is known of the permits of a batch, and what it adds to them."""

    permits: Mapping[str, PermitFact]
    revisions: Mapping[int, RevisionFact]
    found: dict[int, list[WriteOff]]
    messages: dict[str, WriteOff]
    fresh: list[WriteOff] = field(default_factory=list)


def write_off(session: Session, actor: Actor, clock: Clock, asked: Sequence[WriteOffAsked]) -> list[Told]:
    """Take each message of a batch or reject it with every reason; the others are not touched by that.

    A message that was accepted before is answered as it was the first time. Statements do not grow with the batch.
    """
    policy.require(actor, WRITE_OFF)
    lock_gate(session, MESSAGES_GATE, {_key(one.message_id) for one in asked})
    permits = permits_by_numbers(session, {one.permit for one in asked})
    lock_gate(session, CUSTOMS_GATE, {permit.id for permit in permits.values()})
    # Read again under the lock: a stop or an arrival may have come between.
    permits = permits_by_numbers(session, permits)
    lines = {line.revision_id for permit in permits.values() for line in permit.lines.values()}
    known = _Ledger(
        permits,
        revisions_by_ids(session, lines, clock.today()),
        write_offs_of(session, [permit.id for permit in permits.values()]),
        write_offs_by_messages(session, {one.message_id for one in asked}),
    )
    told = [_judge(known, actor, clock, one) for one in asked]
    _write(session, known.fresh)
    for entry in known.fresh:
        detail = {"message": entry.message_id, "declaration": entry.declaration, "day": entry.passed_on.isoformat()}
        record(session, actor, clock, WRITE_OFF, f"permit {_number(known, entry)}", detail)
    return told


def reverse(session: Session, actor: Actor, clock: Clock, message_id: str, reverses: str, reason: str) -> WriteOff:
    """Take back the write-off that the message `reverses` made, whole; the entry stays and a second one says why.

    Raises `NotFound`, `Conflict` where the message id stands for something else, `TransitionRefused` where it was
    taken back already.
    """
    policy.require(actor, WRITE_OFF)
    lock_gate(session, MESSAGES_GATE, {_key(message_id), _key(reverses)})
    wrong = write_offs_by_messages(session, [reverses]).get(reverses)
    if wrong is None or wrong.reverses_id is not None:
        raise NotFound(Message(N_("there is no write-off with the message id %(id)s"), {"id": reverses}))
    lock_gate(session, CUSTOMS_GATE, [wrong.permit_id])
    earlier = write_offs_by_messages(session, [message_id]).get(message_id)
    if earlier is not None:
        if (earlier.reverses_id, earlier.reason) == (wrong.id, reason):
            return earlier
        raise Conflict(Message(ID_TAKEN, {"id": message_id}))
    found = write_offs_of(session, [wrong.permit_id])[wrong.permit_id]
    if wrong.id in {each.reverses_id for each in found}:
        raise TransitionRefused(Message(N_("this write-off was taken back already")))
    entry = WriteOff(
        0, message_id, wrong.permit_id, clock.today(), wrong.declaration, wrong.packing, wrong.id, reason, clock.now(),
        actor.username, MappingProxyType({line: -units for line, units in wrong.units.items()}),
    )  # fmt: skip
    _write(session, [entry])
    number = permits_by_ids(session, [wrong.permit_id])[wrong.permit_id].number
    record(session, actor, clock, WRITE_OFF, f"permit {number}", {"reverses": reverses, "reason": reason})
    return write_offs_by_messages(session, [message_id])[message_id]


ID_TAKEN = N_("the message id %(id)s stands for another message already")


def _judge(known: _Ledger, actor: Actor, clock: Clock, asked: WriteOffAsked) -> Told:
    """Judge one message; an accepted one counts for those that follow in the batch."""
    permit = known.permits.get(asked.permit)
    lines, problems = _lines(known, permit, asked) if permit else ([], [])
    earlier = known.messages.get(asked.message_id)
    if earlier is not None:
        return _again(known, permit, asked, earlier, lines)
    if permit is None:
        unknown = Message(N_("there is no permit with the number %(number)s"), {"number": asked.permit})
        return Told(asked, Outcome.REJECTED, problems=(Problem("permit", "unknown-permit", unknown),))
    found = known.found.setdefault(permit.id, [])
    units_of = {line.id: known.revisions[line.revision_id].unit for line in permit.lines.values()}
    problems = problems or write_off_problems(
        permit, found, asked.passed_on, asked.declaration, lines, units_of, clock.today()
    )
    if problems:
        left = MappingProxyType(left_after(permit, found))
        return Told(asked, Outcome.REJECTED, permit, left=left, problems=tuple(problems))
    entry = WriteOff(
        0, asked.message_id, permit.id, asked.passed_on, asked.declaration, asked.packing, None, None, clock.now(),
        actor.username, MappingProxyType(dict(lines)),
    )  # fmt: skip
    found.append(entry)
    known.messages[asked.message_id] = entry
    known.fresh.append(entry)
    return Told(asked, Outcome.ACCEPTED, permit, entry, MappingProxyType(left_after(permit, found)))


def _again(
    known: _Ledger, permit: PermitFact | None, asked: WriteOffAsked, earlier: WriteOff, lines: Sequence[tuple[int, int]]
) -> Told:
    """Answer a message that was sent before: as the first time, or refuse it where it says something else now."""
    said = (permit.id if permit else None, asked.passed_on, asked.declaration, asked.packing, dict(lines))
    kept = (earlier.permit_id, earlier.passed_on, earlier.declaration, earlier.packing, dict(earlier.units))
    if permit is None or said != kept or earlier.reverses_id is not None:
        taken = Message(ID_TAKEN, {"id": asked.message_id})
        return Told(asked, Outcome.REJECTED, permit, problems=(Problem("message_id", "id-taken", taken),))
    # An entry of this same batch has no number yet: what follows it in the batch is left out by its place.
    found = known.found.get(permit.id, [])
    before = found[: next(place for place, each in enumerate(found, 1) if each.message_id == earlier.message_id)]
    return Told(asked, Outcome.REPEATED, permit, earlier, MappingProxyType(left_after(permit, before)))


def _lines(known: _Ledger, permit: PermitFact, asked: WriteOffAsked) -> tuple[list[tuple[int, int]], list[Problem]]:
    """Return (line id, units) of a message, and what is wrong with its lines."""
    by_code = {known.revisions[line.revision_id].code: line for line in permit.lines.values()}
    lines: dict[int, int] = {}
    problems = []
    for place, (code, text) in enumerate(asked.lines):
        line = by_code.get(code)
        if line is None:
            unknown = Message(
                N_("permit %(number)s has no line for %(product)s"), {"number": permit.number, "product": code}
            )
            problems.append(Problem(f"lines.{place}.product", "unknown-line", unknown))
            continue
        if line.id in lines:
            twice = Message(N_("%(product)s stands twice in the message"), {"product": code})
            problems.append(Problem(f"lines.{place}.product", "twice", twice))
            continue
        try:
            unit = Unit(known.revisions[line.revision_id].unit)
            lines[line.id] = scaled_quantity(text, UNITS_OF_ACCOUNT[unit].places)
        except BadCell as bad:
            problems.append(Problem(f"lines.{place}.quantity", bad.code, bad.message))
    if not asked.lines:
        problems.append(Problem("lines", "missing", Message(N_("state what passed of at least one line"))))
    return [*lines.items()], problems


def _write(session: Session, entries: Sequence[WriteOff]) -> None:
    if not entries:
        return
    heads = [
        {
            "message_id": entry.message_id,
            "permit_id": entry.permit_id,
            "passed_on": entry.passed_on,
            "declaration": entry.declaration,
            "packing": entry.packing,
            "reverses_id": entry.reverses_id,
            "reason": entry.reason,
            "recorded_at": entry.recorded_at,
            "recorded_by": entry.recorded_by,
        }
        for entry in entries
    ]
    # Returning the ids would cost a statement a message on SQLite: the message ids find them again.
    session.connection().execute(insert(CustomsWriteOff), heads)
    made = write_offs_by_messages(session, {entry.message_id for entry in entries})
    rows = [
        {"write_off_id": made[entry.message_id].id, "line_id": line, "units": units}
        for entry in entries
        for line, units in entry.units.items()
    ]
    session.connection().execute(insert(CustomsWriteOffLine), rows)


def _number(known: _Ledger, entry: WriteOff) -> str:
    return next(permit.number for permit in known.permits.values() if permit.id == entry.permit_id)


def _key(message_id: str) -> int:
    """Return the key of a message's lock: two that share one only wait for each other."""
    return zlib.crc32(message_id.encode()) & 0x7FFFFFFF
