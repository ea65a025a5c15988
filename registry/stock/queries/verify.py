"""The ledger verified, all from the movements.

Balances, every day's running balance, the national totals, and the national stock against what
the shelves of the wholesale level hold, at present and at the close of every year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import inline_rows
from registry.parties.domain import SiteFact
from registry.parties.queries import every_site
from registry.stock.domain.national import STOCK, TRADE_COLUMNS, read_effect
from registry.stock.queries.totals import MONTH_OF_MOVEMENT, MONTHS

LEGS = (
    "SELECT site_id, batch_id, occurred_on, site_delta AS delta FROM movement WHERE site_delta <> 0"
    " UNION ALL"
    " SELECT counterparty_id, batch_id, occurred_on, counter_delta FROM movement WHERE counter_delta <> 0"
)
SAMPLE = 100
_YEAR = {
    "sqlite": "CAST(substr(occurred_on, 1, 4) AS INTEGER)",
    "postgresql": "CAST(EXTRACT(YEAR FROM occurred_on) AS INTEGER)",
}
_BALANCE, _NEGATIVE, _HELD = range(3)
"""Of which sort a row of the walk is."""
_ALWAYS = 0
"""Stands for all sites that have always been of the wholesale level; no site has this number."""


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """One place where the ledger does not hold; figures in units of account.

    `what`: balance, negative, total, or national: the national stock is not what the wholesale level holds.
    """

    what: str
    place: str
    stored: int
    recomputed: int


@dataclass(slots=True)
class _Shelves:
    """What a walk over all shelves found: wrong balances, whether any day ends below zero, and what was gained by year."""

    wrong: list[LedgerFault]
    negative: bool
    held: dict[tuple[int, int], dict[int, int]]


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a verification: how much was checked, and every fault (at most `SAMPLE` of a sort)."""

    movements: int
    balances: int
    totals: int
    faults: tuple[LedgerFault, ...]


def verify(session: Session) -> Verified:
    """Recompute balances and national totals from the movements and compare; the same few statements at any size."""
    movements = int(session.execute(text("SELECT COUNT(*) FROM movement")).scalar_one())
    balances = int(session.execute(text("SELECT COUNT(*) FROM balance")).scalar_one())
    totals = _stored_totals(session)
    sites = every_site(session)
    changing = {site.id: site for site in sites if site.level_changes}
    always = [site.id for site in sites if site.id not in changing and site.latest.level.is_wholesale]
    shelves = _shelves(session, [*((site, _ALWAYS) for site in always), *((site, site) for site in changing)])
    faults = (
        *shelves.wrong,
        *(_negative_days(session) if shelves.negative else ()),
        *_wrong_totals(session, totals),
        *_wrong_national_stock(totals, shelves.held, changing),
    )
    return Verified(movements, balances, len(totals), faults)


def _shelves(session: Session, groups: Sequence[tuple[int, int]]) -> _Shelves:
    """Walk every shelf day by day, once, and fold the walk by years; what the three checks ask is taken from that.

    `groups`: (site, number), the wholesale shelves whose yearly change is asked for, added up by number.
    """
    source, parameters = inline_rows(session, "grouped", {"site_id": "int", "number": "int"}, groups)
    rows = session.execute(
        text(
            f"WITH days AS (SELECT site_id, batch_id, occurred_on, SUM(delta) AS net FROM ({LEGS}) AS legs GROUP BY 1, 2, 3),"
            " walk AS (SELECT site_id, batch_id, occurred_on, net,"
            " SUM(net) OVER (PARTITION BY site_id, batch_id ORDER BY occurred_on) AS running FROM days),"
            f" years AS MATERIALIZED (SELECT site_id, batch_id, {_YEAR[session.get_bind().dialect.name]} AS year,"
            " SUM(net) AS net, MIN(running) AS lowest FROM walk GROUP BY 1, 2, 3)"
            " SELECT * FROM (SELECT :balance, site_id, batch_id, SUM(recomputed), SUM(stored) FROM ("
            " SELECT site_id, batch_id, net AS recomputed, 0 AS stored FROM years"
            " UNION ALL SELECT site_id, batch_id, 0, units FROM balance) AS both_sides"
            " GROUP BY 2, 3 HAVING SUM(recomputed) <> SUM(stored) ORDER BY 2, 3 LIMIT :most) AS wrong"
            " UNION ALL SELECT :negative, 0, 0, COUNT(*), 0 FROM years WHERE lowest < 0"
            " UNION ALL SELECT :held, grouped.number, b.revision_id, SUM(years.net), years.year FROM years"
            f" JOIN {source} ON grouped.site_id = years.site_id JOIN batch b ON b.id = years.batch_id"
            " GROUP BY grouped.number, b.revision_id, years.year"
        ),
        parameters | {"balance": _BALANCE, "negative": _NEGATIVE, "held": _HELD, "most": SAMPLE},
    )
    found = _Shelves([], negative=False, held=defaultdict(dict))
    for what, first, second, units, more in rows:
        if what == _BALANCE:
            found.wrong.append(LedgerFault("balance", f"site {first}, batch {second}", int(more), int(units)))
        elif what == _NEGATIVE:
            found.negative = bool(units)
        else:
            found.held[first, second][int(more)] = int(units)
    return found


def _negative_days(session: Session) -> list[LedgerFault]:
    rows = session.execute(
        text(
            "SELECT site_id, batch_id, occurred_on, running FROM ("
            " SELECT site_id, batch_id, occurred_on,"
            " SUM(net) OVER (PARTITION BY site_id, batch_id ORDER BY occurred_on) AS running FROM ("
            f" SELECT site_id, batch_id, occurred_on, SUM(delta) AS net FROM ({LEGS}) AS legs GROUP BY 1, 2, 3"
            ") AS days) AS history WHERE running < 0 LIMIT :most"
        ),
        {"most": SAMPLE},
    )
    return [LedgerFault("negative", f"site {row[0]}, batch {row[1]}, {row[2]}", int(row[3]), 0) for row in rows]


def _stored_totals(session: Session) -> dict[tuple[int, int, str, str], int]:
    rows = session.execute(text("SELECT month, revision_id, column_name, partner, units FROM national_total"))
    return {(row[0], row[1], row[2], row[3]): int(row[4]) for row in rows}


def _wrong_totals(session: Session, stored: dict[tuple[int, int, str, str], int]) -> list[LedgerFault]:
    recomputed = recomputed_totals(session)
    return [
        LedgerFault("total", " ".join(map(str, key)).strip(), stored.get(key, 0), recomputed.get(key, 0))
        for key in sorted(stored.keys() | recomputed.keys())
        if stored.get(key, 0) != recomputed.get(key, 0)
    ][:SAMPLE]


def recomputed_totals(session: Session) -> dict[tuple[int, int, str, str], int]:
    """Return the national totals as the movements alone give them; one statement."""
    month = MONTH_OF_MOVEMENT[session.get_bind().dialect.name]
    rows = session.execute(
        text(
            f"SELECT {month}, b.revision_id, m.effect, COALESCE(m.country, ''), SUM(m.units)"
            " FROM movement m JOIN batch b ON b.id = m.batch_id WHERE m.effect <> '' GROUP BY 1, 2, 3, 4"
        )
    )
    totals: dict[tuple[int, int, str, str], int] = defaultdict(int)
    for when, revision, effect, country, units in rows:
        for column, sign in read_effect(effect):
            totals[int(when), revision, column, country if column in TRADE_COLUMNS else ""] += sign * int(units)
    return {key: units for key, units in totals.items() if units}


def _wrong_national_stock(
    stored: dict[tuple[int, int, str, str], int],
    held: Mapping[tuple[int, int], Mapping[int, int]],
    changing: Mapping[int, SiteFact],
) -> list[LedgerFault]:
    """Compare the national stock with the shelves of the wholesale level, for every product revision and year end.

    `held`: what shelves gained by year: (site, revision) -> year -> units, the sites that were always wholesale together
    (`_ALWAYS`); `changing`: the sites that were not. The close of the last year stands for the present: nothing is
    recorded of a day that has not come.
    """
    counted: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (month, revision, column, _), units in stored.items():
        if column == STOCK:
            counted[revision][month // MONTHS] += units
    years = {year for flows in (*held.values(), *counted.values()) for year in flows}
    years |= {day.year for site in changing.values() for day, _ in site.level_changes}
    faults = []
    for revision in sorted({revision for _, revision in held} | counted.keys()):
        for year in range(min(years), max(years) + 1):
            wholesale = [
                _ALWAYS,
                *(n for n, site in changing.items() if site.level_on(date(year, 12, 31)).is_wholesale),
            ]
            shelves = sum(_until(held.get((site, revision), {}), year) for site in wholesale)
            national = _until(counted[revision], year)
            if national != shelves:
                place = f"product revision {revision}, close of {year}"
                faults.append(LedgerFault("national", place, national, shelves))
    return faults[:SAMPLE]


def _until(flows: Mapping[int, int], year: int) -> int:
    return sum(units for each, units in flows.items() if each <= year)
