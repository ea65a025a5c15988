"""Pages of seizures for the authority: the register with its totals, one seizure, what became of it, withdrawal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import policy
from registry.accounts.guard import asks, current_actor, record_refused
from registry.accounts.people import people_named
from registry.accounts.sessions import current_clock
from registry.db import db, unit_of_work
from registry.intake.check import Report, check_table
from registry.intake.reader import Table
from registry.kernel.codes import substance_code
from registry.kernel.errors import Invalid, NotFound, Problem, RegistryError
from registry.kernel.fields import BadCell
from registry.kernel.mass import grams
from registry.kernel.period import Period
from registry.kernel.persons import as_note
from registry.kernel.text import N_, Message
from registry.seizures.domain import DISPOSALS, DISPOSED, SEIZED, DisposalFact, SeizedTotal, SeizureFact, Withdrawal
from registry.seizures.files import COLUMNS
from registry.seizures.forms import DisposalForm, SeizureFilter, WithdrawalForm
from registry.seizures.queries import SeizureFilter as Asked
from registry.seizures.queries import find_seizures, seized_totals, seizures_by_references
from registry.seizures.service import EMPTY, NO_SUCH, WRITE, record_seizures, withdraw_seizure
from registry.substances.queries import substance_by_codes
from registry.web.locale import country_name, format_day, format_grams, format_moment, format_number, say
from registry.web.page_forms import UNREADABLE, show_refusal
from registry.web.paging import Page, asked_page, asked_size, offset

blueprint = Blueprint("seizures", __name__, template_folder="templates", url_prefix="/seizures")

READ = "seizures.read"
SOURCE = "page"
YEAR_DIGITS = 4
NOT_RECORDED = Message(N_("Nothing was recorded."))
HELD_TAG = (N_("held"), "blue")
GONE_TAG = (N_("disposed of"), "green")
WITHDRAWN_TAG = (N_("withdrawn"), "grey")
LIST = (
    {"label": N_("Reference"), "kind": "code"},
    {"label": N_("Day of the seizure")},
    {"label": N_("Substance")},
    {"label": N_("Quantity"), "kind": "number"},
    {"label": N_("Country of origin")},
    {"label": N_("Place")},
    {"label": N_("What became of the goods")},
)
TOTALS = (
    {"label": N_("Substance")},
    {"label": N_("Country of origin")},
    {"label": N_("Number of seizures"), "kind": "number"},
    {"label": N_("Quantity seized"), "kind": "number"},
    {"label": N_("Disposed of in the year"), "kind": "number"},
)

Answer = Response | str | tuple[str, int]


@blueprint.get("/")
@asks(READ)
def seizures() -> str:
    """List seizures, the youngest first, below the totals of the year asked for (default: this one)."""
    session, form = db.session(), SeizureFilter.asked()
    code, typed = form.word("substance"), form.word("year")
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) == YEAR_DIGITS else None
    substance = _substance_id(session, code) if code else None
    number, size = asked_page(), asked_size()
    asked = Asked(form.word("q"), substance, year, form.word("state"))
    found, total = find_seizures(session, asked, size, offset(number, size))
    shown_year = year or current_clock().today().year
    return render_template(
        "seizures/list.html",
        form=form,
        year=shown_year,
        totals=(TOTALS, _totals(session, Period(shown_year), substance)),
        columns=LIST,
        rows=[_row(fact) for fact in found],
        page=Page(found, number, size, total),
        sends=policy.holds(current_actor(), "files.import.seizures"),
    )


def _substance_id(session: Session, code: str) -> int:
    """Return the id of a substance, 0 (which nothing bears) for an unknown code."""
    wanted = substance_code(code)
    found = substance_by_codes(session, [wanted], current_clock().today()).get(wanted)
    return found.id if found else 0


def _totals(session: Session, period: Period, substance_id: int | None) -> list[list[object]]:
    """Return a row for each substance and origin: seizures, what they held, what was disposed of in the year."""
    found: dict[tuple[str, str, str], dict[str, SeizedTotal]] = defaultdict(dict)
    for one in seized_totals(session, period.first_day, period.last_day):
        if substance_id is None or one.substance_id == substance_id:
            found[one.substance_name, one.substance_code, one.origin or ""][one.column] = one
    rows: list[list[object]] = []
    for (name, code, origin), columns in sorted(found.items()):
        seized, disposed = columns.get(SEIZED), columns.get(DISPOSED)
        rows.append(
            [
                f"{say(name)} ({code})",
                _country(origin) or say(N_("not known")),
                format_number(seized.entries) if seized else None,
                format_grams(seized.quantity_ng) if seized else None,
                format_grams(disposed.quantity_ng) if disposed else None,
            ]
        )
    return rows


def _row(fact: SeizureFact) -> list[object]:
    return [
        {"text": fact.reference, "href": url_for("seizures.seizure", reference=fact.reference)},
        format_day(fact.seized_on),
        f"{say(fact.substance_name)} ({fact.substance_code})",
        format_grams(fact.quantity_ng),
        _country(fact.origin),
        fact.place,
        _became(fact),
    ]


def _country(code: str | None) -> str | None:
    return f"{country_name(code)} ({code})" if code else None


def _became(fact: SeizureFact) -> str:
    if fact.withdrawal is not None:
        return say(WITHDRAWN_TAG[0])
    if fact.disposal is None:
        return say(HELD_TAG[0])
    return f"{say(DISPOSALS[fact.disposal.kind].name)}, {format_day(fact.disposal.disposed_on)}"


def _asked(reference: str) -> SeizureFact:
    fact = seizures_by_references(db.session(), [reference]).get(reference)
    if fact is None:
        raise NotFound(Message(NO_SUCH, {"reference": reference}))
    return fact


@blueprint.get("/<path:reference>")
@asks(READ)
def seizure(reference: str) -> str:
    """Show one seizure, and to those who may, what can be recorded of it."""
    return _page(_asked(reference), DisposalForm(formdata=None), WithdrawalForm(formdata=None))


@blueprint.post("/<path:reference>/disposal")
@asks(WRITE)
def dispose(reference: str) -> Answer:
    """Record what became of the goods: the row of a file that tells the seizure again with its disposal."""
    fact, form = _asked(reference), DisposalForm()
    try:
        with unit_of_work(db.session()) as session:
            _record(session, fact, form)
    except RegistryError as error:
        return _refused(error, fact, form, WithdrawalForm(formdata=None), form)
    return redirect(url_for("seizures.seizure", reference=reference), 303)


def _record(session: Session, fact: SeizureFact, form: DisposalForm) -> Report:
    typed = {name: str(form[name].data or "") for name in ("disposal", "disposed_on", "disposal_document")}
    empty = [Problem(name, "missing", EMPTY) for name in ("disposal", "disposed_on") if not typed[name].strip()]
    if empty:
        raise Invalid(NOT_RECORDED, empty)
    cells = typed | {
        "reference": fact.reference,
        "seized_on": fact.seized_on.isoformat(),
        "substance": fact.substance_code,
        "quantity_g": grams(fact.quantity_ng),
        "origin_country": fact.origin or "",
        "place": fact.place or "",
        "document": fact.document or "",
    }
    names = tuple(column.name for column in COLUMNS)
    checked = check_table(Table(names, [[cells[name] for name in names]], [1]), COLUMNS)
    report = record_seizures(session, current_actor(), current_clock(), checked, SOURCE)
    if report.problems:
        raise Invalid(NOT_RECORDED, [replace(problem, row=None) for problem in report.problems])
    return report


@blueprint.post("/<path:reference>/withdrawal")
@asks(WRITE)
def withdraw(reference: str) -> Answer:
    """Record that a seizure was entered by mistake."""
    fact, form = _asked(reference), WithdrawalForm()
    try:
        with unit_of_work(db.session()) as session:
            withdraw_seizure(session, current_actor(), current_clock(), reference, _reason(form))
    except RegistryError as error:
        return _refused(error, fact, DisposalForm(formdata=None), form, form)
    return redirect(url_for("seizures.seizure", reference=reference), 303)


def _reason(form: WithdrawalForm) -> str:
    try:
        return as_note(str(form.reason.data or ""))
    except BadCell as bad:
        raise Invalid(bad.message, [Problem("reason", bad.code, bad.message)]) from None


def _refused(
    error: RegistryError,
    fact: SeizureFact,
    disposal: DisposalForm,
    withdrawal: WithdrawalForm,
    sent: DisposalForm | WithdrawalForm,
) -> tuple[str, int]:
    record_refused(error, WRITE, fact.reference)
    show_refusal(sent, error)
    return _page(_asked(fact.reference), disposal, withdrawal, sent), UNREADABLE


def _page(
    fact: SeizureFact,
    disposal: DisposalForm,
    withdrawal: WithdrawalForm,
    sent: DisposalForm | WithdrawalForm | None = None,
) -> str:
    open_to_change = policy.holds(current_actor(), WRITE) and fact.withdrawal is None
    return render_template(
        "seizures/seizure.html",
        fact=fact,
        tag=WITHDRAWN_TAG if fact.withdrawal else GONE_TAG if fact.disposal else HELD_TAG,
        substance=f"{say(fact.substance_name)} ({fact.substance_code})",
        quantity=format_grams(fact.quantity_ng),
        origin=_country(fact.origin),
        recorded=_recorded(fact),
        withdrawn=_recorded(fact.withdrawal) if fact.withdrawal else None,
        became=_disposal_rows(fact),
        disposal=disposal if open_to_change and fact.disposal is None else None,
        withdrawal=withdrawal if open_to_change else None,
        sent=sent,
    )


def _recorded(one: SeizureFact | DisposalFact | Withdrawal) -> str:
    return f"{format_moment(one.recorded_at)}, {people_named(db.session(), [one.recorded_by])[one.recorded_by]}"


def _disposal_rows(fact: SeizureFact) -> Sequence[tuple[str, object]]:
    if fact.disposal is None:
        return ()
    return (
        (N_("What became of the goods"), say(DISPOSALS[fact.disposal.kind].name)),
        (N_("Day of the disposal"), format_day(fact.disposal.disposed_on)),
        (N_("Court or procedural act"), fact.disposal.document),
        (N_("Recorded"), _recorded(fact.disposal)),
    )
