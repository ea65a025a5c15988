"""Notices of losses and thefts, and the entries of the ledger that no notice tells of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from registry.counts.domain.losses import SORTS, Amount, Notice, Step
from registry.counts.models import LossAmount, LossNotice, LossStep
from registry.db import Moment, as_day, inline_rows
from registry.substances.queries.base import wanted_ids

_HEAD = ("id", "reference", "site_id", "sort", "discovered_at", "happened_on", "what", "recorded_at", "recorded_by")


def notices(session: Session, ids: Iterable[int]) -> dict[int, Notice]:
    """Return notices by id, amounts in units of account; four statements, however many."""
    wanted = set(ids)
    keys = wanted_ids(session, "wanted_notice", wanted)
    table = LossNotice.__table__.c
    heads = session.execute(select(*(table[name] for name in _HEAD)).join(keys, keys.c.id == table.id)).all()
    amounts: dict[int, list[Amount]] = defaultdict(list)
    amount = LossAmount.__table__
    for row in session.execute(
        amount.select().join(keys, keys.c.id == amount.c.notice_id).order_by(amount.c.product_id, amount.c.label)
    ):
        amounts[row.notice_id].append(Amount(row.product_id, row.label, int(row.units)))
    steps: dict[int, dict[str, Step]] = defaultdict(dict)
    step = LossStep.__table__
    for row in session.execute(step.select().join(keys, keys.c.id == step.c.notice_id)):
        steps[row.notice_id][row.step] = Step(row.number, row.findings, row.recorded_at, row.recorded_by)
    entries = _entries(session, wanted)
    return {
        row.id: replace(
            Notice(*row), amounts=tuple(amounts[row.id]), entries=tuple(entries[row.id]), steps=steps[row.id]
        )
        for row in heads
    }


def _entries(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in sorted(set(ids))])
    rows = session.execute(
        text(
            f"SELECT e.notice_id, m.reference FROM {source} JOIN loss_notice_entry e ON e.notice_id = wanted.id"
            " JOIN movement m ON m.id = e.movement_id ORDER BY e.movement_id"
        ),
        parameters,
    )
    found: dict[int, list[str]] = defaultdict(list)
    for number, reference in rows:
        found[number].append(reference)
    return found


def notice_ids(session: Session, site_ids: Sequence[int] | None, limit: int, offset: int) -> tuple[list[int], int]:
    """Return one page of notices of the sites, of any where None, the youngest first, and how many there are; two statements."""
    query: Select[int] = select(LossNotice.id)
    if site_ids is not None:
        query = query.where(LossNotice.site_id.in_(site_ids))
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return list(session.scalars(query.order_by(LossNotice.id.desc()).limit(limit).offset(offset))), int(total)


def notices_waiting(session: Session, step: str, sorts: Iterable[str]) -> list[int]:
    """Return the notices of some sorts that a step has not followed, the oldest first; one statement."""
    done = select(LossStep.notice_id).where(LossStep.step == step)
    query: Select[int] = select(LossNotice.id).where(LossNotice.sort.in_(set(sorts)), LossNotice.id.not_in(done))
    return list(session.scalars(query.order_by(LossNotice.id)))


def notices_of_year(session: Session, site_id: int, year: int) -> int:
    """Return how many notices of a site bear a number of a year; one statement."""
    like = f"%-{year}-L%"
    query = select(func.count()).where(LossNotice.site_id == site_id, LossNotice.reference.like(like))
    return int(session.execute(query).scalar_one())


@dataclass(frozen=True, slots=True)
class Untold:
    """An entry of a loss or theft that no notice tells of."""

    id: int
    reference: str
    kind: str
    occurred_on: date
    site_id: int
    recorded_at: datetime


def untold(
    session: Session, site_ids: Iterable[int] | None = None, references: Iterable[str] | None = None
) -> list[Untold]:
    """Return the losses and thefts that no notice tells of, the oldest first, of any site where None; one statement."""
    kinds, parameters = inline_rows(session, "k", {"code": "text"}, [(code,) for code in SORTS])
    joins = ""
    for alias, column, kind, wanted in (("w", "site_id", "int", site_ids), ("n", "reference", "text", references)):
        if wanted is not None:
            source, more = inline_rows(session, alias, {column: kind}, [(each,) for each in wanted])
            joins += f" JOIN {source} ON {alias}.{column} = m.{column}"
            parameters |= more
    rows = session.execute(
        text(
            "SELECT m.id, m.reference, m.kind, m.occurred_on, m.site_id, p.recorded_at FROM movement m"
            f" JOIN {kinds} ON k.code = m.kind{joins} JOIN posting p ON p.id = m.posting_id"
            " LEFT JOIN loss_notice_entry e ON e.movement_id = m.id LEFT JOIN movement r ON r.reverses_id = m.id"
            " WHERE m.id > (SELECT MAX(movement_id) FROM loss_notice_start) AND e.movement_id IS NULL AND r.id IS NULL"
            " ORDER BY m.id"
        ).columns(recorded_at=Moment),
        parameters,
    )
    return [_untold(row) for row in rows]


def _untold(row: Any) -> Untold:  # noqa: ANN401 - a raw row
    return Untold(row.id, row.reference, row.kind, as_day(row.occurred_on), row.site_id, row.recorded_at)
