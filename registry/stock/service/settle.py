"""What must follow a posting elsewhere, in the same transaction: positions and permits are told.

Quotas is the lower room and never reads the ledger: it is handed exact year figures. Permits
are handed what has moved on them in all, not what changed, so that a reversal needs no case of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from registry.db import lock_gate
from registry.kernel.clock import Clock
from registry.permits.domain.facts import Arrived, bound_base_ng
from registry.permits.service import settle_arrivals
from registry.quotas.service import record_ledger_years
from registry.stock.domain.lines import Line
from registry.stock.domain.national import figures_of
from registry.stock.queries.totals import moved_on_permits, yearly_totals
from registry.stock.service.write import add_to_totals
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_with_substances

SUBSTANCE_GATE = 1


def lock_substances(session: Session, revisions: Iterable[RevisionFact]) -> list[int]:
    """Let one posting at a time change the national figures of a substance; return the substances.

    Without it two postings of one substance could each read totals that lack the other's.
    """
    substances = sorted({substance for each in revisions for substance in bound_base_ng(each)})
    lock_gate(session, SUBSTANCE_GATE, substances)
    return substances


def tell_quotas(session: Session, clock: Clock, substances: Iterable[int], first_year: int) -> None:
    """Hand the year figures of `substances` from `first_year` on to quotas."""
    wanted = set(substances)
    if not wanted:
        return
    revisions = revisions_with_substances(session, wanted, clock.today())
    figures = figures_of(yearly_totals(session, list(revisions)), revisions)
    changed = {key: columns for key, columns in figures.items() if key[0] >= first_year and key[1] in wanted}
    record_ledger_years(session, clock, changed)


def count_nationally(
    session: Session, clock: Clock, lines: Iterable[Line], revision_of: Mapping[tuple[int, str], RevisionFact]
) -> None:
    """Add what the lines count for to the national totals, and tell quotas; `revision_of`: by product and label."""
    counting = [line for line in lines if line.effect]
    if not counting:
        return
    named = {(line.product_id, line.label) for line in counting}
    gates = lock_substances(session, {revision_of[key].id: revision_of[key] for key in named}.values())
    add_to_totals(session, counting, revision_of)
    tell_quotas(session, clock, gates, min(line.occurred_on for line in counting).year)


def tell_permits(session: Session, clock: Clock, permit_ids: Iterable[int]) -> None:
    """Hand permits what has moved on them, as absolute figures."""
    wanted = sorted(set(permit_ids))
    if not wanted:
        return
    moved = moved_on_permits(session, wanted)
    settle_arrivals(session, clock, {number: moved.get(number, Arrived()) for number in wanted})
