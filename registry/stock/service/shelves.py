"""Shelves: made to exist, locked in sorted order, their running balances checked from the first day touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import as_day, inline_rows, lock_suffix
from registry.stock.domain.lines import Line
from registry.stock.domain.shortage import Fault, taken_from

Shelf = tuple[int, int]
DailyNets = dict[Shelf, dict[date, int]]


def net_changes(lines: list[Line], batch_ids: dict[tuple[int, str], int]) -> DailyNets:
    """Return the net change of every shelf (site, batch) per day."""
    nets: DailyNets = defaultdict(lambda: defaultdict(int))
    # The days of both shelves of a line, looked up once for all lines between the same two.
    sides: dict[tuple[int, int | None, int, str], tuple[dict[date, int], dict[date, int]]] = {}
    for line in lines:
        key = (line.site_id, line.counter_id, line.product_id, line.label)
        both = sides.get(key)
        if both is None:
            batch_id = batch_ids[line.product_id, line.label]
            other = {} if line.counter_id is None else nets[line.counter_id, batch_id]
            both = sides[key] = (nets[line.site_id, batch_id], other)
        if line.site_delta:
            both[0][line.occurred_on] += line.site_delta
        if line.counter_delta:
            both[1][line.occurred_on] += line.counter_delta
    return {shelf: days for shelf, days in nets.items() if days}


@dataclass(frozen=True, slots=True)
class Held:
    """What a locked shelf holds, and the latest day recorded of it."""

    units: int
    last_on: date | None


def lock_shelves(session: Session, shelves: list[Shelf]) -> dict[Shelf, Held]:
    """Make the shelves exist, lock them in sorted order and return what they hold; two statements."""
    source, parameters = inline_rows(session, "wanted", {"site_id": "int", "batch_id": "int"}, sorted(shelves))
    session.execute(
        text(
            "INSERT INTO balance (site_id, batch_id, units)"
            f" SELECT wanted.site_id, wanted.batch_id, 0 FROM {source} WHERE true ORDER BY 1, 2 ON CONFLICT DO NOTHING"
        ),
        parameters,
    )
    suffix = lock_suffix(session)
    rows = session.execute(
        text(
            f"SELECT b.site_id, b.batch_id, b.units, b.last_on FROM {source} JOIN balance b"
            " ON b.site_id = wanted.site_id AND b.batch_id = wanted.batch_id"
            f" ORDER BY b.site_id, b.batch_id{suffix and suffix + ' OF b'}"
        ),
        parameters,
    )
    return {(row[0], row[1]): Held(row[2], as_day(row[3]) if row[3] else None) for row in rows}


def overdrawn(session: Session, held: dict[Shelf, Held], nets: DailyNets) -> dict[Shelf, Fault]:
    """Return the shelves that would end a day below zero.

    Shelves touched only on or after their latest recorded day are walked here; where an entry
    is earlier than that, every later day is checked by the database, in one statement.
    """
    faults: dict[Shelf, Fault] = {}
    earlier: DailyNets = {}
    for shelf, days in nets.items():
        last_on = held[shelf].last_on
        if last_on is not None and min(days) < last_on:
            earlier[shelf] = days
            continue
        running = held[shelf].units
        for day in sorted(days):
            running += days[day]
            if running < 0:
                _below(faults, shelf, day, -running)
    if earlier:
        faults.update(_overdrawn_later(session, earlier))
    return faults


def _below(faults: dict[Shelf, Fault], shelf: Shelf, day: date, missing: int) -> None:
    """Keep a day on which a shelf would be below zero; days come in order."""
    known = faults.get(shelf)
    faults[shelf] = Fault(day, missing, missing) if known is None else replace(known, most=max(known.most, missing))


def _overdrawn_later(session: Session, nets: DailyNets) -> dict[Shelf, Fault]:
    """Walk the days of shelves that get an entry earlier than their latest one.

    What is recorded on or after the first day touched and what is added are laid together by
    day; within a day the order is not known, what counts is how it ends. The database walks
    the days, so that a busy shelf costs nothing on the way here.
    """
    added = [(site, batch, day, net) for (site, batch), days in nets.items() for day, net in days.items()]
    columns = {"site_id": "int", "batch_id": "int", "day": "day", "net": "int"}
    source, parameters = inline_rows(session, "added", columns, added)
    rows = session.execute(
        text(
            f"WITH added_days AS (SELECT site_id, batch_id, day, net FROM {source}),"
            " touched AS (SELECT site_id, batch_id, MIN(day) AS since FROM added_days GROUP BY 1, 2),"
            " legs AS ("
            " SELECT site_id, batch_id, day, net, 0 AS recorded FROM added_days"
            " UNION ALL SELECT m.site_id, m.batch_id, m.occurred_on, m.site_delta, m.site_delta"
            " FROM touched t JOIN movement m ON m.site_id = t.site_id AND m.batch_id = t.batch_id AND m.occurred_on >= t.since"
            " UNION ALL SELECT m.counterparty_id, m.batch_id, m.occurred_on, m.counter_delta, m.counter_delta"
            " FROM touched t JOIN movement m ON m.counterparty_id = t.site_id AND m.batch_id = t.batch_id"
            " AND m.occurred_on >= t.since AND m.counter_delta <> 0),"
            " days AS (SELECT site_id, batch_id, day, SUM(net) AS net, SUM(recorded) AS recorded FROM legs GROUP BY 1, 2, 3),"
            " walk AS (SELECT site_id, batch_id, day,"
            " SUM(net) OVER (PARTITION BY site_id, batch_id ORDER BY day) AS running,"
            " SUM(recorded) OVER (PARTITION BY site_id, batch_id) AS recorded FROM days)"
            " SELECT w.site_id, w.batch_id, w.day, b.units - w.recorded + w.running AS held FROM walk w"
            " JOIN balance b ON b.site_id = w.site_id AND b.batch_id = w.batch_id"
            " WHERE b.units - w.recorded + w.running < 0 ORDER BY 1, 2, 3"
        ),
        parameters,
    )
    faults: dict[Shelf, Fault] = {}
    for site, batch, day, held in rows:
        _below(faults, (site, batch), as_day(day), -int(held))
    return faults


def takers_of(
    lines: list[Line], batch_ids: dict[tuple[int, str], int], shelves: Collection[Shelf]
) -> dict[Shelf, list[Line]]:
    """Return the lines that take from each of `shelves`, as they stand in the file."""
    found: dict[Shelf, list[Line]] = {shelf: [] for shelf in shelves}
    for line in lines:
        batch_id = batch_ids[line.product_id, line.label]
        for site_id in {line.site_id, line.counter_id}:
            if site_id is not None and (site_id, batch_id) in found and taken_from(line, site_id):
                found[site_id, batch_id].append(line)
    return found


def move_balances(session: Session, nets: DailyNets) -> None:
    """Move the balances by what the lines change; the table's own CHECK is the last guard. One statement."""
    changes = [(site, batch, sum(days.values()), max(days)) for (site, batch), days in sorted(nets.items())]
    columns = {"site_id": "int", "batch_id": "int", "delta": "int", "day": "day"}
    source, parameters = inline_rows(session, "change", columns, changes)
    session.execute(
        text(
            "UPDATE balance SET units = balance.units + change.delta, last_on ="
            " CASE WHEN balance.last_on > change.day THEN balance.last_on ELSE change.day END"
            f" FROM {source} WHERE balance.site_id = change.site_id AND balance.batch_id = change.batch_id"
        ),
        parameters,
    )
