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
    touched = {(line.site_id, line.counter_id if line.counter_delta else None, line.occurred_on) for line in lines}
    asked = {
        (site_id, day.replace(day=1))
        for own, other, day in touched
        if day < today
        for site_id in (own, other)
        if site_id is not None
    }
    if not asked:
        return
    closed = {month for answer in PERIODS_CLOSED.announce(session, judge.clock, asked) for month in answer}
    for site_id, month in sorted(closed):
        said = {"month": f"{month:%m.%Y}", "site": judge.known.sites_by_id[site_id].code}
        first = next(line for line in lines if _is_of(line, site_id, month) and line.occurred_on < today)
        judge.find(rules.CLOSED_PERIOD, Message(CLOSED, said), first)


def _is_of(line: Line, site_id: int, month: date) -> bool:
    """Say whether a line changes a shelf of the site in the month."""
    on_it = line.site_id == site_id or (line.counter_id == site_id and line.counter_delta != 0)
    return on_it and line.occurred_on.replace(day=1) == month
