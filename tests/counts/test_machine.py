"""The machine of a count: counts, movements and cases in any order; the ledger stays the fold of its movements."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.counts.domain.causes import CAUSES, fits
from registry.counts.domain.counts import Outcome, Stage
from registry.counts.service.closing import found_of
from registry.kernel.errors import Conflict, RuleRefused
from registry.stock.queries.verify import verify
from tests.counts.acting import FREEZE, at, closed, course, hired, lying, opened, product_id, sheet
from tests.counts.test_counts import stock
from tests.world import move

__all__ = ["stock"]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_only_closed_cases_change_the_book(stock: Session, seed: int) -> None:
    """A walk of 40 steps: what a count posts is what its closings name, and the balances are the fold of all entries."""
    chance, people = Random(seed), hired(stock, "ann", "ben")
    line, clock, count_id, moved, posted = (product_id(stock), "A1"), at(FREEZE), None, 0, 0
    start = lying(stock)
    for step in range(40):
        clock = at(clock.today() + timedelta(days=chance.randrange(2)), 9 + step % 8)
        now = course(stock, count_id) if count_id is not None else None
        if now is None or now.stage in {Stage.CLOSED, Stage.WITHDRAWN}:
            count_id = opened(stock, people[0], clock, clock.today())
        elif chance.random() < 0.2:
            row = f"W-{seed}-{step},{clock.today()},supply,E-WHO,E-HOS,MOR10,A1,3,,,,,"
            assert move(stock, row, clock=clock).written
            moved += 3
        elif now.waits is not None:
            who = chance.choice(people)
            found = lying(stock) - (2 if now.fact.id % 2 else chance.choice((0, 0, 0, 0, -1)))
            try:
                sheet(stock, who, clock, now.fact.id, {line: found}, now.waits.number)
            except RuleRefused:
                assert any(each.counter == who.username for each in now.waits.sheets)
        else:
            (case,) = now.open_cases
            left = found_of(stock, clock, now, case).left
            natural = case.outcome is Outcome.NATURAL
            cause = chance.choice([each for each in CAUSES.values() if fits(each, left, natural=natural)])
            entry = closed(stock, chance.choice(people), clock, now.fact.id, cause.code)
            assert (entry is None) is (left == 0)
            posted += left
            with pytest.raises(Conflict):
                closed(stock, people[0], clock, now.fact.id, cause.code)
        assert lying(stock) == start - moved + posted
    entries = stock.execute(
        text("SELECT COALESCE(SUM(m.site_delta), 0) FROM movement m JOIN count_closing c ON c.entry = m.reference")
    ).scalar_one()
    assert int(entries) == posted
    assert stock.execute(text("SELECT COUNT(*) FROM count_closing")).scalar_one() > 0, "the walk closes cases"
    assert verify(stock).faults == ()
