"""Rows of quotas -> facts. One year of all substances takes a constant number of statements."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.db import Moment
from registry.quotas.domain.estimates import Figures
from registry.quotas.domain.lines import LineFact
from registry.quotas.domain.needs import METHODS, Worked
from registry.quotas.domain.position import Position, positions_of
from registry.quotas.domain.states import COUNTING, MISTAKE, PREPARED, LineState
from registry.quotas.models import CarryOverChange, LedgerYear, NeedCalculation, NeedChoice, QuotaLine, QuotaLineEvent
from registry.substances.domain.facts import SubstanceFact, Treaty
from registry.substances.queries.base import wanted_ids
from registry.substances.queries.lists import substances_on


@dataclass(frozen=True, slots=True)
class LineEvent:
    """One step of a line: who did what when, why, and what it set."""

    line_id: int
    version: int
    step: str
    note: str | None
    detail: Mapping[str, object]
    done_by: str
    done_at: datetime


@dataclass(frozen=True, slots=True)
class CalculationFact:
    """One need that was worked out; `worked` shows it line by line, `result_ng` is what was kept."""

    id: int
    year: int
    substance_id: int
    method: str
    worked: Worked
    result_ng: int
    note: str | None
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ChoiceFact:
    """The figure that was picked for a year and why; `line_ids`: the lines drafted from it."""

    id: int
    year: int
    substance_id: int
    calculation_id: int | None
    quantity_ng: int
    used_before_ng: int | None
    justification: str
    line_ids: tuple[int, ...]
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CarryOverFact:
    """What one posting into a closed year changed in the year after it, in exact nanograms."""

    excess_before: Fraction
    excess_after: Fraction
    stock_before: Fraction
    stock_after: Fraction
    recorded_at: datetime


_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    QuotaLine.id,
    QuotaLine.year,
    QuotaLine.substance_id,
    QuotaLine.kind,
    QuotaLine.item,
    QuotaLine.organisation_id,
    QuotaLine.quantity_ng,
    QuotaLine.effective_on,
    QuotaLine.act,
    QuotaLine.act_date,
    QuotaLine.state,
    QuotaLine.note,
    QuotaLine.proposed_by,
    QuotaLine.approved_by,
    QuotaLine.version,
)


def lines_until(
    session: Session,
    year: int,
    substance_ids: Collection[int] | None = None,
    states: Collection[str] = COUNTING,
    known_before: datetime | None = None,
) -> dict[int, tuple[LineFact, ...]]:
    """Return substance id -> its lines for `year` and earlier ones, in the order they were recorded; one statement.

    Those that count, unless other `states` are asked for. `known_before`: only what had been
    decided, or at least recorded, before that moment.
    """
    known: ColumnElement[bool] = QuotaLine.state.in_(sorted(states))
    if known_before is not None:
        # What was found in error later counted then.
        found_out = exists().where(
            QuotaLineEvent.line_id == QuotaLine.id,
            QuotaLineEvent.step == MISTAKE.step,
            QuotaLineEvent.done_at >= bindparam("known", known_before, Moment),
        )
        known = or_(known, and_(QuotaLine.state == LineState.ERROR.value, found_out))
    chosen: list[ColumnElement[bool]] = [QuotaLine.year <= year, known]
    if known_before is not None:
        chosen.append(
            func.coalesce(QuotaLine.approved_at, QuotaLine.recorded_at) < bindparam("known", known_before, Moment)
        )
    if substance_ids is not None:
        chosen.append(QuotaLine.substance_id.in_(_among(session, substance_ids)))
    lines = _read(session, *chosen)
    counted = (replace(line, state=LineState.APPROVED) if line.state == LineState.ERROR else line for line in lines)
    return _by_substance(counted)


def lines_by_substance(session: Session, substance_ids: Collection[int]) -> dict[int, tuple[LineFact, ...]]:
    """Return every line of these substances, of all years and states: the history an officer reads."""
    return _by_substance(_read(session, QuotaLine.substance_id.in_(_among(session, substance_ids))))


def proposed_lines(session: Session) -> list[LineFact]:
    """Return the lines that wait for a second person, the oldest first."""
    return _read(session, QuotaLine.state == LineState.PROPOSED.value)


def prepared_lines(session: Session, year: int | None = None) -> list[LineFact]:
    """Return the lines that are drafted or wait for a second person, of one year if given, the oldest first."""
    chosen = [QuotaLine.state.in_(sorted(PREPARED))]
    return _read(session, *chosen, *([QuotaLine.year == year] if year is not None else []))


def lines_of_kind(session: Session, year: int, kind: str, states: Collection[str] = COUNTING) -> list[LineFact]:
    """Return the lines of one kind and year, in the order they were recorded."""
    return _read(session, QuotaLine.year == year, QuotaLine.kind == kind, QuotaLine.state.in_(sorted(states)))


def lines_below(
    session: Session,
    below: int | None,
    limit: int,
    *,
    year: int | None = None,
    kind: str | None = None,
    state: str | None = None,
    substance_id: int | None = None,
) -> list[LineFact]:
    """Return the lines recorded before the one of id `below`, the youngest first, narrowed where asked; one statement."""
    narrowed = {
        QuotaLine.year: year,
        QuotaLine.kind: kind,
        QuotaLine.state: state,
        QuotaLine.substance_id: substance_id,
    }
    chosen = [column == value for column, value in narrowed.items() if value is not None]
    if below is not None:
        chosen.append(QuotaLine.id < below)
    rows = session.execute(select(*_COLUMNS).where(*chosen).order_by(QuotaLine.id.desc()).limit(limit))
    return [LineFact(*row) for row in rows]


def lines_held(session: Session, organisation_id: int, year: int) -> int:
    """Return how many lines of `year` and later ones name an organisation and count or may come to count."""
    return len(
        _read(
            session,
            QuotaLine.organisation_id == organisation_id,
            QuotaLine.year >= year,
            QuotaLine.state.in_(sorted(COUNTING | PREPARED)),
        )
    )


def lines_since(session: Session, organisation_id: int, since: datetime) -> int:
    """Return how many lines that name an organisation were recorded after `since`."""
    later = QuotaLine.recorded_at > bindparam("since", since, Moment)
    return len(_read(session, QuotaLine.organisation_id == organisation_id, later))


def lines_by_ids(session: Session, line_ids: Collection[int]) -> dict[int, LineFact]:
    """Return lines by id; what is unknown is missing."""
    wanted = wanted_ids(session, "wanted_line", line_ids)
    return {line.id: line for line in _read(session, QuotaLine.id.in_(select(wanted.c.id)))}


def events_of(session: Session, line_ids: Collection[int]) -> dict[int, list[LineEvent]]:
    """Return line id -> its steps, the first one first; one statement."""
    wanted = wanted_ids(session, "wanted_line", line_ids)
    rows = session.execute(
        select(
            QuotaLineEvent.line_id,
            QuotaLineEvent.version,
            QuotaLineEvent.step,
            QuotaLineEvent.note,
            QuotaLineEvent.detail,
            QuotaLineEvent.done_by,
            QuotaLineEvent.done_at,
        )
        .where(QuotaLineEvent.line_id.in_(select(wanted.c.id)))
        .order_by(QuotaLineEvent.line_id, QuotaLineEvent.version)
    )
    found: dict[int, list[LineEvent]] = defaultdict(list)
    for line_id, version, step, note, detail, done_by, done_at in rows:
        found[line_id].append(LineEvent(line_id, version, step, note, json.loads(detail), done_by, done_at))
    return dict(found)


def published_years(session: Session) -> list[int]:
    """Return the years of which a line was published, the latest first."""
    query = select(QuotaLine.year).where(QuotaLine.state == LineState.PUBLISHED.value).distinct()
    return sorted(session.scalars(query), reverse=True)


def line_by_id(session: Session, line_id: int) -> LineFact | None:
    """Return one line."""
    found = _read(session, QuotaLine.id == line_id)
    return found[0] if found else None


def ledger_until(
    session: Session, year: int, substance_ids: Collection[int] | None = None
) -> dict[int, dict[int, Figures]]:
    """Return substance id -> year -> what the ledger told of it, up to `year`; one statement."""
    chosen = select(LedgerYear.substance_id, LedgerYear.year, LedgerYear.figures).where(LedgerYear.year <= year)
    if substance_ids is not None:
        chosen = chosen.where(LedgerYear.substance_id.in_(_among(session, substance_ids)))
    found: dict[int, dict[int, Figures]] = defaultdict(dict)
    for substance_id, of_year, figures in session.execute(chosen):
        found[substance_id][of_year] = read_figures(figures)
    return dict(found)


def positions(
    session: Session,
    year: int,
    as_of: date,
    reserved: Mapping[int, Fraction],
    substances: Iterable[SubstanceFact] | None = None,
    ledger: Mapping[int, Mapping[int, Figures]] | None = None,
) -> list[tuple[SubstanceFact, Position]]:
    """Return the positions of `year` by name, with what is `reserved` (permits know) taken off.

    Without `substances`: all internationally controlled ones that have a line, figures or a
    reservation. `ledger` stands in for what the ledger told when another day than now is asked.
    """
    chosen = list(substances) if substances is not None else controlled(session, as_of)
    ids = None if substances is None else [substance.id for substance in chosen]
    lines = lines_until(session, year, ids)
    figures = ledger_until(session, year, ids) if ledger is None else ledger
    if substances is None:
        named = lines.keys() | figures.keys() | reserved.keys()
        chosen = [substance for substance in chosen if substance.id in named]
    found = positions_of(chosen, year, lines, figures, reserved, as_of)
    pairs = [(substance, found[substance.id]) for substance in chosen]
    return pairs if substances is not None else [pair for pair in pairs if not pair[1].is_empty]


def controlled(session: Session, as_of: date) -> list[SubstanceFact]:
    """Return every substance under a convention, by name."""
    return [fact for fact in substances_on(session, as_of) if fact.treaty != Treaty.NATIONAL.value]


def calculations_of(session: Session, year: int, substance_id: int | None = None) -> list[CalculationFact]:
    """Return the needs worked out for a year, of one substance if given, the oldest first; one statement."""
    chosen = [NeedCalculation.year == year]
    if substance_id is not None:
        chosen.append(NeedCalculation.substance_id == substance_id)
    return [_calculation(row) for row in _calculations(session, *chosen)]


def calculation_by_id(session: Session, calculation_id: int) -> CalculationFact | None:
    """Return one calculation."""
    found = _calculations(session, NeedCalculation.id == calculation_id)
    return _calculation(found[0]) if found else None


def _calculations(session: Session, *chosen: ColumnElement[bool]) -> Sequence[NeedCalculation]:
    return session.scalars(select(NeedCalculation).where(*chosen).order_by(NeedCalculation.id)).all()


def _calculation(row: NeedCalculation) -> CalculationFact:
    method = METHODS[row.method]
    worked = method.work(method.unpack(json.loads(row.inputs)))
    return CalculationFact(
        row.id, row.year, row.substance_id, row.method, worked, row.result_ng, row.note, row.made_by, row.made_at
    )


def choices_of(session: Session, year: int, substance_id: int | None = None) -> list[ChoiceFact]:
    """Return the figures picked for a year, of one substance if given, the oldest first; one statement."""
    query = select(NeedChoice).where(NeedChoice.year == year).order_by(NeedChoice.id)
    if substance_id is not None:
        query = query.where(NeedChoice.substance_id == substance_id)
    return [
        ChoiceFact(
            row.id,
            row.year,
            row.substance_id,
            row.calculation_id,
            row.quantity_ng,
            row.used_before_ng,
            row.justification,
            tuple(json.loads(row.line_ids)),
            row.made_by,
            row.made_at,
        )
        for row in session.scalars(query)
    ]


def late_changes(session: Session, year: int, substance_id: int) -> list[CarryOverFact]:
    """Return what postings into closed years changed in what `year` takes over, the first one first; one statement."""
    query = (
        select(CarryOverChange)
        .where(CarryOverChange.substance_id == substance_id, CarryOverChange.year == year)
        .order_by(CarryOverChange.id)
    )
    return [
        CarryOverFact(
            Fraction(row.excess_before),
            Fraction(row.excess_after),
            Fraction(row.stock_before),
            Fraction(row.stock_after),
            row.recorded_at,
        )
        for row in session.scalars(query)
    ]


def read_figures(stored: str) -> dict[str, Fraction]:
    """Read figures as they are stored: exact nanograms as ``"n"`` or ``"n/d"``."""
    return {column: Fraction(value) for column, value in json.loads(stored).items()}


def write_figures(figures: Figures) -> str:
    """Spell figures as they are stored; zeros are left out."""
    return json.dumps({column: str(value) for column, value in sorted(figures.items()) if value})


def _among(session: Session, ids: Collection[int]) -> Select[tuple[int]]:
    return select(wanted_ids(session, "wanted_substance", ids).c.id)


def _read(session: Session, *chosen: ColumnElement[bool]) -> list[LineFact]:
    rows = session.execute(select(*_COLUMNS).where(*chosen).order_by(QuotaLine.id))
    return [LineFact(*row) for row in rows]


def _by_substance(lines: Iterable[LineFact]) -> dict[int, tuple[LineFact, ...]]:
    found: dict[int, list[LineFact]] = defaultdict(list)
    for line in lines:
        found[line.substance_id].append(line)
    return {substance_id: tuple(each) for substance_id, each in found.items()}
