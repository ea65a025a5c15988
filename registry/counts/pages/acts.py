"""Acts of destruction: the list, a draft, one act with its signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock, settings_of
from registry.counts.domain.acts import (
    AUTHORITY,
    GROUNDS,
    INSTITUTIONS,
    METHODS,
    ROLES,
    SITE,
    STATE_NAMES,
    THIRD,
    Act,
    ActState,
    Goods,
)
from registry.counts.forms import ActForm, SignForm, WithdrawForm
from registry.counts.pages.blueprint import blueprint, in_unit, own_sites, product_name, rows, today, unit_name
from registry.counts.pages.counts import NO_SITE
from registry.counts.queries.acts import act_ids
from registry.counts.queries.acts import acts as acts_by_ids
from registry.counts.service.acts import (
    ACTION_OF,
    SIGN,
    WITNESS,
    ActAsked,
    Signing,
    act_seen,
    draft_act,
    sign_act,
    withdraw_act,
)
from registry.counts.service.counting import POST, READ
from registry.db import unit_of_work
from registry.documents.domain import DESTRUCTION_ACT
from registry.kernel.errors import NotFound, RegistryError
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit, stated
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.queries.held import ShelfFact, held_products, shelves_of
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids, revisions_of_products
from registry.web.forms import PageForm
from registry.web.locale import format_day, format_moment, say, translate
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

MOST = 500
"""So many batches of a site are offered on one draft."""
LIST = (
    {"label": N_("Act"), "kind": "code"},
    {"label": N_("Site"), "kind": "code"},
    {"label": N_("Day of the destruction")},
    {"label": N_("Ground")},
    {"label": N_("State")},
)
TONES = {ActState.DRAFTED: "orange", ActState.DONE: "green", ActState.WITHDRAWN: "grey"}
Answer = str | Response | tuple[str, int]


@blueprint.get("/acts")
@asks(READ)
def acts() -> str:
    """List acts of destruction, the youngest first; a firm sees its own."""
    own, number, size = own_sites(), asked_page(), asked_size()
    ids, total = act_ids(rows(), None if own is None else [site.id for site in own], size, offset(number, size))
    found = acts_by_ids(rows(), ids)
    sites = sites_by_ids(rows(), {act.site_id for act in found.values()})
    may = own is not None and policy.holds(current_actor(), POST)
    return render_template(
        "counts/acts.html",
        columns=LIST,
        rows=[_row(found[each], sites[found[each].site_id]) for each in ids],
        page=Page(ids, number, size, total),
        drafts=[(site.code, url_for("counts.new_act", site=site.code)) for site in own or ()] if may else [],
    )


def _row(act: Act, site: SiteFact) -> list[object]:
    return [
        {"text": _title(act), "href": url_for("counts.act", act_id=act.id)},
        site.code,
        format_day(act.destroyed_on),
        say(GROUNDS[act.ground]),
        say(STATE_NAMES[act.state]),
    ]


def _title(act: Act) -> str:
    """Return the number of an act; before it has one, that it is a draft."""
    return act.number or translate(Message(N_("draft %(number)s"), {"number": act.id}))


@blueprint.route("/acts/new", methods=["GET", "POST"])
@asks(POST)
def new_act() -> Answer:
    """Ask what is destroyed, of all that lies at a site; keep the draft."""
    own = own_sites() or []
    asked = request.args.get("site", "") or (own[0].code if own else "")
    site = next((each for each in own if each.code == asked), None)
    if site is None:
        raise NotFound(NO_SITE)
    form, shelves = ActForm(), _shelves(site)
    revisions = revisions_by_ids(rows(), {one.revision_id for one in shelves}, today())
    if request.method == "GET":
        form.destroyed_on.data = today()
        return _draft(form, site, shelves, revisions, {})
    goods, errors = _typed(shelves, revisions)
    findings: Sequence[Finding] = ()
    if not errors and form.validate():
        draft = ActAsked(
            site,
            form.destroyed_on.data,
            str(form.venue.data or ""),
            form.ground.data,
            form.method.data,
            str(form.note.data or ""),
            goods,
        )
        try:
            with unit_of_work(rows()) as session:
                number = draft_act(session, current_actor(), current_clock(), draft)
        except RegistryError as error:
            record_refused(error, POST, "act")
            findings = show_refusal(form, error)
        else:
            return redirect(url_for("counts.act", act_id=number), 303)
    return _draft(form, site, shelves, revisions, errors, findings), UNREADABLE


def _shelves(site: SiteFact) -> list[ShelfFact]:
    """Return what lies at a site, what has expired first."""
    products = sorted({each.product_id for each in held_products(rows(), [site.id], today())})
    found = shelves_of(rows(), [site.id], products, limit=MOST)
    return sorted(found, key=lambda one: not one.has_expired(today()))


def _typed(shelves: Sequence[ShelfFact], revisions: Mapping[int, RevisionFact]) -> tuple[list[Goods], dict[str, str]]:
    """Return what is to be destroyed, and what is wrong by the name of the field."""
    goods, errors = [], {}
    for one in shelves:
        name = f"batch-{one.batch_id}"
        amount = request.form.get(name, "").strip()
        if not amount:
            continue
        try:
            units = scaled_quantity(amount, UNITS_OF_ACCOUNT[Unit(revisions[one.revision_id].unit)].places)
        except BadCell as bad:
            errors[name] = translate(bad.message)
            continue
        goods.append(Goods(one.product_id, one.label, units))
    return goods, errors


def _draft(
    form: ActForm,
    site: SiteFact,
    shelves: Sequence[ShelfFact],
    revisions: Mapping[int, RevisionFact],
    errors: Mapping[str, str],
    findings: Sequence[Finding] = (),
) -> str:
    sent = request.method == "POST"
    wanted = (request.args.get("product", ""), request.args.get("batch", ""))
    lines = []
    for one in shelves:
        revision = revisions[one.revision_id]
        whole = one.has_expired(today()) if not wanted[0] else wanted == (revision.code, one.label)
        name = f"batch-{one.batch_id}"
        lines.append(
            {
                "name": name,
                "product": product_name(revision),
                "batch": one.label,
                "expired": one.has_expired(today()),
                "lies": in_unit(one.units, revision),
                "unit": unit_name(revision),
                "value": request.form.get(name, "") if sent else stated(one.units, revision.unit) if whole else "",
            }
        )
    return render_template("counts/new_act.html", form=form, site=site, lines=lines, errors=errors, findings=findings)


@blueprint.get("/acts/<int:act_id>")
@asks(READ)
def act(act_id: int) -> str:
    """Show one act with its signatures, and to those who may, what can be done."""
    found, site = act_seen(rows(), current_actor(), act_id)
    return _page(found, site)


@blueprint.post("/acts/<int:act_id>/signature")
@asks(POST)
def sign_for_site(act_id: int) -> Answer:
    """Sign for the site."""
    return _sign(act_id, SITE)


@blueprint.post("/acts/<int:act_id>/authority")
@asks(SIGN)
def sign_for_authority(act_id: int) -> Answer:
    """Sign for the authority."""
    return _sign(act_id, AUTHORITY)


@blueprint.post("/acts/<int:act_id>/third")
@asks(WITNESS)
def sign_for_third(act_id: int) -> Answer:
    """Sign for a third institution."""
    return _sign(act_id, THIRD)


def _sign(act_id: int, role: str) -> Answer:
    form = SignForm()
    signing = Signing(role, str(form.name.data or ""), str(form.position.data or ""), str(form.institution.data or ""))
    country = settings_of(current_app).country
    try:
        with unit_of_work(rows()) as session:
            sign_act(session, current_actor(), current_clock(), act_id, signing, country)
    except RegistryError as error:
        return _refused(act_id, form, error, ACTION_OF[role])
    return redirect(url_for("counts.act", act_id=act_id), 303)


@blueprint.post("/acts/<int:act_id>/withdrawal")
@asks(POST)
def take_back_act(act_id: int) -> Answer:
    """Take a draft back."""
    form = WithdrawForm()
    try:
        with unit_of_work(rows()) as session:
            withdraw_act(session, current_actor(), current_clock(), act_id, str(form.reason.data or ""))
    except RegistryError as error:
        return _refused(act_id, form, error, POST)
    return redirect(url_for("counts.act", act_id=act_id), 303)


def _refused(act_id: int, form: PageForm, error: RegistryError, action: str) -> tuple[str, int]:
    found, site = act_seen(rows(), current_actor(), act_id, action)
    record_refused(error, action, f"act {act_id}")
    return _page(found, site, form, show_refusal(form, error)), UNREADABLE


def _page(found: Act, site: SiteFact, sent: PageForm | None = None, findings: Sequence[Finding] = ()) -> str:
    known = revisions_of_products(rows(), {one.product_id for one in found.goods}, today())
    revisions = {number: each[-1] for number, each in known.items()}
    within = site.organisation_id if own_sites() is not None else None
    people = people_named(rows(), {found.drafted_by} | {each.signed_by for each in found.signatures}, within)
    open_roles = [
        role
        for role in found.missing
        if found.state is ActState.DRAFTED and policy.allows(current_actor(), ACTION_OF[role], site.organisation_id)
    ]
    steps = {SITE: "counts.sign_for_site", AUTHORITY: "counts.sign_for_authority", THIRD: "counts.sign_for_third"}
    return render_template(
        "counts/act.html",
        act=found,
        title=_title(found),
        site=site,
        state=(found.state.value, STATE_NAMES[found.state], TONES[found.state]),
        ground=GROUNDS[found.ground],
        method=METHODS[found.method],
        drafted=f"{format_moment(found.drafted_at)}, {people[found.drafted_by]}",
        goods=[
            (product_name(revisions[one.product_id]), one.label, in_unit(one.units, revisions[one.product_id]))
            for one in found.goods
        ],
        signed=[
            (ROLES[one.role], one.name, one.position, INSTITUTIONS[one.institution], one.signed_at)
            for one in found.signatures
        ],
        waits=[ROLES[role] for role in found.missing] if found.state is ActState.DRAFTED else [],
        forms=[(role, ROLES[role], url_for(steps[role], act_id=found.id)) for role in open_roles],
        blank=SignForm(formdata=None),
        third=THIRD,
        sent=sent,
        findings=findings,
        take_back=WithdrawForm(formdata=None) if _may_take_back(found, site) else None,
        paper=url_for("documents.documents", kind=DESTRUCTION_ACT.code, subject=found.number) if found.number else None,
    )


def _may_take_back(found: Act, site: SiteFact) -> bool:
    return found.state is ActState.DRAFTED and policy.allows(current_actor(), POST, site.organisation_id)
