"""The list of returns: what is due when, and how the drafts of last and this year stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import render_template, url_for

from forms.catalogue import all_editions, choose
from forms.checks import Status
from forms.edition import PeriodKind
from registry.accounts.guard import asks
from registry.kernel.errors import NotFound
from registry.kernel.period import Period
from registry.kernel.text import Message
from registry.returns.pages.blueprint import (
    QUARTERS,
    READ,
    STATUSES,
    address,
    asked_period,
    blueprint,
    made,
    period_words,
    rows,
    today,
)
from registry.returns.queries import changed_since, sent_returns

SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Due:
    """One return of one period. `failed`, `open_points`, `judged`: numbers of checks, None before the period began."""

    form: str
    period: Period
    title: str
    words: Message
    href: str
    due: date
    is_late: bool
    is_soon: bool
    has_ended: bool
    failed: int | None = None
    open_points: int | None = None
    judged: int | None = None
    sent_on: date | None = None
    changed: int = 0


@blueprint.get("/")
@asks(READ)
def index() -> str:
    """List the returns of this year and the last with the days they are due and the state of their checks."""
    day = today()
    listed = [
        _due(form, period, day)
        for form, editions in all_editions().items()
        for year in (day.year + 1, day.year, day.year - 1)
        for period in _periods(year, quarterly=editions[-1].period_kind is PeriodKind.QUARTER)
        if year <= day.year or editions[-1].due(period) < period.first_day
        if _exists(form, period)
    ]
    sent = sent_returns(rows())
    entries = changed_since(rows(), list(sent.values()))
    listed = [
        replace(one, sent_on=sent[key].sent_on, changed=entries[key], is_late=False, is_soon=False)
        if key in sent
        else one
        for one in listed
        for key in ((one.form, one.period),)
    ]
    return render_template(
        "returns/index.html",
        listed=sorted(listed, key=lambda one: (one.due, one.form), reverse=True),
        statuses={status.value: look for status, look in STATUSES.items()},
        years=range(day.year + 1, day.year - 6, -1),
        forms=[
            (form, editions[-1].title, editions[-1].period_kind is PeriodKind.QUARTER)
            for form, editions in all_editions().items()
        ],
        quarters=QUARTERS,
        choose_href=url_for("returns.chosen"),
    )


def _periods(year: int, *, quarterly: bool) -> list[Period]:
    return [Period(year, quarter) for quarter in reversed(QUARTERS)] if quarterly else [Period(year)]


def _exists(form: str, period: Period) -> bool:
    try:
        choose(form, period)
    except NotFound:
        return False
    return True


def _due(form: str, period: Period, day: date) -> Due:
    edition, period = asked_period(form, period.year, period.quarter)
    due = edition.due(period)
    looks_ahead = due < period.first_day
    ended = looks_ahead or period.last_day < day
    base = Due(
        form=form,
        period=period,
        title=edition.title,
        words=period_words(period),
        href=address("sheet", form, period),
        due=due,
        is_late=day > due,
        is_soon=ended and 0 <= (due - day).days <= SOON_DAYS,
        has_ended=ended,
    )
    if period.first_day > day and not looks_ahead:
        return base
    checks = made(form, period, None).checks
    counts = {status: sum(check.status is status for check in checks) for status in Status}
    return Due(
        base.form, base.period, base.title, base.words, base.href, base.due, base.is_late, base.is_soon, base.has_ended,
        counts[Status.FAIL], counts[Status.WARN], len(checks) - counts[Status.NOT_APPLICABLE],
    )  # fmt: skip
