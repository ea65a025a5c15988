"""Pages of needs: every substance of a coming year, one substance with the methods side by side, the figure picked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from flask import current_app, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.kernel.errors import Invalid, NotFound, Problem, RegistryError
from registry.kernel.fields import Column, as_grams, as_name, quantity
from registry.kernel.persons import as_note
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.quotas import queries, service
from registry.quotas.domain.kinds import CONSUMPTION, ESTIMATE, QUOTA_KINDS
from registry.quotas.domain.needs import (
    LINE,
    MEAN,
    METHODS,
    MILLIONTHS,
    MORBIDITY,
    POPULATION,
    SERVICES,
    TREND,
    Group,
    Inputs,
    Morbidity,
    PerPopulation,
    Service,
    Services,
    closed_years,
    under_supply,
)
from registry.quotas.need_forms import ROWS, MorbidityForm, PickForm, PopulationForm, ServicesForm, TrendForm
from registry.quotas.pages.blueprint import (
    PROPOSE,
    READ,
    Answer,
    blueprint,
    item_title,
    required_substance,
    rows,
    substance_title,
    today,
)
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries import substances_by_ids
from registry.web.forms import PageForm
from registry.web.locale import format_grams, format_moment, format_quantity, say, translate
from registry.web.page_forms import UNREADABLE, read_cells, show_refusal

POPULATION_OF = "registry.population"
"""Extension: who tells how many people live in the country, (session, year) -> number or None; a higher room knows."""
UNREAD = Message(N_("something that was typed cannot be read"))
NOTHING_TYPED = Message(N_("fill in at least one row"))
WHOLE_ROW = Message(N_("fill in the whole row"))
NOTE = Column("note", as_note, required=False)
LIST_COLUMNS = (
    {"label": N_("Substance"), "kind": "link"},
    {"label": N_("Consumed in the last closed year"), "kind": "number"},
    *({"label": method.name, "kind": "number"} for method in METHODS.values()),
    {"label": N_("Picked"), "kind": "number"},
)
BESIDE_COLUMNS = (
    {"label": N_("Method")},
    {"label": N_("Need"), "kind": "number"},
    {"label": N_("Against the last closed year"), "kind": "number"},
)
WORKING_COLUMNS = ({"label": N_("Step")}, {"label": N_("Quantity, base"), "kind": "number"})
KEPT_COLUMNS = (
    {"label": N_("Method")},
    {"label": N_("Result"), "kind": "number"},
    {"label": N_("Remark")},
    {"label": N_("Worked out")},
)
PICKED_COLUMNS = (
    {"label": N_("Picked"), "kind": "number"},
    {"label": N_("From")},
    {"label": N_("Justification")},
    {"label": N_("Lines")},
    {"label": N_("Picked by")},
)


@blueprint.get("/quotas/needs")
@asks(READ)
def needs_ahead() -> Response:
    """Lead to the needs of the next year."""
    return redirect(url_for("quotas.needs", year=today().year + 1), 303)


@blueprint.get("/quotas/needs/<int(min=1900, max=2100):year>")
@asks(READ)
def needs(year: int) -> str:
    """List every substance that is used, worked out or decided, with the results side by side."""
    session, day = rows(), today()
    ledger = queries.ledger_until(session, min(year, day.year) - 1)
    latest: dict[tuple[int, str], int] = {
        (one.substance_id, one.method): one.result_ng for one in queries.calculations_of(session, year)
    }
    picked = {one.substance_id: one.quantity_ng for one in queries.choices_of(session, year)}
    consumed = {number: closed_years(years, year, day) for number, years in ledger.items()}
    wanted = {number for number, years in consumed.items() if any(years.values())} | picked.keys()
    wanted |= {number for number, _ in latest}
    facts = sorted(substances_by_ids(session, wanted, day).values(), key=lambda fact: fact.name)
    return render_template(
        "quotas/needs.html",
        year=year,
        columns=LIST_COLUMNS,
        cells=[
            [
                {"text": substance_title(fact), "href": url_for("quotas.need", year=year, code=fact.code)},
                _last(consumed.get(fact.id, {})),
                *(format_grams(latest.get((fact.id, code))) for code in METHODS),
                format_grams(picked.get(fact.id)),
            ]
            for fact in facts
        ],
    )


def _last(consumed: Mapping[int, Fraction]) -> str:
    return format_grams(consumed[max(consumed)] if consumed else None)


@blueprint.get("/quotas/needs/<int(min=1900, max=2100):year>/<path:code>")
@asks(READ)
def need(year: int, code: str) -> str:
    """Show the methods for one substance side by side, each with its working, and what was picked."""
    return _page(year, required_substance(code), {})


def _page(year: int, fact: SubstanceFact, refused: Mapping[str, PageForm]) -> str:
    session = rows()
    found = queries.calculations_of(session, year, fact.id)
    choices = queries.choices_of(session, year, fact.id)
    people = people_named(session, {one.made_by for one in found} | {one.made_by for one in choices})
    latest = {one.method: one for one in found}
    consumed = closed_years(queries.ledger_until(session, year, [fact.id]).get(fact.id, {}), year, today())
    last = max(consumed, default=None)
    parameters = parameters_on(session, today())
    judged = [
        finding
        for one in choices[-1:]
        if (finding := under_supply(fact, year, one.quantity_ng, consumed.get(last or 0), last or 0, parameters))
        is not None
    ]
    forms = {code: refused.get(code) or _form(code, year) for code in METHODS}
    pick_form = refused.get("pick") or _pick_form(fact, found, choices)
    return render_template(
        "quotas/need.html",
        year=year,
        fact=fact,
        title=substance_title(fact),
        consumed=sorted(consumed.items()),
        beside=(BESIDE_COLUMNS, [_beside(method.name, latest.get(code), consumed) for code, method in METHODS.items()]),
        methods=[(method, latest.get(code), forms[code]) for code, method in METHODS.items()],
        working=lambda one: [[translate(line.text), format_grams(line.quantity)] for line in one.worked.lines],
        columns=WORKING_COLUMNS,
        rows_of=range(1, ROWS + 1),
        kept=(KEPT_COLUMNS, [_kept(one, people) for one in reversed(found)]),
        picked=(PICKED_COLUMNS, [_picked(one, found, people) for one in reversed(choices)]),
        pick_form=pick_form,
        findings=judged,
        error_forms=[form for form in refused.values() if form.errors or form.form_errors],
        may_work=policy.allows(current_actor(), PROPOSE),
    )


def _beside(name: str, found: queries.CalculationFact | None, consumed: Mapping[int, Fraction]) -> list[object]:
    """Return a method's result with what it is in per cent of the last closed year."""
    before = consumed[max(consumed)] if consumed else Fraction(0)
    share = None
    if found is not None and before:
        share = format_quantity(Fraction(found.result_ng) * 100 / before, places=1) + " %"
    return [say(name), format_grams(None if found is None else found.result_ng), share]


def _form(code: str, year: int) -> PageForm:
    form = FORMS[code](formdata=None, prefix=f"{code}-")
    if code == POPULATION.code:
        people = current_app.extensions.get(POPULATION_OF, lambda _session, _year: None)(rows(), year)
        form["people"].data = "" if people is None else str(people)
    return form


def _pick_form(
    fact: SubstanceFact, found: Sequence[queries.CalculationFact], choices: Sequence[queries.ChoiceFact]
) -> PickForm:
    form = PickForm(formdata=None)
    form.offer(_offered(found), _kinds(fact))
    form.kinds.data = [code for code, _ in _kinds(fact)]
    form.calculation.data = str(found[-1].id) if found and not choices else ""
    return form


def _offered(found: Iterable[queries.CalculationFact]) -> list[tuple[str, str]]:
    return [
        (str(one.id), f"{say(METHODS[one.method].name)}: {format_grams(one.result_ng)} ({format_moment(one.made_at)})")
        for one in found
    ]


def _kinds(fact: SubstanceFact) -> list[tuple[str, str]]:
    return [
        (code, f"{say(QUOTA_KINDS[code].name)}, {item_title(CONSUMPTION.code)}")
        if code == ESTIMATE.code
        else (code, say(QUOTA_KINDS[code].name))
        for code in service.kinds_of(fact)
    ]


def _kept(one: queries.CalculationFact, people: Mapping[str, str]) -> list[object]:
    made = f"{format_moment(one.made_at)} · {people.get(one.made_by, one.made_by)}"
    return [say(METHODS[one.method].name), format_grams(one.result_ng), one.note, made]


def _picked(
    one: queries.ChoiceFact, found: Iterable[queries.CalculationFact], people: Mapping[str, str]
) -> list[object]:
    source = next((each for each in found if each.id == one.calculation_id), None)
    first = one.line_ids[0] if one.line_ids else None
    return [
        format_grams(one.quantity_ng),
        say(METHODS[source.method].name) if source else say(N_("the officer's own figure")),
        one.justification,
        {"text": ", ".join(str(number) for number in one.line_ids), "href": url_for("quotas.line", line_id=first)}
        if first
        else None,
        f"{format_moment(one.made_at)} · {people.get(one.made_by, one.made_by)}",
    ]


@blueprint.post("/quotas/work-out/<any(trend, morbidity, population, services):method>/<int(min=1900, max=2100):year>/<path:code>")  # fmt: skip
@asks(PROPOSE)
def work_out(method: str, year: int, code: str) -> Answer:
    """Work a need out by one method and keep it."""
    fact, form = required_substance(code), FORMS[method](prefix=f"{method}-")

    def work(session: Session) -> object:
        inputs, note = READERS[method](form, year, fact)
        return service.keep_calculation(session, current_actor(), current_clock(), year, fact.code, inputs, note)

    return _done(year, fact, method, form, work)


@blueprint.post("/quotas/pick/<int(min=1900, max=2100):year>/<path:code>")
@asks(PROPOSE)
def pick(year: int, code: str) -> Answer:
    """Pick a figure, say why, and draft the lines it flows into."""
    fact, form = required_substance(code), PickForm()
    found = queries.calculations_of(rows(), year, fact.id)
    form.offer(_offered(found), _kinds(fact))

    def work(session: Session) -> object:
        return service.pick(session, current_actor(), current_clock(), _choice(form, year, fact, found))

    return _done(year, fact, "pick", form, work)


def _done(year: int, fact: SubstanceFact, name: str, form: PageForm, work: Callable[[Session], object]) -> Answer:
    session = rows()
    try:
        with unit_of_work(session):
            work(session)
    except NotFound:
        raise
    except RegistryError as error:
        record_refused(error, PROPOSE, f"quota {year} {fact.code}")
        show_refusal(form, error)
        return _page(year, fact, {name: form}), UNREADABLE
    return redirect(url_for("quotas.need", year=year, code=fact.code), 303)


def _choice(form: PickForm, year: int, fact: SubstanceFact, found: Sequence[queries.CalculationFact]) -> service.Picked:
    columns = (Column("quantity_g", as_grams, required=False), Column("justification", as_note))
    row, problems = read_cells(columns, {name: form[name].data for name in ("quantity_g", "justification")})
    chosen = next((one for one in found if str(one.id) == str(form.calculation.data or "")), None)
    quantity_ng = row["quantity_g"] if row["quantity_g"] is not None else None if chosen is None else chosen.result_ng
    if quantity_ng is None and not problems:
        message = Message(N_("pick a result or write a figure of your own"))
        problems.append(Problem("quantity_g", "missing", message))
    if problems or not form.validate_on_submit():
        raise Invalid(UNREAD, problems)
    own = row["quantity_g"] is not None and (chosen is None or row["quantity_g"] != chosen.result_ng)
    return service.Picked(
        year,
        fact.code,
        int(str(quantity_ng)),
        str(row["justification"]),
        tuple(form.kinds.data or ()),
        None if own or chosen is None else chosen.id,
    )


def _typed(form: PageForm, columns: Sequence[Column]) -> dict[str, object]:
    row, problems = read_cells((*columns, NOTE), {name: field.data for name, field in form._fields.items()})
    if problems or not form.validate_on_submit():
        raise Invalid(UNREAD, problems)
    return row


def _rows(form: PageForm, columns: Sequence[Column]) -> tuple[list[list[object]], str | None]:
    """Return the rows of a form that were filled in; the first column may stay empty in them."""
    typed = {name: field.data for name, field in form._fields.items()}
    row, problems = read_cells(
        [
            *(
                Column(f"{one.name}_{number}", one.read, required=False)
                for number in range(1, ROWS + 1)
                for one in columns
            ),
            NOTE,
        ],
        typed,
    )
    found, broken = [], {problem.column for problem in problems}
    for number in range(1, ROWS + 1):
        names = [f"{one.name}_{number}" for one in columns]
        if all(row[name] is None and name not in broken for name in names):
            continue
        missing = [name for name in names[1:] if row[name] is None and name not in broken]
        problems += [Problem(name, "missing", WHOLE_ROW) for name in missing]
        found.append([row[name] for name in names])
    if not found and not problems:
        problems.append(Problem(f"{columns[1].name}_1", "missing", NOTHING_TYPED))
    if problems or not form.validate_on_submit():
        raise Invalid(UNREAD, problems)
    return found, None if row["note"] is None else str(row["note"])


def _scaled(value: object) -> Fraction:
    return Fraction(int(str(value)), MILLIONTHS)


Read = tuple[Inputs, str | None]


def _read_trend(form: PageForm, year: int, fact: SubstanceFact) -> Read:
    row = _typed(form, ())
    rule = MEAN if form["rule"].data == MEAN else LINE
    return service.trend_inputs(rows(), current_clock(), year, fact.id, rule), None if row["note"] is None else str(
        row["note"]
    )


def _read_morbidity(form: PageForm, _year: int, _fact: SubstanceFact) -> Read:
    columns = (
        Column("name", as_note),
        Column("patients", quantity(0)),
        Column("mg_per_day", quantity(6)),
        Column("days", quantity(0)),
    )
    found, note = _rows(form, columns)
    return Morbidity(
        tuple(Group(str(name or ""), int(str(n)), _scaled(mg), int(str(days))) for name, n, mg, days in found)
    ), note


def _read_population(form: PageForm, _year: int, _fact: SubstanceFact) -> Read:
    row = _typed(form, (Column("people", quantity(0)), Column("g_per_thousand", quantity(6))))
    note = None if row["note"] is None else str(row["note"])
    return PerPopulation(int(str(row["people"])), _scaled(row["g_per_thousand"])), note


def _read_services(form: PageForm, _year: int, _fact: SubstanceFact) -> Read:
    columns = (Column("name", as_name), Column("units", quantity(0)), Column("g_per_unit", quantity(6)))
    found, note = _rows(form, columns)
    return Services(tuple(Service(str(name or ""), int(str(n)), _scaled(g)) for name, n, g in found)), note


FORMS: Mapping[str, type[PageForm]] = {
    TREND.code: TrendForm,
    MORBIDITY.code: MorbidityForm,
    POPULATION.code: PopulationForm,
    SERVICES.code: ServicesForm,
}
READERS: Mapping[str, Callable[[PageForm, int, SubstanceFact], Read]] = {
    TREND.code: _read_trend,
    MORBIDITY.code: _read_morbidity,
    POPULATION.code: _read_population,
    SERVICES.code: _read_services,
}
