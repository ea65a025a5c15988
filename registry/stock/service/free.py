"""Goods that lie on a shelf and may not be used yet: nobody there has confirmed that they came."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.kernel.mass import stated
from registry.kernel.text import N_, Message
from registry.stock.domain import rules
from registry.stock.domain.lines import Line
from registry.stock.domain.parameters import CONFIRMED_BEFORE_USE
from registry.stock.queries.receipts import unconfirmed_units
from registry.stock.service.judge import Judge
from registry.stock.service.plans import Plan
from registry.stock.service.shelves import DailyNets, Held, Shelf


@dataclass(frozen=True, slots=True)
class Issue:
    """The lines of a posting with their plans, batches and the entries they reverse."""

    lines: list[Line]
    plans: list[Plan | None]
    batch_ids: dict[tuple[int, str], int]
    reverses: dict[str, int]

    def shelf(self, line: Line) -> Shelf:
        """Return the shelf a line is taken from."""
        return line.site_id, self.batch_ids[line.product_id, line.label]


def judge_free(session: Session, judge: Judge, issue: Issue, held: dict[Shelf, Held], nets: DailyNets) -> None:
    """Find, once for a shelf, what is used of goods nobody has confirmed, where the country asks for it on that day.

    One statement, and none where it does not ask.
    """
    first: dict[Shelf, tuple[Line, Plan]] = {}
    for line, plan in zip(issue.lines, issue.plans, strict=True):
        if plan is not None and plan.kind.issues and judge.course.on(line.occurred_on).switch(CONFIRMED_BEFORE_USE):
            first.setdefault(issue.shelf(line), (line, plan))
    if not first:
        return
    waiting: dict[Shelf, int] = defaultdict(int, unconfirmed_units(session, first, issue.reverses.values()))
    for line in issue.lines:
        if line.counter_id is not None and line.counter_delta > 0:
            waiting[line.counter_id, issue.batch_ids[line.product_id, line.label]] += line.units
    for shelf, (line, plan) in first.items():
        left = held[shelf].units + sum(nets[shelf].values())
        if waiting[shelf] > left:
            free = max(0, left - waiting[shelf] + line.units)
            judge.find(
                rules.CONFIRMED_FIRST,
                Message(
                    N_("%(product)s, batch “%(batch)s”: confirm the receipt of what was sent to you before you use it"),
                    {"product": plan.product, "batch": line.label},
                ),
                line,
                observed=stated(line.units, plan.unit),
                limit=stated(free, plan.unit),
                unit=plan.unit,
            )
