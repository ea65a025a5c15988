"""Facts of the forms that look ahead, B and B/P, from the lines of quotas; and what makes up one of their figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from sqlalchemy.orm import Session

from forms.edition import Form
from forms.facts import Cover, Requirement, ReturnFacts
from registry.kernel.clock import Clock
from registry.kernel.mass import NG_PER_G
from registry.kernel.period import Period
from registry.kernel.text import N_, Message
from registry.quotas.domain.estimates import Figures, figures_for, opening_stock, sum_of, total_pieces
from registry.quotas.domain.kinds import ITEMS, QUOTA_KINDS
from registry.quotas.domain.lines import LineFact, ceilings_of, counted_lines
from registry.quotas.domain.states import COUNTING, PREPARED, LineState
from registry.quotas.queries import controlled, ledger_until, lines_until
from registry.returns.domain import Explanation, Step
from registry.settings import Settings
from registry.substances.domain.facts import SubstanceFact, Treaty

AHEAD = {Form.B.value: Treaty.NARCOTIC.value, Form.BP.value: Treaty.PSYCHOTROPIC.value}
"""Forms that say what is wanted, with the treaty of the substances on them."""
TOTAL, ASSESSMENT = "total", "assessment"

PREPARED_COUNTED = N_("Drafted and proposed lines are counted in: this is not what was approved.")
STOCK_OF_TODAY = N_(
    "The stock of 1 January %(year)s is not known yet: the total is worked out with the stock the ledger shows now."
)


def requirement_facts(
    session: Session,
    clock: Clock,
    settings: Settings,
    form: str,
    period: Period,
    as_of: date | None = None,
    *,
    with_prepared: bool = False,
) -> ReturnFacts:
    """Return what was estimated or assessed for the year of `period`, as known at the end of `as_of`.

    Lines that count; `with_prepared` also those that are drafted or proposed, as if approved.
    The stock of 1 January is what the ledger tells now. A constant number of statements.
    """
    today = clock.today()
    known_before = _end_of(as_of, settings) if as_of is not None and as_of < today else None
    lines = _lines(session, period.year, None, known_before, with_prepared=with_prepared)
    ledger = ledger_until(session, period.year)
    found = [
        _requirement(fact, period, lines.get(fact.id, ()), ledger.get(fact.id, {}))
        for fact in controlled(session, period.last_day)
        if fact.treaty == AHEAD[form] and fact.id in lines
    ]
    remarks = [Message(PREPARED_COUNTED)] if with_prepared else []
    if form == Form.B and period.year > today.year:
        remarks.append(Message(STOCK_OF_TODAY, {"year": period.year}))
    return ReturnFacts(
        period=period,
        as_of=as_of or today,
        cover=Cover(country=settings.country, authority=settings.authority),
        requirements=tuple(found),
        remarks=tuple(remarks),
    )


def _end_of(day: date, settings: Settings) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), settings.zone)


def _lines(
    session: Session, year: int, ids: Sequence[int] | None, known_before: datetime | None, *, with_prepared: bool
) -> dict[int, tuple[LineFact, ...]]:
    states = COUNTING | PREPARED if with_prepared else COUNTING
    found = lines_until(session, year, ids, states, known_before)
    if not with_prepared:
        return found
    return {number: tuple(replace(line, state=LineState.APPROVED) for line in each) for number, each in found.items()}


def _requirement(
    fact: SubstanceFact, period: Period, lines: Iterable[LineFact], ledger: dict[int, Figures]
) -> Requirement:
    known = tuple(lines)
    now = ceilings_of(fact.treaty, period.year, known, period.last_day)
    if fact.treaty != Treaty.NARCOTIC:
        return Requirement(fact.code, fact.name, assessment=(now.ceiling or Fraction(0)) / NG_PER_G)
    items = {code: now.item(code) / NG_PER_G for code in ITEMS}
    return Requirement(
        fact.code, fact.name, **items, total=sum_of(total_pieces(now, _opening(period, ledger))) / NG_PER_G
    )


def _opening(period: Period, ledger: dict[int, Figures]) -> Fraction:
    return opening_stock(figures_for(ledger, period.year - 1), figures_for(ledger, period.year))


def explain_requirement(session: Session, form: str, period: Period, fact: SubstanceFact, column: str) -> Explanation:
    """Return the lines behind a figure of Form B or B/P, or the parts of the total of estimates."""
    lines = lines_until(session, period.year, [fact.id]).get(fact.id, ()) if fact.treaty == AHEAD[form] else ()
    now = ceilings_of(fact.treaty, period.year, lines, period.last_day)
    if column == TOTAL:
        ledger = ledger_until(session, period.year, [fact.id]).get(fact.id, {})
        steps = [Step(Message(each.label), each.quantity) for each in total_pieces(now, _opening(period, ledger))]
    else:
        counted = counted_lines(fact.treaty, period.year, lines, period.last_day)
        steps = list(_steps(counted, None if column == ASSESSMENT else column))
    total = sum((step.amount_ng for step in steps), Fraction(0))
    return Explanation(form, str(period), fact.code, column, None, steps=tuple(steps), worked_out_ng=total)


def _steps(lines: Iterable[LineFact], item: str | None) -> Iterator[Step]:
    for line in lines:
        kind = QUOTA_KINDS[line.kind]
        if line.item != item or line.kind not in _LOOKING_AHEAD:
            continue
        said = {"kind": Message(kind.name), "act": line.act or "-", "day": line.effective_on.isoformat()}
        yield Step(Message(N_("%(kind)s, act %(act)s, counts from %(day)s"), said), Fraction(line.quantity_ng))


_LOOKING_AHEAD = frozenset(kind.code for kind in QUOTA_KINDS.values() if kind.stays or kind.itemised)
"""Kinds an international figure is made of: estimates, assessments and their supplements."""
