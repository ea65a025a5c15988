"""Checks of the papers: licence, foreign permit, days, purpose, validity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from registry.kernel.codes import COUNTRIES
from registry.kernel.text import N_, Message
from registry.licences.domain import LICENCE_COVERS, covered_on
from registry.permits.domain import rules
from registry.permits.domain.checks.case import Case, CheckLine, judged_line
from registry.permits.domain.kinds import expiry_of
from registry.permits.domain.particulars import day_of


def check_licence(case: Case) -> Iterable[CheckLine]:
    """LIC-01: the licence covers the planned day, not only today."""
    day = case.application.planned_on
    message = Message(
        N_("no licence of %(organisation)s covers the %(kind)s of %(product)s on %(day)s"),
        {
            "organisation": case.organisation,
            "kind": Message(case.kind.name),
            "product": ", ".join(revision.code for revision, _ in case.lines),
            "day": day.isoformat(),
        },
    )
    last = max((end for begin, end in case.licensed if begin <= day), default=None)
    limit = last.isoformat() if last is not None and last != date.max else None
    broken = None if covered_on(case.licensed, day) else message
    yield judged_line(case, LICENCE_COVERS, broken, observed=day.isoformat(), limit=limit)


def check_counterpart(case: Case) -> Iterable[CheckLine]:
    """PRM-02 where the kind needs it, else PRM-03; PRM-10."""
    number = case.application.counterpart_number
    rule = rules.COUNTERPART if case.kind.needs_counterpart else rules.COUNTERPART_KNOWN
    missing = None if number else Message(N_("the number of the other country's permit is not given"))
    yield judged_line(case, rule, missing, observed=number)
    used = Message(N_("the foreign permit %(number)s is named by another case or permit"), {"number": number})
    yield judged_line(case, rules.COUNTERPART_ONCE, used if case.counterpart_used else None, observed=number)


def check_country(case: Case) -> Iterable[CheckLine]:
    """PRM-04."""
    country = case.application.partner_country
    broken = Message(N_("“%(text)s” is not a country code"), {"text": country})
    yield judged_line(case, rules.PARTNER_COUNTRY, None if country in COUNTRIES else broken, observed=country)


def check_day(case: Case) -> Iterable[CheckLine]:
    """PRM-05: today is not past."""
    day = case.application.planned_on
    broken = Message(N_("%(day)s is past"), {"day": day.isoformat()}) if day < case.today else None
    yield judged_line(case, rules.PLANNED_AHEAD, broken, observed=day.isoformat(), limit=case.today.isoformat())


def check_purpose(case: Case) -> Iterable[CheckLine]:
    """PRM-09."""
    missing = None if case.application.purpose else Message(N_("the purpose is not given"))
    yield judged_line(case, rules.PURPOSE, missing, observed=case.application.purpose)


def check_validity(case: Case) -> CheckLine:
    """PRM-11: a permit issued today has at least one day, today; asked at issue only."""
    last = expiry_on(case)
    broken = None
    if last < case.today:
        broken = Message(N_("a permit issued today would have ended on %(day)s"), {"day": last.isoformat()})
    return judged_line(case, rules.VALIDITY, broken, observed=case.today.isoformat(), limit=last.isoformat())


def expiry_on(case: Case) -> date:
    """Return the last day of a permit issued today on this case."""
    today, planned = case.today, case.application.planned_on
    ends = [end for begin, end in case.licensed if begin <= max(today, planned)]
    foreign = day_of(case.application.particulars, "counterpart_expires_on")
    return expiry_of(today, planned.year, max(ends, default=None), foreign, parameters=case.parameters)
