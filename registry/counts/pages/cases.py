"""One case of a count: what was found and counted again, what the book says by now, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.counts.domain.causes import CAUSES, fits
from registry.counts.domain.counts import Course, Outcome, Result
from registry.counts.forms import CaseForm
from registry.counts.pages.blueprint import blueprint, in_unit, product_name, products_of, rows, today
from registry.counts.service.closing import CaseClosed, close_case, found_of, open_case
from registry.counts.service.counting import POST, seen_by
from registry.db import unit_of_work
from registry.kernel.errors import RegistryError
from registry.kernel.rules import Finding
from registry.parties.domain import SiteFact
from registry.web.page_forms import UNREADABLE, show_refusal


@blueprint.route("/<int:count_id>/lines/<int:place>", methods=["GET", "POST"])
@asks(POST)
def case(count_id: int, place: int) -> str | Response | tuple[str, int]:
    """Show an open case; close it as is sent."""
    course, site = seen_by(rows(), current_actor(), count_id, POST)
    result = open_case(course, place)
    form = CaseForm()
    findings: Sequence[Finding] = ()
    if request.method == "GET":
        form.occurred_on.data = today()
        return _page(form, course, site, result)
    if form.validate():
        asked = CaseClosed(
            str(form.cause.data or ""), str(form.explanation.data or ""), form.occurred_on.data or today()
        )
        try:
            with unit_of_work(rows()) as session:
                close_case(session, current_actor(), current_clock(), count_id, place, asked)
        except RegistryError as error:
            record_refused(error, POST, course.fact.reference)
            findings = show_refusal(form, error)
        else:
            return redirect(url_for("counts.count", count_id=count_id), 303)
    return _page(form, course, site, result, findings), UNREADABLE


def _page(form: CaseForm, course: Course, site: SiteFact, result: Result, findings: Sequence[Finding] = ()) -> str:
    facts = found_of(rows(), current_clock(), course, result)
    revision = products_of([result.key[0]])[result.key[0]]
    natural = result.outcome is Outcome.NATURAL
    form.cause.choices = [
        SelectChoice(cause.code, cause.name) for cause in CAUSES.values() if fits(cause, facts.left, natural=natural)
    ]
    return render_template(
        "counts/case.html",
        form=form if natural or facts.again is not None else None,
        fact=course.fact,
        site=site,
        result=result,
        product=product_name(revision),
        counted=in_unit(result.counted, revision),
        again=in_unit(facts.again, revision) if facts.again is not None else None,
        book=in_unit(result.book, revision),
        now=in_unit(facts.book.units, revision),
        learned=in_unit(facts.book.learned, revision) if facts.book.learned else None,
        moved=in_unit(facts.book.moved, revision) if facts.book.moved else None,
        left=in_unit(facts.left, revision) if facts.left else None,
        natural=natural,
        waits=course.waits is not None,
        findings=findings,
    )
