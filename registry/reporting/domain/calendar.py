"""Who owes a report for which span, and when: worked out of licences and what the country has set, kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from registry.kernel.parameters import Course, Parameters
from registry.kernel.text import N_
from registry.kernel.workdays import WorkingDays
from registry.licences.domain import STOP_CAUSES, LicenceFact, Period, covered_on, merged
from registry.parties.domain import SiteFact
from registry.reporting.domain.parameters import DUE_DAYS, OWES, STEPS
from registry.reporting.domain.spans import Every, Span, months_between, span_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duty:
    """One report that one site owes. `until`: its last day, earlier than that of the span where the licence ends before.

    `closing`: no licence holds after `until`, so that what is left on the shelves is shown.
    """

    site_id: int
    span: Span
    until: date
    due_on: date
    closing: bool = False

    def days_late(self, today: date) -> int:
        """Return how many days the report is late, 0 up to the day it is due."""
        return max(0, (today - self.due_on).days)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a site stated of a span, the last time it did. `changed`: entries of these days recorded since."""

    site_id: int
    period: str
    number: int
    first_on: date
    until_on: date
    nil: bool
    closing: bool
    entries: int
    digest: str
    recorded_at: datetime
    recorded_by: str
    changed: int = 0


class DutyState(StrEnum):
    """Where a report stands on a day."""

    RUNNING = "running"
    DUE = "due"
    LATE = "late"
    CHANGED = "changed"
    REPORTED = "reported"


STATE_NAMES = {
    DutyState.RUNNING: N_("not ended yet"),
    DutyState.DUE: N_("due"),
    DutyState.LATE: N_("late"),
    DutyState.CHANGED: N_("changed since reported"),
    DutyState.REPORTED: N_("reported"),
}


def state_of(duty: Duty, stated: Stated | None, today: date) -> DutyState:
    """Return where a report stands; what was stated counts when it reaches to the last day owed."""
    if stated is not None and stated.until_on >= duty.until:
        return DutyState.CHANGED if stated.changed else DutyState.REPORTED
    if today <= duty.until:
        return DutyState.RUNNING
    return DutyState.LATE if today > duty.due_on else DutyState.DUE


def due_on(every: Every, until: date, parameters: Parameters, working: WorkingDays) -> date:
    """Return the day a report up to `until` is due: so many days later, and then the first working day."""
    day = until + timedelta(days=parameters.number(DUE_DAYS[every]))
    return day if working.is_worked(day) else next(working.after(day))


def licensed(site: SiteFact, licences: Iterable[LicenceFact]) -> tuple[Period, ...]:
    """Return the days on which a site holds a licence, merged. A suspended one counts: what lies there is reported."""
    periods = (period for fact in licences if fact.covers_site(site.id) for period in _for_good(fact).days)
    return merged(_within(periods, site.latest.valid_from, site.latest.valid_to))


def _for_good(fact: LicenceFact) -> LicenceFact:
    return replace(fact, stops=tuple(stop for stop in fact.stops if STOP_CAUSES[stop.cause].for_good))


def _within(periods: Iterable[Period], first: date | None, last: date | None) -> Iterator[Period]:
    for begin, end in periods:
        within = max(begin, first or begin), min(end, last or end)
        if within[0] <= within[1]:
            yield within


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the country has set, and its working days: enough to say what any site owes."""

    course: Course
    working: WorkingDays

    @property
    def starts_on(self) -> date | None:
        """Return the first day from which any kind of organisation was ever asked for reports, None where none was."""
        asked = {each.code for each in OWES.values()}
        return min((change.effective_on for change in self.course.changes if change.code in asked), default=None)

    def asks_on(self, day: date) -> bool:
        """Say whether any kind of organisation owes reports on `day`."""
        return any(self.course.on(day).choice(each) in set(Every) for each in OWES.values())

    def duties(self, site: SiteFact, licences: Sequence[LicenceFact], first: date, last: date) -> list[Duty]:
        """Return the reports a site owes for spans that hold any of the days, the oldest first.

        How long a span is, is what is set on the first day of each month: one that begins in the middle of a month
        counts from the next, and where the length changes no month is left out.
        """
        days = licensed(site, licences)
        if not days:
            return []
        found: dict[Span, Duty] = {}
        for month in months_between(first, last):
            owes = OWES.get(site.on(month.first).kind)
            length = self.course.on(month.first).choice(owes) if owes is not None else None
            if length not in set(Every):
                continue
            span = span_of(Every(length), month.first)
            duty = None if span in found else self._duty(site.id, span, days)
            if duty is not None:
                found[span] = duty
        return sorted(found.values(), key=lambda duty: duty.span)

    def _duty(self, site_id: int, span: Span, days: tuple[Period, ...]) -> Duty | None:
        inside = [min(end, span.last) for begin, end in days if begin <= span.last and end >= span.first]
        if not inside:
            return None
        until = max(inside)
        closing = not covered_on(days, until + ONE_DAY)
        due = due_on(span.every, until, self.course.on(until), self.working)
        return Duty(site_id, span, until, due, closing)


def step_on(duty: Duty, today: date, parameters: Parameters) -> int:
    """Return the step of chasing a late report has reached: 0 for none, else 1 to 3, the last whose days have passed."""
    late = duty.days_late(today)
    return max((number for number, each in enumerate(STEPS, 1) if late and late >= parameters.number(each)), default=0)
