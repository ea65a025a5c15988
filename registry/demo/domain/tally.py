"""What the play adds up to in the country's figures, folded as the ledger folds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from registry.demo.domain.entry import Entry
from registry.demo.domain.stories import PREFIX
from registry.demo.domain.world import World
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.stock.domain.kinds import MOVEMENT_KINDS, REVERSE
from registry.stock.domain.national import Effect, figures_of, national_effect
from registry.substances.domain.facts import RevisionFact

YearFigures = Mapping[tuple[int, str], Mapping[str, Fraction]]
"""(year, substance code) -> column -> exact nanograms of base, with opening and closing stock."""


def national_figures(
    world: World, entries: Iterable[tuple[date, Entry]], revisions: Mapping[str, RevisionFact]
) -> YearFigures:
    """Return the year figures of everything in `entries`; `revisions` by product code."""
    totals: dict[tuple[int, str, str], int] = defaultdict(int)
    effects: dict[tuple[str, str, str], Effect] = {}
    stories: dict[str, Effect] = {}
    for day, entry in entries:
        if entry.kind == REVERSE.code:
            effect = tuple((column, -sign) for column, sign in stories[entry.document])
        else:
            key = (entry.kind, entry.site, entry.counterparty)
            if key not in effects:
                effects[key] = _effect(world, *key)
            effect = effects[key]
        if entry.reference.startswith(PREFIX):
            stories[entry.reference] = effect
        for column, sign in effect:
            totals[day.year, entry.product, column] += sign * int(entry.quantity)
    scale = {code: 10 ** UNITS_OF_ACCOUNT[Unit(product.unit)].places for code, product in world.products.items()}
    found = figures_of(
        ((year, revisions[code].id, column, units * scale[code]) for (year, code, column), units in totals.items()),
        {revision.id: revision for revision in revisions.values()},
    )
    codes = {part.substance_id: part.substance_code for revision in revisions.values() for part in revision.components}
    return {(year, codes[substance]): figures for (year, substance), figures in found.items()}


def _effect(world: World, kind: str, site: str, counterparty: str) -> Effect:
    other = world.sites.get(counterparty)
    return national_effect(
        MOVEMENT_KINDS[kind],
        wholesale=world.sites[site].is_wholesale,
        counter_wholesale=other.is_wholesale if other else None,
    )
