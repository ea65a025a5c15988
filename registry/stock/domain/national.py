"""What a ledger entry counts for in the country's figures: the transaction-to-form map.

National stock is what the wholesale level holds (1961 art. 1): a supply from there to the
retail level is consumption, what happens on retail shelves afterwards never counts again.
Every effect keeps the balance: what enters the national stock leaves it by a column.
Source: ``incb-forms.md`` sections 2.1, 12; contract section 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from registry.permits.domain.facts import bound_base_ng
from registry.stock.domain.kinds import MANUFACTURE, MovementKind, Retail
from registry.substances.domain.facts import RevisionFact, is_substance_form

STOCK = "stock"
TAKEN_ON = "taken_on"
CONSUMED = "consumed"
TRADE_COLUMNS = frozenset({"imported", "exported"})
Effect = tuple[tuple[str, int], ...]


def national_effect(kind: MovementKind, *, wholesale: bool, counter_wholesale: bool | None) -> Effect:
    """Return the columns an entry of `kind` adds to (+1) or takes from (-1).

    `wholesale`: the site's level; `counter_wholesale`: that of the other side, None for one-sided kinds.
    A return from retail to wholesale level lowers the consumption of the year it happens in
    (INCB's own rule is open: `incb-forms.md` section 15, item 12).
    """
    if kind.two_sided:
        if counter_wholesale is None or wholesale == counter_wholesale:
            return ()
        return ((CONSUMED, 1), (STOCK, -1)) if wholesale else ((CONSUMED, -1), (STOCK, 1))
    if kind.shelf == 0:
        return ()
    if wholesale:
        column = ((kind.column, kind.column_sign),) if kind.column else ()
        return (*column, (STOCK, kind.shelf))
    if kind.retail is Retail.CONSUMED and kind.column:
        return ((kind.column, kind.column_sign), (CONSUMED, kind.shelf))
    return ()


def write_effect(effect: Effect) -> str:
    """Spell an effect as it is stored with the entry: ``consumed+ stock-``."""
    return " ".join(f"{column}{'+' if sign > 0 else '-'}" for column, sign in effect)


def read_effect(text: str) -> Effect:
    """Read a stored effect."""
    return tuple((part[:-1], 1 if part[-1] == "+" else -1) for part in text.split())


def reversed_effect(text: str) -> str:
    """Return the opposite of a stored effect."""
    return write_effect(_opposite(read_effect(text)))


def _sum(*effects: Effect) -> Effect:
    """Add effects up; what counts twice stands twice, what cancels out is gone."""
    sums: dict[str, int] = {}
    for effect in effects:
        for column, sign in effect:
            sums[column] = sums.get(column, 0) + sign
    return tuple((column, 1 if count > 0 else -1) for column, count in sums.items() for _ in range(abs(count)))


def _opposite(effect: Effect) -> Effect:
    return tuple((column, -sign) for column, sign in effect)


def crossing(step: int) -> Effect:
    """Return what goods count for that cross the line with their shelf: +1 they become national stock, -1 they leave it.

    They were consumed when they had come to the retail level, or are consumed now that they do.
    """
    return ((CONSUMED, -step), (STOCK, step))


def difference(before: Effect, after: Effect) -> Effect:
    """Return the effect that makes what counted as `before` count as `after`."""
    return _sum(after, _opposite(before))


def taken_back(counted: Sequence[Effect], stock: int) -> Effect:
    """Return the effect of a reversal: the opposite of what its entry has `counted` for, in all.

    `stock`: how the goods change the national stock on the day of the reversal (+1, 0, -1). Where
    a site changed its level since the entry, the two do not agree: the goods crossed the line
    meanwhile, as those on the shelf did, and consumption bears the rest.
    """
    opposite = _opposite(_sum(*counted))
    missing = stock - sum(sign for column, sign in opposite if column == STOCK)
    step = 1 if missing > 0 else -1
    return _sum(opposite, *[crossing(step)] * abs(missing))


def is_counted(column: str, revision: RevisionFact) -> bool:
    """Say whether entries of `column` count for this product: only a substance is manufactured, a preparation is not."""
    return column != MANUFACTURE.column or is_substance_form(revision)


def figures_of(
    totals: Iterable[tuple[int, int, str, int]], revisions: Mapping[int, RevisionFact]
) -> dict[tuple[int, int], dict[str, Fraction]]:
    """Fold national totals into year figures.

    `totals`: (year, revision id, column, units). Returns (year, substance id) -> column ->
    exact nanograms of base, with ``opening_stock`` and ``closing_stock`` for every year from
    the first to the last that has any total of that substance.
    """
    flows: dict[int, dict[int, dict[str, Fraction]]] = {}
    for year, revision_id, column, units in totals:
        revision = revisions[revision_id]
        if not is_counted(column, revision):
            continue
        for substance_id, base in bound_base_ng(revision).items():
            columns = flows.setdefault(substance_id, {}).setdefault(year, {})
            columns[column] = columns.get(column, Fraction(0)) + units * base
    result: dict[tuple[int, int], dict[str, Fraction]] = {}
    for substance_id, years in flows.items():
        held = Fraction(0)
        for year in range(min(years), max(years) + 1):
            columns = dict(years.get(year, {}))
            change = columns.pop(STOCK, Fraction(0))
            columns["opening_stock"] = held + columns.get(TAKEN_ON, Fraction(0))
            held += change
            columns["closing_stock"] = held
            result[year, substance_id] = columns
    return result
