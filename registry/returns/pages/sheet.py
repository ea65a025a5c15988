"""One return: cover, parts as tables, checks, notes; every figure leads to what makes it up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from forms.checks import CHECKS, Status
from forms.document import made_of
from forms.edition import Edition, Part, PeriodKind, Shape, UnitGroup
from forms.figures import Figure, Return
from registry.accounts import policy
from registry.accounts.guard import asks, current_actor
from registry.kernel.errors import NotFound
from registry.kernel.mass import decimal_text
from registry.kernel.period import Period
from registry.kernel.text import N_
from registry.returns.domain import days_counted
from registry.returns.forms import SentForm
from registry.returns.pages.blueprint import (
    QUARTERS,
    READ,
    STATUSES,
    UNIT_NAMES,
    address,
    asked_day,
    asked_period,
    asked_prepared,
    blueprint,
    made,
    period_words,
    rows,
    today,
)
from registry.returns.queries import sent_returns
from registry.returns.service.requirements import AHEAD
from registry.returns.service.sent import BUILD
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.stock.queries.periods import Since, counted_after, entries_after
from registry.web.locale import country_name, current_language, format_day, format_quantity, say, translate

YEARS_OFFERED = 6
DOWNLOADS = ("xlsx", "pdf", "csv", "xml", "json")
LOUD = (Status.FAIL, Status.WARN)
LATER_SHOWN = 50
LATER = ({"label": N_("Reference"), "kind": "code"}, {"label": N_("Day")}, {"label": N_("Kind")})
QUIET = (Status.PASS, Status.NOT_APPLICABLE)
MEASURES = {"g": N_("g"), "entries": N_("entries"), "ppm": N_("ppm")}


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as shown: as the edition writes it, exact for those who point at it, and where it is explained.

    A cell without `exact` is text.
    """

    text: str
    exact: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of a part: heads beside code and drug, the first `texts` of them over words; rows of (code, name, cells)."""

    title: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, str, Sequence[Cell | None]]]
    texts: int = 0


@blueprint.get("/choose")
@asks(READ)
def chosen() -> Response:
    """Lead to the return chosen in the form of the list, which works without script."""
    form, year = request.args.get("form", "").upper(), request.args.get("year", "")
    number = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0  # noqa: PLR2004 - digits of a year
    quarter = request.args.get("quarter", "")
    wanted = int(quarter) if quarter in {str(each) for each in QUARTERS} else None
    try_annual = wanted is None or _is_annual(form, number)
    _, period = asked_period(form, number, None if try_annual else wanted)
    return redirect(address("sheet", form, period, as_of=asked_day()), 303)


def _is_annual(form: str, year: int) -> bool:
    try:
        asked_period(form, year, None)
    except NotFound:
        return False
    return True


@blueprint.get("/<form>/<int:year>")
@blueprint.get("/<form>/<int:year>/Q<int:quarter>")
@asks(READ)
def sheet(form: str, year: int, quarter: int | None = None) -> str:
    """Show one return as the ledger makes it now, or as known on a day."""
    return shown(form, year, quarter, SentForm(formdata=None))


def shown(form: str, year: int, quarter: int | None, typed: SentForm) -> str:
    """Return the page of one return, with the form that says when it was sent."""
    edition, period = asked_period(form, year, quarter)
    as_of = asked_day()
    draft = made(form, period, as_of)
    prepared = asked_prepared(form)
    return render_template(
        "returns/sheet.html",
        draft=draft,
        edition=edition,
        words=period_words(period),
        unit=UNIT_NAMES[draft.unit],
        due=edition.due(period),
        as_of=as_of,
        parts=[(part, _grids(draft, part, as_of)) for part in edition.parts],
        by_hand=Shape.BY_HAND,
        loud=_checks(draft, LOUD),
        quiet=_checks(draft, QUIET),
        failed=sum(check.status is Status.FAIL for check in draft.checks),
        notes=draft.notes,
        downloads=[
            (name.upper(), address("file", form, period, name=name, as_of=as_of, prepared=prepared))
            for name in DOWNLOADS
        ],
        looks_ahead=form in AHEAD,
        **_sent(draft.form.value, period, typed),
        prepared=prepared,
        other_href=address("sheet", form, period, as_of=as_of, prepared=None if prepared else 1),
        years=[(each, _of_year(form, each, quarter)) for each in _years(year)],
        quarters=[(each, address("sheet", form, Period(year, each))) for each in QUARTERS]
        if edition.period_kind is PeriodKind.QUARTER
        else [],
    )


def _sent(form: str, period: Period, typed: SentForm) -> dict[str, object]:
    """Return what the page says of the sending: when, what of its days was recorded since, and the form for whoever may."""
    last = sent_returns(rows()).get((form, period))
    since = Since(*days_counted(form, period), last.last_entry) if last is not None else None
    later = entries_after(rows(), since, LATER_SHOWN) if since is not None else []
    return {
        "sent": last,
        "sent_href": address("sheet", form, period, as_of=last.sent_on) if last is not None else None,
        "changed": counted_after(rows(), [since])[0] if since is not None else 0,
        "later": (LATER, [[each, format_day(day), say(MOVEMENT_KINDS[kind].name)] for each, day, kind in later]),
        "typed": typed if policy.holds(current_actor(), BUILD) else None,
        "sent_action": address("sent", form, period),
    }


def _years(year: int) -> list[int]:
    offered = set(range(today().year + 1, today().year - YEARS_OFFERED, -1)) | {year}
    return sorted(offered, reverse=True)


def _of_year(form: str, year: int, quarter: int | None) -> str:
    return address("sheet", form, Period(year, quarter))


def _grids(draft: Return, part: Part, as_of: date | None) -> list[Grid]:
    figures = [figure for figure in draft.figures if figure.part == part.code]
    if part.shape is Shape.BY_HAND or not figures:
        return []
    make = {Shape.PARTNERS: _partner_grid, Shape.MADE: _made_grid}.get(part.shape, _item_grid)
    return [make(draft, part, group, found, as_of) for group, found in _grouped(draft.edition, figures)]


def _grouped(edition: Edition, figures: list[Figure]) -> Iterator[tuple[UnitGroup | None, list[Figure]]]:
    """Yield figures by the groups the edition prints; all of them at once where it prints none."""
    if not edition.rows_by_group:
        yield None, figures
        return
    for group in edition.groups:
        found = [figure for figure in figures if edition.group_of(figure.substance) is group]
        if found:
            yield group, found


def _by_drug(figures: list[Figure]) -> Iterator[tuple[str, str, list[Figure]]]:
    def drug(figure: Figure) -> tuple[str, str]:
        return figure.name, figure.substance

    for (name, substance), found in groupby(sorted(figures, key=drug), key=drug):
        yield substance, name, list(found)


def _item_grid(draft: Return, part: Part, group: UnitGroup | None, figures: list[Figure], as_of: date | None) -> Grid:
    table = []
    for substance, name, found in _by_drug(figures):
        written = {figure.column: figure for figure in found}
        cells = [
            _cell(draft, written[column.code], as_of) if column.code in written else None for column in part.columns
        ]
        table.append((substance, say(name), cells))
    heads = [column.caption_in(current_language(), translate) for column in part.columns]
    return Grid(group.title if group else "", heads, table)


def _made_grid(draft: Return, part: Part, group: UnitGroup | None, figures: list[Figure], as_of: date | None) -> Grid:
    """Return a row per drug and product made of it."""
    table = [
        (one.substance, say(one.name), [Cell(made_of(one, translate), ""), _cell(draft, one, as_of)]) for one in figures
    ]
    caption = part.columns[0].caption_in(current_language(), translate)
    return Grid(group.title if group else "", [say(N_("Product made")), caption], table, texts=1)


def _partner_grid(
    draft: Return, _part: Part, group: UnitGroup | None, figures: list[Figure], as_of: date | None
) -> Grid:
    """Return drugs by partner countries, the drug's total first: rounded from its exact sum."""
    partners = sorted({figure.partner or "" for figure in figures})
    table: list[tuple[str, str, Sequence[Cell | None]]] = []
    for substance, name, found in _by_drug(figures):
        written = {figure.partner or "": figure for figure in found}
        exact = sum((figure.exact for figure in found), Fraction(0))
        column = found[0].column
        total = Cell(
            format_quantity(draft.edition.written(substance, exact)),
            _exact(exact),
            _explained(draft, substance, column, None, as_of),
        )
        cells = [_cell(draft, written[one], as_of) if one in written else None for one in partners]
        table.append((substance, say(name), [total, *cells]))
    heads = [say(N_("Total")), *(f"{country_name(one)} ({one})" for one in partners)]
    return Grid(group.title if group else "", heads, table)


def _cell(draft: Return, figure: Figure, as_of: date | None) -> Cell:
    href = _explained(draft, figure.substance, figure.column, figure.partner, as_of)
    return Cell(format_quantity(figure.quantity), _exact(figure.exact), href)


def _exact(exact: Fraction) -> str:
    return format_quantity(decimal_text(exact), N_("g"))


def _explained(draft: Return, substance: str, column: str, partner: str | None, as_of: date | None) -> str | None:
    """Return where the figure is explained. The explanation reads what counts now, so a draft of another sort has none."""
    if (as_of is not None and as_of < today()) or asked_prepared(draft.form.value):
        return None
    return address("explained", draft.form.value, draft.period, substance=substance, column=column, partner=partner)


def _checks(draft: Return, statuses: Sequence[Status]) -> list[dict[str, object]]:
    """Return the checks that came out as one of `statuses`, in that order."""
    rules = {rule.code: rule for rule in CHECKS}
    names = {figure.substance: figure.name for figure in draft.figures}
    return [
        {
            "code": check.code,
            "title": rules[check.code].title,
            "ground": rules[check.code].ground,
            "status": check.status.value,
            "look": STATUSES[check.status],
            "substance": f"{check.substance} {say(names.get(check.substance))}".strip(),
            "difference": None
            if check.difference is None
            else format_quantity(decimal_text(check.difference), MEASURES[rules[check.code].measure]),
            "message": check.message,
        }
        for status in statuses
        for check in draft.checks
        if check.status is status
    ]
