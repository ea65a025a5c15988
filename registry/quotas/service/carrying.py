"""What a year takes over from the one before is worked out anew when a late posting moves it; the change itself is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.kernel.clock import Clock
from registry.quotas.domain.estimates import CarryOver, Figures, carry_over, figures_for
from registry.quotas.domain.lines import LineFact, ceilings_of
from registry.quotas.domain.position import Position
from registry.quotas.models import CarryOverChange
from registry.substances.domain.facts import SubstanceFact, Treaty

Key = tuple[int, int]


def note_late_changes(
    session: Session,
    clock: Clock,
    told: Mapping[int, Mapping[int, Figures]],
    years: Mapping[Key, Figures],
    positions: Mapping[Key, tuple[SubstanceFact, Position]],
    lines: Mapping[int, tuple[LineFact, ...]],
) -> None:
    """Keep what new figures of closed years change in the years after them; at most one statement.

    `told`: substance id -> year -> what the ledger had told before; `years`: what it tells now; `lines`: of each substance.
    Narcotic drugs only: of other substances nothing is carried over.
    """
    narcotic = {key for key in years if key in positions and positions[key][0].treaty == Treaty.NARCOTIC}
    if not narcotic:
        return
    changes = []
    for year, number in sorted(narcotic):
        known = lines.get(number, ())
        before = _carried(known, year, figures_for(told.get(number, {}), year))
        after = _carried(known, year, years[year, number])
        if (before.excess, before.stock) != (after.excess, after.stock):
            changes.append(
                {
                    "year": year + 1,
                    "substance_id": number,
                    "excess_before": str(before.excess),
                    "excess_after": str(after.excess),
                    "stock_before": str(before.stock),
                    "stock_after": str(after.stock),
                    "recorded_at": clock.now(),
                }
            )
    if changes:
        session.connection().execute(insert(CarryOverChange), changes)


def _carried(lines: tuple[LineFact, ...], year: int, figures: Figures) -> CarryOver:
    return carry_over(ceilings_of(Treaty.NARCOTIC.value, year, lines, date(year, 12, 31)), figures)
