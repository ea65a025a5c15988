"""Pages of quotas: the lines of a year, the history of a substance, proposals of two persons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.codes import search_key, substance_code
from registry.kernel.errors import Forbidden, Invalid, NotFound, Problem, RegistryError
from registry.kernel.text import N_, Message
from registry.parties import queries as parties
from registry.quotas import queries, service
from registry.quotas.domain.kinds import CEILING_KIND, ITEMS, QUOTA_KINDS, STATE_QUOTA
from registry.quotas.domain.lines import LINE_STATE_NAMES, LineFact, LineState, ceilings_of
from registry.quotas.forms import DecisionForm, ProposalForm, QuotaFilter
from registry.substances.domain.facts import SubstanceFact
from registry.substances.domain.medical_names import listed_name
from registry.substances.queries import find_substances, substance_by_codes, substances_by_ids
from registry.web.locale import current_language, format_day, format_grams, say
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("quotas", __name__, template_folder="templates")

READ, PROPOSE, APPROVE = "quotas.read", "quotas.propose", "quotas.approve"
Answer = Response | str | tuple[str, int]
Decide = Callable[[Session, Actor, Clock, int], None]
CHOOSE = "choose"
OFFERED = 10
UNREAD = Message(N_("the line cannot be proposed"))
WHICH = Message(N_("no code of a list: choose the substance that is meant"))
OTHERS = Message(N_("only whoever proposed a line withdraws it; an approver rejects it"))
LINE_COLUMNS = (
    {"label": N_("Substance")},
    {"label": N_("Kind")},
    {"label": N_("Item")},
    {"label": N_("Quantity, base"), "kind": "number"},
    {"label": N_("Act")},
    {"label": N_("Counts from")},
    {"label": N_("State")},
)
HISTORY_COLUMNS = ({"label": N_("Year"), "kind": "number"}, *LINE_COLUMNS[1:], {"label": N_("Proposed, decided")})
CEILING_COLUMNS = ({"label": N_("What counts today")}, {"label": N_("Quantity, base"), "kind": "number"})


@dataclass(frozen=True, slots=True)
class Names:
    """Substances and organisations that lines name, read at once."""

    substances: Mapping[int, SubstanceFact]
    organisations: Mapping[int, str]

    def substance(self, line: LineFact) -> str:
        """Return code and name of the substance."""
        fact = self.substances[line.substance_id]
        return f"{fact.code} {say(fact.name)}"

    def sought(self, line: LineFact) -> str:
        """Return what a line is found by: code and name as shown, and the name of the list."""
        return f"{self.substance(line)} {self.substances[line.substance_id].name}"

    def item(self, line: LineFact) -> str | None:
        """Return the item with its letter, or the organisation of an allocation."""
        item = ITEMS.get(line.item or "")
        words = [f"{item.letter}) {say(item.name)}"] if item else []
        if line.organisation_id is not None:
            words.append(self.organisations.get(line.organisation_id, ""))
        return "; ".join(words) or None


def _names(session: Session, lines: Iterable[LineFact], today: date) -> Names:
    chosen = list(lines)
    holders = parties.main_sites(session, {one.organisation_id for one in chosen if one.organisation_id is not None})
    return Names(
        substances_by_ids(session, {one.substance_id for one in chosen}, today),
        {key: f"{site.organisation_code} {site.name_in(current_language(), today)}" for key, site in holders.items()},
    )


@blueprint.get("/quotas")
@asks(READ)
def quotas() -> Response:
    """Lead to the lines of the present year."""
    return redirect(url_for("quotas.year", year=current_clock().today().year), 303)


@blueprint.get("/quotas/<int(min=1900, max=2100):year>")
@asks(READ)
def year(year: int) -> str:
    """List what was decided for a year: its own lines, and what stands from earlier years."""
    session, today = db.session(), current_clock().today()
    form = QuotaFilter.asked()
    lines = [
        line
        for each in queries.lines_until(session, year).values()
        for line in each
        if line.year == year or QUOTA_KINDS[line.kind].stays
    ]
    names = _names(session, lines, today)
    kind, words = form.word("kind"), search_key(form.word("q"))
    chosen = [line for line in lines if (not kind or line.kind == kind) and words in search_key(names.sought(line))]
    chosen.sort(key=lambda line: (names.substances[line.substance_id].name, _place(line), line.effective_on, line.id))
    number, size = asked_page(), asked_size()
    shown = chosen[offset(number, size) : offset(number + 1, size)]
    return render_template(
        "quotas/year.html",
        year=year,
        form=form,
        columns=LINE_COLUMNS,
        rows=[_row(line, names, year) for line in shown],
        page=Page(shown, number, size, len(chosen)),
        waiting=sum(1 for line in queries.proposed_lines(session) if line.year == year),
        may_propose=policy.allows(current_actor(), PROPOSE),
    )


def _place(line: LineFact) -> tuple[int, int]:
    """Return where a line stands among those of its substance: by kind, then by item, as the tables have them."""
    return list(QUOTA_KINDS).index(line.kind), list(ITEMS).index(line.item) if line.item is not None else -1


def _row(line: LineFact, names: Names, year: int) -> list[object]:
    code = names.substances[line.substance_id].code
    return [
        {"text": names.substance(line), "href": url_for("quotas.substance", year=year, code=code)},
        *_cells(line, names),
    ]


def _cells(line: LineFact, names: Names) -> list[object]:
    act = ", ".join(part for part in (line.act, format_day(line.act_date) if line.act_date else None) if part)
    return [
        say(QUOTA_KINDS[line.kind].name),
        names.item(line),
        format_grams(line.quantity_ng),
        act or None,
        format_day(line.effective_on),
        say(LINE_STATE_NAMES[LineState(line.state)]),
    ]


@blueprint.get("/quotas/<int(min=1900, max=2100):year>/<path:code>")
@asks(READ)
def substance(year: int, code: str) -> str:
    """Show what counts for one substance and year today, and every line ever recorded for it."""
    session, today = db.session(), current_clock().today()
    wanted = substance_code(code)
    fact = substance_by_codes(session, [wanted], today).get(wanted)
    if fact is None:
        raise NotFound(Message(N_("there is no substance with the code “%(code)s”"), {"code": code}))
    lines = queries.lines_by_substance(session, [fact.id]).get(fact.id, ())
    names = _names(session, lines, today)
    return render_template(
        "quotas/substance.html",
        year=year,
        fact=fact,
        ceilings=(CEILING_COLUMNS, _ceilings(fact, year, lines, names, today)),
        history=(HISTORY_COLUMNS, [_history_row(line, names) for line in reversed(lines)]),
    )


def _ceilings(
    fact: SubstanceFact, year: int, lines: Sequence[LineFact], names: Names, today: date
) -> list[list[object]]:
    now = ceilings_of(fact.treaty, year, lines, today)
    rows: list[list[object]] = [
        [f"{item.letter}) {say(item.name)}", format_grams(now.items[item.code])]
        for item in ITEMS.values()
        if item.code in now.items
    ]
    if now.ceiling is not None:
        rows.append([f"{say(CEILING_KIND[fact.treaty].name)} ({now.ceiling_year})", format_grams(now.ceiling)])
    if now.state_quota is not None:
        rows.append([say(STATE_QUOTA.name), format_grams(now.state_quota)])
    rows += [[names.organisations.get(key, ""), format_grams(share)] for key, share in now.allocations.items()]
    return rows


def _history_row(line: LineFact, names: Names) -> list[object]:
    people = [line.proposed_by, line.approved_by or ""]
    return [str(line.year), *_cells(line, names), ", ".join(part for part in people if part)]


@blueprint.route("/quotas/new", methods=["GET", "POST"])
@asks(PROPOSE)
def propose() -> Answer:
    """Propose a line; it counts once a second person has approved it."""
    session, form = db.session(), ProposalForm()
    if not form.is_submitted():
        form.year.data = request.args.get("year", str(current_clock().today().year))
        form.substance.data = request.args.get("substance", "")
        return render_template("quotas/propose.html", form=form, offered=[], choose=CHOOSE)
    if request.form.get(CHOOSE):
        form.substance.data = request.form[CHOOSE]
        return render_template("quotas/propose.html", form=form, offered=[], choose=CHOOSE)
    offered: Sequence[SubstanceFact] = ()
    try:
        code, offered = _meant(session, str(form.substance.data or ""))
        command = _read(form, code, offered)
        with unit_of_work(session):
            service.propose_line(session, current_actor(), current_clock(), command)
    except RegistryError as error:
        record_refused(error, PROPOSE, "quota line")
        show_refusal(form, error)
        return render_template("quotas/propose.html", form=form, offered=offered, choose=CHOOSE), UNREADABLE
    return redirect(url_for("quotas.proposals"), 303)


def _meant(session: Session, words: str) -> tuple[str, list[SubstanceFact]]:
    """Return the code that is meant; where the words are no code, what they may mean."""
    today, code = current_clock().today(), substance_code(words)
    if not words.strip() or substance_by_codes(session, [code], today):
        return code, []
    return code, [match.substance for match in find_substances(session, listed_name(words, say), OFFERED, today)]


def _read(form: ProposalForm, code: str, offered: Sequence[SubstanceFact]) -> service.ProposedLine:
    valid = form.validate_on_submit()
    row, problems = form.read(code)
    if offered:
        problems = [one for one in problems if one.column != "substance"]
        problems.append(Problem("substance", "unknown-substance", WHICH))
    if problems or not valid:
        raise Invalid(UNREAD, problems)
    row.pop("row")
    row["quantity_ng"] = row.pop("quantity_g")
    return service.ProposedLine(**row, note=str(form.note.data or "").strip() or None)  # type: ignore[arg-type]


@blueprint.get("/quotas/proposals")
@asks(READ)
def proposals() -> str:
    """List the lines that wait for a second person, with what this person may do about each."""
    return _proposals(DecisionForm())


def _proposals(form: DecisionForm) -> str:
    session, today, actor = db.session(), current_clock().today(), current_actor()
    lines = queries.proposed_lines(session)
    names = _names(session, lines, today)
    return render_template(
        "quotas/proposals.html",
        form=form,
        lines=[
            {
                "fact": line,
                "title": f"{names.substance(line)}, {line.year}",
                "kind": say(QUOTA_KINDS[line.kind].name),
                "about": say(QUOTA_KINDS[line.kind].about),
                "item": names.item(line),
                "own": line.proposed_by == actor.username,
            }
            for line in lines
        ],
        may_approve=policy.allows(actor, APPROVE),
        may_propose=policy.allows(actor, PROPOSE),
    )


@blueprint.post("/quotas/proposals/<int(max=999999999999):line_id>/approve")
@asks(APPROVE)
def approve(line_id: int) -> Answer:
    """Approve a line somebody else has proposed; from then on it counts."""
    return _decide(line_id, APPROVE, service.approve_line)


@blueprint.post("/quotas/proposals/<int(max=999999999999):line_id>/reject")
@asks(APPROVE)
def reject(line_id: int) -> Answer:
    """Reject a proposed line; it stays in the history as withdrawn."""
    return _decide(line_id, APPROVE, service.withdraw_line)


@blueprint.post("/quotas/proposals/<int(max=999999999999):line_id>/withdraw")
@asks(PROPOSE)
def withdraw(line_id: int) -> Answer:
    """Withdraw a line one has proposed oneself."""
    line = queries.line_by_id(db.session(), line_id)
    if line is not None and line.proposed_by != current_actor().username:
        raise Forbidden(OTHERS)
    return _decide(line_id, PROPOSE, service.withdraw_line)


def _decide(line_id: int, action: str, decide: Decide) -> Answer:
    form, session = DecisionForm(), db.session()
    if not form.validate_on_submit():
        return _proposals(form), UNREADABLE
    try:
        with unit_of_work(session):
            decide(session, current_actor(), current_clock(), line_id)
    except NotFound:
        raise
    except RegistryError as error:
        record_refused(error, action, f"quota line {line_id}")
        form.form_errors.append(say(error.message))
        return _proposals(form), UNREADABLE
    return redirect(url_for("quotas.proposals"), 303)
