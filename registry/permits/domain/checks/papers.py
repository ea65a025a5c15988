"""Checks of the papers: licence, foreign permit, days, purpose, validity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from registry.kernel.codes import COUNTRIES, search_key
from registry.kernel.text import N_, Message
from registry.licences.domain import LICENCE_COVERS, covered_on
from registry.permits.domain import rules
from registry.permits.domain.checks.case import Case, CheckLine, judged_line
from registry.permits.domain.kinds import expiry_of
from registry.permits.domain.particulars import PARTICULARS, day_of

SEEN = "yes"
PURPOSES = frozenset(
    {
        "medical", "veterinary", "scientific", "forensic",
        "медицинская", "ветеринарная", "научная", "экспертная", "судебная", "экспертная (судебная)",
        "медициналык", "ветеринардык", "илимий", "эксперттик", "соттук", "эксперттик (соттук)",
    }
)  # fmt: skip
"""NC-Q10: the purposes of the law of 2024, as files and pages name them in each language."""


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
    """PRM-09: one of the purposes of the law, or a justification that names the legal ground of another."""
    purpose = case.application.purpose
    broken = None
    if not purpose:
        broken = Message(N_("the purpose is not given"))
    elif not case.application.justification and purpose.strip().rstrip(".").casefold() not in PURPOSES:
        broken = Message(
            N_("“%(purpose)s” is no purpose the law names: say on which legal ground"), {"purpose": purpose}
        )
    yield judged_line(case, rules.PURPOSE, broken, observed=purpose)


def check_papers(case: Case) -> Iterable[CheckLine]:
    """PRM-18, PRM-19, PRM-35, PRM-29 once the permit of the other country is named."""
    if not case.application.counterpart_number or "counterpart_issuer" not in case.kind.asks:
        return
    if case.kind.needs_counterpart:
        asked = ("counterpart_issuer", "counterpart_issued_on", "counterpart_expires_on")
        lacking = [Message(PARTICULARS[code].name) for code in asked if not case.particular(code)]
        broken = (
            Message(N_("of the foreign permit is not given: %(first)s"), {"first": lacking[0]}) if lacking else None
        )
        yield judged_line(case, rules.PAPERS_COMPLETE, broken)
    day, particulars = case.application.planned_on, case.application.particulars
    first, last = day_of(particulars, "counterpart_issued_on"), day_of(particulars, "counterpart_expires_on")
    outside = (first is not None and day < first) or (last is not None and last < day)
    said = {"first": first.isoformat() if first else "…", "last": last.isoformat() if last else "…"}
    broken = Message(N_("the foreign permit is valid from %(first)s to %(last)s"), said) if outside else None
    limit = last.isoformat() if last else None
    yield judged_line(case, rules.PAPERS_VALID, broken, observed=day.isoformat(), limit=limit)
    issuer = case.particular("counterpart_issuer")
    if issuer and case.issuers:
        known = search_key(issuer) in {search_key(name) for name in case.issuers}
        said = {"issuer": issuer, "known": "; ".join(case.issuers)}
        other = Message(N_("“%(issuer)s” issued it; known to answer there: %(known)s"), said)
        yield judged_line(case, rules.ISSUER_KNOWN, None if known else other, observed=issuer)
    unseen = Message(N_("the original of the foreign permit was not seen"))
    yield judged_line(case, rules.ORIGINAL_SEEN, None if case.particular("counterpart_seen") == SEEN else unseen)


def check_particulars(case: Case) -> Iterable[CheckLine]:
    """PRM-32: one line for everything that is missing."""
    missing = [PARTICULARS[code] for code in case.kind.asks if code in case.kind.needs and not case.particular(code)]
    for each in missing:
        yield judged_line(
            case,
            rules.PARTICULARS_GIVEN,
            Message(N_("not given: %(name)s"), {"name": Message(each.name)}),
            about=each.code,
        )
    if not missing:
        yield judged_line(case, rules.PARTICULARS_GIVEN, None)


def check_reply(case: Case) -> Iterable[CheckLine]:
    """PRM-24 while the applicant is asked something."""
    if case.reply_by is not None:
        late = Message(N_("an answer was due on %(day)s"), {"day": case.reply_by.isoformat()})
        broken = late if case.today > case.reply_by else None
        yield judged_line(
            case, rules.ANSWER_IN_TIME, broken, observed=case.today.isoformat(), limit=case.reply_by.isoformat()
        )


def check_validity(case: Case) -> CheckLine:
    """PRM-11: a permit issued today has at least one day, today; asked at issue only."""
    last = expiry_on(case)
    broken = None
    if last < case.today:
        broken = Message(N_("a permit issued today would have ended on %(day)s"), {"day": last.isoformat()})
    return judged_line(case, rules.VALIDITY, broken, observed=case.today.isoformat(), limit=last.isoformat())


def expiry_on(case: Case) -> date:
    """Return the last day of a permit issued today on this case: the earliest of all that bounds it (PC-P3)."""
    today, planned = case.today, case.application.planned_on
    ends = [end for begin, end in case.licensed if begin <= max(today, planned)]
    foreign = day_of(case.application.particulars, "counterpart_expires_on")
    return expiry_of(today, planned.year, max(ends, default=None), foreign, parameters=case.parameters)
