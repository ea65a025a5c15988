"""The sweep: every watch looks, and the worklist is brought up to what stands today.

Sweeping twice does nothing twice. A flag whose cause is gone is closed with that reason and kept;
it opens again when the cause is back. A flag that a person has closed with a reason stays closed
while its cause stands as it stood then, and opens again when the cause is farther beyond its
limit than it was, or is back after it had gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, text
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import inline_rows, lock_gate
from registry.flags.domain import CAUSE_GONE, FlagState, Step, is_farther, packed
from registry.flags.models import Flag, FlagEvent, FlagSweep
from registry.flags.service.raising import Key, key_of, raise_flags
from registry.flags.watches import Watch
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding, Severity

SWEEP_GATE = 17
"""Gate of `db.lock_gate`: one sweep at a time."""

Kept = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: flags opened, come back, closed because the cause is gone; findings that stand in all."""

    opened: int
    returned: int
    closed: int
    standing: int

    def as_json(self) -> dict[str, int]:
        """Return the figures by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def sweep(session: Session, actor: Actor, clock: Clock, watches: Iterable[Watch]) -> Swept:
    """Ask every watch and bring the flags of its rules up to date. A constant number of statements."""
    lock_gate(session, SWEEP_GATE, [1])
    asked = tuple(watches)
    found = _look(session, clock, asked)
    kept = _kept(session, asked)
    fresh = [finding for key, finding in found.items() if key not in kept]
    back = [row for key, row in kept.items() if key in found and _comes_back(row, found[key])]
    gone = [row for key, row in kept.items() if key not in found and row.state == FlagState.OPEN]
    lapsed = [row for key, row in kept.items() if key not in found and row.state == FlagState.CLOSED and row.stands]
    raise_flags(session, clock, fresh)
    _refresh(session, [(row, found[key]) for key, row in kept.items() if key in found and row.state == FlagState.OPEN])
    _refresh(session, [(row, found[row.rule, row.subject]) for row in back])
    _reopen(session, [row.id for row in back])
    _close(session, clock, [row.id for row in gone])
    _lapse(session, [row.id for row in lapsed])
    events = [_event(clock, actor, row.id, Step.RETURNED, found[row.rule, row.subject].observed) for row in back]
    events += [_event(clock, SYSTEM, row.id, Step.CLOSED, row.observed, CAUSE_GONE) for row in gone]
    if events:
        session.connection().execute(insert(FlagEvent), events)
    swept = Swept(len(fresh), len(back), len(gone), len(found))
    session.execute(
        insert(FlagSweep).values(at=clock.now(), actor=actor.username, day=clock.today(), **swept.as_json())
    )
    record(session, actor, clock, "flags.sweep", f"sweep of {clock.today().isoformat()}", swept.as_json())
    return swept


def _look(session: Session, clock: Clock, watches: Iterable[Watch]) -> dict[Key, Finding]:
    """Return what stands, by key. A watch that judges what it has not declared is a fault of ours."""
    found: dict[Key, Finding] = {}
    for watch in watches:
        for finding in watch.look(session, clock):
            if not watch.judges(*key_of(finding)):
                raise ValueError(f"{finding.rule.code}, {finding.subject}: not declared by the watch that found it")
            if finding.severity is Severity.FLAG:
                found.setdefault(key_of(finding), finding)
    return found


def _kept(session: Session, watches: Collection[Watch]) -> Mapping[Key, Kept]:
    codes = sorted({rule.code for watch in watches for rule in watch.rules})
    chosen = (
        select(
            Flag.id, Flag.rule, Flag.subject, Flag.state, Flag.stands, Flag.organisation_id,
            Flag.msgid, Flag.params, Flag.observed, Flag.limit_value, Flag.unit,
        )
        .where(Flag.rule.in_(codes))
        .order_by(Flag.id)
        .with_for_update()
    )  # fmt: skip
    return {
        (row.rule, row.subject): row
        for row in session.execute(chosen)
        if any(watch.judges(row.rule, row.subject) for watch in watches)
    }


def _comes_back(row: Kept, finding: Finding) -> bool:
    """Say whether a closed flag opens again: its cause had gone, or is farther beyond its limit than when it was closed."""
    if row.state != FlagState.CLOSED:
        return False
    return not row.stands or is_farther((finding.observed, finding.limit), (row.observed, row.limit_value))


def _refresh(session: Session, pairs: Iterable[tuple[Kept, Finding]]) -> None:
    """Let flags say what was found today, where that differs; one statement."""
    rows = []
    for row, finding in pairs:
        told = (
            finding.message.msgid,
            packed(finding.message.params),
            finding.observed,
            finding.limit,
            finding.unit,
            row.organisation_id if finding.organisation_id is None else finding.organisation_id,
        )
        if told != (row.msgid, row.params, row.observed, row.limit_value, row.unit, row.organisation_id):
            rows.append((row.id, *told))
    if not rows:
        return
    columns = {"id": "int", "msgid": "text", "params": "text", "observed": "text", "limit_value": "text"}
    table, params = inline_rows(session, "told", columns | {"unit": "text", "organisation_id": "int"}, rows)
    session.execute(
        text(
            "UPDATE flag SET msgid = told.msgid, params = told.params, observed = told.observed,"  # noqa: S608
            " limit_value = told.limit_value, unit = told.unit, organisation_id = told.organisation_id"
            f" FROM {table} WHERE flag.id = told.id"
        ),
        params,
    )


def _reopen(session: Session, ids: Collection[int]) -> None:
    said = {"state": FlagState.OPEN.value, "closed_at": None, "closed_by": None, "note": None, "stands": True}
    _set(session, ids, said)


def _close(session: Session, clock: Clock, ids: Collection[int]) -> None:
    said = {"state": FlagState.CLOSED.value, "closed_at": clock.now(), "closed_by": SYSTEM.username}
    _set(session, ids, said | {"note": CAUSE_GONE, "stands": False})


def _lapse(session: Session, ids: Collection[int]) -> None:
    """Remember of flags that a person closed that their cause has gone since: should it be back, it is a new one."""
    _set(session, ids, {"stands": False})


def _set(session: Session, ids: Collection[int], values: Mapping[str, object]) -> None:
    """Set the same values in many flags; one statement."""
    if not ids:
        return
    table, params = inline_rows(session, "chosen", {"id": "int"}, [(number,) for number in ids])
    columns = Flag.__table__.c
    settings = ", ".join(f"{name} = :{name}" for name in values)
    statement = text(f"UPDATE flag SET {settings} FROM {table} WHERE flag.id = chosen.id")  # noqa: S608 - names of our own
    typed = statement.bindparams(*(bindparam(name, type_=columns[name].type) for name in values))
    session.execute(typed, dict(values) | params)


def _event(
    clock: Clock, actor: Actor, flag_id: int, step: Step, observed: str | None, note: str | None = None
) -> dict[str, object]:
    return {
        "flag_id": flag_id,
        "at": clock.now(),
        "actor": actor.username,
        "step": step.value,
        "note": note,
        "observed": observed,
    }
