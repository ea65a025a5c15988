"""How a position stands: near its ceiling, under-used, over; and which returns fall due. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from forms.edition import Edition, PeriodKind
from registry.kernel.mass import fixed_text, rounded
from registry.kernel.parameters import DEFAULTS, Parameters
from registry.kernel.period import MONTHS_IN_QUARTER, Period
from registry.kernel.text import N_, Message
from registry.quotas.domain.parameters import NEAR_CEILING
from registry.quotas.domain.position import Position
from registry.quotas.domain.rules import side_name
from registry.quotas.domain.use import expected_use
from registry.substances.domain.facts import SubstanceFact, Treaty

HUNDRED = 100

TREATY_NAMES = {
    Treaty.NARCOTIC.value: N_("Narcotic drugs (1961)"),
    Treaty.PSYCHOTROPIC.value: N_("Psychotropic substances (1971)"),
    Treaty.PRECURSOR.value: N_("Precursors (1988)"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One position with what an officer must see at a glance. Quantities in exact nanograms of base.

    `expected`: what should have been used by the day shown, None where nothing is asked for. `near`:
    the share of what is granted from which the ceiling is near.
    """

    substance: SubstanceFact
    position: Position
    expected: Fraction | None
    near: Fraction

    @property
    def granted(self) -> Fraction:
        """Return the whole of the side that binds."""
        return self.position.granted

    @property
    def side(self) -> Message:
        """Return the side that binds, in words."""
        return side_name(self.position)

    @property
    def bound_percent(self) -> Fraction | None:
        """Return used and reserved together in per cent of what is granted; None of nothing."""
        if self.granted <= 0:
            return None
        return (self.position.used + self.position.reserved) * HUNDRED / self.granted

    @property
    def is_over(self) -> bool:
        """Say whether more is used and reserved than granted."""
        return self.position.headroom < 0

    @property
    def is_near(self) -> bool:
        """Say whether the ceiling is near or passed; exactly at the share it is near."""
        share = self.bound_percent
        return self.is_over or (share is not None and share >= self.near * HUNDRED)

    @property
    def is_under_used(self) -> bool:
        """Say whether less was used than should have been; exactly as much is enough."""
        return self.expected is not None and self.position.used < self.expected

    @property
    def under_use(self) -> tuple[str, str] | None:
        """Return what was used and what should have been, in per cent with one decimal; None where enough was."""
        if not self.is_under_used or self.expected is None:
            return None
        return _percent(self.position.used, self.granted), _percent(self.expected, self.granted)


def standing_of(substance: SubstanceFact, position: Position, day: date, parameters: Parameters = DEFAULTS) -> Standing:
    """Judge one position as of `day`, a day of its year or later. Under-use is the rule's own figure, `expected_use`."""
    return Standing(substance, position, expected_use(position, day, parameters), parameters.percent(NEAR_CEILING))


def _percent(part: Fraction, whole: Fraction) -> str:
    return fixed_text(rounded(part * HUNDRED / whole, 1), 1)


@dataclass(frozen=True, slots=True)
class Due:
    """One return that falls due: its form, the period it covers, the last day."""

    form: str
    period: Period
    due: date
    days_left: int


def returns_due(today: date, editions: Iterable[Edition]) -> list[Due]:
    """Return the next return of each form that is not yet past its day, the soonest first.

    The edition of each form says when a period is due.
    """
    found = [_next_due(edition, today) for edition in editions if not edition.optional]
    return sorted(found, key=lambda one: (one.due, one.form))


def _next_due(edition: Edition, today: date) -> Due:
    quarterly = edition.period_kind is PeriodKind.QUARTER
    period = _before(Period(today.year, (today.month + 2) // MONTHS_IN_QUARTER if quarterly else None))
    while edition.due(period) < today:  # estimates are due before their year, so more than one may be past
        period = _after(period)
    day = edition.due(period)
    return Due(str(edition.form), period, day, (day - today).days)


def _before(period: Period) -> Period:
    if period.quarter is None:
        return Period(period.year - 1)
    return Period(period.year, period.quarter - 1) if period.quarter > 1 else Period(period.year - 1, 4)


def _after(period: Period) -> Period:
    if period.quarter is None:
        return Period(period.year + 1)
    return Period(period.year, period.quarter + 1) if period.quarter < 4 else Period(period.year + 1, 1)  # noqa: PLR2004 - four quarters
