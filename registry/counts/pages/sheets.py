"""The sheet of one person: what they find, line by line. Neither the book nor the other sheet is on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.counts.domain.counts import Course, Key, Round
from registry.counts.forms import SheetForm
from registry.counts.pages.blueprint import blueprint, product_name, products_of, rows, today, unit_name
from registry.counts.service.counting import EMPTY, PASSED, POST, enter_sheet, seen_by
from registry.db import unit_of_work
from registry.kernel.errors import Conflict, RegistryError
from registry.kernel.fields import BadCell, as_code, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_for_products
from registry.web.locale import translate
from registry.web.page_forms import UNREADABLE, show_refusal

MORE = 5
"""So many lines that are not asked for fit on a sheet of the first round."""
TWICE = Message(N_("this batch is on the sheet already"))


@dataclass(slots=True)
class _Typed:
    """What was typed of a sheet: figures by line, and what is wrong by the name of the field."""

    figures: dict[Key, int] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def wrong(self, name: str, message: Message) -> None:
        """Keep what is wrong with a field, the first thing only."""
        self.errors.setdefault(name, translate(message))

    def take(self, name: str, key: Key, amount: str, revision: RevisionFact) -> None:
        """Keep a figure, or say what is wrong with it."""
        if not amount:
            self.wrong(name, EMPTY)
            return
        if key in self.figures:
            self.wrong(name, TWICE)
            return
        try:
            places = UNITS_OF_ACCOUNT[Unit(revision.unit)].places
            self.figures[key] = scaled_quantity(amount, places, positive=False)
        except BadCell as bad:
            self.wrong(name, bad.message)


@blueprint.route("/<int:count_id>/sheet", methods=["GET", "POST"])
@asks(POST)
def sheet(count_id: int) -> str | Response | tuple[str, int]:
    """Ask what one person finds in the round that waits; keep the sheet that is sent."""
    course, site = seen_by(rows(), current_actor(), count_id, POST)
    waiting = course.waits
    if waiting is None:
        raise Conflict(PASSED)
    form = SheetForm()
    products = products_of({product for product, _ in waiting.asked})
    if request.method == "GET":
        return _page(form, course, site, waiting, products, {})
    typed = _read(waiting, products)
    findings: Sequence[Finding] = ()
    if request.form.get("round") != str(waiting.number):
        raise Conflict(PASSED)
    if not typed.errors and form.validate():
        try:
            with unit_of_work(rows()) as session:
                enter_sheet(session, current_actor(), current_clock(), count_id, waiting.number, typed.figures)
        except RegistryError as error:
            record_refused(error, POST, course.fact.reference)
            findings = show_refusal(form, error)
        else:
            return redirect(url_for("counts.count", count_id=count_id), 303)
    return _page(form, course, site, waiting, products, typed.errors, findings), UNREADABLE


def _read(waiting: Round, products: Mapping[int, RevisionFact]) -> _Typed:
    typed = _Typed()
    for place, key in enumerate(waiting.asked):
        name = f"line-{place}"
        typed.take(name, key, request.form.get(name, "").strip(), products[key[0]])
    if waiting.number > 1:
        return typed
    added = [
        [request.form.get(f"{what}-{place}", "").strip() for what in ("product", "batch", "quantity")]
        for place in range(MORE)
    ]
    codes = {product for product, *_ in added if product}
    known = revisions_for_products(rows(), codes, today())
    unknown = unknown_products(rows(), codes - known.keys())
    for place, (product, batch, amount) in enumerate(added):
        if not product and not batch and not amount:
            continue
        if product not in known:
            typed.wrong(f"product-{place}", unknown.get(product, Message(N_("This field is required."))))
            continue
        try:
            label = as_code(batch) if batch else ""
        except BadCell as bad:
            typed.wrong(f"batch-{place}", bad.message)
            continue
        typed.take(f"quantity-{place}", (known[product][0].product_id, label), amount, known[product][-1])
    return typed


def _page(
    form: SheetForm,
    course: Course,
    site: SiteFact,
    waiting: Round,
    products: Mapping[int, RevisionFact],
    errors: Mapping[str, str],
    findings: Sequence[Finding] = (),
) -> str:
    return render_template(
        "counts/sheet.html",
        form=form,
        fact=course.fact,
        site=site,
        waiting=waiting,
        lines=[
            {
                "name": f"line-{place}",
                "product": product_name(products[key[0]]),
                "batch": key[1],
                "unit": unit_name(products[key[0]]),
                "value": request.form.get(f"line-{place}", ""),
            }
            for place, key in enumerate(waiting.asked)
        ],
        more=range(MORE if waiting.number == 1 else 0),
        typed=request.form,
        errors=errors,
        findings=findings,
    )
