"""Counts with everything that has happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.orm import Session

from registry.counts.domain.counts import Closing, CountFact, Course, Key, Outcome, Result, Round, Sheet
from registry.counts.models import (
    CountClosing,
    CountFigure,
    CountLine,
    CountResult,
    CountRound,
    CountSheet,
    CountWithdrawal,
    StockCount,
)
from registry.db import as_day, inline_rows
from registry.substances.queries.base import wanted_ids

AnySelect = Select[*tuple[Any, ...]]
_CASES = (Outcome.DIFFERS.value, Outcome.NATURAL.value)


def _heads() -> AnySelect:
    heads = (
        StockCount.id,
        StockCount.reference,
        StockCount.site_id,
        StockCount.frozen_on,
        StockCount.opened_at,
        StockCount.opened_by,
        CountWithdrawal.reason,
    )
    return select(*heads).outerjoin(CountWithdrawal, CountWithdrawal.count_id == StockCount.id)


def courses(session: Session, count_ids: Iterable[int]) -> dict[int, Course]:
    """Return counts by id, quantities in units of account; seven statements, however many counts and lines."""
    ids = set(count_ids)
    heads = {row[0]: CountFact(*row) for row in _of(session, ids, _heads(), StockCount.id)}
    columns = (CountRound.count_id, CountRound.number, CountRound.part)
    found = _of(session, ids, select(*columns).order_by(CountRound.count_id, CountRound.number), CountRound.count_id)
    asked, sheets = _asked(session, ids), _sheets(session, ids)
    rounds: dict[int, list[Round]] = defaultdict(list)
    for count_id, number, part in found:
        rounds[count_id].append(
            Round(number, part, tuple(asked[count_id, number]), tuple(sheets.get((count_id, number), ())))
        )
    results, closings = _results(session, ids), _closings(session, ids)
    return {
        number: Course(fact, tuple(rounds[number]), tuple(results[number]), closings[number])
        for number, fact in heads.items()
    }


def course_of(session: Session, count_id: int) -> Course | None:
    """Return one count, None where there is none."""
    return courses(session, [count_id]).get(count_id)


def _of(session: Session, ids: Iterable[int], query: AnySelect, column: Any) -> Sequence[Row[*tuple[Any, ...]]]:  # noqa: ANN401
    keys = wanted_ids(session, "wanted_count", ids)
    return session.execute(query.join(keys, keys.c.id == column)).all()


def _asked(session: Session, ids: Iterable[int]) -> dict[tuple[int, int], list[Key]]:
    columns = (CountLine.count_id, CountLine.number, CountLine.product_id, CountLine.label)
    found: dict[tuple[int, int], list[Key]] = defaultdict(list)
    for count_id, number, product, label in _of(session, ids, select(*columns).order_by(*columns), CountLine.count_id):
        found[count_id, number].append((product, label))
    return found


def _sheets(session: Session, ids: Iterable[int]) -> dict[tuple[int, int], list[Sheet]]:
    figure = (
        CountFigure.count_id,
        CountFigure.number,
        CountFigure.place,
        CountFigure.product_id,
        CountFigure.label,
        CountFigure.units,
    )
    figures: dict[tuple[int, int, int], dict[Key, int]] = defaultdict(dict)
    for count_id, number, place, product, label, units in _of(
        session, ids, select(*figure).order_by(*figure[:5]), CountFigure.count_id
    ):
        figures[count_id, number, place][product, label] = int(units)
    columns = (CountSheet.count_id, CountSheet.number, CountSheet.place, CountSheet.counter, CountSheet.entered_at)
    found: dict[tuple[int, int], list[Sheet]] = defaultdict(list)
    for count_id, number, place, counter, entered_at in _of(
        session, ids, select(*columns).order_by(*columns[:3]), CountSheet.count_id
    ):
        found[count_id, number].append(Sheet(number, counter, entered_at, figures[count_id, number, place]))
    return found


def _results(session: Session, ids: Iterable[int]) -> dict[int, list[Result]]:
    columns = (
        CountResult.count_id,
        CountResult.place,
        CountResult.product_id,
        CountResult.label,
        CountResult.counted,
        CountResult.book,
        CountResult.outcome,
        CountResult.due_on,
    )
    found: dict[int, list[Result]] = defaultdict(list)
    for row in _of(session, ids, select(*columns).order_by(*columns[:2]), CountResult.count_id):
        number, place, product, label, counted, book, outcome, due_on = row
        found[number].append(Result(place, (product, label), int(counted), int(book), Outcome(outcome), due_on))
    return found


def _closings(session: Session, ids: Iterable[int]) -> dict[int, dict[int, Closing]]:
    columns = (
        CountClosing.count_id,
        CountClosing.place,
        CountClosing.cause,
        CountClosing.explanation,
        CountClosing.entry,
        CountClosing.closed_at,
        CountClosing.closed_by,
    )
    found: dict[int, dict[int, Closing]] = defaultdict(dict)
    for count_id, place, *rest in _of(session, ids, select(*columns), CountClosing.count_id):
        found[count_id][place] = Closing(place, *rest)
    return found


def count_ids(session: Session, site_ids: Sequence[int] | None, limit: int, offset: int) -> tuple[list[int], int]:
    """Return one page of counts of the sites, of any where None, the youngest first, and how many there are; two statements."""
    query: Select[int] = select(StockCount.id)
    if site_ids is not None:
        query = query.where(StockCount.site_id.in_(site_ids))
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = session.scalars(
        query.order_by(StockCount.frozen_on.desc(), StockCount.id.desc()).limit(limit).offset(offset)
    )
    return list(rows), int(total)


@dataclass(frozen=True, slots=True)
class OpenCases:
    """The cases of one count that nobody has closed: how many, and the earliest day on which one is due."""

    count_id: int
    reference: str
    site_id: int
    lines: int
    due_on: date | None


def open_cases(session: Session, site_ids: Iterable[int] | None = None) -> list[OpenCases]:
    """Return the counts with open cases, what is due first coming first, of any site where None; one statement."""
    sites, parameters = "", dict[str, Any]()
    if site_ids is not None:
        source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in site_ids])
        sites = f" JOIN {source} ON wanted.id = c.site_id"
    rows = session.execute(
        text(
            "SELECT c.id, c.reference, c.site_id, COUNT(*), MIN(r.due_on) FROM count_result r"
            f" JOIN stock_count c ON c.id = r.count_id{sites}"
            " LEFT JOIN count_closing e ON e.count_id = r.count_id AND e.place = r.place"
            " WHERE r.outcome IN (:differs, :natural) AND e.place IS NULL"
            " GROUP BY c.id, c.reference, c.site_id ORDER BY MIN(r.due_on), c.id"
        ),
        parameters | dict(zip(("differs", "natural"), _CASES, strict=True)),
    )
    return [OpenCases(row[0], row[1], row[2], int(row[3]), as_day(row[4]) if row[4] else None) for row in rows]


@dataclass(frozen=True, slots=True)
class RecordedRow:
    """What the row of a file was recorded as: its count, its line, the figure, who counted."""

    site_id: int
    frozen_on: date
    key: Key
    units: int
    counters: frozenset[str]


def recorded_rows(session: Session, references: Iterable[str]) -> Mapping[str, RecordedRow]:
    """Return what is recorded under the references of rows of files; one statement."""
    source, parameters = inline_rows(session, "wanted", {"reference": "text"}, [(each,) for each in references])
    rows = session.execute(
        text(
            "SELECT l.row_reference, c.site_id, c.frozen_on, l.product_id, l.label, f.units, s.counter"
            f" FROM {source} JOIN count_line l ON l.row_reference = wanted.reference"
            " JOIN stock_count c ON c.id = l.count_id"
            " JOIN count_sheet s ON s.count_id = l.count_id AND s.number = l.number"
            " JOIN count_figure f ON f.count_id = s.count_id AND f.number = s.number AND f.place = s.place"
            " AND f.product_id = l.product_id AND f.label = l.label"
        ),
        parameters,
    )
    found: dict[str, RecordedRow] = {}
    for reference, site, day, product, label, units, counter in rows:
        earlier = found[reference].counters if reference in found else frozenset()
        found[reference] = RecordedRow(site, as_day(day), (product, label), int(units), earlier | {counter})
    return found


def counts_on(session: Session, wanted: Iterable[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """Return (site, day) -> how many counts were opened for it; one statement."""
    source, parameters = inline_rows(session, "wanted", {"site_id": "int", "day": "day"}, sorted(set(wanted)))
    rows = session.execute(
        text(
            f"SELECT c.site_id, c.frozen_on, COUNT(*) FROM {source}"
            " JOIN stock_count c ON c.site_id = wanted.site_id AND c.frozen_on = wanted.day GROUP BY 1, 2"
        ),
        parameters,
    )
    return {(site, as_day(day)): int(number) for site, day, number in rows}
