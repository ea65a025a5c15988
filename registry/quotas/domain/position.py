"""The quota position of one substance and year: how much may still be granted, and which side binds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from registry.kernel.mass import floor, grams
from registry.kernel.text import N_
from registry.quotas.domain.estimates import (
    Figures,
    Piece,
    excess,
    figure,
    figures_for,
    opening_stock,
    sum_of,
    total_of_estimates,
)
from registry.quotas.domain.kinds import CEILING_KIND, ESTIMATE, STATE_QUOTA
from registry.quotas.domain.lines import ZERO, LineFact, ceilings_of
from registry.substances.domain.facts import SubstanceFact, Treaty

BINDING_TREATIES = frozenset({Treaty.NARCOTIC.value, Treaty.PSYCHOTROPIC.value})
"""Where the position bounds what may be granted (NC-Q2); for precursors it only advises."""


@dataclass(frozen=True, slots=True)
class Position:
    """Contract section 4, in exact nanograms of base. `pieces` add up to `estimate_total`.

    `ceiling_year`: the year whose assessment or requirement still stands, None without one.
    """

    year: int
    substance_id: int
    treaty: str
    estimate_total: Fraction
    state_quota: Fraction | None
    exported: Fraction
    manufactured: Fraction
    imported: Fraction
    reserved: Fraction
    headroom: Fraction
    bound_by: str
    pieces: tuple[Piece, ...] = ()
    ceiling_year: int | None = None
    allocations: Mapping[int, Fraction] | None = None

    @property
    def binds(self) -> bool:
        """Say whether the position bounds grants; for precursors it only advises."""
        return self.treaty in BINDING_TREATIES

    @property
    def used(self) -> Fraction:
        """Return what was manufactured and imported."""
        return self.manufactured + self.imported

    @property
    def granted(self) -> Fraction:
        """Return the whole of the side that binds."""
        return self.headroom + self.used + self.reserved

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was decided, moved or reserved."""
        return not (self.estimate_total or self.exported or self.used or self.reserved) and self.state_quota is None

    @property
    def grantable_ng(self) -> int | None:
        """Return how much may be reserved in all, rounded down to whole nanograms; None where nothing binds."""
        return floor(self.headroom + self.reserved) if self.binds else None

    def with_reserved(self, reserved: Fraction) -> Position:
        """Return the same position with other reservations."""
        return replace(self, reserved=reserved, headroom=self.headroom + self.reserved - reserved)


def position_of(
    substance: SubstanceFact,
    year: int,
    lines: Iterable[LineFact],
    figures_before: Figures,
    figures: Figures,
    reserved: Fraction,
    as_of: date,
) -> Position:
    """Return the position of `substance` for `year` as known on `as_of`.

    `lines`: its approved lines of this and earlier years; `figures`: those of the year up to
    `as_of`; `figures_before`: those of the year before, from which last year's excess and the
    opening stock come. Without estimate or assessment the ceiling is zero; without a state
    quota that side does not bind. Exports widen the side of the estimates only (1961 art. 21(1)(d)).
    """
    known = tuple(lines)
    now = ceilings_of(substance.treaty, year, known, as_of)
    pieces: list[Piece] = []
    widened = ZERO
    kind = CEILING_KIND.get(substance.treaty)
    if kind is ESTIMATE:
        before = ceilings_of(substance.treaty, year - 1, known, as_of)
        pieces = total_of_estimates(
            now, opening_stock(figures_before, figures), excess(before, figures_before), figures
        )
        widened = figure(figures, "exported")
    elif now.ceiling is not None and kind is not None:
        pieces = [Piece(kind.name, now.ceiling)]
    total = sum_of(pieces)
    taken = figure(figures, "manufactured") + figure(figures, "imported") + reserved
    international, national = total + widened - taken, None if now.state_quota is None else now.state_quota - taken
    state_binds = national is not None and (kind is None or national < international)
    return Position(
        year=year,
        substance_id=substance.id,
        treaty=substance.treaty,
        estimate_total=total,
        state_quota=now.state_quota,
        exported=figure(figures, "exported"),
        manufactured=figure(figures, "manufactured"),
        imported=figure(figures, "imported"),
        reserved=reserved,
        headroom=national if national is not None and state_binds else international,
        bound_by=STATE_QUOTA.code if state_binds or kind is None else kind.code,
        pieces=tuple(piece for piece in pieces if piece.quantity),
        ceiling_year=now.ceiling_year,
        allocations=now.allocations,
    )


def positions_of(
    substances: Iterable[SubstanceFact],
    year: int,
    lines: Mapping[int, tuple[LineFact, ...]],
    ledger: Mapping[int, Mapping[int, Figures]],
    reserved: Mapping[int, Fraction],
    as_of: date,
) -> dict[int, Position]:
    """Return substance id -> position of `year`; `ledger`: substance id -> year -> figures."""
    return {
        substance.id: position_of(
            substance,
            year,
            lines.get(substance.id, ()),
            figures_for(ledger.get(substance.id, {}), year - 1),
            figures_for(ledger.get(substance.id, {}), year),
            reserved.get(substance.id, ZERO),
            as_of,
        )
        for substance in substances
    }


def judged_on(year: int, today: date) -> date:
    """Return the day on which a position is shown: a past year at the close of its 31 December, any other today."""
    return min(today, date(year, 12, 31))


HEADROOM_PIECES = (
    (N_("total of estimates or assessment"), "estimate_total", 1),
    (N_("exported"), "exported", 1),
    (N_("manufactured"), "manufactured", -1),
    (N_("imported"), "imported", -1),
    (N_("reserved by open permits"), "reserved", -1),
)

_WIDENED = {ESTIMATE.code: "exported"}


def headroom_pieces(position: Position) -> list[Piece]:
    """Return the parts whose sum is the headroom, on the side that binds."""
    by_state = position.bound_by == STATE_QUOTA.code
    left_out = {"estimate_total", "exported"} if by_state else {"exported"} - {_WIDENED.get(position.bound_by, "")}
    first = [Piece(STATE_QUOTA.name, position.state_quota or ZERO)] if by_state else []
    rest = [each for each in HEADROOM_PIECES if each[1] not in left_out]
    return first + [Piece(label, sign * getattr(position, name)) for label, name, sign in rest]


def as_json(position: Position, code: str, name: str) -> dict[str, object]:
    """Return the position as the contract's JSON object (section 4): exact grams as decimal strings."""
    return {
        "substance": code,
        "name": name,
        "treaty": position.treaty,
        "estimate_total_g": grams(position.estimate_total),
        "state_quota_g": None if position.state_quota is None else grams(position.state_quota),
        "exported_g": grams(position.exported),
        "manufactured_g": grams(position.manufactured),
        "imported_g": grams(position.imported),
        "reserved_g": grams(position.reserved),
        "headroom_g": grams(position.headroom),
        "bound_by": position.bound_by,
    }
