"""The draw of originals: a pure function of what nobody chose, so that anybody may draw again. Rules and parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType

from registry.kernel.mass import ceiling
from registry.kernel.parameters import Parameter, ParameterKind
from registry.kernel.rules import Rule, Severity
from registry.kernel.text import N_

GROUP = N_("Originals at random")
SHARE = Parameter(
    "originals.share",
    N_("Share of the permits of a month whose foreign original is asked for"),
    ParameterKind.PERCENT,
    "10",
    GROUP,
    ("PC-P21",),
)
LEAST = Parameter(
    "originals.least",
    N_("Fewest originals asked for in a month, where there are as many permits"),
    ParameterKind.WHOLE,
    "1",
    GROUP,
    ("PC-P21",),
    maximum=1000,
)
DAYS = Parameter(
    "originals.days",
    N_("Days within which a drawn original is shown"),
    ParameterKind.DAYS,
    "14",
    GROUP,
    ("PC-P21",),
    minimum=1,
    maximum=366,
)
SHOWN = Rule(
    "ORI-01",
    N_("The original of a foreign permit that was drawn at random is shown within the days set."),
    N_("Project default: originals at random"),
    Severity.FLAG,
    ("PC-P21",),
)
AGREES = Rule(
    "ORI-02",
    N_("The original that was shown agrees with what was applied with."),
    N_("Project default: originals at random"),
    Severity.FLAG,
    ("PC-P21",),
)
DRAWN = Rule(
    "ORI-03",
    N_("The originals of a month are drawn within the days set after its end."),
    N_("Project default: originals at random"),
    Severity.FLAG,
    ("PC-P21",),
)
RULES = (SHOWN, AGREES, DRAWN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking for an original. `closes`: nothing is waited for any more."""

    code: str
    name: str
    closes: bool = True


SEEN_AGREES = Outcome("agrees", N_("seen, agrees with what was applied with"))
SEEN_DIFFERS = Outcome("differs", N_("seen, differs from what was applied with"))
NOT_SHOWN = Outcome("not_shown", N_("not shown"), closes=False)
OUTCOMES = MappingProxyType({one.code: one for one in (SEEN_AGREES, SEEN_DIFFERS, NOT_SHOWN)})


@dataclass(frozen=True, slots=True)
class Result:
    """What an officer recorded about a drawn original; the last one counts."""

    outcome: Outcome
    seen_on: date
    note: str | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A permit whose foreign original was drawn, to be shown by `due_on`. `results`: the oldest first."""

    id: int
    month: date
    permit_id: int
    due_on: date
    results: tuple[Result, ...] = ()

    @property
    def last(self) -> Result | None:
        """Return what counts."""
        return self.results[-1] if self.results else None

    @property
    def is_open(self) -> bool:
        """Say whether the original is still waited for."""
        return self.last is None or not self.last.outcome.closes


@dataclass(frozen=True, slots=True)
class Draw:
    """The draw of one month, by its first day.

    `seed`: the seal of `event`, the last entry of the audit log before the month was over, which nobody
    could know while permits were issued. `population`: how many permits there were to draw from.
    """

    month: date
    seed: str
    event: int
    population: int
    share: Fraction
    least: int
    drawn_at: datetime
    drawn_by: str


def rank(seed: str, number: str) -> str:
    """Return the place of a permit in the draw: the SHA-256 of ``SEED:NUMBER``, in hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def drawn_from(seed: str, numbers: Collection[str], share: Fraction, least: int) -> list[str]:
    """Return the drawn ones: those of the lowest rank, the share rounded up, never fewer than `least`."""
    ranked = sorted(set(numbers), key=lambda number: (rank(seed, number), number))
    return ranked[: max(least, ceiling(share * len(ranked)))]


def first_of(day: date) -> date:
    """Return the first day of the month of `day`."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return first_of(month + timedelta(31))


def months_due(last: date | None, today: date) -> list[date]:
    """Return the months to draw on `today`: those over since the `last` one drawn; at first the one just over."""
    current = first_of(today)
    month = month_after(last) if last is not None else first_of(current - timedelta(1))
    found = []
    while month < current:
        found.append(month)
        month = month_after(month)
    return found
