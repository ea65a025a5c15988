"""What of the sheets of many sites may be told: totals, of which none gives away a few people."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Told(Generic[K]):
    """Which parts of a total are hidden, and whether the total is too."""

    hidden: frozenset[K]
    total_hidden: bool


def told(counts: Mapping[K, Fraction], least: int) -> Told[K]:
    """Say what of `counts` and of their total is hidden, so that no count below `least` can be worked out.

    Hidden is every count below `least`; then, smallest first, so many more that two or more are hidden and that
    what the total less the shown ones gives away is no count below `least` either. Where all are hidden and that
    still does not hold, the total is hidden too. A count of zero hides nobody and is none.
    """
    present = sorted((number, str(key), key) for key, number in counts.items() if number > 0)
    hidden = [entry for entry in present if entry[0] < least]
    if not hidden:
        return Told(frozenset(), total_hidden=False)
    rest = present[len(hidden) :]
    while rest and (len(hidden) == 1 or sum(entry[0] for entry in hidden) < least):
        hidden.append(rest.pop(0))
    unsafe = len(hidden) == 1 or sum(entry[0] for entry in hidden) < least
    return Told(frozenset(entry[2] for entry in hidden), total_hidden=unsafe)
