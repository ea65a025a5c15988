"""Pages of decided lines: those of a year, and what counts for one substance with the history of all its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.people import people_named
from registry.kernel.codes import search_key
from registry.kernel.text import N_
from registry.quotas import queries
from registry.quotas.domain.kinds import CEILING_KIND, ITEMS, QUOTA_KINDS, STATE_QUOTA
from registry.quotas.domain.lines import LineFact, ceilings_of
from registry.quotas.forms import QuotaFilter
from registry.quotas.pages.blueprint import (
    LINE_COLUMNS,
    PROPOSE,
    READ,
    Names,
    blueprint,
    cells_of,
    item_title,
    line_href,
    names_of,
    place_of,
    required_substance,
    rows,
    today,
)
from registry.substances.domain.facts import SubstanceFact
from registry.web.locale import format_grams, say
from registry.web.paging import Page, asked_page, asked_size, offset

HISTORY_COLUMNS = ({"label": N_("Year"), "kind": "link"}, *LINE_COLUMNS[1:], {"label": N_("Proposed, decided")})
CEILING_COLUMNS = ({"label": N_("What counts today")}, {"label": N_("Quantity, base"), "kind": "number"})


@blueprint.get("/quotas")
@asks(READ)
def quotas() -> Response:
    """Lead to the lines of the present year."""
    return redirect(url_for("quotas.year", year=today().year), 303)


@blueprint.get("/quotas/<int(min=1900, max=2100):year>")
@asks(READ)
def year(year: int) -> str:
    """List what was decided for a year: its own lines, and what stands from earlier years."""
    form = QuotaFilter.asked()
    lines = [
        line
        for each in queries.lines_until(rows(), year).values()
        for line in each
        if line.year == year or QUOTA_KINDS[line.kind].stays
    ]
    names = names_of(lines)
    kind, words = form.word("kind"), search_key(form.word("q"))
    chosen = [line for line in lines if (not kind or line.kind == kind) and words in search_key(names.sought(line))]
    chosen.sort(key=lambda line: (names.substances[line.substance_id].name, place_of(line), line.effective_on, line.id))
    number, size = asked_page(), asked_size()
    shown = chosen[offset(number, size) : offset(number + 1, size)]
    return render_template(
        "quotas/year.html",
        year=year,
        form=form,
        columns=LINE_COLUMNS,
        rows=[_row(line, names, year) for line in shown],
        page=Page(shown, number, size, len(chosen)),
        waiting=sum(1 for line in queries.proposed_lines(rows()) if line.year == year),
        may_propose=policy.allows(current_actor(), PROPOSE),
    )


def _row(line: LineFact, names: Names, year: int) -> list[object]:
    code = names.substances[line.substance_id].code
    return [
        {"text": names.substance(line), "href": url_for("quotas.substance", year=year, code=code)},
        *cells_of(line, names),
    ]


@blueprint.get("/quotas/<int(min=1900, max=2100):year>/<path:code>")
@asks(READ)
def substance(year: int, code: str) -> str:
    """Show what counts for one substance and year today, and every line ever recorded for it."""
    fact = required_substance(code)
    lines = queries.lines_by_substance(rows(), [fact.id]).get(fact.id, ())
    names = names_of(lines)
    people = people_named(rows(), {name for line in lines for name in (line.proposed_by, line.approved_by)})
    return render_template(
        "quotas/substance.html",
        year=year,
        fact=fact,
        ceilings=(CEILING_COLUMNS, _ceilings(fact, year, lines, names)),
        history=(HISTORY_COLUMNS, [_history_row(line, names, people) for line in reversed(lines)]),
        may_propose=policy.allows(current_actor(), PROPOSE),
    )


def _ceilings(fact: SubstanceFact, year: int, lines: Sequence[LineFact], names: Names) -> list[list[object]]:
    now = ceilings_of(fact.treaty, year, lines, today())
    found: list[list[object]] = [
        [item_title(item.code), format_grams(now.items[item.code])] for item in ITEMS.values() if item.code in now.items
    ]
    if now.ceiling is not None:
        found.append([f"{say(CEILING_KIND[fact.treaty].name)} ({now.ceiling_year})", format_grams(now.ceiling)])
    if now.state_quota is not None:
        found.append([say(STATE_QUOTA.name), format_grams(now.state_quota)])
    found += [[names.organisations.get(key, ""), format_grams(share)] for key, share in now.allocations.items()]
    return found


def _history_row(line: LineFact, names: Names, people: Mapping[str, str]) -> list[object]:
    involved = [people.get(name or "", "") for name in (line.proposed_by, line.approved_by)]
    return [
        {"text": str(line.year), "href": line_href(line)},
        *cells_of(line, names),
        ", ".join(part for part in involved if part),
    ]
