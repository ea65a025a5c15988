"""What people do with flags: take them on, hand them back, close them with a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.flags.domain import FlagState, Step
from registry.flags.models import Flag, FlagEvent
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.text import N_, Message

Chosen = Sequence[Row[int, str, str, str | None]]


def close_flag(session: Session, actor: Actor, clock: Clock, flag_id: int, note: str) -> None:
    """Close an open flag with a note. Raises `NotFound`, or `Conflict` when somebody closed it already."""
    if session.execute(select(Flag.id).where(Flag.id == flag_id)).first() is None:
        raise NotFound(Message(N_("there is no such flag")))
    if not close_flags(session, actor, clock, [flag_id], note):
        raise Conflict(Message(N_("somebody has closed this flag already")))


def close_flags(session: Session, actor: Actor, clock: Clock, flag_ids: Collection[int], note: str) -> int:
    """Close those of the flags that are open with one note, and return how many there were."""
    values = {
        "state": FlagState.CLOSED.value,
        "closed_at": clock.now(),
        "closed_by": actor.username,
        "note": note,
    }
    chosen = _open(session, flag_ids)
    _change(session, actor, clock, chosen, Step.CLOSED, values, note)
    return len(chosen)


def take_flags(session: Session, actor: Actor, clock: Clock, flag_ids: Collection[int]) -> int:
    """Give the open flags that nobody works on to the actor, and return how many there were."""
    chosen = _open(session, flag_ids, Flag.assignee.is_(None))
    _change(session, actor, clock, chosen, Step.TAKEN, {"assignee": actor.username})
    return len(chosen)


def release_flags(session: Session, actor: Actor, clock: Clock, flag_ids: Collection[int]) -> int:
    """Hand the actor's own open flags back to everybody, and return how many there were."""
    chosen = _open(session, flag_ids, Flag.assignee == actor.username)
    _change(session, actor, clock, chosen, Step.RELEASED, {"assignee": None})
    return len(chosen)


def _open(session: Session, flag_ids: Collection[int], *conditions: object) -> Chosen:
    """Lock and return those of the flags that are open and fit, in sorted order; a page holds a bounded number."""
    chosen = (
        select(Flag.id, Flag.rule, Flag.subject, Flag.observed)
        .where(Flag.id.in_(sorted(set(flag_ids))), Flag.state == FlagState.OPEN.value, *conditions)  # type: ignore[arg-type]
        .order_by(Flag.id)
        .with_for_update()
    )
    return session.execute(chosen).all()


def _change(
    session: Session,
    actor: Actor,
    clock: Clock,
    chosen: Chosen,
    step: Step,
    values: Mapping[str, object],
    note: str | None = None,
) -> None:
    if not chosen:
        return
    session.execute(
        update(Flag)
        .where(Flag.id.in_([row.id for row in chosen]))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    events = [
        {
            "flag_id": row.id,
            "at": clock.now(),
            "actor": actor.username,
            "step": step.value,
            "note": note,
            "observed": row.observed,
        }
        for row in chosen
    ]
    session.connection().execute(insert(FlagEvent), events)
    for row in chosen:
        detail = {"rule": row.rule, "subject": row.subject} | ({} if note is None else {"note": note})
        record(session, actor, clock, f"flags.{DEEDS[step]}", f"flag {row.id}", detail)


DEEDS = {Step.CLOSED: "close", Step.TAKEN: "take", Step.RELEASED: "release"}
"""What the audit log calls each step."""
