"""Facts in, a draft return out: figures as the edition asks, checks, notes.

Pure: the same facts give the same return. Every figure keeps its exact value beside the
written one; rounding happens here, once, by the decimals of the edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from operator import attrgetter

from forms.catalogue import choose
from forms.checks import Check, run
from forms.edition import Edition, Form, Part, PeriodKind, Shape
from forms.facts import ZERO, Cover, ReturnFacts
from registry.kernel.errors import Invalid, Problem
from registry.kernel.mass import decimal_text
from registry.kernel.period import Period
from registry.kernel.text import N_, Message

__all__ = ["Check", "Figure", "Return", "as_json", "build"]

DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of a return. `exact` is grams; `quantity` is in the edition's unit, rounded as it asks.

    `partner`: a country, or the product made; `partner_name` names the latter in English.
    """

    part: str
    substance: str
    name: str
    column: str
    partner: str | None
    exact: Fraction
    quantity: str
    partner_name: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """One return of one period, as the facts known on `as_of` make it."""

    form: Form
    edition: Edition
    period: Period
    unit: str
    as_of: date
    status: str
    figures: tuple[Figure, ...]
    checks: tuple[Check, ...]
    notes: tuple[Message, ...]
    cover: Cover


def build(form: Form | str, facts: ReturnFacts) -> Return:
    """Make the draft return of `form` for the period of `facts`, by the edition that serves it.

    Figures that are exactly zero are left out, those that only round to zero stay. Raises
    `NotFound` without an edition, `Invalid` when the form is quarterly and no quarter is
    given, or the reverse.
    """
    chosen = choose(form, facts.period)
    edition = chosen.edition
    _require_period_of(edition, facts.period)
    return Return(
        form=edition.form,
        edition=edition,
        period=facts.period,
        unit=edition.unit,
        as_of=facts.as_of,
        status=DRAFT,
        figures=tuple(figure for part in edition.parts for figure in _part_figures(edition, part, facts)),
        checks=run(edition.form, facts),
        notes=(*facts.remarks, *_notes(edition, facts.period, later=chosen.later)),
        cover=facts.cover,
    )


def _require_period_of(edition: Edition, period: Period) -> None:
    quarterly = edition.period_kind is PeriodKind.QUARTER
    if quarterly == (period.quarter is not None):
        return
    if quarterly:
        problem = Problem("quarter", "missing", Message(N_("this form is quarterly: name the quarter, 1 to 4")))
    else:
        problem = Problem("quarter", "unexpected", Message(N_("this form is annual: leave the quarter out")))
    raise Invalid(problem.message, [problem])


def _part_figures(edition: Edition, part: Part, facts: ReturnFacts) -> Iterator[Figure]:
    names = {line.made: line.made_name for line in facts.uses}
    for (name, substance, place, partner), exact in sorted(_exact_figures(part, facts).items()):
        if exact:
            code = part.columns[place].code
            quantity = edition.written(substance, exact)
            yield Figure(part.code, substance, name, code, partner or None, exact, quantity, names.get(partner, ""))


def _exact_figures(part: Part, facts: ReturnFacts) -> dict[tuple[str, str, int, str], Fraction]:
    """Return exact grams by the order they are listed in: name, substance, place of the column, partner."""
    places = {column.code: place for place, column in enumerate(part.columns)}
    result: dict[tuple[str, str, int, str], Fraction] = {}
    for name, substance, column, partner, exact in _LINES[part.shape](part, facts):
        if column in places:
            key = (name, substance, places[column], partner)
            result[key] = result.get(key, ZERO) + exact
    return result


_Line = tuple[str, str, str, str, Fraction]
"""Name, substance, column, partner, grams."""


def _drug_lines(part: Part, facts: ReturnFacts) -> Iterator[_Line]:
    for column in part.columns:
        read: Callable[[object], Fraction] = attrgetter(column.code)
        for drug in facts.drugs:
            yield drug.name, drug.substance, column.code, "", read(drug)


def _trade_lines(_part: Part, facts: ReturnFacts) -> Iterator[_Line]:
    for line in facts.trade:
        yield line.name, line.substance, line.column, line.partner, line.quantity


def _use_lines(part: Part, facts: ReturnFacts) -> Iterator[_Line]:
    broken_down = {column.code for column in part.breaks_down}
    for line in facts.uses:
        if line.column in broken_down:
            yield line.name, line.substance, part.columns[0].code, line.made, line.quantity


def _seizure_lines(_part: Part, facts: ReturnFacts) -> Iterator[_Line]:
    for line in facts.seizures:
        yield line.name, line.substance, line.column, "", line.quantity


def _requirement_lines(part: Part, facts: ReturnFacts) -> Iterator[_Line]:
    for column in part.columns:
        read: Callable[[object], Fraction] = attrgetter(column.code)
        for wanted in facts.requirements:
            yield wanted.name, wanted.substance, column.code, "", read(wanted)


def _no_lines(_part: Part, _facts: ReturnFacts) -> Iterator[_Line]:
    return iter(())


_LINES: Mapping[Shape, Callable[[Part, ReturnFacts], Iterator[_Line]]] = {
    Shape.DRUGS: _drug_lines,
    Shape.PARTNERS: _trade_lines,
    Shape.MADE: _use_lines,
    Shape.SEIZURES: _seizure_lines,
    Shape.REQUIREMENTS: _requirement_lines,
    Shape.BY_HAND: _no_lines,
}


def _notes(edition: Edition, period: Period, *, later: bool) -> tuple[Message, ...]:
    blanks = {"form": edition.form.value, "edition": edition.code, "ordinal": edition.ordinal, "period": str(period)}
    notes = [Message(N_("Form %(form)s, edition no. %(ordinal)s (%(edition)s)."), blanks)]
    if later:
        notes.append(
            Message(
                N_("The return for %(period)s is made by a later edition (%(edition)s): none older is known."), blanks
            )
        )
    notes += [Message(remark) for remark in edition.remarks]
    if not edition.grid_known:
        notes.append(
            Message(
                N_(
                    "The printed grid of this edition is not known: captions, order of columns and rows follow the"
                    " Convention. Compare with the printed form before you send it."
                )
            )
        )
    notes.append(
        Message(
            N_(
                "Quantities are %(unit)s of anhydrous base, rounded half up from exact figures; a total is rounded from"
                " its exact sum and may differ from the sum of rounded figures in the last digit."
            ),
            {"unit": Message(edition.unit)},
        )
    )
    for group in edition.groups:
        if group.substances is not None:
            notes.append(
                Message(
                    N_(
                        "Which drugs are written with %(decimals)s decimals is a choice of this registry: the printed"
                        " list of the second group is not known."
                    ),
                    {"decimals": group.decimals},
                )
            )
    notes += [Message(part.note) for part in edition.parts if part.note]
    return tuple(notes)


def as_json(return_: Return, translate: Callable[[Message], str] = str) -> dict[str, object]:
    """Return the return as the plain document of the wire; `translate` gives the sentences a language.

    `difference` of a check is a decimal string in the measure of the check (grams, entries or
    parts per million), null where nothing could be compared.
    """
    period: dict[str, int] = {"year": return_.period.year}
    if return_.period.quarter is not None:
        period["quarter"] = return_.period.quarter
    return {
        "form": return_.form.value,
        "edition": return_.edition.code,
        "period": period,
        "unit": return_.unit,
        "as_of": return_.as_of.isoformat(),
        "status": return_.status,
        "figures": [
            {
                "part": figure.part,
                "substance": figure.substance,
                "name": figure.name,
                "column": figure.column,
                "partner": figure.partner,
                "quantity": figure.quantity,
                "exact_g": decimal_text(figure.exact),
            }
            for figure in return_.figures
        ],
        "checks": [
            {
                "code": check.code,
                "status": check.status.value,
                "substance": check.substance,
                "difference": None if check.difference is None else decimal_text(check.difference),
                "message": translate(check.message),
            }
            for check in return_.checks
        ],
        "notes": [translate(note) for note in return_.notes],
    }
