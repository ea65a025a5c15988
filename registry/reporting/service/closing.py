"""Periods close by themselves some days after their report was due, or by an act of the authority, who alone reopens them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.db import lock_gate
from registry.deeds.domain import Deed, DeedFact
from registry.deeds.effects import CarryOut
from registry.deeds.service import begin
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, TransitionRefused
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_codes, sites_by_ids
from registry.reporting.domain.closing import CLOSE, DEEDS, REOPEN, UNTIL, closed_by, read_subject, subject_of
from registry.reporting.domain.parameters import CLOSE_DAYS, REOPENED_DAYS
from registry.reporting.domain.spans import Span, months_between, span_named
from registry.reporting.models import PeriodAct
from registry.reporting.queries.closing import acts_between
from registry.reporting.queries.reports import owed_by

PERIODS_GATE = 41
"""Gate of `db.lock_gate`: shared by postings, alone for an act, so that none is recorded in what is being closed."""
Month = tuple[int, date]
"""Site id, first day of a month."""


def closed_among(session: Session, clock: Clock, asked: Collection[Month]) -> set[Month]:
    """Return those of `asked` that are closed today. Two statements where no period closes by itself."""
    if not asked:
        return set()
    lock_gate(session, PERIODS_GATE, [1], shared=True)
    today = clock.today()
    first, last = min(day for _, day in asked), max(day for _, day in asked)
    acts = acts_between(session, first, last)
    said = {month: closed_by(acts, *month, today) for month in asked}
    found = {month for month, closed in said.items() if closed}
    rest = {month for month, closed in said.items() if closed is None}
    days = parameters_on(session, today).number(CLOSE_DAYS)
    if not days or not rest:
        return found
    sites = sites_by_ids(session, {site_id for site_id, _ in rest})
    for owed in owed_by(session, today, list(sites.values()), (first, last)):
        if today > owed.duty.due_on + timedelta(days=days):
            span = owed.duty.span
            found |= rest & {(owed.site.id, month.first) for month in months_between(span.first, span.last)}
    return found


def nobody_records_meanwhile(session: Session) -> None:
    """Wait until whoever records entries of past days has done, and let nobody begin until this transaction ends."""
    lock_gate(session, PERIODS_GATE, [1])


def is_closed(session: Session, clock: Clock, site: SiteFact, span: Span) -> bool:
    """Say whether any month of a span of a site is closed today."""
    return bool(
        closed_among(session, clock, {(site.id, month.first) for month in months_between(span.first, span.last)})
    )


@dataclass(frozen=True, slots=True)
class PeriodAsked:
    """What is asked for: a kind of `domain.closing.DEEDS`, the site (None: all), the span, why, from when."""

    kind: str
    site: SiteFact | None
    span: Span
    reason: str
    effective_on: date


def ask(session: Session, actor: Actor, clock: Clock, asked: PeriodAsked) -> DeedFact:
    """Close a period, or propose to reopen one.

    Raises `Invalid` for a period that has not ended and for a past day, `TransitionRefused` for what is not closed. A reopened period closes again by itself
    after the days the country allows.
    """
    kind, today = DEEDS[asked.kind], clock.today()
    problems = []
    if asked.span.last >= today:
        problems.append(Problem("period", "not-ended", Message(N_("a period closes once it has ended"))))
    if asked.effective_on < today:
        problems.append(Problem("effective_on", "past", Message(N_("today or a later day"))))
    if problems:
        raise Invalid(problems[0].message, problems)
    if kind is REOPEN and asked.site is not None and not is_closed(session, clock, asked.site, asked.span):
        raise TransitionRefused(Message(N_("this period is not closed")))
    payload = {}
    if kind is REOPEN:
        open_for = timedelta(days=parameters_on(session, today).number(REOPENED_DAYS))
        payload = {UNTIL: (asked.effective_on + open_for).isoformat()}
    subject = subject_of(asked.site.code if asked.site else None, asked.span.code)
    holder = asked.site.organisation_id if asked.site else None
    deed = begin(session, actor, clock, Deed(kind, subject, asked.reason, asked.effective_on, holder, payload))
    if kind.at_once:
        EFFECTS[kind.code](session, actor, clock, deed)
    return deed


def _carry_out(session: Session, actor: Actor, clock: Clock, deed: DeedFact) -> None:
    nobody_records_meanwhile(session)
    code, period = read_subject(deed.subject)
    site = sites_by_codes(session, [code]).get(code) if code is not None else None
    span = span_named(period)
    if span is None or (code is not None and site is None):
        raise NotFound(Message(N_("there is no such period of a site")))
    until = deed.payload.get(UNTIL)
    session.execute(
        insert(PeriodAct).values(
            site_id=site.id if site is not None else None,
            period=span.code,
            first_on=span.first,
            last_on=span.last,
            closed=deed.kind == CLOSE.code,
            effective_on=max(deed.effective_on, clock.today()),
            until=date.fromisoformat(until) if until else None,
            deed_id=deed.id,
            recorded_at=clock.now(),
            recorded_by=actor.username,
        )
    )


EFFECTS: Mapping[str, CarryOut] = MappingProxyType(dict.fromkeys(DEEDS, _carry_out))
"""Deed -> how it is carried out."""
