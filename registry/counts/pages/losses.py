"""Losses and thefts: what no notice tells of, the notices, a notice sent, what follows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.counts.domain.losses import POLICE, REPORT, SORTS, STEPS, THEFT, Amount, Notice, due_on, told_in_time
from registry.counts.forms import NoticeForm, StepForm, TieForm
from registry.counts.pages.blueprint import (
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
from registry.counts.pages.counts import NO_SITE
from registry.counts.queries.losses import Untold, notice_ids, notices, untold
from registry.counts.service.counting import POST, READ
from registry.counts.service.losses import NoticeAsked, follow_up, notice_seen, tell_loss, tie_entry
from registry.db import unit_of_work
from registry.kernel.clock import day_of
from registry.kernel.errors import Invalid, NotFound, Problem, RegistryError
from registry.kernel.fields import BadCell, as_code, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.substances.queries.near import unknown_products
from registry.substances.queries.products import revisions_for_products
from registry.web.forms import PageForm
from registry.web.locale import format_day, format_moment, say
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset
from registry.workdays.queries import working_days

LIST = (
    {"label": N_("Notice"), "kind": "code"},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("What it is")},
    {"label": N_("Discovered")},
    {"label": N_("Sent")},
    {"label": N_("Full report")},
    {"label": N_("Number of the police")},
)
UNTOLD = (
    {"label": N_("Entry"), "kind": "code"},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("What it is")},
    {"label": N_("Day")},
    {"label": N_("Recorded")},
    {"label": ""},
)
HOUR = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])", re.ASCII)
NO_HOUR = Message(N_("write the hour as 14:30"))
Answer = str | Response | tuple[str, int]


@blueprint.get("/losses")
@asks(READ)
def losses() -> str:
    """List the losses and thefts that no notice tells of, and the notices; a firm sees its own."""
    own, number, size = own_sites(), asked_page(), asked_size()
    site_ids = None if own is None else [site.id for site in own]
    ids, total = notice_ids(rows(), site_ids, size, offset(number, size))
    found, waiting = notices(rows(), ids), untold(rows(), site_ids)
    sites = sites_by_ids(rows(), {each.site_id for each in found.values()} | {each.site_id for each in waiting})
    may = own is not None and policy.holds(current_actor(), POST)
    return render_template(
        "counts/losses.html",
        columns=LIST,
        rows=[_row(found[each], sites[found[each].site_id]) for each in ids],
        untold=(UNTOLD, [_untold(each, sites[each.site_id], may=may) for each in waiting]),
        page=Page(ids, number, size, total),
        may=may,
    )


def _row(notice: Notice, site: SiteFact) -> list[object]:
    in_time = told_in_time(notice, parameters_on(rows(), today()))
    sent = format_moment(notice.recorded_at)
    return [
        {"text": notice.reference, "href": url_for("counts.notice", notice_id=notice.id)},
        site.code,
        say(SORTS[notice.sort]),
        format_moment(notice.discovered_at),
        sent if in_time else f"{sent} ({say(N_('late'))})",
        *(_step(notice, step) for step in (REPORT, POLICE)),
    ]


def _step(notice: Notice, code: str) -> str | None:
    """Return where a step stands: its number, or the day by which it is due."""
    done = notice.step(code)
    if done is not None:
        return done.number
    day, parameters = day_of(notice.discovered_at, current_clock().zone), parameters_on(rows(), today())
    due = due_on(notice, code, day, parameters, working_days(rows()))
    if due is None:
        return None
    return f"{format_day(due)} ({say(N_('late'))})" if due < today() else format_day(due)


def _untold(entry: Untold, site: SiteFact, *, may: bool) -> list[object]:
    send = {"text": N_("Send the notice"), "href": url_for("counts.new_notice", entry=entry.reference)}
    return [
        {"text": entry.reference, "href": url_for("stock.movement", reference=entry.reference)},
        site.code,
        say(SORTS[entry.kind]),
        format_day(entry.occurred_on),
        format_moment(entry.recorded_at),
        send if may else None,
    ]


@blueprint.route("/losses/new", methods=["GET", "POST"])
@asks(POST)
def new_notice() -> Answer:
    """Ask what is known of a loss or theft; send the notice."""
    form, own = NoticeForm(), own_sites() or []
    form.site.choices = site_choices(own)
    if request.method == "GET":
        _prefill(form, own)
        return render_template("counts/new_notice.html", form=form)
    if not form.validate():
        return render_template("counts/new_notice.html", form=form), UNREADABLE
    try:
        with unit_of_work(rows()) as session:
            notice = tell_loss(session, current_actor(), current_clock(), _asked(form, own))
    except RegistryError as error:
        record_refused(error, POST, "notice")
        show_refusal(form, error)
        return render_template("counts/new_notice.html", form=form), UNREADABLE
    return redirect(url_for("counts.notice", notice_id=notice.id), 303)


def _prefill(form: NoticeForm, own: Sequence[SiteFact]) -> None:
    form.discovered_on.data = today()
    form.entries.data = request.args.get("entry", "")
    found = untold(rows(), [site.id for site in own], [form.entries.data]) if form.entries.data else []
    if found:
        form.sort.data = found[0].kind
        form.site.data = next(site.code for site in own if site.id == found[0].site_id)


def _asked(form: NoticeForm, own: Sequence[SiteFact]) -> NoticeAsked:
    """Return what was typed. Raises `Invalid` with everything that cannot be read."""
    site = next((each for each in own if each.code == form.site.data), None)
    problems = [] if site is not None else [Problem("site", "not-your-site", NO_SITE)]
    hour = HOUR.fullmatch(str(form.discovered_time.data or "").strip())
    if hour is None and str(form.discovered_time.data or "").strip():
        problems.append(Problem("discovered_time", "not-an-hour", NO_HOUR))
    amounts, wrong = _amounts(form)
    problems.extend(wrong)
    if problems or site is None:
        raise Invalid(problems[0].message, problems)
    clock = time(int(hour[1]), int(hour[2])) if hour else time()
    return NoticeAsked(
        site,
        str(form.sort.data),
        datetime.combine(form.discovered_on.data, clock, current_clock().zone),
        form.happened_on.data,
        str(form.what.data or ""),
        str(form.entries.data or "").replace(",", " ").split(),
        amounts,
    )


def _amounts(form: NoticeForm) -> tuple[list[Amount], list[Problem]]:
    code, batch, quantity = (str(form[name].data or "").strip() for name in ("product", "batch", "quantity"))
    if not code and not quantity:
        return [], []
    revisions = revisions_for_products(rows(), [code], today()).get(code)
    if not revisions:
        said = unknown_products(rows(), [code])[code]
        return [], [Problem("product", "unknown-product", said)]
    name = "batch"
    try:
        label = as_code(batch) if batch else ""
        name = "quantity"
        units = scaled_quantity(quantity, UNITS_OF_ACCOUNT[Unit(revisions[-1].unit)].places)
    except BadCell as bad:
        return [], [Problem(name, bad.code, bad.message)]
    return [Amount(revisions[0].product_id, label, units)], []


@blueprint.get("/losses/<int:notice_id>")
@asks(READ)
def notice(notice_id: int) -> str:
    """Show one notice, and to its site what can follow it."""
    found, site = notice_seen(rows(), current_actor(), notice_id)
    return _page(found, site, None)


@blueprint.post("/losses/<int:notice_id>/entries")
@asks(POST)
def tie(notice_id: int) -> Answer:
    """Name an entry that goes with a notice."""
    form = TieForm()
    try:
        with unit_of_work(rows()) as session:
            tie_entry(session, current_actor(), current_clock(), notice_id, str(form.entry.data or "").strip())
    except RegistryError as error:
        return _refused(notice_id, form, error)
    return redirect(url_for("counts.notice", notice_id=notice_id), 303)


@blueprint.post("/losses/<int:notice_id>/<step>")
@asks(POST)
def followed(notice_id: int, step: str) -> Answer:
    """Record the full report or the number of the police."""
    if step not in STEPS:
        raise NotFound(Message(N_("there is no such notice")))
    form = StepForm()
    number, said = str(form.number.data or ""), str(form.text.data or "")
    try:
        with unit_of_work(rows()) as session:
            follow_up(session, current_actor(), current_clock(), notice_id, step, number, said)
    except RegistryError as error:
        return _refused(notice_id, form, error)
    return redirect(url_for("counts.notice", notice_id=notice_id), 303)


def _refused(notice_id: int, form: PageForm, error: RegistryError) -> tuple[str, int]:
    found, site = notice_seen(rows(), current_actor(), notice_id)
    record_refused(error, POST, found.reference)
    form.form_errors.extend(say(problem.message) for problem in getattr(error, "problems", ()))
    if not form.form_errors:
        show_refusal(form, error)
    return _page(found, site, form), UNREADABLE


def _page(found: Notice, site: SiteFact, sent: PageForm | None) -> str:
    products = products_of({one.product_id for one in found.amounts})
    within = site.organisation_id if own_sites() is not None else None
    people = people_named(rows(), {found.recorded_by}, within)
    may = may_count(site)
    open_steps = [code for code in STEPS if found.step(code) is None and (code == REPORT or found.sort == THEFT)]
    return render_template(
        "counts/notice.html",
        notice=found,
        site=site,
        sort=SORTS[found.sort],
        sent=sent,
        late=not told_in_time(found, parameters_on(rows(), today())),
        recorded=f"{format_moment(found.recorded_at)}, {people[found.recorded_by]}",
        amounts=[
            f"{product_name(products[one.product_id])} {one.label}: {in_unit(one.units, products[one.product_id])}"
            for one in found.amounts
        ],
        steps=[(STEPS[code], _step(found, code), found.step(code)) for code in STEPS],
        tie=TieForm(formdata=None) if may else None,
        forms=[(code, STEPS[code], StepForm(formdata=None, prefix="")) for code in open_steps] if may else [],
        wants_text=REPORT,
    )
