"""Goods that lie on a shelf and may not be used yet: nobody has confirmed that they came, or nobody has released them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.kernel.mass import stated
from registry.kernel.text import N_, Message
from registry.stock.domain import rules
from registry.stock.domain.kinds import IMPORT
from registry.stock.domain.lines import Line
from registry.stock.domain.parameters import CONFIRMED_BEFORE_USE
from registry.stock.domain.quarantine import asked_since, closes, is_asked
from registry.stock.queries.quarantine import closed_lots
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


def judge_quarantine(session: Session, judge: Judge, issue: Issue) -> None:
    """Find, once for a shelf, what is taken of lots in quarantine.

    The lot is the batch at the site: while one import of it waits, all of it waits. One statement, and none where
    quarantine was never asked for.
    """
    if asked_since(judge.course) is None:
        return
    taking: dict[Shelf, list[tuple[Line, Plan]]] = defaultdict(list)
    for line, plan in zip(issue.lines, issue.plans, strict=True):
        if plan is not None and closes(plan.kind, released=None):
            taking[issue.shelf(line)].append((line, plan))
    if not taking:
        return
    found = _closed(session, judge, issue, taking)
    for shelf in taking.keys() & found.keys():
        for line, plan in taking[shelf]:
            if closes(plan.kind, released=found[shelf]):
                judge.find(rules.IN_QUARANTINE, _said(line, plan, released=found[shelf]), line)
                break


def _closed(session: Session, judge: Judge, issue: Issue, shelves: Iterable[Shelf]) -> dict[Shelf, bool | None]:
    """Return the shelves in quarantine: None where a lot waits, False where one was refused; the posting's own imports among them."""
    found: dict[Shelf, bool | None] = {}
    for lot in closed_lots(session, judge.course, shelves):
        if lot.id not in issue.reverses.values():
            found[lot.shelf] = None if lot.released is None else found.get(lot.shelf, lot.released)
    for line in issue.lines:
        if line.kind == IMPORT.code and is_asked(judge.course, line.occurred_on):
            found[issue.shelf(line)] = None
    return found


def _said(line: Line, plan: Plan, *, released: bool | None) -> Message:
    msgid = (
        N_("%(product)s, batch “%(batch)s” is in quarantine: it waits for its release")
        if released is None
        else N_("%(product)s, batch “%(batch)s” was refused: it goes back abroad or is destroyed")
    )
    return Message(msgid, {"product": plan.product, "batch": line.label})


def judge_free(session: Session, judge: Judge, issue: Issue, held: dict[Shelf, Held], nets: DailyNets) -> None:
    """Find, once for a shelf, what is used of goods nobody has confirmed, where the country asks for it on that day.

    One statement, and none where it does not ask.
    """
    if judge.course.first_on(CONFIRMED_BEFORE_USE) is None:
        return
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
