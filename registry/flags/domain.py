"""States of a flag, and how its sentence is kept until somebody reads it in a language of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction

from registry.kernel.text import N_, plain_params, revived_params


class FlagState(StrEnum):
    """A flag is open until an officer closes it with a note."""

    OPEN = "open"
    CLOSED = "closed"


STATE_NAMES = {FlagState.OPEN: N_("open"), FlagState.CLOSED: N_("closed")}


class Step(StrEnum):
    """What happens to a flag after it was raised."""

    TAKEN = "taken"
    RELEASED = "released"
    CLOSED = "closed"
    RETURNED = "returned"


STEP_NAMES = {
    Step.TAKEN: N_("taken on"),
    Step.RELEASED: N_("handed back"),
    Step.CLOSED: N_("closed"),
    Step.RETURNED: N_("opened again"),
}

CAUSE_GONE = N_("The cause is no longer there.")
"""The reason a sweep closes with."""

Figures = tuple[str | None, str | None]
"""What was observed and the limit it was held against, as a finding spells them."""


def is_farther(now: Figures, before: Figures) -> bool:
    """Say whether what is observed is farther from its limit than it was before, numbers and days alike.

    Where one of the four is missing or neither number nor day there is nothing to compare, and it is not.
    """
    here, there = _distance(*now), _distance(*before)
    return here is not None and there is not None and here > there


def _distance(observed: str | None, limit: str | None) -> Fraction | None:
    if observed is None or limit is None:
        return None
    try:
        return abs(Fraction(observed) - Fraction(limit))
    except ValueError:
        pass
    try:
        return Fraction(abs((date.fromisoformat(observed) - date.fromisoformat(limit)).days))
    except ValueError:
        return None


def packed(params: Mapping[str, object]) -> str:
    """Return what fills a sentence as JSON. Sentences inside it stay sentences, so that they are translated too."""
    return json.dumps(plain_params(params), ensure_ascii=False)


def unpacked(text: str) -> dict[str, object]:
    """Return what `packed` has kept; days come back as ISO text."""
    return revived_params(json.loads(text))
