"""The ledger verified: balances, every day's running balance and the national totals, all from the movements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.stock.domain.national import TRADE_COLUMNS, read_effect
from registry.stock.queries.totals import MONTH_OF_MOVEMENT

LEGS = (
    "SELECT site_id, batch_id, occurred_on, site_delta AS delta FROM movement WHERE site_delta <> 0"
    " UNION ALL"
    " SELECT counterparty_id, batch_id, occurred_on, counter_delta FROM movement WHERE counter_delta <> 0"
)
SAMPLE = 100


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """One place where the ledger does not hold. `what`: balance, negative or total; figures in units of account."""

    what: str
    place: str
    stored: int
    recomputed: int


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a verification: how much was checked, and every fault (at most `SAMPLE` of a sort)."""

    movements: int
    balances: int
    totals: int
    faults: tuple[LedgerFault, ...]


def verify(session: Session) -> Verified:
    """Recompute balances and national totals from the movements and compare; five statements at any size."""
    movements = int(session.execute(text("SELECT COUNT(*) FROM movement")).scalar_one())
    balances = int(session.execute(text("SELECT COUNT(*) FROM balance")).scalar_one())
    totals = _stored_totals(session)
    faults = (*_wrong_balances(session), *_negative_days(session), *_wrong_totals(session, totals))
    return Verified(movements, balances, len(totals), faults)


def _wrong_balances(session: Session) -> list[LedgerFault]:
    rows = session.execute(
        text(
            "SELECT site_id, batch_id, SUM(recomputed), SUM(stored) FROM ("
            f" SELECT site_id, batch_id, delta AS recomputed, 0 AS stored FROM ({LEGS}) AS legs"
            " UNION ALL SELECT site_id, batch_id, 0, units FROM balance"
            ") AS both_sides GROUP BY 1, 2 HAVING SUM(recomputed) <> SUM(stored) LIMIT :most"
        ),
        {"most": SAMPLE},
    )
    return [LedgerFault("balance", f"site {row[0]}, batch {row[1]}", int(row[3]), int(row[2])) for row in rows]


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
