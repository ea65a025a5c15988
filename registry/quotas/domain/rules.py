"""The rules of quotas, each declared once and named by a QTA code, with the pure functions that judge by them."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from registry.kernel.mass import grams
from registry.kernel.parameters import DEFAULTS, Parameters
from registry.kernel.period import estimates_due
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import N_, Message
from registry.quotas.domain.kinds import ASSESSMENT, CEILING_KIND
from registry.quotas.domain.lines import ZERO
from registry.quotas.domain.parameters import ASSESSMENT_YEARS, RESERVE, UNDER_USE_DAY
from registry.quotas.domain.position import Position
from registry.quotas.domain.use import expected_use
from registry.substances.domain.facts import SubstanceFact

WITHIN_QUOTA = Rule(
    "QTA-01",
    N_("What was manufactured, imported and reserved stays within the smaller of the INCB figure and the state quota."),
    N_("Antinarcotic Programme 2014, section 2.1; 1961 Convention arts. 19(5), 21, 31(1)"),
    Severity.REFUSE,
    ("NC-Q3", "PC-P4", "PC-P6", "IF-11"),
)
STATE_QUOTA_SET = Rule(
    "QTA-02",
    N_("A state quota is set for every year and substance."),
    N_("Law on narcotic drugs of 2024: state quota set by the Cabinet of Ministers"),
    Severity.FLAG,
    ("NC-Q1",),
    fixed=True,
)
ASSESSMENT_FRESH = Rule(
    "QTA-03",
    N_("An assessment is looked at anew at least every three years, unless set otherwise."),
    N_("Form B/P of INCB: full revision every three years"),
    Severity.FLAG,
    ("IF-8",),
)
WITHIN_ALLOCATION = Rule(
    "QTA-04",
    N_("An organisation stays within its allocation, or says why not."),
    N_("Project default: availability for medical needs comes first"),
    Severity.FLAG,
    ("NC-Q6",),
)
ALLOCATIONS_WITHIN_QUOTA = Rule(
    "QTA-05",
    N_("All allocations together leave the reserve of the state quota free."),
    N_("Project default: reserve of 10 %, unless set otherwise"),
    Severity.FLAG,
    ("NC-Q5",),
)
UNDER_USE = Rule(
    "QTA-06",
    N_("By 30 September, unless set otherwise, at least half of the year's quota has been used."),
    N_("Project default, after the practice of 2020"),
    Severity.FLAG,
    ("NC-Q7",),
)
NOT_OVERDRAWN = Rule(
    "QTA-07",
    N_("What has happened does not exceed the quota of the year."),
    N_("1961 Convention art. 21(1)"),
    Severity.FLAG,
    ("NC-Q3", "IF-11"),
    fixed=True,
)
SECOND_PERSON = Rule(
    "QTA-08",
    N_("Whoever proposes a quota does not approve it."),
    N_("Project default: two persons"),
    Severity.REFUSE,
    ("NC-Q12",),
    Severity.REFUSE,
    fixed=True,
)
WITHIN_REQUIREMENT = Rule(
    "QTA-09",
    N_("Imports of a precursor stay within the annual legitimate requirement; it advises and never refuses."),
    N_("Form D of INCB: annual legitimate requirements; project default"),
    Severity.FLAG,
    ("NC-Q2", "IF-11"),
    fixed=True,
)
ESTIMATES_IN_TIME = Rule(
    "QTA-10",
    N_("The estimates of a year reach the Board by 30 June of the year before."),
    N_("1961 Convention arts. 12(1), 19(1); Form B of INCB"),
    Severity.FLAG,
    ("IF-5",),
)

RULES = (
    WITHIN_QUOTA,
    STATE_QUOTA_SET,
    ASSESSMENT_FRESH,
    WITHIN_ALLOCATION,
    ALLOCATIONS_WITHIN_QUOTA,
    UNDER_USE,
    NOT_OVERDRAWN,
    SECOND_PERSON,
    WITHIN_REQUIREMENT,
    ESTIMATES_IN_TIME,
)


ESTIMATES_AHEAD = timedelta(days=30)
"""So long before the estimates are due they are looked for (project default)."""


def subject_of(substance: SubstanceFact, year: int) -> str:
    """Return how the worklist names the position of a substance and year."""
    return f"quota {year} {substance.code}"


def over_quota(
    substance: SubstanceFact, position: Position, need: Fraction, parameters: Parameters = DEFAULTS
) -> Finding | None:
    """Judge `need` nanograms more against the headroom; precursors are only flagged (QTA-09).

    Exactly the headroom fits. `observed` is the need, `limit` the headroom, both in grams;
    `largest_g` the most that would fit, None for what is only advised.
    """
    if need <= position.headroom or _is_unbound(position):
        return None
    rule = WITHIN_QUOTA if position.binds else WITHIN_REQUIREMENT
    most = max(ZERO, position.headroom)
    return Finding(
        rule,
        Message(
            N_("%(need)s g of %(substance)s do not fit: %(rest)s g are left in %(year)s, bound by the %(side)s"),
            {
                "need": grams(need),
                "substance": substance.name,
                "rest": grams(position.headroom),
                "year": position.year,
                "side": side_name(position),
            },
        ),
        parameters.severity(rule),
        observed=grams(need),
        limit=grams(position.headroom),
        unit="g",
        largest_g=grams(most) if position.binds else None,
        subject=subject_of(substance, position.year),
    )


def granted_too_much(substance: SubstanceFact, position: Position, parameters: Parameters = DEFAULTS) -> Finding | None:
    """Flag that recorded permits together with what was used exceed the ceiling: granted elsewhere, so a fact."""
    if position.headroom >= 0 or not position.reserved or _is_unbound(position):
        return None
    rule = WITHIN_QUOTA if position.binds else WITHIN_REQUIREMENT
    taken = position.used + position.reserved
    return _flag(
        parameters,
        rule,
        Message(
            N_("permits and imports of %(substance)s in %(year)s: %(over)s g above the %(side)s"),
            {
                "substance": substance.name,
                "year": position.year,
                "over": grams(-position.headroom),
                "side": side_name(position),
            },
        ),
        substance,
        position,
        grams(taken),
        grams(taken + position.headroom),
    )


def _is_unbound(position: Position) -> bool:
    """Say whether no convention sets a ceiling and no state quota stands: then there is nothing to exceed."""
    return position.treaty not in CEILING_KIND and position.state_quota is None


def side_name(position: Position) -> Message:
    """Return the side that binds, for a sentence."""
    kind = CEILING_KIND.get(position.treaty)
    if kind is not None and position.bound_by == kind.code:
        return Message(N_("total of estimates")) if kind.itemised else Message(kind.name)
    return Message(N_("state quota"))


def missing_state_quota(
    substance: SubstanceFact, position: Position, parameters: Parameters = DEFAULTS
) -> Finding | None:
    """Flag a binding position without a state quota: that side does not bind."""
    if position.state_quota is not None or not position.binds:
        return None
    return _flag(
        parameters,
        STATE_QUOTA_SET,
        Message(
            N_("no state quota is set for %(substance)s in %(year)s: that side does not bind"),
            {"substance": substance.name, "year": position.year},
        ),
        substance,
        position,
    )


def old_assessment(substance: SubstanceFact, position: Position, parameters: Parameters = DEFAULTS) -> Finding | None:
    """Flag an assessment that has stood for so many years (three unless set); a requirement stays valid until replaced."""
    kind = CEILING_KIND.get(position.treaty)
    if kind is not ASSESSMENT or position.ceiling_year is None:
        return None
    years = parameters.number(ASSESSMENT_YEARS)
    if position.year - position.ceiling_year < years:
        return None
    return _flag(
        parameters,
        ASSESSMENT_FRESH,
        Message(
            N_("the %(kind)s of %(substance)s dates from %(year)s"),
            {"kind": Message(kind.name), "substance": substance.name, "year": position.ceiling_year},
        ),
        substance,
        position,
        str(position.ceiling_year),
        str(position.year - years + 1),
    )


def overdrawn(substance: SubstanceFact, position: Position, parameters: Parameters = DEFAULTS) -> Finding | None:
    """Flag that manufacture and import alone, reservations left aside, exceed the ceiling."""
    rest = position.headroom + position.reserved
    if rest >= 0 or not position.binds or not position.used:
        return None
    return _flag(
        parameters,
        NOT_OVERDRAWN,
        Message(
            N_("%(substance)s in %(year)s: %(over)s g above the %(side)s"),
            {
                "substance": substance.name,
                "year": position.year,
                "over": grams(-rest),
                "side": side_name(position),
            },
        ),
        substance,
        position,
        grams(position.used),
        grams(position.used + rest),
    )


def over_allocation(
    substance: SubstanceFact,
    position: Position,
    organisation_id: int,
    taken: Fraction,
    need: Fraction,
    parameters: Parameters = DEFAULTS,
) -> Finding | None:
    """Judge an organisation that would go beyond its allocation; `taken`: what it holds of it already.

    Allocations are indicative: a flag. A country whose allocations bind sets the weight of QTA-04 to refuse.
    """
    share = (position.allocations or {}).get(organisation_id)
    if share is None or taken + need <= share:
        return None
    return Finding(
        WITHIN_ALLOCATION,
        Message(
            N_("%(need)s g more of %(substance)s exceed the allocation of %(share)s g in %(year)s"),
            {"need": grams(need), "substance": substance.name, "share": grams(share), "year": position.year},
        ),
        parameters.severity(WITHIN_ALLOCATION),
        observed=grams(taken + need),
        limit=grams(share),
        unit="g",
        subject=subject_of(substance, position.year),
    )


def allocated_too_much(
    substance: SubstanceFact, position: Position, parameters: Parameters = DEFAULTS
) -> Finding | None:
    """Flag allocations that together eat into the reserve of the state quota."""
    together = sum((position.allocations or {}).values(), ZERO)
    if position.state_quota is None or not together:
        return None
    free = position.state_quota * (1 - parameters.percent(RESERVE))
    if together <= free:
        return None
    return _flag(
        parameters,
        ALLOCATIONS_WITHIN_QUOTA,
        Message(
            N_("allocations of %(substance)s in %(year)s come to %(together)s g, %(free)s g are free to allocate"),
            {
                "substance": substance.name,
                "year": position.year,
                "together": grams(together),
                "free": grams(free),
            },
        ),
        substance,
        position,
        grams(together),
        grams(free),
    )


def under_used(
    substance: SubstanceFact, position: Position, day: date, parameters: Parameters = DEFAULTS
) -> Finding | None:
    """Flag, from a day of the year on, that less than a share of the smaller ceiling was used; 30 September and half unless set."""
    if day < parameters.day_in(UNDER_USE_DAY, position.year) or not position.binds:
        return None
    wanted = expected_use(position, day, parameters)
    if wanted is None or position.used >= wanted:
        return None
    return _flag(
        parameters,
        UNDER_USE,
        Message(
            N_("%(used)s g of %(granted)s g of %(substance)s were used in %(year)s"),
            {
                "used": grams(position.used),
                "granted": grams(position.granted),
                "substance": substance.name,
                "year": position.year,
            },
        ),
        substance,
        position,
        grams(position.used),
        grams(wanted),
    )


def estimates_missing(year: int, missing: int, wanted: int, today: date, parameters: Parameters) -> Finding | None:
    """Flag, from the month before they are due, that substances with an estimate this year have none for `year`.

    `wanted`: substances with an estimate for the year before `year`; `missing`: those of them without one for it.
    """
    due = estimates_due(year)
    if not missing or today < due - ESTIMATES_AHEAD:
        return None
    return Finding(
        ESTIMATES_IN_TIME,
        Message(
            N_(
                "estimates of %(year)s for %(missing)s of %(wanted)s substances are not approved; Form B is due at the Board on %(day)s"
            ),
            {"year": year, "missing": missing, "wanted": wanted, "day": due.isoformat()},
        ),
        parameters.reported(ESTIMATES_IN_TIME),
        observed=str(missing),
        limit="0",
        subject=f"estimates {year}",
    )


def _flag(
    parameters: Parameters,
    rule: Rule,
    message: Message,
    substance: SubstanceFact,
    position: Position,
    observed: str | None = None,
    limit: str | None = None,
) -> Finding:
    return Finding(
        rule,
        message,
        parameters.reported(rule),
        observed=observed,
        limit=limit,
        unit="g" if limit is not None and rule is not ASSESSMENT_FRESH else None,
        subject=subject_of(substance, position.year),
    )
