"""Dated lines, and which of them count for a year on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from registry.quotas.domain.kinds import ALLOCATION, CEILING_KIND, ESTIMATE, QUOTA_KINDS, STATE_QUOTA, SUPPLEMENT
from registry.quotas.domain.states import COUNTING, LineState

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class LineFact:
    """One decided quantity in nanograms of base, counting from `effective_on`."""

    id: int
    year: int
    substance_id: int
    kind: str
    item: str | None
    organisation_id: int | None
    quantity_ng: int
    effective_on: date
    act: str | None = None
    act_date: date | None = None
    state: str = LineState.APPROVED
    note: str | None = None
    proposed_by: str = ""
    approved_by: str | None = None
    version: int = 1

    @property
    def counts(self) -> bool:
        """Say whether the line counts: approved, published or not."""
        return self.state in COUNTING


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What was decided for one substance and year, as in force on a day, in nanograms of base.

    `items`: estimates with their supplements, by item. `ceiling`: assessment or requirement
    with its supplements, None where there is none; `ceiling_year`: the year it was set for.
    """

    items: Mapping[str, Fraction] = field(default_factory=dict)
    ceiling: Fraction | None = None
    ceiling_year: int | None = None
    state_quota: Fraction | None = None
    allocations: Mapping[int, Fraction] = field(default_factory=dict)

    def item(self, *codes: str) -> Fraction:
        """Return the sum of some items."""
        return sum((self.items.get(code, ZERO) for code in codes), ZERO)


def counts_from(year: int, act_date: date | None, effective_on: date | None) -> date:
    """Return the day from which a line counts: as stated, else the act's day, but not before 1 January of its year."""
    if effective_on is not None:
        return effective_on
    first = date(year, 1, 1)
    return first if act_date is None else max(first, act_date)


def ceilings_of(treaty: str, year: int, lines: Iterable[LineFact], day: date) -> Ceilings:
    """Return what counts for `year` on `day`, from all lines of one substance.

    Lines that begin later do not count; before the year begins, what will count on its 1
    January does. A supplement adds, a later line of the other kinds replaces from its day.
    """
    known_on = max(day, date(year, 1, 1))
    known = [line for line in lines if line.counts and line.effective_on <= known_on and _reaches(line, year)]
    latest: dict[tuple[str, str | None, int | None], LineFact] = {}
    for line in sorted(known, key=_age):
        if not QUOTA_KINDS[line.kind].adds:
            latest[line.kind, line.item, line.organisation_id] = line
    supplements = [line for line in known if line.kind == SUPPLEMENT.code]
    items: dict[str, Fraction] = {}
    for line in [one for one in latest.values() if one.kind == ESTIMATE.code] + supplements:
        if line.item is not None and line.year == year:
            items[line.item] = items.get(line.item, ZERO) + line.quantity_ng
    ceiling = _standing(treaty, known, supplements)
    state_quota = latest.get((STATE_QUOTA.code, None, None))
    return Ceilings(
        items=items,
        ceiling=ceiling[0],
        ceiling_year=ceiling[1],
        state_quota=None if state_quota is None else Fraction(state_quota.quantity_ng),
        allocations={
            line.organisation_id: Fraction(line.quantity_ng)
            for line in latest.values()
            if line.kind == ALLOCATION.code and line.organisation_id is not None
        },
    )


def counted_lines(treaty: str, year: int, lines: Iterable[LineFact], day: date) -> list[LineFact]:
    """Return the lines behind what `ceilings_of` says, in the order of their days: none that another has replaced."""
    known_on = max(day, date(year, 1, 1))
    known = [line for line in lines if line.counts and line.effective_on <= known_on and _reaches(line, year)]
    standing = CEILING_KIND.get(treaty)
    stays = standing.code if standing is not None and standing.stays else ""
    latest: dict[tuple[str, str | None, int | None], LineFact] = {}
    for line in sorted(known, key=_age):
        if not QUOTA_KINDS[line.kind].adds and (line.year == year or line.kind == stays):
            latest[line.kind, line.item, line.organisation_id] = line
    chosen = [line for line in latest.values() if not QUOTA_KINDS[line.kind].stays or line.kind == stays]
    supplements = [line for line in known if line.kind == SUPPLEMENT.code]
    if stays:
        chosen += _added(supplements, sorted((line for line in known if line.kind == stays), key=_age))
    else:
        chosen += [line for line in supplements if line.item is not None and line.year == year]
    return sorted(chosen, key=_age)


def _reaches(line: LineFact, year: int) -> bool:
    """Say whether a line may count for `year`: its own, or a later one for what stays (and its supplements)."""
    stays = QUOTA_KINDS[line.kind].stays or (line.kind == SUPPLEMENT.code and line.item is None)
    return line.year <= year if stays else line.year == year


def _standing(treaty: str, known: list[LineFact], supplements: list[LineFact]) -> tuple[Fraction | None, int | None]:
    """Return the assessment or requirement in force with the supplements it does not replace."""
    kind = CEILING_KIND.get(treaty)
    standing = sorted((line for line in known if kind is not None and kind.stays and line.kind == kind.code), key=_age)
    if not standing:
        return None, None
    added = sum(line.quantity_ng for line in _added(supplements, standing))
    return Fraction(standing[-1].quantity_ng + added), standing[-1].year


def _added(supplements: list[LineFact], standing: list[LineFact]) -> list[LineFact]:
    """Return the supplements that add to the last of `standing`, which are in the order of their days."""
    if not standing:
        return []
    chosen, before = standing[-1], standing[:-1]
    return [
        line
        for line in supplements
        if line.year >= chosen.year
        and not any(old.effective_on <= line.effective_on < chosen.effective_on for old in before)
    ]


def _age(line: LineFact) -> tuple[date, int, int]:
    return line.effective_on, line.year, line.id
