"""What a country may set: a parameter is declared once, its values are dated, rules read them as facts of a day.

A value is kept as text in one spelling (``90``, ``12.5``, ``on``, ``09-30``, a word), so that
file, command line, table and page speak alike. What nobody has set is the declared default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.fields import BadCell, as_text, scaled_quantity
from registry.kernel.mass import decimal_text
from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_, Message

PERCENT_PLACES = 4
WHOLE_PERCENT = 100
LONGEST_VALUE = 60
ON, OFF = "on", "off"
NOT_SET = "none"
"""The stored spelling of a limit nobody has set."""
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,8})", re.ASCII)
_MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})", re.ASCII)
_DAY_MONTH = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.?", re.ASCII)
_PLAIN_YEAR = 2001
"""No leap year: a day that is not in every year is no day of the year."""


class ParameterKind(StrEnum):
    """How the value of a parameter is written and read."""

    WHOLE = "whole"
    PERCENT = "percent"
    DAYS = "days"
    DAY_OF_YEAR = "day_of_year"
    SWITCH = "switch"
    CHOICE = "choice"
    SEVERITY = "severity"


COUNTED = frozenset({ParameterKind.WHOLE, ParameterKind.DAYS})
SWITCHED = ((ON, N_("on")), (OFF, N_("off")))
SEVERITIES = (
    (Severity.REFUSE.value, N_("refuses")),
    (Severity.FLAG.value, N_("raises a flag")),
    (Severity.NOTE.value, N_("only tells")),
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a country may set.

    `code` is ours and never used again for anything else. `name`, `group` and `legal_ground`
    are English msgids. `default` is the value in its stored spelling; `minimum` and `maximum`
    bound numbers, both included. `choices`: the words of a choice, each with its msgid.
    `sources` names where it stands in the project's papers, as for a `Rule`. `optional`: it may be `NOT_SET`, then
    nothing is limited; such a one is asked for by `Parameters.limit`.
    """

    code: str
    name: str
    kind: ParameterKind
    default: str
    group: str
    sources: tuple[str, ...]
    legal_ground: str = N_("Project default")
    minimum: int = 0
    maximum: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    optional: bool = False

    def __post_init__(self) -> None:
        if self.read(self.default) != self.default:
            raise ValueError(f"{self.code}: the default {self.default!r} is not in its stored spelling")

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """Return the words a value may be, each with its msgid; none for numbers and days."""
        return {ParameterKind.SWITCH: SWITCHED, ParameterKind.SEVERITY: SEVERITIES}.get(self.kind, self.choices)

    @property
    def bounds(self) -> tuple[int, int | None]:
        """Return the least and the most a number may be; a percentage is never more than the whole."""
        most = WHOLE_PERCENT if self.maximum is None and self.kind is ParameterKind.PERCENT else self.maximum
        return self.minimum, most

    def read(self, text: str) -> str:
        """Return what was typed in its stored spelling. Raises `BadCell` with what would be right."""
        value = as_text(text)
        if self.optional and value.lower() == NOT_SET:
            return NOT_SET
        if self.kind in COUNTED:
            return str(self._within(Fraction(_whole(value)), value))
        if self.kind is ParameterKind.PERCENT:
            scaled = scaled_quantity(value, PERCENT_PLACES, positive=False)
            return decimal_text(self._within(Fraction(scaled, 10**PERCENT_PLACES), value))
        if self.kind is ParameterKind.DAY_OF_YEAR:
            return _day_of_year(value)
        known = dict(self.words)
        if value.lower() in known:
            return value.lower()
        raise BadCell(
            "unknown-value",
            Message(N_("“%(text)s” is none of: %(known)s"), {"text": value[:40], "known": ", ".join(known)}),
        )

    def _within(self, number: Fraction, text: str) -> Fraction:
        least, most = self.bounds
        if number < least:
            raise BadCell("too-small", Message(N_("%(text)s is less than %(least)s"), {"text": text, "least": least}))
        if most is not None and number > most:
            raise BadCell("too-large", Message(N_("%(text)s is more than %(most)s"), {"text": text, "most": most}))
        return number


def _whole(value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise BadCell("not-a-number", Message(N_("“%(text)s” is not a whole number"), {"text": value[:40]}))
    return int(value)


def _day_of_year(value: str) -> str:
    found = _MONTH_DAY.fullmatch(value)
    parts = found.groups() if found else None
    if parts is None:
        found = _DAY_MONTH.fullmatch(value)
        parts = found.groups()[::-1] if found else None
    if parts is not None:
        try:
            return f"{date(_PLAIN_YEAR, int(parts[0]), int(parts[1])):%m-%d}"
        except ValueError:
            pass
    raise BadCell(
        "not-a-day", Message(N_("“%(text)s” is not a day of every year: write 30.09 or 09-30"), {"text": value[:40]})
    )


RULES_GROUP = N_("Weight of rules")
_SEVERITY_PREFIX = "severity."


def severity_parameter(rule: Rule) -> Parameter:
    """Return the parameter that says how much a finding of `rule` weighs. Raises ValueError for a fixed rule."""
    if rule.fixed:
        raise ValueError(f"the weight of {rule.code} is fixed")
    return Parameter(
        _SEVERITY_PREFIX + rule.code,
        rule.text,
        ParameterKind.SEVERITY,
        rule.severity.value,
        RULES_GROUP,
        rule.sources,
        rule.legal_ground,
    )


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was set on one day: code -> value in its stored spelling. Anything missing is the declared default."""

    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, parameter: Parameter) -> str:
        """Return the value in its stored spelling."""
        return self.values.get(parameter.code, parameter.default)

    def number(self, parameter: Parameter) -> int:
        """Return a whole number or a number of days."""
        return int(self.text(parameter))

    def limit(self, parameter: Parameter) -> int | None:
        """Return the number of an optional parameter, None where nobody has set one."""
        text = self.text(parameter)
        return None if text == NOT_SET else int(text)

    def percent(self, parameter: Parameter) -> Fraction:
        """Return a percentage as the share it is: ``12.5`` is an eighth."""
        return Fraction(self.text(parameter)) / WHOLE_PERCENT

    def day_in(self, parameter: Parameter, year: int) -> date:
        """Return a day of the year in `year`."""
        month, day = self.text(parameter).split("-")
        return date(year, int(month), int(day))

    def switch(self, parameter: Parameter) -> bool:
        """Say whether a switch is on."""
        return self.text(parameter) == ON

    def choice(self, parameter: Parameter) -> str:
        """Return the word that was chosen."""
        return self.text(parameter)

    def severity(self, rule: Rule) -> Severity:
        """Return how much a finding of `rule` weighs on pages and in applications; a fixed rule as declared."""
        if rule.fixed:
            return rule.severity
        return Severity(self.values.get(_SEVERITY_PREFIX + rule.code, rule.severity.value))

    def reported(self, rule: Rule) -> Severity:
        """Return how much a finding of `rule` weighs where a fact is reported or watched.

        As declared while the weight is the declared one. A changed weight acts here too, but
        a fact that breaks a rule is still a fact: what would refuse raises a flag.
        """
        severity = self.severity(rule)
        if severity is rule.severity:
            return rule.reported
        return Severity.FLAG if severity is Severity.REFUSE else severity


DEFAULTS = Parameters()
"""What holds where nobody has set anything."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one parameter, in force from `effective_on` until the next change of it."""

    code: str
    value: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class Course:
    """Every change in force at some time, in the order decided: `on` gives the parameters of any day."""

    changes: tuple[Change, ...] = ()
    _days: dict[date, Parameters] = field(default_factory=dict, compare=False, repr=False)

    def on(self, day: date) -> Parameters:
        """Return what was set on `day`: of each parameter the change that began last, and of two that began then the later one."""
        if day not in self._days:
            self._days[day] = Parameters(MappingProxyType(values_on(self.changes, day)))
        return self._days[day]

    def first_on(self, parameter: Parameter) -> date | None:
        """Return the first day on which a switch was ever on, None where it never was."""
        days = [change.effective_on for change in self.changes if (change.code, change.value) == (parameter.code, ON)]
        return min(days, default=None)

    def since(self, day: date) -> dict[str, date]:
        """Return code -> the day from which the value in force on `day` counts, of everything that is set."""
        return {change.code: change.effective_on for change in changes_on(self.changes, day)}


def values_on(changes: Iterable[Change], day: date) -> dict[str, str]:
    """Return code -> value in force on `day`; `changes` in the order decided."""
    return {change.code: change.value for change in changes_on(changes, day)}


def changes_on(changes: Iterable[Change], day: date) -> list[Change]:
    """Return the changes begun by `day`, of each parameter the one in force last; `changes` in the order decided."""
    return sorted((change for change in changes if change.effective_on <= day), key=lambda change: change.effective_on)
