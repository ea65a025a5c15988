"""Merging two records of one thing, separating them again, and taking what names the duplicate over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.deeds.domain import Deed, DeedFact
from registry.deeds.service import begin
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.mergers.domain import MERGE, SEPARATE, UNDER_SURVIVOR, Asked, Hanging, Trait, differences, standing_for
from registry.mergers.models import Merger
from registry.mergers.queries import IN_FORCE, merger_in_force, resolutions, survivors

MERGERS_GATE = 15
"""Gate of `db.lock_gate`: one merger at a time."""
CANNOT = Message(N_("these two records cannot be merged"))
STAYS = Message(N_("the records cannot be separated"))
RECORDED_SINCE = N_(
    "recorded since they were merged: %(what)s, %(count)s. What was recorded under one code stays there"
)

Describe = Callable[[Session, Collection[str], date], Mapping[str, list[Trait]]]
Hangs = Callable[[Session, Asked], list[Hanging]]
Recorded = Callable[[set[str]], Mapping[str, datetime]]
"""Asked with keys of rows, answered with the moment each was recorded; unknown keys are missing."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the room of a record and those above it say of it."""

    kind: str
    describe: Describe
    hangs: Hangs


def subject_of(kind: str, code: str) -> str:
    """Return the subject of the deeds on one record."""
    return f"{kind} {code}"


def read_subject(subject: str) -> tuple[str, str]:
    """Return kind and code from the subject of a deed."""
    kind, _, code = subject.partition(" ")
    return kind, code


def ask_merge(
    session: Session, actor: Actor, clock: Clock, room: Room, duplicate: str, survivor: str, reason: str
) -> DeedFact:
    """Propose that `duplicate` resolves to `survivor`. Raises `Invalid` with everything that hinders it."""
    _require_mergeable(session, clock, room, duplicate, survivor, deciding=False)
    payload = {"survivor": survivor}
    return begin(
        session, actor, clock, Deed(MERGE, subject_of(room.kind, duplicate), reason, clock.today(), None, payload)
    )


def carry_out_merge(session: Session, actor: Actor, clock: Clock, room: Room, deed: DeedFact) -> None:
    """Let the duplicate resolve to the survivor from now on; whatever led to the duplicate leads there too."""
    _, duplicate = read_subject(deed.subject)
    survivor = deed.payload["survivor"]
    lock_gate(session, MERGERS_GATE, [1])
    _require_mergeable(session, clock, room, duplicate, survivor, deciding=True)
    led = _ended(session, clock, deed.id, (Merger.kind == room.kind) & (Merger.survivor == duplicate))
    _write(session, actor, clock, deed.id, [(room.kind, code, survivor) for code in (duplicate, *led)])
    record(session, actor, clock, MERGE.code, deed.subject, {"survivor": survivor, "also": led})


def ask_separate(session: Session, actor: Actor, clock: Clock, room: Room, duplicate: str, reason: str) -> DeedFact:
    """Propose that a record stands for itself again, while nothing was recorded for the survivor since."""
    known = _require_separable(session, clock, room, duplicate, deciding=False)
    payload = {"survivor": known.survivor}
    return begin(
        session, actor, clock, Deed(SEPARATE, subject_of(room.kind, duplicate), reason, clock.today(), None, payload)
    )


def carry_out_separate(session: Session, actor: Actor, clock: Clock, room: Room, deed: DeedFact) -> None:
    """Let the duplicate stand for itself again; whatever led to it before leads to it again."""
    _, duplicate = read_subject(deed.subject)
    lock_gate(session, MERGERS_GATE, [1])
    known = _require_separable(session, clock, room, duplicate, deciding=True)
    _ended(session, clock, deed.id, Merger.deed_id == known.deed_id)
    before = session.scalars(select(Merger.duplicate).where(Merger.ended_by_id == known.deed_id)).all()
    _write(session, actor, clock, deed.id, [(room.kind, code, duplicate) for code in before])
    record(session, actor, clock, SEPARATE.code, deed.subject, {"survivor": known.survivor, "also": list(before)})


def _require_mergeable(
    session: Session, clock: Clock, room: Room, duplicate: str, survivor: str, *, deciding: bool
) -> None:
    asked = Asked(duplicate, clock.today(), deciding=deciding)
    found = room.describe(session, {duplicate, survivor}, clock.today())
    own, other = found.get(duplicate), found.get(survivor)
    if own is None:
        raise NotFound(Message(N_("there is no record with the code “%(code)s”"), {"code": duplicate}))
    problems = [] if other is not None else [_problem(N_("there is no record with the code “%(code)s”"), code=survivor)]
    merged = survivors(session, [duplicate, survivor])
    if duplicate == survivor:
        problems.append(_problem(N_("a record is not merged into itself")))
    if (room.kind, duplicate) in merged:
        problems.append(_problem(N_("“%(code)s” was merged already"), code=duplicate))
    if (room.kind, survivor) in merged:
        into = merged[room.kind, survivor]
        problems.append(
            _problem(N_("“%(code)s” was itself merged into “%(into)s”: name that"), code=survivor, into=into)
        )
    for mine, theirs in differences(own, other or own):
        said = {"field": Message(mine.label), "mine": mine.value or "–", "theirs": theirs.value or "–"}
        problems.append(_problem(N_("they differ: %(field)s is “%(mine)s” here and “%(theirs)s” there"), **said))
    problems += [_hindered(each) for each in room.hangs(session, asked)]
    if problems:
        raise Invalid(CANNOT, problems)


def _require_separable(session: Session, clock: Clock, room: Room, duplicate: str, *, deciding: bool) -> Merger:
    known = merger_in_force(session, room.kind, duplicate)
    if known is None:
        raise Conflict(Message(N_("“%(code)s” is not merged into another record"), {"code": duplicate}))
    problems = [
        _problem(RECORDED_SINCE, what=Message(each.label), count=each.count)
        for each in room.hangs(session, Asked(known.survivor, clock.today(), known.recorded_at, deciding))
    ]
    if problems:
        raise Invalid(STAYS, problems)
    return known


def _hindered(each: Hanging) -> Problem:
    said = {"what": Message(each.label), "count": each.count, "advice": Message(each.advice)}
    return _problem(N_("%(what)s: %(count)s. %(advice)s"), **said)


def _problem(msgid: str, /, **said: object) -> Problem:
    return Problem("record", "not-mergeable", Message(msgid, said))


def _ended(session: Session, clock: Clock, deed_id: int, chosen: object) -> list[str]:
    """End the chosen mergers in force by a deed; return the codes that led somewhere by them."""
    ended = (
        update(Merger)
        .where(IN_FORCE, chosen)  # type: ignore[arg-type]
        .values(ended_on=clock.today(), ended_at=clock.now(), ended_by_id=deed_id)
        .returning(Merger.duplicate)
    )
    return sorted(session.scalars(ended.execution_options(synchronize_session=False)))


def _write(session: Session, actor: Actor, clock: Clock, deed_id: int, pairs: Sequence[tuple[str, str, str]]) -> None:
    if not pairs:
        return
    rows = [
        {
            "kind": kind,
            "duplicate": duplicate,
            "survivor": survivor,
            "merged_on": clock.today(),
            "deed_id": deed_id,
            "recorded_at": clock.now(),
            "recorded_by": actor.username,
        }
        for kind, duplicate, survivor in pairs
    ]
    session.connection().execute(insert(Merger), rows)


def no_merger_meanwhile(session: Session) -> None:
    """Let nobody merge or separate records until this transaction ends, and wait for whoever does: writers ask it first.

    Writers do not wait for each other. What one has written before a merger is decided, the merger sees.
    """
    lock_gate(session, MERGERS_GATE, [1], shared=True)


def take_over(
    session: Session,
    columns: Mapping[str, list[Any]],
    numbers: Sequence[int | None],
    named: Mapping[str, str],
    key_of: Callable[[int], object],
    recorded: Recorded,
) -> list[Finding]:
    """Put the survivors where `columns` name duplicates, and return a note for each code; at most three statements.

    `named`: column -> kind of record. `key_of`: what the row at a place is known by. `recorded`, asked only where something
    was merged, tells when rows were recorded before: what is sent again names what stood for the code at that moment.
    """
    no_merger_meanwhile(session)
    led = resolutions(session, set[Any]().union(*(columns[column] for column in named)) - {None})
    places = [
        (column, index)
        for column, kind in named.items()
        for index, code in enumerate(columns[column] if led else ())
        if (kind, code) in led
    ]
    moments = recorded({str(key_of(index)) for _, index in places}) if places else {}
    found: dict[str, Finding] = {}
    for column, index in places:
        code = str(columns[column][index])
        survivor = standing_for(led[named[column], code], moments.get(str(key_of(index))))
        if survivor is not None:
            columns[column][index] = survivor
            found.setdefault(code, note(code, survivor, numbers[index]))
    return list(found.values())


def take_over_rows(
    session: Session, rows: Sequence[Mapping[str, Any]], named: Mapping[str, str], key: str, recorded: Recorded
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Return rows with the survivors in them, and the notes; see `take_over`."""
    taken = [dict(row) for row in rows]
    columns = {name: [row.get(name) for row in taken] for name in named}
    numbers = [row.get("row") for row in taken]
    findings = take_over(session, columns, numbers, named, lambda place: taken[place].get(key), recorded)
    for name in named if findings else ():
        for row, code in zip(taken, columns[name], strict=True):
            row[name] = code
    return taken, findings


def note(code: str, survivor: str, row: int | None) -> Finding:
    """Return the note that what named `code` is recorded under `survivor`."""
    said = {"code": code, "survivor": survivor}
    message = Message(N_("“%(code)s” was merged into “%(survivor)s”: recorded under that"), said)
    return Finding(UNDER_SURVIVOR, message, UNDER_SURVIVOR.severity, row)
