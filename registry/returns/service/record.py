"""Taking in returns of the past and population figures, from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import Base
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message
from registry.returns.models import PastFigure, Population
from registry.substances.queries.lists import substance_by_codes
from registry.substances.queries.near import unknown_substances

Key = tuple[object, ...]


def record_past_returns(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Record figures of returns sent before; a figure recorded with another quantity is an error."""
    report = Report("past_returns", rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    codes = {str(code) for code in checked.columns["substance"] if code is not None}
    known = substance_by_codes(session, codes, clock.today())
    unknown = unknown_substances(session, codes - known.keys(), clock.today())
    report.problems.extend(
        Problem(
            "substance",
            "unknown-substance",
            unknown[str(code)],
            number,
        )
        for code, number in zip(checked.columns["substance"], checked.numbers, strict=True)
        if code is not None and code not in known
    )
    skip = report.bad_rows
    wanted: list[tuple[int, Key, int]] = [
        (
            row["row"],
            (
                row["form"],
                row["year"],
                row["quarter"] or 0,
                known[row["substance"]].id,
                row["column"],
                row["partner"] or "",
            ),
            row["quantity"],
        )
        for row in _rows(checked)
        if row["row"] not in skip
    ]
    years = {key[1] for _, key, _ in wanted}
    stored: dict[Key, int] = {
        (f.form, f.year, f.quarter, f.substance_id, f.column_name, f.partner): f.millionths
        for f in session.scalars(select(PastFigure).where(PastFigure.year.in_(years)))
    }
    _keep(session, report, _PAST, wanted, stored, _stamp(actor, clock))
    _log(session, actor, clock, report, source)
    return report


def record_population(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Record population figures; a year recorded with another figure is an error."""
    report = Report("population", rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    skip = report.bad_rows
    wanted: list[tuple[int, Key, int]] = [
        (row["row"], (row["country"], row["year"]), row["population"])
        for row in _rows(checked)
        if row["row"] not in skip
    ]
    stored: dict[Key, int] = {(p.country, p.year): p.people for p in session.scalars(select(Population))}
    _keep(session, report, _PEOPLE, wanted, stored, _stamp(actor, clock))
    _log(session, actor, clock, report, source)
    return report


def _stamp(actor: Actor, clock: Clock) -> dict[str, object]:
    return {"recorded_at": clock.now(), "recorded_by": actor.username}


def _log(session: Session, actor: Actor, clock: Clock, report: Report, source: str) -> None:
    if report.accepted and not report.refused:
        record(session, actor, clock, f"files.import.{report.kind}", source, {"accepted": report.accepted})


def _rows(checked: Checked) -> list[dict[str, Any]]:
    return checked.rows()


@dataclass(frozen=True, slots=True)
class _Records:
    """Where records go: the table, the names of their key, the name of their value."""

    table: type[Base]
    key_names: tuple[str, ...]
    value_name: str


_PAST = _Records(PastFigure, ("form", "year", "quarter", "substance_id", "column_name", "partner"), "millionths")
_PEOPLE = _Records(Population, ("country", "year"), "people")


def _keep(
    session: Session,
    report: Report,
    records: _Records,
    wanted: list[tuple[int, Key, int]],
    stored: Mapping[Key, int],
    stamp: dict[str, object],
) -> None:
    """Sort records into new, the same and contradicting; write the new ones in one statement."""
    fresh: dict[Key, int] = {}
    for row, key, value in wanted:
        before = stored.get(key, fresh.get(key))
        if before is None:
            fresh[key] = value
        elif before == value:
            report.duplicates += 1
        else:
            message = Message(N_("this figure is recorded already with another value"))
            report.problems.append(Problem(records.value_name, "recorded-otherwise", message, row))
    report.accepted = len(fresh)
    if report.refused or not fresh:
        return
    session.execute(
        insert(records.table),
        [
            dict(zip(records.key_names, key, strict=True)) | {records.value_name: value} | stamp
            for key, value in fresh.items()
        ],
    )
