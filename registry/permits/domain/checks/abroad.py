"""Checks that look at other countries: their estimates, their prohibitions, the countries on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from registry.kernel.mass import floor, grams, stated
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_, Message
from registry.permits.domain import rules
from registry.permits.domain.checks.case import Case, CheckLine, ForeignEstimate, judged, judged_line
from registry.permits.domain.facts import bound_base_ng
from registry.permits.domain.kinds import Way
from registry.permits.domain.particulars import EXCEPTIONS


def check_abroad(case: Case) -> Iterable[CheckLine]:
    """PRM-14 and PRM-15 for exports of what convention estimates bind; PRM-16 where an exception is asked for."""
    if case.kind.way is Way.EXPORT:
        names = case.names()
        for substance, need in case.base.items():
            if not need or not case.positions[substance][1].binds:
                continue
            told = {"country": case.application.partner_country, "substance": names[substance]}
            known = case.abroad.get(substance)
            missing = Message(N_("no estimate of %(country)s for %(substance)s is recorded here"), told)
            about = case.positions[substance][0].code
            yield judged_line(case, rules.ABROAD_KNOWN, None if known else missing, about=about)
            if known is not None:
                yield _within(case, substance, need, known, told)
    if case.exception:
        missing = Message(N_("an exception is asked for without a justification"))
        broken = None if case.application.justification else missing
        yield judged_line(case, rules.EXCEPTION_EXPLAINED, broken, observed=case.exception)


def _within(
    case: Case, substance: int, need: Fraction, known: ForeignEstimate, told: Mapping[str, object]
) -> CheckLine:
    rest = known.quantity - known.taken
    about, found = case.positions[substance][0].code, None
    if need > rest:
        message = Message(
            N_(
                "%(need)s g of %(substance)s do not fit: %(rest)s g are left of the estimate of %(country)s published on %(day)s"
            ),
            {**told, "need": grams(need), "rest": grams(rest), "day": known.published_on.isoformat()},
        )
        holding = [revision for revision, _ in case.lines if substance in bound_base_ng(revision)]
        alone = holding[0] if len(holding) == 1 else None
        most = max(0, floor(rest / bound_base_ng(alone)[substance])) if alone else 0
        found = Finding(
            rules.ABROAD_WITHIN,
            message,
            case.parameters.severity(rules.ABROAD_WITHIN),
            observed=grams(need),
            limit=grams(rest),
            unit="g",
            largest_g=grams(max(0, floor(rest))),
            largest_quantity=stated(most, alone.unit) if alone else None,
            extra={"product": alone.code} if alone else {},
        )
        found = excepted(case, found)
    return judged(case, rules.ABROAD_WITHIN, found, about, grams(need), grams(rest), "g")


def excepted(case: Case, found: Finding) -> Finding:
    """Turn a refusal into a flag that names the exception asked for (1961 art. 21(4)(b))."""
    if not case.exception or found.severity is not Severity.REFUSE:
        return found
    why = Message(EXCEPTIONS[case.exception].name)
    message = Message(N_("%(first)s; exception asked for: %(why)s"), {"first": found.message, "why": why})
    return replace(found, message=message, severity=Severity.FLAG)


def check_prohibited(case: Case) -> Iterable[CheckLine]:
    """PRM-13 for the country of destination of an export or transit, PRM-23 for the countries on the way."""
    if case.kind.way in (Way.EXPORT, Way.TRANSIT):
        names, country = case.names(), case.application.partner_country
        against = [name for substance, name in names.items() if (country, substance) in case.prohibited]
        said = {"country": country, "substance": ", ".join(against)}
        broken = (
            Message(N_("%(country)s prohibits the import of %(substance)s (article 13)"), said) if against else None
        )
        yield judged_line(case, rules.ARTICLE_13, broken, about=country)
        for transit in (case.particular("route") or "").split(";"):
            against = [name for substance, name in names.items() if (transit, substance) in case.prohibited]
            said = {"country": transit, "substance": ", ".join(against)}
            broken = (
                Message(N_("%(country)s, on the way, prohibits the import of %(substance)s"), said) if against else None
            )
            if transit:
                yield judged_line(case, rules.TRANSIT_LAW, broken, about=transit)
