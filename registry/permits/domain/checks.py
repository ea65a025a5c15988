"""Checks of an application: small pure functions over frozen facts, shown to the officer passed or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.codes import COUNTRIES
from registry.kernel.mass import floor, grams, stated
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message, plain_params
from registry.licences.domain import LICENCE_COVERS, Period, covered_on
from registry.permits.domain import rules
from registry.permits.domain.facts import bound_base_ng, reserved_ng
from registry.permits.domain.kinds import PERMIT_KINDS, Goods, PermitKind, expiry_of
from registry.permits.domain.particulars import day_of
from registry.quotas.domain import rules as quota_rules
from registry.quotas.domain.position import Position
from registry.substances.domain.facts import RevisionFact, SubstanceFact, Treaty, needs_permit


@dataclass(frozen=True, slots=True)
class ApplicationFact:
    """What is asked for. `lines`: (product id, whole units of account); `particulars`: see `domain.particulars`."""

    reference: str
    kind: str
    organisation_id: int
    partner_country: str
    partner: str
    planned_on: date
    lines: tuple[tuple[int, int], ...]
    counterpart_number: str | None = None
    purpose: str | None = None
    justification: str | None = None
    particulars: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Case:
    """An application with everything the checks look at.

    `positions`: of the year of `planned_on`, by substance id, open permits taken off.
    `pending`: what other undecided applications of that year ask for; `held`: what permits
    of that year have given the organisation, both in nanograms by substance id.
    `revisions`: product id -> revision in force today, for every line.
    `licensed`: the days licences of the organisation cover the act and every product.
    `counterpart_used`: another case or permit names the same foreign permit.
    `row`: of the file, None for a page.
    """

    application: ApplicationFact
    organisation: str
    revisions: Mapping[int, RevisionFact]
    licensed: tuple[Period, ...]
    positions: Mapping[int, tuple[SubstanceFact, Position]]
    today: date
    pending: Mapping[int, Fraction] = field(default_factory=dict)
    held: Mapping[int, Fraction] = field(default_factory=dict)
    counterpart_used: bool = False
    row: int | None = None

    @property
    def kind(self) -> PermitKind:
        """Return the kind of permit asked for."""
        return PERMIT_KINDS[self.application.kind]

    @property
    def needs(self) -> dict[int, int]:
        """Return what the permit would reserve, in whole nanograms by substance id."""
        if not self.kind.reserves:
            return {}
        needs: dict[int, int] = {}
        for product, units in self.application.lines:
            for substance, need in reserved_ng(self.revisions[product], units).items():
                needs[substance] = needs.get(substance, 0) + need
        return needs

    @property
    def lines(self) -> tuple[tuple[RevisionFact, int], ...]:
        """Return every line with the revision of its product."""
        return tuple((self.revisions[product], units) for product, units in self.application.lines)


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as the officer sees it: a passed check is shown as passed too."""

    rule: Rule
    passed: bool
    finding: Finding | None = None
    observed: str | None = None
    limit: str | None = None
    unit: str | None = None
    about: str = ""


Check = Callable[[Case], Iterable[CheckLine]]


def largest_units(case: Case, revision: RevisionFact, units: int) -> int:
    """Return the most units of one line that would fit into every position that binds, the other lines kept.

    A reservation rounds up to whole nanograms, so units x base must not pass the headroom rounded down.
    """
    own = reserved_ng(revision, units)
    fits = [
        max(0, floor(position.headroom) - (case.needs.get(substance, 0) - own.get(substance, 0))) // base
        if base
        else units
        for substance, base in bound_base_ng(revision).items()
        for _, position in [case.positions[substance]]
        if position.binds
    ]
    return int(min(fits, default=units))


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
    yield _line(case, LICENCE_COVERS, broken, observed=day.isoformat(), limit=limit)


def check_quota(case: Case) -> Iterable[CheckLine]:
    """QTA-01, QTA-09 with what would fit; QTA-02, QTA-03, QTA-04 beside them."""
    organisation = case.application.organisation_id
    for substance_id, need in case.needs.items():
        substance, position = case.positions[substance_id]
        needed = Fraction(need)
        found = quota_rules.over_quota(substance, position, needed)
        if found is not None and position.binds:
            found = replace(found, largest_g=grams(max(0, floor(position.headroom))))
            holding = [line for line in case.lines if substance_id in bound_base_ng(line[0])]
            if len(holding) == 1:
                revision, units = holding[0]
                most = stated(largest_units(case, revision, units), revision.unit)
                found = replace(found, largest_quantity=most, extra={"product": revision.code})
        rule = quota_rules.WITHIN_QUOTA if position.binds else quota_rules.WITHIN_REQUIREMENT
        rest = grams(position.headroom)
        yield _judged(case, rule, found, substance.code, grams(need), rest, "g")
        share = quota_rules.over_allocation(
            substance, position, organisation, case.held.get(substance_id, Fraction(0)), needed
        )
        for other, judged in (
            (quota_rules.STATE_QUOTA_SET, quota_rules.missing_state_quota(substance, position)),
            (quota_rules.ASSESSMENT_FRESH, quota_rules.old_assessment(substance, position)),
            (quota_rules.WITHIN_ALLOCATION, share),
        ):
            yield _judged(case, other, judged, substance.code)


def check_pending(case: Case) -> Iterable[CheckLine]:
    """PRM-06: with everything else that waits; only flagged, since nothing is reserved before issue."""
    for substance_id, need in case.needs.items():
        substance, position = case.positions[substance_id]
        together = case.pending.get(substance_id, Fraction(0)) + need
        broken = None
        if need <= position.headroom < together and position.binds:
            broken = Message(
                N_("with the other applications that wait, %(together)s g of %(substance)s are asked for"),
                {"together": grams(together), "substance": substance.name},
            )
        yield _line(
            case,
            rules.PENDING_FIT,
            broken,
            about=substance.code,
            observed=grams(together),
            limit=grams(position.headroom),
            unit="g",
        )


def check_counterpart(case: Case) -> Iterable[CheckLine]:
    """PRM-02 where the kind needs it, else PRM-03; PRM-10."""
    number = case.application.counterpart_number
    rule = rules.COUNTERPART if case.kind.needs_counterpart else rules.COUNTERPART_KNOWN
    missing = None if number else Message(N_("the number of the other country's permit is not given"))
    yield _line(case, rule, missing, observed=number)
    used = Message(N_("the foreign permit %(number)s is named by another case or permit"), {"number": number})
    yield _line(case, rules.COUNTERPART_ONCE, used if case.counterpart_used else None, observed=number)


def check_country(case: Case) -> Iterable[CheckLine]:
    """PRM-04."""
    country = case.application.partner_country
    broken = Message(N_("“%(text)s” is not a country code"), {"text": country})
    yield _line(case, rules.PARTNER_COUNTRY, None if country in COUNTRIES else broken, observed=country)


def check_day(case: Case) -> Iterable[CheckLine]:
    """PRM-05: today is not past."""
    day = case.application.planned_on
    broken = Message(N_("%(day)s is past"), {"day": day.isoformat()}) if day < case.today else None
    yield _line(case, rules.PLANNED_AHEAD, broken, observed=day.isoformat(), limit=case.today.isoformat())


def check_product(case: Case) -> Iterable[CheckLine]:
    """PRM-07 for products with a narcotic drug, PRM-08 for those that need no permit."""
    for revision, _ in case.lines:
        said = {"product": revision.code}
        if any(part.treaty == Treaty.NARCOTIC for part in revision.components):
            undecided = Message(N_("whether %(product)s is a preparation of Schedule III is undecided"), said)
            broken = undecided if revision.schedule_three is None and not revision.is_free else None
            yield _line(case, rules.SCHEDULE_THREE_DECIDED, broken, about=revision.code)
        free = Message(N_("%(product)s needs no permit"), said)
        is_wanted = needs_permit(revision) or case.kind.goods is Goods.FREE
        yield _line(case, rules.PERMIT_WANTED, None if is_wanted else free, about=revision.code)


def check_purpose(case: Case) -> Iterable[CheckLine]:
    """PRM-09."""
    missing = None if case.application.purpose else Message(N_("the purpose is not given"))
    yield _line(case, rules.PURPOSE, missing, observed=case.application.purpose)


CHECKS: tuple[Check, ...] = (
    check_licence,
    check_quota,
    check_pending,
    check_counterpart,
    check_country,
    check_day,
    check_product,
    check_purpose,
)


def run_checks(case: Case) -> tuple[CheckLine, ...]:
    """Run every check of an application, in the order officers read them."""
    return tuple(line for check in CHECKS for line in check(case))


def check_validity(case: Case) -> CheckLine:
    """PRM-11: a permit issued today has at least one day, today; asked at issue only."""
    last = expiry_on(case)
    broken = None
    if last < case.today:
        broken = Message(N_("a permit issued today would have ended on %(day)s"), {"day": last.isoformat()})
    return _line(case, rules.VALIDITY, broken, observed=case.today.isoformat(), limit=last.isoformat())


def expiry_on(case: Case) -> date:
    """Return the last day of a permit issued today on this case."""
    today, planned = case.today, case.application.planned_on
    ends = [end for begin, end in case.licensed if begin <= max(today, planned)]
    foreign = day_of(case.application.particulars, "counterpart_expires_on")
    return expiry_of(today, planned.year, max(ends, default=None), foreign)


def findings_of(lines: Iterable[CheckLine]) -> list[Finding]:
    """Return what did not pass."""
    return [line.finding for line in lines if line.finding is not None]


def frozen(lines: Iterable[CheckLine]) -> list[dict[str, object]]:
    """Return checks as plain data, to be kept with the step they were made for."""
    return [
        {
            "rule": line.rule.code,
            "passed": line.passed,
            "about": line.about,
            "severity": line.finding.severity.value if line.finding else None,
            "msgid": line.finding.message.msgid if line.finding else None,
            "params": plain_params(line.finding.message.params) if line.finding else {},
            "observed": line.observed,
            "limit": line.limit,
            "unit": line.unit,
            "largest_g": line.finding.largest_g if line.finding else None,
            "largest_quantity": line.finding.largest_quantity if line.finding else None,
        }
        for line in lines
    ]


def _line(
    case: Case,
    rule: Rule,
    broken: Message | None,
    *,
    about: str = "",
    observed: str | None = None,
    limit: str | None = None,
    unit: str | None = None,
) -> CheckLine:
    found = None
    if broken is not None:
        found = Finding(rule, broken, rule.severity, observed=observed, limit=limit, unit=unit)
    return _judged(case, rule, found, about, observed, limit, unit)


def _judged(
    case: Case,
    rule: Rule,
    found: Finding | None,
    about: str = "",
    observed: str | None = None,
    limit: str | None = None,
    unit: str | None = None,
) -> CheckLine:
    """Tie a finding to its case: what is flagged names the application."""
    if found is not None:
        subject = f"application {case.application.reference}"
        own = f"{subject}, {found.subject}" if found.subject else subject
        found = replace(found, row=case.row, subject=own)
        observed, limit, unit = found.observed, found.limit, found.unit
    return CheckLine(rule, found is None, found, observed, limit, unit, about)
