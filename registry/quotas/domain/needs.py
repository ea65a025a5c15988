"""Needs worked out for a coming year, by four methods side by side; each shows its working line by line. Pure and exact.

Quantities are nanograms of anhydrous base. A result is rounded up once, to a whole nanogram.
Source: NC-Q9 and section 4.2 of the national context; the worked example there is 2,800 patients
x 66.7 mg x 90 days = 16.8 kg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.mass import NG_PER_G, NG_PER_MG, ceiling, decimal_text, fixed_text, grams, rounded
from registry.kernel.parameters import DEFAULTS, Parameters
from registry.kernel.rules import Finding, Rule, Severity
from registry.kernel.text import N_, Message
from registry.quotas.domain.estimates import Figures, figure
from registry.quotas.domain.rules import subject_of
from registry.substances.domain.facts import SubstanceFact

MEAN, LINE = "mean", "line"
SHOWN_PLACES = 6
THOUSAND = 1000
MILLIONTHS = 10**6
"""Norms are typed with six decimals."""
FEWEST_FOR_A_LINE = 2
YEARS_LOOKED_AT = 3
CONSUMED = "consumed"

UNDER_SUPPLY = Rule(
    "QTA-11",
    N_("A figure chosen for a coming year is not below what was consumed in the last closed year, or it is said why."),
    N_("1961 Convention, preamble and art. 4(c): availability for medical purposes; project default"),
    Severity.FLAG,
    ("NC-Q9", "NC-4.2"),
)


@dataclass(frozen=True, slots=True)
class WorkingLine:
    """One line of a working: what it is, and the figure in nanograms (None for a line that is only words)."""

    text: Message
    quantity: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """A need with its working; the lines of the working add up to, or lead to, the result."""

    lines: tuple[WorkingLine, ...]
    exact: Fraction

    @property
    def result_ng(self) -> int:
        """Return the need in whole nanograms, rounded up, never below zero."""
        return max(0, ceiling(self.exact))


@dataclass(frozen=True, slots=True)
class Group:
    """Patients treated alike: how many, milligrams of base a day, days a year."""

    name: str
    patients: int
    mg_per_day: Fraction
    days: int


@dataclass(frozen=True, slots=True)
class Service:
    """Places that use alike: how many (beds, sites, operations), and grams of base one of them needs in a year."""

    name: str
    units: int
    g_per_unit: Fraction


@dataclass(frozen=True, slots=True)
class Trend:
    """What was consumed in closed years, and how it is carried on: as their mean, or along a straight line."""

    year: int
    consumed: Mapping[int, Fraction]
    rule: str = LINE


@dataclass(frozen=True, slots=True)
class Morbidity:
    """Patients x milligrams a day x days, summed over groups of patients."""

    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class PerPopulation:
    """Grams of base a year per 1,000 people, times the population."""

    people: int
    g_per_thousand: Fraction


@dataclass(frozen=True, slots=True)
class Services:
    """What services of each sort need in a year, summed."""

    services: Sequence[Service]


Inputs = Trend | Morbidity | PerPopulation | Services


def closed_years(ledger: Mapping[int, Figures], year: int, today: date) -> dict[int, Fraction]:
    """Return what was consumed in the last three closed years before `year`, as far as the ledger holds them."""
    last = min(year, today.year) - 1
    return {
        each: figure(ledger[each], CONSUMED) for each in range(last - YEARS_LOOKED_AT + 1, last + 1) if each in ledger
    }


def shown(number: Fraction) -> str:
    """Return a number for a sentence: exact where it ends, else to six decimals behind "≈"."""
    try:
        return decimal_text(number)
    except ValueError:
        return "≈ " + fixed_text(rounded(number, SHOWN_PLACES), SHOWN_PLACES)


def by_trend(inputs: Trend) -> Worked:
    """Carry consumption on: the mean of the years, or the line of least squares through them, at the year wanted.

    With fewer than two years the line is their mean; a line that falls below zero is zero.
    """
    years = sorted(inputs.consumed)
    lines = [WorkingLine(Message(N_("consumed in %(year)s"), {"year": year}), inputs.consumed[year]) for year in years]
    if not years:
        return Worked((WorkingLine(Message(N_("the ledger holds no closed year of this substance"))),), Fraction(0))
    mean = sum(inputs.consumed.values(), Fraction(0)) / len(years)
    lines.append(WorkingLine(Message(N_("mean of these years")), mean))
    if inputs.rule == MEAN or len(years) < FEWEST_FOR_A_LINE:
        return Worked(tuple(lines), mean)
    middle = Fraction(sum(years), len(years))
    spread = sum(((year - middle) ** 2 for year in years), Fraction(0))
    slope = sum(((year - middle) * (inputs.consumed[year] - mean) for year in years), Fraction(0)) / spread
    lines.append(WorkingLine(Message(N_("change a year along the straight line through them")), slope))
    ahead = inputs.year - middle
    said = {"years": shown(ahead), "year": inputs.year}
    lines.append(
        WorkingLine(Message(N_("%(years)s years from their middle to %(year)s, along the line"), said), slope * ahead)
    )
    exact = mean + slope * ahead
    if exact < 0:
        lines.append(WorkingLine(Message(N_("the line falls below zero: nothing would be needed"))))
    return Worked(tuple(lines), max(Fraction(0), exact))


def by_morbidity(inputs: Morbidity) -> Worked:
    """Sum patients x milligrams a day x days."""
    lines = []
    for group in inputs.groups:
        said = {
            "name": group.name or "-",
            "patients": group.patients,
            "mg": shown(group.mg_per_day),
            "days": group.days,
        }
        lines.append(
            WorkingLine(
                Message(N_("%(name)s: %(patients)s patients × %(mg)s mg a day × %(days)s days"), said),
                group.patients * group.mg_per_day * group.days * NG_PER_MG,
            )
        )
    return Worked(tuple(lines), _sum(lines))


def by_population(inputs: PerPopulation) -> Worked:
    """Multiply a norm per 1,000 people by the population."""
    said = {"people": inputs.people, "norm": shown(inputs.g_per_thousand)}
    line = WorkingLine(
        Message(N_("%(people)s people ÷ 1,000 × %(norm)s g a year"), said),
        Fraction(inputs.people, THOUSAND) * inputs.g_per_thousand * NG_PER_G,
    )
    return Worked((line,), _sum([line]))


def by_services(inputs: Services) -> Worked:
    """Sum what the services of each sort need."""
    lines = []
    for service in inputs.services:
        said = {"name": service.name or "-", "units": service.units, "norm": shown(service.g_per_unit)}
        lines.append(
            WorkingLine(
                Message(N_("%(name)s: %(units)s × %(norm)s g a year"), said),
                service.units * service.g_per_unit * NG_PER_G,
            )
        )
    return Worked(tuple(lines), _sum(lines))


def _sum(lines: Sequence[WorkingLine]) -> Fraction:
    return sum((line.quantity or Fraction(0) for line in lines), Fraction(0))


@dataclass(frozen=True, slots=True)
class Method:
    """One way to work a need out: `about` says when it serves, `work` does it, `pack` and `unpack` keep its inputs."""

    code: str
    name: str
    about: str
    work: Callable[..., Worked]
    pack: Callable[..., Mapping[str, object]]
    unpack: Callable[[Mapping[str, object]], Inputs]


def _packed_trend(inputs: Trend) -> Mapping[str, object]:
    return {
        "year": inputs.year,
        "rule": inputs.rule,
        "consumed": {str(year): str(value) for year, value in sorted(inputs.consumed.items())},
    }


def _trend(kept: Mapping[str, object]) -> Trend:
    consumed: Mapping[str, str] = kept["consumed"]  # type: ignore[assignment]
    found = {int(year): Fraction(value) for year, value in consumed.items()}
    return Trend(int(str(kept["year"])), found, str(kept["rule"]))


def _packed_morbidity(inputs: Morbidity) -> Mapping[str, object]:
    return {"groups": [[one.name, one.patients, str(one.mg_per_day), one.days] for one in inputs.groups]}


def _morbidity(kept: Mapping[str, object]) -> Morbidity:
    rows: Sequence[Sequence[object]] = kept["groups"]  # type: ignore[assignment]
    return Morbidity(
        tuple(Group(str(name), int(str(n)), Fraction(str(mg)), int(str(days))) for name, n, mg, days in rows)
    )


def _packed_population(inputs: PerPopulation) -> Mapping[str, object]:
    return {"people": inputs.people, "g_per_thousand": str(inputs.g_per_thousand)}


def _population(kept: Mapping[str, object]) -> PerPopulation:
    return PerPopulation(int(str(kept["people"])), Fraction(str(kept["g_per_thousand"])))


def _packed_services(inputs: Services) -> Mapping[str, object]:
    return {"services": [[one.name, one.units, str(one.g_per_unit)] for one in inputs.services]}


def _services(kept: Mapping[str, object]) -> Services:
    rows: Sequence[Sequence[object]] = kept["services"]  # type: ignore[assignment]
    return Services(tuple(Service(str(name), int(str(n)), Fraction(str(g))) for name, n, g in rows))


TREND = Method(
    "trend",
    N_("Trend of consumption"),
    N_("carries on what was consumed in the last closed years; blind to need that was never met"),
    by_trend,
    _packed_trend,
    _trend,
)
MORBIDITY = Method(
    "morbidity",
    N_("Patients and doses"),
    N_(
        "patients × milligrams a day × days; for example 2,800 patients in severe pain × 66.7 mg of morphine × 90 days"
        " = 16.8 kg"
    ),
    by_morbidity,
    _packed_morbidity,
    _morbidity,
)
POPULATION = Method(
    "population",
    N_("Per 1,000 people"),
    N_("a norm per 1,000 people times the population"),
    by_population,
    _packed_population,
    _population,
)
SERVICES = Method(
    "services",
    N_("Services"),
    N_("beds, sites or operations of each sort times what one of them needs in a year"),
    by_services,
    _packed_services,
    _services,
)
METHODS: Mapping[str, Method] = MappingProxyType(
    {method.code: method for method in (TREND, MORBIDITY, POPULATION, SERVICES)}
)


def method_of(inputs: Inputs) -> Method:
    """Return the method that takes these inputs."""
    kinds = {Trend: TREND, Morbidity: MORBIDITY, PerPopulation: POPULATION, Services: SERVICES}
    return kinds[type(inputs)]


def under_supply(
    substance: SubstanceFact,
    year: int,
    chosen_ng: int,
    used_before: Fraction | None,
    last_year: int,
    parameters: Parameters = DEFAULTS,
) -> Finding | None:
    """Flag a figure below what was consumed in the last closed year; exactly as much is enough."""
    if used_before is None or chosen_ng >= used_before:
        return None
    return Finding(
        UNDER_SUPPLY,
        Message(
            N_("%(need)s g of %(substance)s for %(year)s are less than the %(used)s g consumed in %(last_year)s"),
            {
                "need": grams(chosen_ng),
                "substance": substance.name,
                "year": year,
                "used": shown(used_before / NG_PER_G),
                "last_year": last_year,
            },
        ),
        parameters.reported(UNDER_SUPPLY),
        observed=grams(chosen_ng),
        limit=shown(used_before / NG_PER_G).removeprefix("≈ "),
        unit="g",
        subject=subject_of(substance, year),
    )
