"""Entries of days whose period is closed: another room knows which those are."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from registry.kernel.text import N_, Message
from registry.stock.domain import rules
from registry.stock.domain.lines import Line
from registry.stock.queries.questions import PERIODS_CLOSED
from registry.stock.service.judge import Judge

CLOSED = N_(
    "%(month)s is closed for %(site)s: ask the authority to reopen it. A correction may also be entered with today's day."
)


def judge_closed(session: Session, judge: Judge, lines: list[Line]) -> None:
    """Refuse, once for a site and month, what happened in a closed period on a shelf of it, also on the receiver's."""
    today = judge.clock.today()
    first: dict[tuple[int, date], Line] = {}
    for line in lines:
        if line.occurred_on < today:
            month = line.occurred_on.replace(day=1)
            first.setdefault((line.site_id, month), line)
            if line.counter_id is not None and line.counter_delta:
                first.setdefault((line.counter_id, month), line)
    if not first:
        return
    closed = {month for answer in PERIODS_CLOSED.announce(session, judge.clock, first.keys()) for month in answer}
    for site_id, month in sorted(closed):
        said = {"month": f"{month:%m.%Y}", "site": judge.known.sites_by_id[site_id].code}
        judge.find(rules.CLOSED_PERIOD, Message(CLOSED, said), first[site_id, month])
