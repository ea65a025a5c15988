"""Endorsements by file: what was certified on paper, each of its lines a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.endorsements.domain.facts import EndorsementFact
from registry.endorsements.service.endorsing import ENDORSE, EndorsementAsked, StatedLine, judge, look_up, write
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.text import N_, Message

FILE_KIND = "endorsements"
LINE = {"product", "quantity", "reason", "text"}
HEAD = ("permit", "number", "arrived_on", "endorsed_on", "foreign_number", "customs_office")


@dataclass(slots=True)
class _Asked:
    """The rows of one endorsement: its words, the row it begins in, and the row of each line."""

    head: tuple[Any, ...]
    rows: list[int] = field(default_factory=list)
    lines: list[StatedLine] = field(default_factory=list)

    def command(self) -> EndorsementAsked:
        """Return the rows as one endorsement."""
        permit, number, arrived_on, endorsed_on, foreign, office = self.head
        return EndorsementAsked(permit, number, arrived_on, endorsed_on, tuple(self.lines), foreign, office)


def record_endorsements(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Record endorsements, rows of one permit and number being one; a correction is made on its page, not by file."""
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    asked = _grouped(checked, report)
    known = look_up(session, clock, [one.command() for one in asked])
    new: list[EndorsementFact] = []
    for one in asked:
        try:
            found = judge(known, actor, clock, one.command())
        except NotFound as refusal:
            report.problems.append(Problem("permit", "unknown-permit", refusal.message, one.rows[0]))
        except Conflict as refusal:
            report.problems.append(Problem("number", "reference-reused", refusal.message, one.rows[0]))
        except Invalid as refusal:
            report.problems += [_placed(problem, one) for problem in refusal.problems]
        else:
            if found.id:
                report.duplicates += len(one.rows)
            else:
                new.append(found)
                report.accepted += len(one.rows)
    if report.refused or not new:
        return report
    write(session, new)
    record(session, actor, clock, ENDORSE, source, {"accepted": report.accepted, "endorsements": len(new)})
    return report


def _grouped(checked: Checked, report: Report) -> list[_Asked]:
    """Return the endorsements of a file in its order; rows with bad cells are left out with all of theirs."""
    bad = report.bad_rows
    found: dict[tuple[str, str], _Asked] = {}
    spoilt: set[tuple[str, str]] = set()
    for row in checked.rows():
        values: dict[str, Any] = dict(row)
        key = values["permit"], values["number"]
        head = tuple(values[name] for name in HEAD)
        one = found.setdefault(key, _Asked(head))
        if values["row"] in bad:
            spoilt.add(key)
        elif one.head != head:
            message = Message(
                N_("the rows of endorsement %(number)s differ in more than their product"), {"number": key[1]}
            )
            report.problems.append(Problem("number", "rows-differ", message, values["row"]))
            spoilt.add(key)
        one.rows.append(values["row"])
        one.lines.append(
            StatedLine(values["product"] or "", values["quantity"] or "", values["reason"] or "", values["text"] or "")
        )
    return [one for key, one in found.items() if key not in spoilt]


def _placed(problem: Problem, one: _Asked) -> Problem:
    """Put a problem of an endorsement into the row and column it comes from."""
    place, _, column = problem.column.removeprefix("lines.").partition(".")
    if column in LINE and place.isdecimal():
        return Problem(column, problem.code, problem.message, one.rows[int(place)])
    known = problem.column if problem.column in HEAD else "number"
    return Problem("product" if problem.column == "lines" else known, problem.code, problem.message, one.rows[0])
