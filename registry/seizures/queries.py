"""Reading seizures: rows -> facts, a few statements at any number of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session

from registry.db import folded
from registry.seizures.domain import DISPOSED, SEIZED, DisposalFact, SeizedTotal, SeizureFact, Withdrawal
from registry.seizures.models import Seizure, SeizureDisposal, SeizureWithdrawal
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries import substances_by_ids
from registry.substances.queries.base import LIKE_ESCAPE, containing, wanted_codes

DAY_OF: Mapping[str, Any] = {SEIZED: Seizure.seized_on, DISPOSED: SeizureDisposal.disposed_on}
HELD, GONE, WITHDRAWN = "held", "disposed", "withdrawn"


def seizures_by_references(session: Session, references: Iterable[str]) -> dict[str, SeizureFact]:
    """Return seizures by reference, those withdrawn too; unknown references are missing."""
    keys = wanted_codes(session, "wanted_seizure", references)
    return {fact.reference: fact for fact in _facts(session, _rows().join(keys, keys.c.code == Seizure.reference))}


@dataclass(frozen=True, slots=True)
class SeizureFilter:
    """Which seizures to list. `state`: ``held``, ``disposed`` or ``withdrawn``; empty: all that are not withdrawn."""

    words: str = ""
    substance_id: int | None = None
    year: int | None = None
    state: str = ""


def find_seizures(session: Session, asked: SeizureFilter, limit: int, offset: int) -> tuple[list[SeizureFact], int]:
    """Return one page of seizures, the youngest first, and how many there are in all."""
    conditions = _conditions(asked)
    total = session.execute(_joined(select(func.count())).where(*conditions)).scalar_one()
    chosen = _rows().where(*conditions).order_by(Seizure.seized_on.desc(), Seizure.id.desc())
    return _facts(session, chosen.limit(limit).offset(offset)), total


def _conditions(asked: SeizureFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.words.strip():
        texts = (Seizure.reference, Seizure.place, Seizure.document)
        conditions.append(
            or_(
                *(folded(text).like(containing(asked.words), escape=LIKE_ESCAPE) for text in texts),
                # SQLite lowers Latin letters only: what was typed is looked for as it stands, too.
                *(text.contains(asked.words.strip(), autoescape=True) for text in texts),
            )
        )
    if asked.substance_id is not None:
        conditions.append(Seizure.substance_id == asked.substance_id)
    if asked.year is not None:
        conditions.append(Seizure.seized_on.between(date(asked.year, 1, 1), date(asked.year, 12, 31)))
    withdrawn, gone = SeizureWithdrawal.seizure_id.is_not(None), SeizureDisposal.seizure_id.is_not(None)
    conditions.append(withdrawn if asked.state == WITHDRAWN else ~withdrawn)
    if asked.state in (HELD, GONE):
        conditions.append(gone if asked.state == GONE else ~gone)
    return conditions


def seizures_behind(
    session: Session, substance_id: int, column: str, first: date, last: date, origin: str | None = None
) -> list[SeizureFact]:
    """Return the seizures that add up to a figure: those seized, or disposed of, in the days given; oldest first."""
    day = DAY_OF[column]
    conditions = [
        Seizure.substance_id == substance_id,
        day.between(first, last),
        SeizureWithdrawal.seizure_id.is_(None),
    ]
    if origin is not None:
        conditions.append(Seizure.origin == origin)
    return _facts(session, _rows().where(*conditions).order_by(day, Seizure.id))


def seized_totals(
    session: Session, first: date, last: date, *, known_before: datetime | None = None
) -> list[SeizedTotal]:
    """Return what was seized and what was disposed of in the days given, by substance and origin.

    A disposal counts on its own day, also of goods seized earlier. With `known_before` only what
    was recorded before that moment counts.
    """
    found = [
        (column, *row)
        for column, recorded in ((SEIZED, Seizure.recorded_at), (DISPOSED, SeizureDisposal.recorded_at))
        for row in session.execute(_sums(DAY_OF[column].between(first, last), recorded, known_before))
    ]
    substances = substances_by_ids(session, {row[1] for row in found})
    return sorted(
        (_total(substances[row[1]], row[0], row[2], int(row[3]), row[4]) for row in found),
        key=lambda one: (one.substance_name, one.column == DISPOSED, one.origin or ""),
    )


def _total(substance: SubstanceFact, column: str, origin: str | None, quantity_ng: int, entries: int) -> SeizedTotal:
    return SeizedTotal(
        substance.id, substance.code, substance.name, substance.treaty, column, origin, quantity_ng, entries
    )


def _sums(in_days: ColumnElement[bool], recorded: Any, known_before: datetime | None) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - a column
    sums = _joined(select(Seizure.substance_id, Seizure.origin, func.sum(Seizure.quantity_ng), func.count()))
    sums = sums.where(in_days).group_by(Seizure.substance_id, Seizure.origin)
    if known_before is None:
        return sums.where(SeizureWithdrawal.seizure_id.is_(None))
    still = or_(SeizureWithdrawal.seizure_id.is_(None), SeizureWithdrawal.recorded_at >= known_before)
    return sums.where(recorded < known_before, still)


def _joined(chosen: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        chosen.select_from(Seizure)
        .outerjoin(SeizureDisposal, SeizureDisposal.seizure_id == Seizure.id)
        .outerjoin(SeizureWithdrawal, SeizureWithdrawal.seizure_id == Seizure.id)
    )


def _rows() -> Select[*tuple[Any, ...]]:
    return _joined(
        select(
            Seizure.id,
            Seizure.reference,
            Seizure.seized_on,
            Seizure.substance_id,
            Seizure.quantity_ng,
            Seizure.origin,
            Seizure.place,
            Seizure.document,
            Seizure.recorded_at,
            Seizure.recorded_by,
            SeizureDisposal.kind.label("disposal_kind"),
            SeizureDisposal.disposed_on,
            SeizureDisposal.document.label("disposal_document"),
            SeizureDisposal.recorded_at.label("disposal_at"),
            SeizureDisposal.recorded_by.label("disposal_by"),
            SeizureWithdrawal.reason,
            SeizureWithdrawal.recorded_at.label("withdrawn_at"),
            SeizureWithdrawal.recorded_by.label("withdrawn_by"),
        )
    )


def _facts(session: Session, chosen: Select[*tuple[Any, ...]]) -> list[SeizureFact]:
    rows = session.execute(chosen).all()
    substances = substances_by_ids(session, {row.substance_id for row in rows})
    return [_fact(row, substances[row.substance_id]) for row in rows]


def _fact(row: Row[*tuple[Any, ...]], substance: SubstanceFact) -> SeizureFact:
    disposal = withdrawal = None
    if row.disposal_kind is not None:
        disposal = DisposalFact(
            row.disposal_kind, row.disposed_on, row.disposal_document, row.disposal_at, row.disposal_by
        )
    if row.reason is not None:
        withdrawal = Withdrawal(row.reason, row.withdrawn_at, row.withdrawn_by)
    return SeizureFact(
        id=row.id,
        reference=row.reference,
        seized_on=row.seized_on,
        substance_id=substance.id,
        substance_code=substance.code,
        substance_name=substance.name,
        treaty=substance.treaty,
        quantity_ng=row.quantity_ng,
        origin=row.origin,
        place=row.place,
        document=row.document,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        disposal=disposal,
        withdrawal=withdrawal,
    )
