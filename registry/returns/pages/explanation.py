"""The explanation of one figure: the entries that add up to it, or the steps of the formula."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flask import render_template, request, url_for

from forms.columns import USED
from forms.edition import Column, Edition
from forms.facts import NOT_ATTRIBUTED
from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.accounts.sessions import current_clock
from registry.kernel.codes import substance_code
from registry.kernel.errors import NotFound
from registry.kernel.mass import NG_PER_G
from registry.kernel.text import N_, Message
from registry.returns.domain import Entry, SeizedEntry
from registry.returns.pages.blueprint import (
    READ,
    UNIT_NAMES,
    address,
    asked_period,
    blueprint,
    period_words,
    rows,
    today,
)
from registry.returns.service.explain import explain
from registry.seizures.domain import DISPOSALS
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.substances.queries.lists import substance_by_codes
from registry.web.locale import (
    country_name,
    current_language,
    format_day,
    format_grams,
    format_number,
    format_quantity,
    say,
    translate,
)
from registry.web.paging import Page, asked_page, asked_size, offset

READ_LINES = "stock.lines.read"
NO_COLUMN = N_("Form %(form)s has no column “%(column)s”")
ENTRY_COLUMNS = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Day")},
    {"label": N_("Kind")},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("The other site"), "kind": "code"},
    {"label": N_("Product"), "kind": "code"},
    {"label": N_("Batch"), "kind": "code"},
    {"label": N_("Anhydrous base"), "kind": "number"},
)
SUM_COLUMNS = (
    {"label": N_("Product"), "kind": "code"},
    {"label": N_("Kind")},
    {"label": N_("Entries"), "kind": "number"},
    {"label": N_("Anhydrous base"), "kind": "number"},
)
SEIZURE_COLUMNS = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Day")},
    {"label": N_("Country of origin")},
    {"label": N_("Place")},
    {"label": N_("What became of the goods")},
    {"label": N_("Quantity"), "kind": "number"},
)
STEP_COLUMNS = ({"label": N_("Step")}, {"label": N_("Quantity"), "kind": "number"})


def _asked_column(edition: Edition) -> Column:
    name = request.args.get("column", "")
    found = next((column for part in edition.parts for column in part.columns if column.code == name), None)
    if found is None:
        raise NotFound(Message(NO_COLUMN, {"form": edition.form.value, "column": name[:40]}))
    return found


@blueprint.get("/<form>/<int:year>/explain")
@blueprint.get("/<form>/<int:year>/Q<int:quarter>/explain")
@asks(READ)
def explained(form: str, year: int, quarter: int | None = None) -> str:
    """Show what adds up to one figure; those who may not read single lines see sums by product and kind."""
    edition, period = asked_period(form, year, quarter)
    column = _asked_column(edition)
    substance, partner = substance_code(request.args.get("substance", "")), request.args.get("partner") or None
    answer = explain(rows(), current_clock(), form, period, substance, column.code, partner)
    name = say(substance_by_codes(rows(), [substance], today())[substance].name)
    number, size = asked_page(), asked_size()
    lines = policy.holds(current_actor(), READ_LINES)
    shown = answer.behind[offset(number, size) : offset(number + 1, size)]
    return render_template(
        "returns/explain.html",
        back=address("sheet", form, period),
        form=form,
        words=period_words(period),
        substance=substance,
        name=name,
        caption=column.caption_in(current_language(), translate),
        clause=say(column.clause),
        partner=_partner(column, partner),
        is_made=column.code == USED.code,
        total=format_grams(answer.total_ng),
        written=format_quantity(edition.written(substance, answer.total_ng / NG_PER_G), UNIT_NAMES[edition.unit]),
        steps=(STEP_COLUMNS, [[translate(step.label), format_grams(step.amount_ng)] for step in answer.steps]),
        lines=lines,
        behind=(ENTRY_COLUMNS, [_entry(one) for one in shown if isinstance(one, Entry)])
        if lines
        else (SUM_COLUMNS, _sums(answer.entries)),
        seizures=(SEIZURE_COLUMNS, [_seizure(one) for one in shown if isinstance(one, SeizedEntry)]),
        has_entries=bool(answer.entries),
        page=Page(shown, number, size, len(answer.behind)),
    )


def _partner(column: Column, partner: str | None) -> str | None:
    """Return the partner in words: a country, or the product made."""
    if partner is None or column.code != USED.code:
        return country_name(partner) if partner else None
    if partner == NOT_ATTRIBUTED:
        return say(N_("not attributed"))
    made = substance_by_codes(rows(), [partner], today()).get(partner)
    return f"{say(made.name)} ({partner})" if made else partner


def _seizure(one: SeizedEntry) -> list[object]:
    return [
        {"text": one.reference, "href": url_for("seizures.seizure", reference=one.reference)},
        format_day(one.occurred_on),
        country_name(one.origin) if one.origin else None,
        one.place or None,
        say(DISPOSALS[one.disposal].name) if one.disposal else None,
        format_grams(one.total_ng),
    ]


def _entry(one: Entry) -> list[object]:
    return [
        {"text": one.reference, "href": url_for("stock.movement", reference=one.reference)},
        format_day(one.occurred_on),
        say(MOVEMENT_KINDS[one.kind].name),
        one.site,
        one.counterparty or None,
        one.product,
        one.batch or None,
        format_grams(one.total_ng),
    ]


def _sums(entries: Sequence[Entry]) -> list[list[object]]:
    """Add entries up by product and kind, for readers of totals."""
    sums: dict[tuple[str, str], tuple[int, Fraction]] = {}
    for one in entries:
        count, mass = sums.get((one.product, one.kind), (0, Fraction(0)))
        sums[one.product, one.kind] = (count + 1, mass + one.total_ng)
    return [
        [product, say(MOVEMENT_KINDS[kind].name), format_number(count), format_grams(mass)]
        for (product, kind), (count, mass) in sorted(sums.items())
    ]
