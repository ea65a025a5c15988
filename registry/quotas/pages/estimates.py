"""The whole set of estimates of one substance and year: items a to h with their supplements, and the totals part by part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from flask import render_template

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.kernel.text import N_
from registry.parameters.queries import parameters_on
from registry.quotas import queries
from registry.quotas.domain.estimates import (
    Figures,
    Piece,
    carry_over,
    figures_for,
    opening_stock,
    sum_of,
    total_of_estimates,
)
from registry.quotas.domain.kinds import CEILING_KIND, ESTIMATE, ITEMS, QUOTA_KINDS, SUPPLEMENT
from registry.quotas.domain.lines import Ceilings, LineFact, ceilings_of, counted_lines
from registry.quotas.domain.position import judged_on, position_of
from registry.quotas.domain.rules import old_assessment
from registry.quotas.domain.states import LINE_STATE_NAMES, PREPARED, LineState
from registry.quotas.pages.blueprint import (
    PROPOSE,
    READ,
    Names,
    blueprint,
    item_title,
    line_href,
    names_of,
    required_substance,
    rows,
    today,
)
from registry.web.locale import format_day, format_grams, say

ITEM_COLUMNS = (
    {"label": N_("Item")},
    {"label": N_("Estimate"), "kind": "number"},
    {"label": N_("Supplements"), "kind": "number"},
    {"label": N_("Together"), "kind": "number"},
    {"label": N_("With what is drafted and proposed"), "kind": "number"},
)
LINE_COLUMNS = (
    {"label": N_("Kind"), "kind": "link"},
    {"label": N_("Item")},
    {"label": N_("Quantity, base"), "kind": "number"},
    {"label": N_("Act")},
    {"label": N_("Counts from")},
    {"label": N_("State")},
    {"label": N_("Reason")},
)
SUM_COLUMNS = ({"label": N_("Part")}, {"label": N_("Quantity, base"), "kind": "number"})


@blueprint.get("/quotas/estimates/<int(min=1900, max=2100):year>/<path:code>")
@asks(READ)
def estimates(year: int, code: str) -> str:
    """Show what is estimated or assessed for one substance and year, and what it comes to."""
    fact = required_substance(code)
    every = queries.lines_by_substance(rows(), [fact.id]).get(fact.id, ())
    ledger = queries.ledger_until(rows(), year, [fact.id]).get(fact.id, {})
    before, figures = figures_for(ledger, year - 1), figures_for(ledger, year)
    day = judged_on(year, today())
    if_approved = [replace(line, state=LineState.APPROVED) if line.state in PREPARED else line for line in every]
    now, then = (ceilings_of(fact.treaty, year, lines, day) for lines in (every, if_approved))
    kind = CEILING_KIND.get(fact.treaty)
    itemised = kind is ESTIMATE
    counted = [line for line in counted_lines(fact.treaty, year, every, day) if _looks_ahead(line)]
    prepared = [line for line in every if line.state in PREPARED and line.year == year and _looks_ahead(line)]
    carried = carry_over(ceilings_of(fact.treaty, year - 1, every, day), before)
    totals = _totals(now, carried.excess, before, figures) if itemised else []
    ahead = _totals(then, carried.excess, before, figures) if itemised else []
    position = position_of(fact, year, every, before, figures, Fraction(0), day)
    reminder = old_assessment(fact, position, parameters_on(rows(), today()))
    names = names_of([*counted, *prepared])
    return render_template(
        "quotas/estimates.html",
        year=year,
        fact=fact,
        kind=kind,
        itemised=itemised,
        items=(ITEM_COLUMNS, _items(counted, now, then)),
        standing=(now.ceiling, now.ceiling_year, then.ceiling),
        lines=(LINE_COLUMNS, [_line(line, names) for line in (*counted, *prepared)]),
        totals=(SUM_COLUMNS, _sums(totals), format_grams(sum_of(totals))),
        ahead=(SUM_COLUMNS, _sums(ahead), format_grams(sum_of(ahead))) if prepared and itemised else None,
        carried=(SUM_COLUMNS, _sums(carried.pieces), format_grams(carried.excess)) if itemised else None,
        opening=opening_stock(before, figures),
        findings=[reminder] if reminder is not None else [],
        may_propose=policy.allows(current_actor(), PROPOSE),
        day=day,
    )


def _looks_ahead(line: LineFact) -> bool:
    kind = QUOTA_KINDS[line.kind]
    return kind.stays or kind.itemised


def _totals(ceilings: Ceilings, excess_before: Fraction, before: Figures, figures: Figures) -> list[Piece]:
    return total_of_estimates(ceilings, opening_stock(before, figures), excess_before, figures)


def _items(counted: Iterable[LineFact], now: Ceilings, then: Ceilings) -> list[list[object]]:
    """Return a row for each item that is, or may come to be, estimated."""
    added: dict[str, int] = {}
    for line in counted:
        if line.kind == SUPPLEMENT.code and line.item is not None:
            added[line.item] = added.get(line.item, 0) + line.quantity_ng
    return [
        [
            item_title(code),
            format_grams(now.item(code) - added.get(code, 0)),
            format_grams(added.get(code, 0)),
            format_grams(now.item(code)),
            format_grams(then.item(code)),
        ]
        for code in ITEMS
        if code in now.items or code in then.items
    ]


def _line(line: LineFact, names: Names) -> list[object]:
    act = ", ".join(part for part in (line.act, format_day(line.act_date) if line.act_date else None) if part)
    return [
        {"text": say(QUOTA_KINDS[line.kind].name), "href": line_href(line)},
        names.item(line),
        format_grams(line.quantity_ng),
        act or None,
        format_day(line.effective_on),
        say(LINE_STATE_NAMES[LineState(line.state)]),
        line.note,
    ]


def _sums(pieces: Sequence[Piece]) -> list[list[object]]:
    return [[say(piece.label), format_grams(piece.quantity)] for piece in pieces]
