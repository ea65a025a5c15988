"""One movement typed by a person: checked by the columns of a file, posted, or refused with everything that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from registry.accounts.guard import current_actor, record_refused
from registry.accounts.sessions import current_clock
from registry.db import unit_of_work
from registry.intake.check import Report, check_table
from registry.intake.reader import Table
from registry.kernel.errors import Invalid, Problem, RegistryError, RuleRefused
from registry.kernel.fields import BadCell, Column, scaled_quantity
from registry.kernel.mass import UNIT_NAMES, UNITS_OF_ACCOUNT, Unit
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.stock.domain.kinds import MovementKind
from registry.stock.domain.lines import COLUMNS
from registry.stock.pages.blueprint import POST, rows, today
from registry.stock.queries.journal import references_since
from registry.stock.service import post_entered
from registry.substances.domain.facts import RevisionFact
from registry.web.forms import PageForm

SOURCE = "page"
LONGEST_CODE = 40
NOT_RECORDED = Message(N_("Nothing was recorded."))
REQUIRED = Message(N_("This field is required."))


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a movement was not recorded: problems of single values, and findings of rules."""

    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]


class _Refusal(Exception):
    """Leaves the unit of work, so that nothing of a refused movement stays."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.kind)
        self.report = report


def post_typed(cells: Mapping[str, str], foreseen: Sequence[Problem] = ()) -> Report | Refused:
    """Post one movement; `cells` are texts by the name of the column. A refusal is recorded in the audit log.

    `foreseen`: what the ledger would say once the other fields can be read, told at once when it refuses.
    """
    post = partial(post_entered, actor=current_actor(), clock=current_clock(), source=SOURCE)
    report = attempt(post, COLUMNS, [cells], cells.get("reference", ""))
    if not report.refused:
        return report
    told = {problem.column for problem in report.problems}
    problems = [*report.problems, *(problem for problem in foreseen if problem.column not in told)]
    return Refused(tuple(map(_on_page, problems)), tuple(map(_on_one_page, report.findings)))


def foreseen(
    kind: MovementKind, product: RevisionFact, cells: Mapping[str, str], row: int | None = None
) -> list[Problem]:
    """Return what can be said before every cell is readable: a quantity the unit cannot hold, the other side missing."""
    problems = []
    if kind.two_sided and not cells.get("counterparty", "").strip():
        problems.append(Problem("counterparty", "missing", REQUIRED, row))
    if cells.get("quantity", "").strip():
        try:
            scaled_quantity(cells["quantity"], UNITS_OF_ACCOUNT[Unit(product.unit)].places)
        except BadCell as bad:
            problems.append(Problem("quantity", bad.code, bad.message, row))
    return problems


def attempt(
    act: Callable[..., Report], columns: Sequence[Column], lines: Sequence[Mapping[str, str]], subject: str
) -> Report:
    """Read what was typed by the columns of a file, its rows counted from 1, and do `act`; return the report.

    What is refused is undone and recorded in the audit log.
    """
    names = tuple(column.name for column in columns)
    cells = [[line.get(name, "") for name in names] for line in lines]
    checked = check_table(Table(names, cells, list(range(1, len(cells) + 1))), columns)
    try:
        with unit_of_work(rows()) as session:
            return _unless_refused(act(session, checked=checked))
    except _Refusal as refusal:
        report = refusal.report
    record_refused(_error(report), POST, subject)
    return report


def _unless_refused(report: Report) -> Report:
    if report.refused:
        raise _Refusal(report)
    return report


def _error(report: Report) -> RegistryError:
    if report.problems:
        return Invalid(NOT_RECORDED, report.problems)
    return RuleRefused(NOT_RECORDED, report.findings)


def _on_page(problem: Problem) -> Problem:
    """Return the problem without its row; on a page an empty cell is an empty field."""
    return replace(problem, row=None, message=REQUIRED if problem.code == "missing" else problem.message)


def _on_one_page(finding: Finding) -> Finding:
    """Return the finding without its row and subject, which the page itself names, and with its unit in words."""
    return replace(finding, row=None, subject="", unit=shown_unit(finding.unit))


def shown_unit(unit: str | None) -> str | None:
    """Return the name of a product's unit as people write it, a msgid: ``piece`` reads ``pcs``."""
    return UNIT_NAMES[Unit(unit)] if unit in set(Unit) else unit


def show_refused(form: PageForm, refused: Refused) -> tuple[Finding, ...]:
    """Show the problems beside their fields, the others above; return the findings for the panel."""
    form.form_errors.extend(problem.message for problem in form.add_problems(refused.problems))
    return refused.findings


def proposed_reference(site: SiteFact) -> str:
    """Return a reference nobody has used: code of the site, day, and a counter."""
    prefix = f"{site.code[:LONGEST_CODE]}-{today():%Y%m%d}-"
    taken = references_since(rows(), site.id, prefix, today())
    counters = [
        int(tail) for tail in (text.removeprefix(prefix) for text in taken) if tail.isascii() and tail.isdigit()
    ]
    return f"{prefix}{max(counters, default=0) + 1:03d}"
