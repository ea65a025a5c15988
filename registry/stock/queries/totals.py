"""National totals and what moved on permits, grouped by the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from registry.db import Moment, as_day, inline_rows
from registry.kernel.period import month_of
from registry.permits.domain.facts import Arrived
from registry.stock.domain.national import TRADE_COLUMNS, read_effect

MONTHS = 100
MONTH_OF_MOVEMENT = {
    "sqlite": "CAST(strftime('%Y%m', m.occurred_on) AS INTEGER)",
    "postgresql": "CAST(EXTRACT(YEAR FROM m.occurred_on) * 100 + EXTRACT(MONTH FROM m.occurred_on) AS INTEGER)",
}
Totals = dict[tuple[int, int, str, str], int]


def yearly_totals(session: Session, revision_ids: Sequence[int]) -> list[tuple[int, int, str, int]]:
    """Return (year, revision id, column, units) of these product revisions; one statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in revision_ids])
    rows = session.execute(
        text(
            f"SELECT t.month / {MONTHS} AS year, t.revision_id, t.column_name, SUM(t.units) FROM {source}"
            " JOIN national_total t ON t.revision_id = wanted.id GROUP BY 1, 2, 3"
        ),
        parameters,
    )
    return [(int(year), revision, column, int(units)) for year, revision, column, units in rows]


@dataclass(frozen=True, slots=True)
class YearTotals:
    """The national totals of one year, in units of account.

    `before`: (revision id, column) -> all earlier years together; `inside`: (month, revision
    id, column, partner) -> the months of the year.
    """

    before: dict[tuple[int, str], int]
    inside: Totals


def year_totals(
    session: Session, year: int, *, until: date | None = None, known_before: datetime | None = None
) -> YearTotals:
    """Return the totals of `year` as far as `until` (a day of it; default its last).

    Whole months come from the roll-up, a last month cut short from its movements: a few
    statements at any size of the ledger. With `known_before`, only what was recorded before
    that moment counts, and everything is summed from the movements.
    """
    last = until or date(year, 12, 31)
    if known_before is not None:
        return _known_totals(session, year, last, known_before)
    first_month = year * MONTHS + 1
    month = month_of(last)
    whole_last = month if _ends_month(last) else month - 1
    before = {
        (revision, column): int(units)
        for revision, column, units in session.execute(
            text("SELECT revision_id, column_name, SUM(units) FROM national_total WHERE month < :first GROUP BY 1, 2"),
            {"first": first_month},
        )
    }
    inside: Totals = defaultdict(int)
    for number, revision, column, partner, units in session.execute(
        text(
            "SELECT month, revision_id, column_name, partner, units FROM national_total WHERE month BETWEEN :first AND :last"
        ),
        {"first": first_month, "last": whole_last},
    ):
        inside[number, revision, column, partner] += units
    if whole_last != month:
        rows = session.execute(
            text(
                "SELECT b.revision_id, m.effect, COALESCE(m.country, ''), SUM(m.units) FROM movement m"
                " JOIN batch b ON b.id = m.batch_id WHERE m.occurred_on BETWEEN :first AND :last AND m.effect <> ''"
                " GROUP BY 1, 2, 3"
            ),
            {"first": last.replace(day=1).isoformat(), "last": last.isoformat()},
        )
        for revision, effect, country, units in rows:
            _add(inside, month, revision, effect, country, int(units))
    return YearTotals(before, dict(inside))


def _known_totals(session: Session, year: int, last: date, known_before: datetime) -> YearTotals:
    month = MONTH_OF_MOVEMENT[session.get_bind().dialect.name]
    rows = session.execute(
        text(
            f"SELECT {month}, b.revision_id, m.effect, COALESCE(m.country, ''), SUM(m.units) FROM movement m"
            " JOIN batch b ON b.id = m.batch_id JOIN posting p ON p.id = m.posting_id"
            " WHERE m.occurred_on <= :last AND p.recorded_at < :known AND m.effect <> '' GROUP BY 1, 2, 3, 4"
        ).bindparams(bindparam("known", type_=Moment)),
        {"last": last.isoformat(), "known": known_before},
    )
    before: dict[tuple[int, str], int] = defaultdict(int)
    inside: Totals = defaultdict(int)
    for number, revision, effect, country, units in rows:
        if int(number) >= year * MONTHS:
            _add(inside, int(number), revision, effect, country, int(units))
        else:
            for column, sign in read_effect(effect):
                before[revision, column] += sign * int(units)
    return YearTotals(dict(before), dict(inside))


def _add(totals: Totals, month: int, revision: int, effect: str, country: str, units: int) -> None:
    for column, sign in read_effect(effect):
        totals[month, revision, column, country if column in TRADE_COLUMNS else ""] += sign * units


def _ends_month(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


@dataclass(frozen=True, slots=True)
class TradeEntries:
    """The ledger entries of one product revision, column, quarter and permit: how many, and their units."""

    revision_id: int
    column: str
    quarter: int
    permit_id: int | None
    entries: int
    units: int


def trade_entries(session: Session, first: date, last: date) -> list[TradeEntries]:
    """Return the import and export entries themselves, independent of the roll-up; one statement."""
    month = MONTH_OF_MOVEMENT[session.get_bind().dialect.name]
    rows = session.execute(
        text(
            f"SELECT b.revision_id, m.effect, ({month} % {MONTHS} + 2) / 3, m.permit_id, COUNT(*), SUM(m.units)"
            " FROM movement m JOIN batch b ON b.id = m.batch_id"
            " WHERE m.country IS NOT NULL AND m.occurred_on BETWEEN :first AND :last AND m.effect <> ''"
            " GROUP BY 1, 2, 3, 4"
        ),
        {"first": first.isoformat(), "last": last.isoformat()},
    )
    return [
        TradeEntries(revision, column, int(quarter), permit, int(entries), sign * int(units))
        for revision, effect, quarter, permit, entries, units in rows
        for column, sign in read_effect(effect)
        if column in TRADE_COLUMNS
    ]


def first_months(session: Session, revision_ids: Iterable[int]) -> dict[int, date]:
    """Return the first day of the first month in which each product revision moved; one statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in revision_ids])
    rows = session.execute(
        text(
            f"SELECT t.revision_id, MIN(t.month) FROM {source} JOIN national_total t ON t.revision_id = wanted.id GROUP BY 1"
        ),
        parameters,
    )
    return {revision: date(month // MONTHS, month % MONTHS, 1) for revision, month in rows}


def moved_on_permits(session: Session, permit_ids: Iterable[int]) -> dict[int, Arrived]:
    """Return what moved on each permit, reversals taken off, by day and product; one statement."""
    source, parameters = inline_rows(session, "wanted", {"id": "int"}, [(number,) for number in permit_ids])
    rows = session.execute(
        text(
            f"SELECT m.permit_id, m.occurred_on, b.product_id, SUM(m.units) FROM {source}"
            " JOIN movement m ON m.permit_id = wanted.id JOIN batch b ON b.id = m.batch_id"
            " LEFT JOIN movement r ON r.reverses_id = m.id"
            " WHERE r.id IS NULL AND m.reverses_id IS NULL GROUP BY 1, 2, 3"
        ),
        parameters,
    )
    units: dict[int, dict[tuple[date, int], int]] = defaultdict(dict)
    for permit, day, product, moved in rows:
        units[permit][as_day(day), product] = int(moved)
    return {permit: Arrived(days) for permit, days in units.items()}
