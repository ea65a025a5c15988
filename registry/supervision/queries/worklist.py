"""The worklist: flags gathered by rule, flags by page and one by one, with what their lists need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from registry.db import folded
from registry.flags.domain import FlagState, unpacked
from registry.kernel.errors import NotFound
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Severity
from registry.kernel.text import N_, Message
from registry.parameters.catalogue import all_rules
from registry.parties.queries import main_sites
from registry.substances.queries.base import LIKE_ESCAPE, containing, wanted_ids
from registry.supervision.queries.tables import table

NOBODY = ""
"""Asked for as an assignee: flags that nobody works on."""

WEIGHTS = {Severity.REFUSE: 0, Severity.FLAG: 1, Severity.NOTE: 2}
MOST_AT_ONCE = 5_000
"""So many flags are worked on in one go at the most."""


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """One flag as a person reads it; `organisation`: the code of the firm it is about, if any."""

    id: int
    rule: str
    severity: str
    subject: str
    organisation: str | None
    message: Message
    observed: str | None
    limit: str | None
    unit: str | None
    state: FlagState
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None
    assignee: str | None


@dataclass(frozen=True, slots=True)
class FlagFilter:
    """Which flags are asked for; None or empty: any. `assignee`: a user name, or `NOBODY`."""

    state: FlagState | None = FlagState.OPEN
    rule: str | None = None
    subject: str = ""
    organisation_id: int | None = None
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """The flags of one rule that fit: how many, since when, how many somebody works on; `first`: one of them to show."""

    rule: str
    severity: Severity
    count: int
    oldest: datetime
    taken: int
    first: ShownFlag


def flag_groups(
    session: Session, wanted: FlagFilter, parameters: Parameters, limit: int, offset: int
) -> tuple[list[FlagGroup], int, int]:
    """Return one page of the flags that fit, gathered by rule, with the number of groups and of flags in all.

    The gravest rule first, of equal ones the one that waits longest: a rule weighs what its breach weighs
    where it is entered by hand. Rules are few, so all groups are read; a constant number of statements.
    """
    flag = table("flag")
    query = _matching(
        select(
            flag.c.rule,
            func.count().label("number"),
            func.min(flag.c.opened_at, type_=flag.c.opened_at.type).label("oldest"),
            func.sum(case((flag.c.assignee.is_(None), 0), else_=1)).label("taken"),
            func.min(flag.c.id).label("first_id"),
        ),
        wanted,
    ).group_by(flag.c.rule)
    found = sorted(
        ((_weight(row.rule, parameters), row) for row in session.execute(query)),
        key=lambda pair: (WEIGHTS[pair[0]], pair[1].oldest, pair[1].rule),
    )
    shown = found[offset : offset + limit]
    first = {one.rule: one for one in _by_ids(session, [row.first_id for _, row in shown])}
    groups = [
        FlagGroup(row.rule, severity, row.number, row.oldest, int(row.taken), first[row.rule])
        for severity, row in shown
    ]
    return groups, len(found), sum(row.number for _, row in found)


def _weight(rule: str, parameters: Parameters) -> Severity:
    """Return how grave a breach of a rule is; a rule of an older version only raised a flag."""
    known = all_rules().get(rule)
    return Severity.FLAG if known is None else parameters.severity(known)


def flags_page(session: Session, wanted: FlagFilter, limit: int, offset: int) -> tuple[list[ShownFlag], int]:
    """Return one page of flags and how many there are in all: open ones oldest first, others newest first."""
    flag = table("flag")
    query = _matching(select(flag), wanted)
    if wanted.state is FlagState.OPEN:
        query = query.order_by(flag.c.opened_at, flag.c.id)
    else:
        query = query.order_by(flag.c.opened_at.desc(), flag.c.id.desc())
    total = session.execute(_matching(select(func.count()).select_from(flag), wanted)).scalar_one()
    return _shown(session, session.execute(query.limit(limit).offset(offset)).all()), int(total)


def flag_ids(session: Session, wanted: FlagFilter) -> list[int]:
    """Return the ids of the flags that fit, the oldest first, no more than may be worked on at once."""
    flag = table("flag")
    return list(session.scalars(_matching(select(flag.c.id), wanted).order_by(flag.c.opened_at).limit(MOST_AT_ONCE)))


def flag_by_id(session: Session, flag_id: int) -> ShownFlag:
    """Return one flag. Raises `NotFound`."""
    found = _by_ids(session, [flag_id])
    if not found:
        raise NotFound(Message(N_("there is no such flag")))
    return found[0]


def rules_flagged(session: Session) -> list[str]:
    """Return the codes of the rules that any flag was raised by."""
    flag = table("flag")
    return list(session.scalars(select(flag.c.rule).distinct().order_by(flag.c.rule)))


def _by_ids(session: Session, ids: Sequence[int]) -> list[ShownFlag]:
    flag = table("flag")
    keys = wanted_ids(session, "wanted_flag", ids)
    return _shown(session, session.execute(select(flag).join(keys, keys.c.id == flag.c.id)).all())


def _matching(query: Select[Any], wanted: FlagFilter) -> Select[Any]:
    flag = table("flag")
    if wanted.state is not None:
        query = query.where(flag.c.state == wanted.state.value)
    if wanted.rule:
        query = query.where(flag.c.rule == wanted.rule)
    if wanted.organisation_id is not None:
        query = query.where(flag.c.organisation_id == wanted.organisation_id)
    if wanted.assignee is not None:
        query = query.where(flag.c.assignee == wanted.assignee if wanted.assignee else flag.c.assignee.is_(None))
    if wanted.subject.strip():
        query = query.where(folded(flag.c.subject).like(containing(wanted.subject), escape=LIKE_ESCAPE))
    return query


def _shown(session: Session, rows: Sequence[Row[Any]]) -> list[ShownFlag]:
    holders = main_sites(session, {row.organisation_id for row in rows if row.organisation_id is not None})
    return [
        ShownFlag(
            row.id,
            row.rule,
            row.severity,
            row.subject,
            holders[row.organisation_id].code if row.organisation_id in holders else None,
            Message(row.msgid, unpacked(row.params)),
            row.observed,
            row.limit_value,
            row.unit,
            FlagState(row.state),
            row.opened_at,
            row.closed_at,
            row.closed_by,
            row.note,
            row.assignee,
        )
        for row in rows
    ]
