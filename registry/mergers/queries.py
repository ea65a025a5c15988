"""Which record stands for which; each function takes one statement unless it says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from registry.deeds.queries import deeds_by_ids
from registry.mergers.domain import MergerFact, Resolution, standing_for
from registry.mergers.models import Merger

IN_FORCE = Merger.ended_by_id.is_(None)
MOST_ASKED = 500
"""Codes asked for by name; of more, every merger is read, and there are few."""


def resolutions(session: Session, codes: Iterable[str]) -> dict[tuple[str, str], list[Resolution]]:
    """Return (kind, code) -> where it has led since when, the oldest first, of those of `codes` ever merged."""
    wanted = set(codes)
    query = select(Merger.kind, Merger.duplicate, Merger.survivor, Merger.recorded_at, Merger.ended_at)
    if len(wanted) <= MOST_ASKED:
        query = query.where(Merger.duplicate.in_(sorted(wanted)))
    found: dict[tuple[str, str], list[Resolution]] = defaultdict(list)
    for kind, code, survivor, since, until in session.execute(query.order_by(Merger.id)):
        if code in wanted:
            found[kind, code].append(Resolution(survivor, since, until))
    return dict(found)


def survivors(session: Session, codes: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return (kind, code) -> the code that stands for it, of those of `codes` that are merged into another."""
    found = {key: standing_for(led) for key, led in resolutions(session, codes).items()}
    return {key: survivor for key, survivor in found.items() if survivor is not None}


def survivors_of(session: Session, kind: str, codes: Iterable[str]) -> dict[str, str]:
    """Return code -> the code that stands for it, of those of one kind that were merged into another."""
    return {code: found for (of, code), found in survivors(session, codes).items() if of == kind}


def mergers_around(session: Session, kind: str, codes: Collection[str]) -> list[MergerFact]:
    """Return the mergers in which any of `codes` is the duplicate or the survivor, ended ones too; two statements."""
    named = sorted(codes)
    rows = session.scalars(
        select(Merger)
        .where(Merger.kind == kind, or_(Merger.duplicate.in_(named), Merger.survivor.in_(named)))
        .order_by(Merger.id)
    ).all()
    reasons = {deed.id: deed.reason for deed in deeds_by_ids(session, {row.deed_id for row in rows})}
    return [
        MergerFact(
            row.id,
            row.kind,
            row.duplicate,
            row.survivor,
            row.merged_on,
            reasons[row.deed_id],
            row.recorded_at,
            row.recorded_by,
            row.ended_on,
        )
        for row in rows
    ]


def merger_in_force(session: Session, kind: str, code: str) -> Merger | None:
    """Return the row by which `code` resolves to another record, None where it stands for itself."""
    return session.scalars(select(Merger).where(IN_FORCE, Merger.kind == kind, Merger.duplicate == code)).first()
