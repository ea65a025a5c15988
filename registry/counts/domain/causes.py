"""Why a count and the book differed, by code: what each cause makes of the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.kernel.text import N_
from registry.stock.domain.kinds import COUNT_GAIN, COUNT_LOSS, LOSE, SPOIL, STEAL, MovementKind


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. `posts`: the kind of entry that makes the book right; none where the book is right by now.

    `within_norm`: it is for losses that the norm of the product allows, and for these alone.
    """

    code: str
    name: str
    posts: MovementKind | None = None
    within_norm: bool = False

    @property
    def rises(self) -> bool:
        """Say whether it explains that more lies there than the book says."""
        return self.posts is COUNT_GAIN


NATURAL_LOSS = Cause("natural_loss", N_("natural loss within the norm"), COUNT_LOSS, within_norm=True)
CAUSES: Mapping[str, Cause] = {
    cause.code: cause
    for cause in (
        Cause("miscounted", N_("counted wrongly at first: the book is right")),
        Cause("entries_corrected", N_("entries were missing or wrong and are corrected by now: the book is right")),
        Cause("not_found_out", N_("not found out: shortage"), COUNT_LOSS),
        Cause("short_pack", N_("less in the pack than the label says"), COUNT_LOSS),
        Cause("residue", N_("residue that cannot be given out, spillage"), COUNT_LOSS),
        Cause("measured", N_("measured otherwise: less"), COUNT_LOSS),
        NATURAL_LOSS,
        Cause("broken", N_("broken or spoiled"), SPOIL),
        Cause("lost", N_("lost"), LOSE),
        Cause("stolen", N_("stolen"), STEAL),
        Cause("full_pack", N_("more in the pack than the label says"), COUNT_GAIN),
        Cause("measured_more", N_("measured otherwise: more"), COUNT_GAIN),
        Cause("surplus", N_("not found out: surplus"), COUNT_GAIN),
    )
}


def fits(cause: Cause, difference: int, *, natural: bool) -> bool:
    """Say whether a cause can stand for what is left: found less the book, in units of account."""
    if difference == 0:
        return cause.posts is None
    if cause.posts is None or cause.within_norm > natural:
        return False
    return cause.rises == (difference > 0)
