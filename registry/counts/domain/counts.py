"""A count: rounds of two blind sheets each, what they agree on, and what the book says to it.

A count takes its figures in *rounds*. In a round two people each fill a sheet and see neither
the book nor the other's sheet. Lines on which they differ are asked again in the next round. Once
all are agreed on they are compared with the book as of the freeze line, the close of one day; what
differs is counted a second time, in a round of its own, and is a case until somebody closes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.kernel.text import N_

Key = tuple[int, str]
"""A line of a count: product id and batch label, ``""`` where no batch is stated."""
FIRST, SECOND = 1, 2
"""Which of the two counts a round belongs to: the first one, or the second one of what differs from the book."""
BOTH = 2
"""So many sheets make a round whole."""


class Stage(StrEnum):
    """Where a count stands."""

    COUNTING = "counting"
    RECOUNTING = "recounting"
    SECOND_COUNT = "second_count"
    OPEN_CASES = "open_cases"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


STAGE_NAMES: Mapping[Stage, str] = {
    Stage.COUNTING: N_("being counted"),
    Stage.RECOUNTING: N_("the two sheets differ: counted again"),
    Stage.SECOND_COUNT: N_("differs from the book: second count"),
    Stage.OPEN_CASES: N_("cases to be closed"),
    Stage.CLOSED: N_("closed"),
    Stage.WITHDRAWN: N_("withdrawn"),
}


class Outcome(StrEnum):
    """What the comparison of a line with the book says."""

    AGREED = "agreed"
    MOVED = "moved"
    NATURAL = "natural"
    DIFFERS = "differs"


OUTCOME_NAMES: Mapping[Outcome, str] = {
    Outcome.AGREED: N_("as the book says"),
    Outcome.MOVED: N_("explained by movements during the count"),
    Outcome.NATURAL: N_("natural loss within the norm"),
    Outcome.DIFFERS: N_("differs from the book"),
}


@dataclass(frozen=True, slots=True)
class CountFact:
    """One count as it was opened. `frozen_on`: the freeze line, the book stands as at the close of that day."""

    id: int
    reference: str
    site_id: int
    frozen_on: date
    opened_at: datetime
    opened_by: str
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one person entered in a round: line -> units of account found. `counter`: the account, or a name in a file."""

    round: int
    counter: str
    entered_at: datetime
    figures: Mapping[Key, int]


@dataclass(frozen=True, slots=True)
class Round:
    """One round: which of the two counts it belongs to, the lines asked for, the sheets so far."""

    number: int
    part: int
    asked: tuple[Key, ...]
    sheets: tuple[Sheet, ...] = ()

    @property
    def whole(self) -> bool:
        """Say whether both people have entered their figures."""
        return len(self.sheets) == BOTH

    @property
    def agreed(self) -> dict[Key, int]:
        """Return line -> units on which both sheets agree; what stands on one sheet alone is none on the other."""
        one, other = (sheet.figures for sheet in self.sheets)
        lines = dict.fromkeys((*self.asked, *one, *other))
        return {key: one.get(key, 0) for key in lines if one.get(key, 0) == other.get(key, 0)}

    @property
    def differing(self) -> tuple[Key, ...]:
        """Return the lines on which the sheets differ."""
        one, other = (sheet.figures for sheet in self.sheets)
        lines = dict.fromkeys((*self.asked, *one, *other))
        return tuple(key for key in lines if one.get(key, 0) != other.get(key, 0))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line: counted and in the book, in units of account, frozen as compared.

    `due_on`: the day by which a case is to be explained, None where there is none. `place` numbers the lines of a count.
    """

    place: int
    key: Key
    counted: int
    book: int
    outcome: Outcome
    due_on: date | None

    @property
    def difference(self) -> int:
        """Return found less the book."""
        return self.counted - self.book

    @property
    def is_case(self) -> bool:
        """Say whether somebody must close it: a case, or a natural loss that is proposed."""
        return self.outcome in {Outcome.DIFFERS, Outcome.NATURAL}


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case was closed: the cause, the words, the entry that was posted, if any."""

    place: int
    cause: str
    explanation: str
    entry: str | None
    closed_at: datetime
    closed_by: str


@dataclass(frozen=True, slots=True)
class Course:
    """A count with everything that has happened to it."""

    fact: CountFact
    rounds: tuple[Round, ...]
    results: tuple[Result, ...] = ()
    closings: Mapping[int, Closing] | None = None

    @property
    def stage(self) -> Stage:
        """Return where the count stands."""
        if self.fact.withdrawn is not None:
            return Stage.WITHDRAWN
        if not self.results:
            return Stage.COUNTING if len(self.rounds) == 1 else Stage.RECOUNTING
        if self.rounds and not self.rounds[-1].whole:
            return Stage.SECOND_COUNT
        return Stage.OPEN_CASES if self.open_cases else Stage.CLOSED

    @property
    def waits(self) -> Round | None:
        """Return the round that waits for a sheet, None where none does."""
        last = self.rounds[-1] if self.rounds else None
        return last if last is not None and not last.whole and self.fact.withdrawn is None else None

    @property
    def open_cases(self) -> tuple[Result, ...]:
        """Return the cases that nobody has closed yet."""
        return tuple(one for one in self.results if one.is_case and one.place not in (self.closings or {}))

    def counted_again(self) -> dict[Key, int]:
        """Return line -> what the second count found, of the lines it has agreed on."""
        return agreed_in(self.rounds, SECOND)


def agreed_in(rounds: Iterable[Round], part: int) -> dict[Key, int]:
    """Return what the whole rounds of one count agree on, a later round before an earlier one."""
    found: dict[Key, int] = {}
    for each in rounds:
        if each.part == part and each.whole:
            found.update(each.agreed)
    return found


@dataclass(frozen=True, slots=True)
class Book:
    """The book of one line as of the freeze line, in units of account.

    `units` is what it says now, of which `learned` was recorded only since the count was opened;
    `later`: the changes after the freeze line, day by day in order.
    """

    units: int = 0
    learned: int = 0
    later: Sequence[tuple[date, int]] = ()

    @property
    def moved(self) -> int:
        """Return what the shelf changed by after the freeze line."""
        return sum(change for _, change in self.later)

    def explains(self, counted: int) -> bool:
        """Say whether `counted` is what lay there at some moment of the count: without what was recorded since, or later on."""
        if self.learned and counted == self.units - self.learned:
            return True
        held = self.units
        for _, change in self.later:
            held += change
            if held == counted:
                return True
        return False


def compared(counted: int, book: Book, norm: int = 0) -> Outcome:
    """Return what a counted figure is beside the book; `norm`: the natural loss allowed, in units of account."""
    if counted == book.units:
        return Outcome.AGREED
    if book.explains(counted):
        return Outcome.MOVED
    if 0 < book.units - counted <= norm:
        return Outcome.NATURAL
    return Outcome.DIFFERS
