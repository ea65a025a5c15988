"""The list of counts, a count opened, one count with its comparison, its withdrawal."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.counts.domain.causes import CAUSES
from registry.counts.domain.counts import OUTCOME_NAMES, STAGE_NAMES, Book, Course, Outcome, Result
from registry.counts.forms import OpenForm, WithdrawForm
from registry.counts.pages.blueprint import (
    TONES,
    blueprint,
    in_unit,
    may_count,
    own_sites,
    product_name,
    products_of,
    rows,
    site_choices,
    today,
)
from registry.counts.queries.book import books
from registry.counts.queries.courses import count_ids, courses
from registry.counts.service.counting import (
    POST,
    READ,
    CountAsked,
    has_counted,
    open_count,
    seen_by,
    withdraw_count,
)
from registry.db import unit_of_work
from registry.kernel.errors import Invalid, Problem, RegistryError
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_for_products
from registry.web.locale import format_day, format_moment, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

LIST = (
    {"label": N_("Count"), "kind": "code"},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("Freeze line")},
    {"label": N_("State")},
    {"label": N_("Open cases"), "kind": "number"},
    {"label": N_("To be explained by")},
)
NO_SITE = Message(N_("choose one of your sites"))
Answer = str | Response | tuple[str, int]


@blueprint.get("/")
@asks(READ)
def listed() -> str:
    """List counts, the youngest first; a firm sees its own."""
    own, number, size = own_sites(), asked_page(), asked_size()
    ids, total = count_ids(rows(), None if own is None else [site.id for site in own], size, offset(number, size))
    found = courses(rows(), ids)
    sites = sites_by_ids(rows(), {course.fact.site_id for course in found.values()})
    return render_template(
        "counts/list.html",
        columns=LIST,
        rows=[_listed(found[each], sites[found[each].fact.site_id]) for each in ids],
        page=Page(ids, number, size, total),
        may=own is not None and policy.holds(current_actor(), POST),
    )


def _listed(course: Course, site: SiteFact) -> list[object]:
    due = min((each.due_on for each in course.open_cases if each.due_on), default=None)
    late = due is not None and due < today()
    return [
        {"text": course.fact.reference, "href": url_for("counts.count", count_id=course.fact.id)},
        site.code,
        format_day(course.fact.frozen_on),
        say(STAGE_NAMES[course.stage]),
        len(course.open_cases) or None,
        f"{format_day(due)} ({say(N_('late'))})" if late else format_day(due) if due else None,
    ]


@blueprint.route("/new", methods=["GET", "POST"])
@asks(POST)
def new() -> Answer:
    """Ask what is to be counted as of which day; open the count that is sent."""
    form, own = OpenForm(), own_sites() or []
    form.site.choices = site_choices(own)
    if request.method == "GET":
        form.site.data = request.args.get("site", "") or (own[0].code if own else "")
        form.frozen_on.data = today()
        return render_template("counts/new.html", form=form)
    if not form.validate():
        return render_template("counts/new.html", form=form), UNREADABLE
    try:
        with unit_of_work(rows()) as session:
            fact = open_count(session, current_actor(), current_clock(), _asked(form, own))
    except RegistryError as error:
        record_refused(error, POST, "count")
        show_refusal(form, error)
        return render_template("counts/new.html", form=form), UNREADABLE
    return redirect(url_for("counts.count", count_id=fact.id), 303)


def _asked(form: OpenForm, own: list[SiteFact]) -> CountAsked:
    """Return what was typed. Raises `Invalid` for a site that is not one's own and codes that are unknown."""
    site = next((each for each in own if each.code == form.site.data), None)
    codes = {code for code in str(form.products.data or "").replace(",", " ").replace(";", " ").split() if code}
    known = revisions_for_products(rows(), codes, today())
    problems = [
        Problem("products", "unknown-product", said) for said in unknown_products(rows(), codes - known.keys()).values()
    ]
    if site is None:
        problems.append(Problem("site", "not-your-site", NO_SITE))
    if problems or site is None:
        raise Invalid(problems[0].message, problems)
    return CountAsked(site, form.frozen_on.data, [each[0].product_id for each in known.values()] if codes else None)


@blueprint.get("/<int:count_id>")
@asks(READ)
def count(count_id: int) -> str:
    """Show one count: whose sheet is waited for; once it is compared, every line beside the book."""
    course, site = seen_by(rows(), current_actor(), count_id)
    return _page(course, site, WithdrawForm(formdata=None))


@blueprint.post("/<int:count_id>/withdrawal")
@asks(POST)
def withdraw(count_id: int) -> Answer:
    """End a count that was opened by mistake."""
    form = WithdrawForm()
    try:
        with unit_of_work(rows()) as session:
            withdraw_count(session, current_actor(), current_clock(), count_id, str(form.reason.data or ""))
    except RegistryError as error:
        course, site = seen_by(rows(), current_actor(), count_id)
        record_refused(error, POST, course.fact.reference)
        show_refusal(form, error)
        return _page(course, site, form), UNREADABLE
    return redirect(url_for("counts.count", count_id=count_id), 303)


def _page(course: Course, site: SiteFact, form: WithdrawForm) -> str:
    products = products_of({each.key[0] for each in course.results})
    wanted = [(course.fact.id, *each.key) for each in course.results]
    known = books(rows(), wanted) if wanted else {}
    people = people_named(
        rows(),
        {sheet.counter for each in course.rounds for sheet in each.sheets} | {course.fact.opened_by},
        site.organisation_id if own_sites() is not None else None,
    )
    may, waiting = may_count(site), course.waits
    return render_template(
        "counts/count.html",
        fact=course.fact,
        site=site,
        stage=(course.stage.value, STAGE_NAMES[course.stage], TONES[course.stage]),
        opened=f"{format_moment(course.fact.opened_at)}, {people[course.fact.opened_by]}",
        rounds=[
            (each.number, each.part, [(people[one.counter], one.entered_at) for one in each.sheets], len(each.asked))
            for each in course.rounds
        ],
        waiting=waiting,
        my_turn=may and waiting is not None and not has_counted(rows(), waiting, current_actor()),
        lines=[
            _line(course, each, products[each.key[0]], known.get((course.fact.id, *each.key), Book()), may=may)
            for each in course.results
        ],
        form=form if may and not course.results and course.fact.withdrawn is None else None,
    )


def _line(course: Course, result: Result, revision: RevisionFact, book: Book, *, may: bool) -> dict[str, object]:
    closing = (course.closings or {}).get(result.place)
    again = course.counted_again().get(result.key)
    return {
        "product": product_name(revision),
        "batch": result.key[1],
        "counted": in_unit(result.counted, revision),
        "again": in_unit(again, revision) if again is not None else None,
        "book": in_unit(result.book, revision),
        "difference": in_unit(result.difference, revision) if result.difference else None,
        "learned": in_unit(book.learned, revision) if book.learned else None,
        "moved": in_unit(book.moved, revision) if book.moved else None,
        "now": in_unit(book.units, revision) if book.units != result.book else None,
        "outcome": say(OUTCOME_NAMES[result.outcome]),
        "tone": {Outcome.AGREED: "green", Outcome.MOVED: "blue"}.get(result.outcome, "grey" if closing else "orange"),
        "due_on": result.due_on if closing is None else None,
        "late": closing is None and result.due_on is not None and result.due_on < today(),
        "closed": translate(Message(CAUSES[closing.cause].name)) if closing else None,
        "explanation": closing.explanation if closing else None,
        "entry": closing.entry if closing else None,
        "href": url_for("counts.case", count_id=course.fact.id, place=result.place)
        if may and result in course.open_cases
        else None,
    }
