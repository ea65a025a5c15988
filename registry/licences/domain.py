"""Acts and scopes of licences, and the days on which a site may do an act with a product. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from registry.deeds.domain import DeedKind
from registry.kernel.parameters import Parameter, ParameterKind, Parameters
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.stops import Stop, strongest_on
from registry.kernel.text import N_, Message
from registry.substances.domain.facts import ComponentFact, RevisionFact
from registry.substances.domain.scope import scope_covers

Period = tuple[date, date]
"""First and last day, both included."""

FIRST_DAY = date(1900, 1, 1)
"""From this day the first revision of a licence counts; its own validity bounds it."""

ALWAYS: tuple[Period, ...] = ((date.min, date.max),)
ONE_DAY = timedelta(days=1)
ENDING_SOON = Parameter(
    "licences.ending_days",
    N_("Days before its end from which a licence is shown as ending soon"),
    ParameterKind.DAYS,
    "30",
    N_("Licences"),
    ("PC-P2",),
    minimum=1,
    maximum=365,
)


@dataclass(frozen=True, slots=True)
class Act:
    """One act of circulation: its code and its name, a msgid."""

    code: str
    name: str


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        act.code: act
        for act in (
            Act("development", N_("development (R&D)")),
            Act("production", N_("production")),
            Act("manufacture", N_("manufacture (making of ready forms)")),
            Act("processing", N_("processing")),
            Act("storage", N_("storage")),
            Act("carriage", N_("carriage / transport")),
            Act("sending", N_("sending by post or courier")),
            Act("dispensing", N_("release / dispensing")),
            Act("sale", N_("sale")),
            Act("distribution", N_("distribution")),
            Act("acquisition", N_("acquisition")),
            Act("medical_use", N_("medical use")),
            Act("scientific_use", N_("scientific use")),
            Act("educational_use", N_("educational use")),
            Act("expert_use", N_("use in forensic (expert) work")),
            Act("import", N_("import")),
            Act("export", N_("export")),
            Act("transit", N_("transit")),
            Act("industrial_use", N_("industrial use")),
            Act("destruction", N_("destruction")),
        )
    }
)
"""The acts a licence may name, in the order of the Government's programme (section 2.1)."""


@dataclass(frozen=True, slots=True)
class StopCause:
    """Why a licence does not count for a time or for good."""

    code: str
    name: str
    for_good: bool = False


STOP_CAUSES: Mapping[str, StopCause] = MappingProxyType(
    {
        cause.code: cause
        for cause in (
            StopCause("suspended", N_("licence suspended")),
            StopCause("withdrawn", N_("licence withdrawn"), for_good=True),
            StopCause("error", N_("licence recorded in error"), for_good=True),
        )
    }
)
"""The strongest comes last."""


@dataclass(frozen=True, slots=True)
class LicenceFact:
    """What a licence said between `effective_on` and the day before `superseded_on` (None: to this day).

    `site_id` None: every site of the organisation. `scope`: terms as `substances.domain.scope`
    reads them. `limit_ng`: the most it allows in a year, in nanograms of anhydrous base.
    """

    id: int
    number: str
    organisation_id: int
    site_id: int | None
    acts: frozenset[str]
    scope: tuple[str, ...]
    effective_on: date
    superseded_on: date | None
    valid_from: date
    valid_to: date
    authority: str | None = None
    limit_ng: int | None = None
    conditions: str | None = None
    stops: tuple[Stop, ...] = ()

    @property
    def days(self) -> tuple[Period, ...]:
        """Return the days on which this revision of the licence counts, those on which it is stopped taken out."""
        days: tuple[Period, ...] = () if self.in_force is None else (self.in_force,)
        for stop in self.stops:
            days = _without(days, stop.from_on, stop.until_on)
        return days

    def stopped_on(self, day: date) -> Stop | None:
        """Return what stops the licence on `day`."""
        return strongest_on(self.stops, STOP_CAUSES, day)

    @property
    def in_force(self) -> Period | None:
        """Return the days on which this revision of the licence counts unless it is stopped, None when there are none."""
        first = max(self.valid_from, self.effective_on)
        last = self.valid_to if self.superseded_on is None else min(self.valid_to, self.superseded_on - ONE_DAY)
        return (first, last) if first <= last else None

    def is_in_force(self, day: date) -> bool:
        """Say whether this revision of the licence counts on `day`."""
        return covered_on(self.days, day)

    def covers_site(self, site_id: int | None) -> bool:
        """Say whether the licence reaches the site; None asks for the organisation at any of its sites."""
        return self.site_id is None or site_id is None or self.site_id == site_id


LICENCE_COVERS = Rule(
    "LIC-01",
    N_("Whoever acts with a controlled substance holds a licence that covers the act, the substance and the day."),
    N_(
        "Single Convention of 1961, articles 29, 30 and 34; Convention of 1971, article 8; law of the country on licensing"
    ),
    Severity.REFUSE,
    ("NC-P2", "NC-M6", "PC-P1", "PC-P2"),
    reported=Severity.REFUSE,
    fixed=True,
)
LICENCE_ENDS = Rule(
    "LIC-02",
    N_("A licence that ends within 30 days, unless set otherwise, is renewed in time."),
    N_("project default"),
    Severity.NOTE,
    ("PC-P2",),
    reported=Severity.NOTE,
)
LICENCE_FOLLOWED = Rule(
    "LIC-03",
    N_("Before a licence ends, its holder has another that takes its place."),
    N_("project default"),
    Severity.FLAG,
    ("PC-P2",),
)
LICENCE_REPLACED = Rule(
    "LIC-04",
    N_("Whoever held a licence that has ended holds another, or holds nothing any more."),
    N_("project default"),
    Severity.FLAG,
    ("PC-P2",),
)
SCOPE_KEPT = Rule(
    "LIC-05",
    N_("A renewed licence has the acts and substances it had; another scope is a change to be looked at."),
    N_("project default"),
    Severity.FLAG,
    ("PC-P22",),
)
AMOUNT_STATED = Rule(
    "LIC-06",
    N_("A licence to produce or manufacture states the most it allows in a year; the paper prints it."),
    N_("project default; 1961 Convention art. 29"),
    Severity.NOTE,
    ("PC-P24",),
    reported=Severity.NOTE,
)
RULES = (LICENCE_COVERS, LICENCE_ENDS, LICENCE_FOLLOWED, LICENCE_REPLACED, SCOPE_KEPT, AMOUNT_STATED)
MAKING = frozenset({"production", "manufacture"})


def scope_changed(before: LicenceFact, now: LicenceFact, parameters: Parameters) -> Finding | None:
    """Flag a licence that comes again with other acts or another scope (LIC-05)."""
    if before.acts == now.acts and set(before.scope) == set(now.scope):
        return None
    changed = sorted((before.acts ^ now.acts) | (set(before.scope) ^ set(now.scope)))
    said = {"number": now.number, "changed": ", ".join(changed)}
    message = Message(N_("licence %(number)s comes again with another scope: %(changed)s"), said)
    subject = f"licence {now.number}, scope from {now.effective_on.isoformat()}"
    severity = parameters.reported(SCOPE_KEPT)
    return Finding(SCOPE_KEPT, message, severity, subject=subject, organisation_id=now.organisation_id)


def amount_missing(licence: LicenceFact, parameters: Parameters) -> Finding | None:
    """Tell of a licence to make something that does not say how much in a year (LIC-06)."""
    if licence.limit_ng is not None or not licence.acts & MAKING:
        return None
    message = Message(
        N_("licence %(number)s allows making and does not state the most in a year"), {"number": licence.number}
    )
    severity = parameters.reported(AMOUNT_STATED)
    return Finding(
        AMOUNT_STATED, message, severity, subject=f"licence {licence.number}", organisation_id=licence.organisation_id
    )


LOOKED_BACK = timedelta(days=365)
"""A licence that ended longer ago without another in its place is history, no longer a case."""


def takes_its_place(other: LicenceFact, ending: LicenceFact) -> bool:
    """Say whether `other` (as its newest revision says) goes on where `ending` stops, for the same site, acts and scope.

    Scopes are compared word by word: a class that holds what the other names one by one does
    not count as the same, since a person has to look at that.
    """
    return (
        other.number != ending.number
        and other.superseded_on is None
        and other.organisation_id == ending.organisation_id
        and other.site_id in (None, ending.site_id)
        and other.acts >= ending.acts
        and set(other.scope) >= set(ending.scope)
        and other.valid_from <= ending.valid_to + ONE_DAY
        and other.valid_to > ending.valid_to
    )


def unreplaced(ending: LicenceFact, others: Iterable[LicenceFact], today: date) -> Finding | None:
    """Flag a licence near or past its end that no other of the same holder takes the place of."""
    if any(takes_its_place(other, ending) for other in others):
        return None
    ended = ending.valid_to < today
    said = {"number": ending.number, "day": ending.valid_to.isoformat()}
    message = (
        Message(N_("licence %(number)s ended on %(day)s and no other has taken its place"), said)
        if ended
        else Message(N_("licence %(number)s ends on %(day)s and no other takes its place"), said)
    )
    return Finding(
        LICENCE_REPLACED if ended else LICENCE_FOLLOWED,
        message,
        Severity.FLAG,
        observed=ending.valid_to.isoformat(),
        subject=f"licence {ending.number}",
        organisation_id=ending.organisation_id,
    )


def covering_periods(
    licences: Iterable[LicenceFact], site_id: int | None, acts: frozenset[str], revision: RevisionFact
) -> tuple[Period, ...]:
    """Return the days on which every controlled component of a product is covered, as merged periods in order.

    A component is covered on a day when a licence in force that day names it in its scope and
    at least one of `acts` (none given: any act will do). `licences` are those of one
    organisation. Nothing controlled inside, or a product freed by the officer, needs no
    licence: then every day is covered. Schedule III and exempted preparations do need one.
    """
    parts = () if revision.is_free else tuple(part for part in revision.components if part.classes)
    able = [fact for fact in licences if fact.covers_site(site_id) and (not acts or not acts.isdisjoint(fact.acts))]
    periods = ALWAYS
    for part in parts:
        named = (period for fact in able if _names(fact, part, revision) for period in fact.days)
        periods = _common(periods, merged(named))
    return periods


def _without(periods: tuple[Period, ...], first: date, until: date | None) -> tuple[Period, ...]:
    """Return the days of `periods` that lie before `first`, or on `until` and after."""
    left: list[Period] = []
    for begin, end in periods:
        if begin < first:
            left.append((begin, min(end, first - ONE_DAY)))
        if until is not None and end >= until:
            left.append((max(begin, until), end))
    return tuple(left)


def _names(fact: LicenceFact, part: ComponentFact, revision: RevisionFact) -> bool:
    schedule_three = revision.schedule_three is True
    return any(scope_covers(term, part, schedule_three=schedule_three) for term in fact.scope)


def merged(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Return periods in order, those that touch or overlap made one: 1-3 and 4-6 March are 1-6 March."""
    joined: list[Period] = []
    for first, last in sorted(periods):
        if joined and first - ONE_DAY <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def common(several: Iterable[Iterable[Period]]) -> tuple[Period, ...]:
    """Return the days that all of `several` hold; every day when there are none."""
    periods = ALWAYS
    for each in several:
        periods = _common(periods, tuple(each))
    return periods


def _common(one: Sequence[Period], other: Sequence[Period]) -> tuple[Period, ...]:
    """Return the days both hold."""
    return tuple(
        (max(first, begin), min(last, end))
        for first, last in one
        for begin, end in other
        if max(first, begin) <= min(last, end)
    )


def covered_on(periods: Iterable[Period], day: date) -> bool:
    """Say whether `day` falls into one of `periods`."""
    return any(first <= day <= last for first, last in periods)


PROPOSES, DECIDES = "licences.propose", "licences.decide"
SUSPEND = DeedKind("licences.suspend", N_("suspend"), N_("The licence was suspended"), PROPOSES)
REINSTATE = DeedKind("licences.reinstate", N_("reinstate"), N_("The licence was reinstated"), PROPOSES, DECIDES)
WITHDRAW = DeedKind("licences.withdraw", N_("withdraw"), N_("The licence was withdrawn"), PROPOSES, DECIDES)
DECLARE_ERROR = DeedKind(
    "licences.error",
    N_("declare recorded in error"),
    N_("The licence was declared recorded in error"),
    PROPOSES,
    DECIDES,
)
DEEDS: Mapping[str, DeedKind] = MappingProxyType(
    {kind.code: kind for kind in (SUSPEND, REINSTATE, WITHDRAW, DECLARE_ERROR)}
)
STOPS_WITH: Mapping[str, str] = MappingProxyType(
    {SUSPEND.code: "suspended", WITHDRAW.code: "withdrawn", DECLARE_ERROR.code: "error"}
)
"""Deed -> the cause with which the licence stops."""


def deeds_open_to(fact: LicenceFact, day: date) -> tuple[DeedKind, ...]:
    """Return what may be done to a licence as it stands on `day`: a stop for good leaves nothing but the error."""
    stop = fact.stopped_on(day)
    if stop is None:
        return (SUSPEND, WITHDRAW, DECLARE_ERROR)
    if STOP_CAUSES[stop.cause].for_good:
        return () if stop.cause == STOPS_WITH[DECLARE_ERROR.code] else (DECLARE_ERROR,)
    return (REINSTATE, WITHDRAW, DECLARE_ERROR)
