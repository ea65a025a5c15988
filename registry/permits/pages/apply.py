"""Pages on which a firm applies: choose the kind, fill in what it asks, keep a draft, check, submit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, leave_unrecorded, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock, settings_of
from registry.db import db, unit_of_work
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, RegistryError
from registry.kernel.mass import stated
from registry.kernel.rules import Finding, Severity, refuses
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties import queries as parties
from registry.parties.domain import SiteFact
from registry.permits import queries, service
from registry.permits.apply_form import ANEW, ApplicationForm, form_for, with_line, without_line
from registry.permits.cells import cells_of, line_cell, line_count
from registry.permits.domain.checks import CheckLine, findings_of
from registry.permits.domain.checks.goods import fits
from registry.permits.domain.kinds import PERMIT_KINDS, Goods, PermitKind
from registry.permits.domain.parameters import PERIODIC
from registry.permits.forms import number_in
from registry.permits.pages.cases import OVERTAKEN, require_case
from registry.permits.pages.firm import blueprint, own_organisation
from registry.permits.pages.shared import APPLY, UNIT_WORDS, product_name
from registry.permits.queries.drafts import DraftFact, draft_by_id, drafts_of
from registry.permits.service import drafts as kept
from registry.substances.domain.facts import needs_permit
from registry.substances.queries.products import current_revisions, revisions_by_ids
from registry.web.locale import current_language, format_moment, say
from registry.web.page_forms import UNREADABLE, show_refusal

Answer = Response | str | tuple[str, int]
TAKE_OVER, CHECK, SAVE, SAVE_AS_NEW, ADD, REMOVE, ALL_THE_SAME = (
    "take_over", "check", "save", "save_as_new", "add_line", "remove_line", "all_the_same",
)  # fmt: skip
LONGEST = 9
"""More digits than these are no number of ours."""
UNREAD = Message(N_("the application cannot be submitted"))
NO_DRAFT = Message(N_("there is no such draft: it was submitted or discarded"))
NOT_A_KIND = Message(N_("there is no such kind of permit"))


@blueprint.get("/applications/new")
@asks(APPLY)
def apply() -> Answer:
    """Offer the kinds of permits; or the form of the kind that was chosen, or of an application to be made again."""
    session, today = db.session(), current_clock().today()
    organisation = own_organisation()
    if earlier := number_in(request.args.get("like")):
        row = require_case(session, earlier)
        cells = _cells_of_earlier(session, row.asked.organisation_id, row, today)
        return _Page(session, row.asked.kind, cells).shown()
    if not request.args.get("kind"):
        parameters = parameters_on(session, today)
        return render_template(
            "permits/kinds.html",
            kinds=[kind for kind in PERMIT_KINDS.values() if not kind.several or parameters.switch(PERIODIC)],
            periodic=parameters.switch(PERIODIC),
        )
    kind = _kind(request.args["kind"])
    code = _site(session, organisation).organisation_code
    return _Page(session, kind.code, {"reference": _next_reference(session, organisation, code, today)}).shown()


@blueprint.post("/applications/new")
@asks(APPLY)
def work_on_new() -> Answer:
    """Take what was typed on a new application: another line, a draft, a check, or the submission."""
    return _worked_on(_Page(db.session(), _kind(request.form.get("kind", "")).code, request.form))


@blueprint.get("/applications/drafts/<int(max=999999999999):draft_id>")
@asks(APPLY)
def draft(draft_id: int) -> Answer:
    """Show a draft as it was last saved."""
    found = _require_draft(db.session(), draft_id)
    return _Page(db.session(), found.kind, found.cells, found.id, found.version).shown()


@blueprint.post("/applications/drafts/<int(max=999999999999):draft_id>")
@asks(APPLY)
def work_on_draft(draft_id: int) -> Answer:
    """Take what was typed on a draft; one that has gone meanwhile is told, and what was typed is kept."""
    found = draft_by_id(db.session(), draft_id)
    if found is not None:
        policy.require(current_actor(), APPLY, found.organisation_id)
    kind = found.kind if found is not None else _kind(request.form.get("kind", "")).code
    return _worked_on(_Page(db.session(), kind, request.form, draft_id, _version()))


@blueprint.post("/applications/drafts/<int(max=999999999999):draft_id>/discard")
@asks(APPLY)
def discard(draft_id: int) -> Answer:
    """Throw a draft away, unless a colleague has changed it since the page was opened."""
    try:
        with unit_of_work(db.session()) as session:
            kept.discard_draft(session, current_actor(), current_clock(), draft_id, _version())
    except Conflict as error:
        record_refused(error, APPLY, f"draft {draft_id}")
        found = draft_by_id(db.session(), draft_id)
        if found is None:
            return redirect(url_for("applications.applications"), 303)
        page = _Page(db.session(), found.kind, found.cells, found.id, found.version)
        return page.shown(overtaken=error), OVERTAKEN
    return redirect(url_for("applications.applications", _anchor="drafts"), 303)


class _Page:
    """The page of one application that is not submitted yet."""

    def __init__(
        self, session: Session, kind: str, cells: Mapping[str, str], draft_id: int | None = None, version: int = 0
    ) -> None:
        self.session = session
        self.today = current_clock().today()
        self.kind = PERMIT_KINDS[kind]
        self.products = products_for(session, self.today, self.kind)
        self.draft_id, self.version = draft_id, version
        self.fill(cells)

    def fill(self, cells: Mapping[str, str]) -> None:
        """Put other cells into the form."""
        self.cells = cells_of(cells, self.kind)
        self.form: ApplicationForm = form_for(self.kind, cells, self.products, request.form.get("csrf_token"))

    def shown(
        self,
        findings: Sequence[Finding] = (),
        checks: Sequence[CheckLine] | None = None,
        *,
        asked: Sequence[str] = (),
        overtaken: RegistryError | None = None,
    ) -> str:
        """Return the page, with what the rules say, or with what a colleague did meanwhile.

        `asked`: the rules with which the applicant may submit all the same.
        """
        found = findings_of(checks) if checks is not None else findings
        theirs = draft_by_id(self.session, self.draft_id) if overtaken is not None and self.draft_id else None
        return render_template(
            "permits/apply.html",
            form=self.form,
            kind=self.kind,
            findings=found,
            checked=checks is not None,
            asked=";".join(asked),
            largest=_largest(self.form, found),
            draft_id=self.draft_id,
            draft_version=self.version,
            saved=request.args.get("saved"),
            overtaken=overtaken.message if overtaken is not None else None,
            theirs=theirs,
            changed_by=people_named(self.session, [theirs.changed_by])[theirs.changed_by] if theirs else None,
            changed_at=format_moment(theirs.changed_at) if theirs else None,
            buttons={"take_over": TAKE_OVER, "check": CHECK, "save": SAVE, "save_as_new": SAVE_AS_NEW, "add": ADD, "remove": REMOVE,
                     "all_the_same": ALL_THE_SAME},
        )  # fmt: skip

    @property
    def subject(self) -> str:
        """Return what the audit log calls this application."""
        return f"draft {self.draft_id}" if self.draft_id else f"application {self.form['reference'].data}"

    def command(self) -> service.Submission:
        """Return the application as the service takes it. Raises `Invalid` with every cell that cannot be read."""
        is_valid = self.form.validate()
        site = _site(self.session, own_organisation())
        read = self.form.read(site.organisation_code, home_of(self.session))
        if isinstance(read, list) or not is_valid:
            raise Invalid(UNREAD, read if isinstance(read, list) else [])
        return read


def _worked_on(page: _Page) -> Answer:
    typed = request.form
    if typed.get(ADD) or typed.get(REMOVE):
        page.fill(with_line(page.cells) if typed.get(ADD) else without_line(page.cells, number_in(typed[REMOVE])))
        return page.shown()
    is_trial = _taken_over(page) or bool(typed.get(CHECK))
    try:
        return _done(page, is_trial=is_trial)
    except Forbidden:
        raise
    except RegistryError as error:
        if is_trial:
            leave_unrecorded(error)
        record_refused(error, APPLY, page.subject)
        if isinstance(error, Conflict) and page.draft_id and _has_moved(page):
            return page.shown(overtaken=error), OVERTAKEN
        return page.shown(show_refusal(page.form, error)), UNREADABLE


def _done(page: _Page, *, is_trial: bool) -> Answer:
    typed = request.form
    if typed.get(SAVE) or typed.get(SAVE_AS_NEW):
        return _saved(page, as_new=bool(typed.get(SAVE_AS_NEW)))
    command = page.command()
    checks = service.preview(page.session, current_actor(), current_clock(), command)
    if is_trial:
        return page.shown(checks=checks)
    warned, findings = warnings_of(checks), findings_of(checks)
    if not refuses(findings) and not warned <= set(typed.get(ALL_THE_SAME, "").split(";")):
        return page.shown(checks=checks, asked=sorted(warned))
    return redirect(url_for("applications.submitted", case_id=_submitted(page, command)), 303)


def warnings_of(checks: Sequence[CheckLine]) -> set[str]:
    """Return the codes of the rules that ask for a closer look."""
    return {one.rule.code for one in findings_of(checks) if one.severity is Severity.FLAG}


def _taken_over(page: _Page) -> bool:
    """Put the largest quantity that fits into the line whose button was pressed; say whether one was."""
    count = line_count(page.cells)
    taken = {
        line_cell("quantity", number): request.form[name]
        for number in range(1, count + 1)
        if request.form.get(name := line_cell(TAKE_OVER, number))
    }
    if taken:
        page.fill({**page.cells, **taken})
    return bool(taken)


def _saved(page: _Page, *, as_new: bool) -> Response:
    actor, clock = current_actor(), current_clock()
    with unit_of_work(page.session) as session:
        if page.draft_id is None or as_new:
            kind = page.kind.code
            draft_id = kept.save_draft(session, actor, clock, own_organisation(), kind, page.cells)
        else:
            draft_id = page.draft_id
            kept.change_draft(session, actor, clock, draft_id, page.version, page.cells)
    return redirect(url_for("applications.draft", draft_id=draft_id, saved=1), 303)


def _submitted(page: _Page, command: service.Submission) -> int:
    actor, clock = current_actor(), current_clock()
    with unit_of_work(page.session) as session:
        if page.draft_id is None:
            return service.submit_application(session, actor, clock, command)
        return kept.submit_draft(session, actor, clock, page.draft_id, page.version, command)


def _has_moved(page: _Page) -> bool:
    """Say whether the draft is no longer the one this page was opened with."""
    found = draft_by_id(page.session, page.draft_id) if page.draft_id else None
    return found is None or found.version != page.version


def _largest(form: ApplicationForm, findings: Sequence[Finding]) -> Mapping[str, str]:
    """Return product code -> the largest quantity that every finding lets it have; none where nothing fits."""
    offered: dict[str, str] = {}
    only = form.lines[0][0].data if form.count == 1 else None
    for finding in findings:
        product = str(finding.extra.get("product") or only or "")
        if product and finding.largest_quantity is not None:
            offered.setdefault(product, finding.largest_quantity)
    return {product: quantity for product, quantity in offered.items() if quantity != "0"}


def _require_draft(session: Session, draft_id: int) -> DraftFact:
    found = draft_by_id(session, draft_id)
    if found is None:
        raise NotFound(NO_DRAFT)
    policy.require(current_actor(), APPLY, found.organisation_id)
    return found


def _kind(code: str) -> PermitKind:
    if code not in PERMIT_KINDS:
        raise NotFound(NOT_A_KIND)
    return PERMIT_KINDS[code]


def _version() -> int:
    return number_in(request.form.get("version", ""))


def _site(session: Session, organisation: int) -> SiteFact:
    return parties.main_sites(session, [organisation])[organisation]


def home_of(session: Session) -> dict[str, str]:
    """Return what stands for country and partner where an application has none abroad: one's own."""
    name = _site(session, own_organisation()).name_in(current_language(), current_clock().today())
    return {"partner_country": settings_of(current_app).country, "partner": name}


def products_for(session: Session, today: date, kind: PermitKind) -> list[tuple[str, str]]:
    """Return the products this kind of permit is for, each with its unit."""
    return [
        (one.code, f"{one.code} · {product_name(one)} ({say(UNIT_WORDS[one.unit])})")
        for one in current_revisions(session, today)
        if (needs_permit(one) or kind.goods is Goods.FREE) and fits(kind.goods, one)
    ]


def _next_reference(session: Session, organisation: int, code: str, today: date) -> str:
    """Suggest a reference: the organisation, the year, one more than it has sent or written in a draft so far."""
    begin = f"{code}-{today.year}-"
    written = (draft.cells.get("reference", "") for draft in drafts_of(session, organisation))
    numbers = [each.removeprefix(begin) for each in written if each.startswith(begin)]
    used = [int(each) for each in numbers if each.isascii() and each.isdigit() and len(each) < LONGEST]
    sent = sum(queries.pending_counts(session, organisation).values())
    return f"{begin}{max(sent, *used, 0) + 1:03d}"


def _cells_of_earlier(session: Session, organisation: int, row: queries.ApplicationRow, today: date) -> dict[str, str]:
    """Return the cells of an application made again: what belongs to one consignment is asked anew."""
    asked = row.asked
    revisions = revisions_by_ids(session, row.revision_ids.values(), today)
    cells = {
        "partner_country": asked.partner_country,
        "partner": asked.partner,
        "purpose": asked.purpose or "",
        "justification": asked.justification or "",
        **{code: value for code, value in asked.particulars.items() if code not in ANEW},
        "reference": _next_reference(session, organisation, _site(session, organisation).organisation_code, today),
    }
    for number, (product, units) in enumerate(asked.lines, 1):
        revision = revisions[row.revision_ids[product]]
        cells[line_cell("product", number)] = revision.code
        cells[line_cell("quantity", number)] = stated(units, revision.unit)
    return cells
