"""Pages of the products: the list, one product with its revisions, new products, revisions, decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.policy import allows
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.errors import Invalid, NotFound, Problem, RegistryError
from registry.kernel.mass import NG_PER_MG, PPM
from registry.kernel.text import N_, Message
from registry.mergers.domain import PRODUCT
from registry.mergers.pages import told_of
from registry.substances import queries, service
from registry.substances.domain.facts import FIRST_DAY, ComponentFact, RevisionFact, revision_on
from registry.substances.domain.salts import FactorFact, OtherFactor
from registry.substances.domain.vocabulary import form_words, salt_words
from registry.substances.forms import (
    CONTROL_NAMES,
    UNIT_NAMES,
    ControlForm,
    FactorsForm,
    NewProductForm,
    ProductFilter,
    ProductForm,
)
from registry.substances.pages.lists import percent, printed_salt, revision_name
from registry.web.locale import country_name, format_day, format_quantity, say
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("products", __name__, template_folder="../templates")

READ, WRITE = "products.read", "products.write"
Answer = Response | str | tuple[str, int]

MILLIGRAM = N_("mg")
BEGINNING = N_("the beginning")
SCHEDULE_THREE = {True: N_("yes"), False: N_("no"), None: N_("undecided")}
TONES = {True: "green", False: "grey", None: "orange"}
SAME = Message(N_("nothing differs from what is recorded: there is no new revision to write"))
REFUSED = Message(N_("the product cannot be recorded like this"))
TAKEN = Message(N_("there is a product with this code already: open it and record a revision"))
KEPT = Message(
    N_("a recorded component is never taken away: record a product that no longer holds it under a new code")
)
LIST_COLUMNS = (
    {"label": N_("Code"), "kind": "code"},
    {"label": N_("Product")},
    {"label": N_("Substances")},
    {"label": N_("Unit")},
    {"label": N_("Schedule III")},
)


@dataclass(frozen=True, slots=True)
class Line:
    """One component as the page shows it, with the arithmetic from salt to base."""

    code: str
    name: str
    salt: str
    sum: str


@blueprint.get("/products")
@asks(READ)
def products() -> str:
    """List the products, as in force today."""
    form = ProductFilter.asked()
    number, size = asked_page(), asked_size()
    found, total = queries.products_page(
        db.session(),
        form.word("q"),
        current_clock().today(),
        undecided=bool(form.word("decision")),
        limit=size,
        offset=offset(number, size),
    )
    return render_template(
        "products/list.html",
        form=form,
        columns=LIST_COLUMNS,
        rows=[_row(one) for one in found],
        page=Page(found, number, size, total),
        may_write=allows(current_actor(), WRITE),
    )


def _row(one: RevisionFact) -> list[object]:
    return [
        {"text": one.code, "href": url_for("products.product", code=one.code)},
        revision_name(one),
        ", ".join(dict.fromkeys(say(part.substance_name) for part in one.components)) or None,
        say(UNIT_NAMES[one.unit]),
        say(SCHEDULE_THREE[one.schedule_three]),
    ]


@blueprint.get("/products/<path:code>")
@asks(READ)
def product(code: str) -> str:
    """Show a product with all its revisions, the composition worked out to anhydrous base."""
    today, session = current_clock().today(), db.session()
    revisions = _require_product(session, code, today)
    current = revision_on(revisions, today)
    factors = _printed_salts(session, revisions, today)
    may_write = allows(current_actor(), WRITE)
    return render_template(
        "products/product.html",
        current=current,
        dosage_form=form_words(current.form, say),
        name=revision_name(current),
        history=[
            (one, revision_name(one), form_words(one.form, say), [_line(one, part, factors) for part in one.components])
            for one in reversed(revisions)
        ],
        lines=[_line(current, part, factors) for part in current.components],
        unit=UNIT_NAMES[current.unit],
        country=country_name(current.country),
        control=CONTROL_NAMES[current.control],
        decision=SCHEDULE_THREE[current.schedule_three],
        reason=_reason(current.schedule_three_reason),
        tone=TONES[current.schedule_three],
        decisions=SCHEDULE_THREE,
        controls=CONTROL_NAMES,
        form=ControlForm() if may_write and current.schedule_three is None else None,
        other_factors=[_other_factor(one) for one in queries.other_factors(session, revisions[-1], today).values()],
        factors_form=FactorsForm(),
        may_write=may_write,
        merged=told_of(session, PRODUCT, code),
        since=_since,
    )


def _reason(message: Message) -> Message:
    """Return why Schedule III applies or not, its names of substances and forms in the reader's language."""
    told: Mapping[str, Callable[[str], object]] = {
        "name": Message,
        "other": Message,
        "form": lambda form: form_words(form, say),
        "found": format_quantity,
        "limit": format_quantity,
    }
    params = {key: told[key](str(value)) if key in told else value for key, value in message.params.items()}
    return Message(message.msgid, params)


def _other_factor(one: OtherFactor) -> tuple[str, str, str | None]:
    """Return a component whose factor differs today: its name, the recorded factor, today's or None."""
    name = f"{say(one.substance)}, {salt_words(one.salt, say)}"
    return name, percent(one.recorded_ppm), percent(one.share.base_ppm) if one.share else None


def _since(day: date) -> str:
    """Write the day from which a revision counts; the first one counts from the beginning."""
    return say(BEGINNING) if day == FIRST_DAY else format_day(day)


def _require_product(session: Session, code: str, today: date) -> list[RevisionFact]:
    found = queries.revisions_for_products(session, [code], today).get(code)
    if not found:
        raise NotFound(queries.unknown_products(session, [code])[code])
    return found


def _printed_salts(session: Session, revisions: Sequence[RevisionFact], today: date) -> Mapping[int | None, FactorFact]:
    """Return the printed rows of the factor tables by id; a row of an older edition may be missing."""
    substances = {part.substance_id for one in revisions for part in one.components}
    found = queries.factors_for(session, substances, today)
    return {row.id: row for rows in found.values() for row in rows if row.id is not None}


def _line(revision: RevisionFact, part: ComponentFact, factors: Mapping[int | None, FactorFact]) -> Line:
    row = factors.get(part.factor_id)
    amount, base = Fraction(part.amount_ng, NG_PER_MG), Fraction(part.amount_ng * part.base_ppm, PPM * NG_PER_MG)
    worked = f"{format_quantity(amount, MILLIGRAM)} × {percent(part.base_ppm)} = {format_quantity(base, MILLIGRAM)}"
    return Line(
        part.substance_code,
        part.substance_name,
        printed_salt(row) if row else salt_words(part.salt, say),
        f"{worked} / {say(UNIT_NAMES[revision.unit])}",
    )


@blueprint.route("/products/new", methods=["GET", "POST"])
@asks(WRITE)
def create() -> Answer:
    """Record a new product with its composition."""
    form = NewProductForm()
    if not form.is_submitted():
        return render_template("products/new.html", form=form)
    code = str(form.code.data or "").strip()

    def known(session: Session) -> Sequence[RevisionFact]:
        found = queries.revisions_for_products(session, [code], current_clock().today()).get(code, [])
        if found:
            raise Invalid(TAKEN, [Problem("code", "taken", TAKEN)])
        return ()

    done = _record(form, code, str(form.unit.data), known)
    return done or (render_template("products/new.html", form=form), UNREADABLE)


@blueprint.route("/products/<path:code>/revise", methods=["GET", "POST"])
@asks(WRITE)
def revise(code: str) -> Answer:
    """Record a further revision of a product; what was recorded before stays as it is."""
    today = current_clock().today()
    last = _require_product(db.session(), code, today)[-1]
    form = ProductForm(data={**_stated(last), "components": [_typed(part) for part in last.components]})
    if form.is_submitted():
        done = _record(form, code, last.unit, lambda session: _require_product(session, code, today))
        if done is not None:
            return done
    page = render_template("products/revise.html", form=form, last=last, name=revision_name(last))
    return page, UNREADABLE if form.is_submitted() else 200


def _stated(last: RevisionFact) -> dict[str, str]:
    """Return what a revision states besides its composition, by the names of the form's fields."""
    names = ("name", "name_ru", "name_ky", "form", "other_ingredients", "gtin", "manufacturer", "country", "control")
    return {name: getattr(last, name) for name in names}


def _typed(part: ComponentFact) -> dict[str, str]:
    amount = format_quantity(Fraction(part.amount_ng, NG_PER_MG), language="en").replace(",", "")
    return {"substance": part.substance_code, "salt": part.salt, "amount_mg": amount}


def _record(
    form: ProductForm, code: str, unit: str, known: Callable[[Session], Sequence[RevisionFact]]
) -> Response | None:
    """Write what was typed, or show every problem at once and return None."""
    valid = form.validate_on_submit()
    row, problems = form.product_row(code, unit)
    parts, part_problems = form.component_rows(code)
    try:
        if problems or part_problems or not valid:
            raise Invalid(REFUSED, problems)
        with unit_of_work(db.session()) as session:
            _write(session, known(session), row, parts, form)
    except RegistryError as error:
        form.add_component_problems(part_problems)
        record_refused(error, WRITE, f"product {code}")
        if not isinstance(error, Invalid) or error.problems or error.message is not REFUSED:
            show_refusal(form, error)
        return None
    return redirect(url_for("products.product", code=code), 303)


def _write(
    session: Session,
    known: Sequence[RevisionFact],
    row: dict[str, object],
    parts: list[dict[str, object]],
    form: ProductForm,
) -> None:
    actor, clock = current_actor(), current_clock()
    stated = {(part["substance"], str(part["salt"])) for part in parts}
    held = {(part.substance_code, part.salt) for part in known[-1].components} if known else set()
    if held - stated:
        raise Invalid(KEPT, [])
    outcome = service.record_products(session, actor, clock, [row])
    if outcome.problems:
        raise Invalid(REFUSED, outcome.problems)
    composed = service.record_components(session, actor, clock, parts)
    if composed.problems:
        form.add_component_problems(composed.problems)
        raise Invalid(REFUSED, [])
    if not outcome.accepted and not composed.accepted:
        raise Invalid(SAME, [])


@blueprint.post("/products/<path:code>/factors")
@asks(WRITE)
def take_factors(code: str) -> Answer:
    """Write a revision with the factors that the lists print today; pressed twice it writes one."""
    if FactorsForm().validate_on_submit():
        with unit_of_work(db.session()) as session:
            service.take_factors_of_today(session, current_actor(), current_clock(), code)
    return redirect(url_for("products.product", code=code), 303)


@blueprint.post("/products/<path:code>/control")
@asks(WRITE)
def control(code: str) -> Response:
    """Decide the control of a product where its composition alone does not; writes a new revision."""
    form, clock = ControlForm(), current_clock()
    last = _require_product(db.session(), code, clock.today())[-1]
    if form.validate_on_submit():
        row: dict[str, object] = {name: value or None for name, value in _stated(last).items()}
        row |= {"row": None, "code": last.code, "unit": last.unit, "control": str(form.control.data)}
        with unit_of_work(db.session()) as session:
            outcome = service.record_products(session, current_actor(), clock, [row])
            if outcome.problems:
                raise Invalid(REFUSED, outcome.problems)
    return redirect(url_for("products.product", code=code), 303)
