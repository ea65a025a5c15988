"""The receiver's answer to what was sent: everything as entered, or what differs. No shelf moves by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNIT_NAMES, UNITS_OF_ACCOUNT, Unit, stated
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import sites_by_ids
from registry.stock.domain import rules
from registry.stock.domain.receipts import REASONS, Difference, LineState, Reason, SentLine, disputed
from registry.stock.models import Receipt, ReceiptDifference
from registry.stock.queries.receipts import lines_named
from registry.stock.queries.recorded import sites_of_entries
from registry.stock.service.known import lock_sites
from registry.stock.service.letters import tell_of_differences
from registry.substances.domain.facts import RevisionFact
from registry.substances.queries.products import revisions_by_ids

KIND = "receipts"
NOT_SENT = N_("nothing was sent to you under the reference “%(reference)s”")


@dataclass(slots=True)
class _Answer:
    """The rows of one answer: `rows` as people count them, `cells` as read."""

    line: SentLine
    rows: list[int] = field(default_factory=list)
    cells: list[Mapping[str, Any]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def received_on(self) -> date:
        """Return the day the goods arrived."""
        day: date = self.cells[0]["received_on"]
        return day

    @property
    def note(self) -> str | None:
        """Return what was noted in any of the rows."""
        return "; ".join(dict.fromkeys(cells["note"] for cells in self.cells if cells["note"])) or None


def receive(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Keep what receivers answer, all or nothing; return the report of a file.

    An answer that is recorded already is a duplicate; another one follows it and counts from now
    on, until something has ended the difference. One transaction at a time may touch the sites, so that
    two answers, or an answer and the reversal of the entry, never pass each other.
    """
    report = Report(KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    references = {str(each) for each in checked.columns["reference"] if each is not None}
    lock_sites(session, sites_of_entries(session, references))
    lines = lines_named(session, references)
    sites = sites_by_ids(session, {site for line in lines.values() for site in (line.sender_id, line.receiver_id)})
    answers = _grouped(checked, report, _own(lines, sites, actor))
    revisions = revisions_by_ids(session, {answer.line.revision_id for answer in answers}, clock.today())
    for answer in answers:
        report.problems.extend(_read(answer, revisions[answer.line.revision_id], clock.today()))
    fresh = [each for each in answers if not each.line.says(each.received_on, each.differences)]
    report.duplicates = sum(len(each.rows) for each in answers) - sum(len(each.rows) for each in fresh)
    report.accepted = sum(len(each.rows) for each in fresh)
    if report.refused or not fresh:
        return report
    _write(session, actor, clock, fresh)
    different = [each for each in fresh if each.differences]
    if different:
        parameters = parameters_on(session, clock.today())
        report.findings.extend(
            difference_found(
                parameters,
                each.line.reference,
                each.differences,
                sites[each.line.sender_id],
                revisions[each.line.revision_id],
            )
            for each in different
        )
        raise_flags(session, clock, report.findings)
        told = [(each.line, each.differences, revisions[each.line.revision_id]) for each in different]
        tell_of_differences(session, clock, told, sites)
    detail = {"lines": len(fresh), "different": len(different), "duplicates": report.duplicates}
    record(session, actor, clock, "stock.receive", source, detail)
    return report


def _own(lines: Mapping[str, SentLine], sites: Mapping[int, SiteFact], actor: Actor) -> Mapping[str, SentLine]:
    """Return the lines the actor may answer: a firm learns nothing of what was sent to others."""
    if actor.organisation_id is None:
        return lines
    return {
        reference: line
        for reference, line in lines.items()
        if sites[line.receiver_id].organisation_id == actor.organisation_id
    }


def _grouped(checked: Checked, report: Report, lines: Mapping[str, SentLine]) -> list[_Answer]:
    """Return the answers the rows make up; rows about what was never sent to the actor are told."""
    answers: dict[str, _Answer] = {}
    bad = report.bad_rows
    for cells in checked.rows():
        row, reference = int(str(cells["row"])), str(cells["reference"])
        if row in bad:
            continue
        line = lines.get(reference)
        if line is None:
            report.problems.append(
                Problem("reference", "unknown-reference", Message(NOT_SENT, {"reference": reference}), row)
            )
            continue
        answer = answers.setdefault(reference, _Answer(line))
        answer.rows.append(row)
        answer.cells.append(cells)
    return list(answers.values())


def _read(answer: _Answer, revision: RevisionFact, today: date) -> list[Problem]:
    """Read what differs into `answer.differences`; return everything that cannot be."""
    line, problems = answer.line, list[Problem]()
    if len({cells["received_on"] for cells in answer.cells}) > 1:
        problems.append(
            _of_row(answer, 1, "received_on", "not-the-same", N_("rows of one entry name one day of receipt"))
        )
    if answer.received_on > today:
        problems.append(_of_row(answer, 0, "received_on", "in-the-future", N_("this day has not come yet")))
    if answer.received_on < line.occurred_on:
        problems.append(
            _of_row(
                answer, 0, "received_on", "before-the-entry", N_("nothing arrives before it was sent (%(day)s)"),
                day=line.occurred_on.isoformat(),
            )
        )  # fmt: skip
    for place, cells in enumerate(answer.cells):
        problems.extend(_difference(answer, place, cells, revision))
    if disputed(answer.differences) > line.units:
        problems.append(
            _of_row(answer, 0, "quantity", "more-than-sent", N_("more is said to differ than was sent at all"))
        )
    if line.says(answer.received_on, answer.differences):
        return problems
    # Whoever sends again what is recorded already is no reason for a refusal; something else is.
    if line.state is LineState.TAKEN_BACK:
        problems.append(_of_row(answer, 0, "reference", "taken-back", N_("the sender has taken this entry back")))
    elif line.settled:
        problems.append(
            _of_row(
                answer, 0, "reference", "settled", N_("a difference of this entry is settled: it is not answered anew")
            )
        )
    return problems


def _difference(answer: _Answer, place: int, cells: Mapping[str, Any], revision: RevisionFact) -> list[Problem]:
    """Read one row; a row without a reason says that everything came as sent, and stands alone."""
    code = cells["reason"]
    if code is None:
        alone = cells["quantity"] is None and cells["batch"] is None and len(answer.cells) == 1
        return [] if alone else [_of_row(answer, place, "reason", "missing", N_("name the reason: what differs"))]
    reason = REASONS[code]
    if any(one.reason == code for one in answer.differences):
        return [_of_row(answer, place, "reason", "reason-repeated", N_("one row for each reason of an entry"))]
    if reason.relabelled and cells["batch"] is None:
        return [_of_row(answer, place, "batch", "missing", N_("name the batch that came instead"))]
    if cells["batch"] is not None and not reason.relabelled:
        return [_of_row(answer, place, "batch", "not-here", N_("a batch is named only where another one came"))]
    units = _units(answer, place, cells["quantity"], reason, revision)
    if isinstance(units, Problem):
        return [units]
    answer.differences.append(Difference(code, units, cells["batch"]))
    return []


def _units(answer: _Answer, place: int, quantity: str | None, reason: Reason, revision: RevisionFact) -> int | Problem:
    """Return how much differs, in units of account; what never came is the whole of the entry."""
    sent = answer.line.units
    if quantity is None:
        return sent if reason.whole else _of_row(answer, place, "quantity", "missing", N_("say how much differs"))
    try:
        units = scaled_quantity(quantity, UNITS_OF_ACCOUNT[Unit(revision.unit)].places)
    except BadCell as bad:
        return Problem("quantity", bad.code, bad.message, answer.rows[place])
    if reason.whole and units != sent:
        return _of_row(answer, place, "quantity", "not-the-whole", N_("what never came is the whole of the entry"))
    return units


def _of_row(answer: _Answer, place: int, column: str, code: str, msgid: str, **said: object) -> Problem:
    return Problem(column, code, Message(msgid, said), answer.rows[place])


def _write(session: Session, actor: Actor, clock: Clock, answers: Sequence[_Answer]) -> None:
    """Append the answers; two statements at most."""
    connection = session.connection()
    written = {"recorded_at": clock.now(), "recorded_by": actor.username}
    heads = [
        {
            "movement_id": each.line.id,
            "number": each.line.answered + 1,
            "received_on": each.received_on,
            "as_sent": not each.differences,
            "note": each.note,
        }
        | written
        for each in answers
    ]
    connection.execute(insert(Receipt), heads)
    differences = [
        {
            "movement_id": each.line.id,
            "number": each.line.answered + 1,
            "reason": one.reason,
            "units": one.units,
            "label": one.label,
        }
        for each in answers
        for one in each.differences
    ]
    if differences:
        connection.execute(insert(ReceiptDifference), differences)


def difference_found(
    parameters: Parameters, reference: str, differences: Iterable[Difference], sender: SiteFact, revision: RevisionFact
) -> Finding:
    """Return the case that a difference opens: it stands until an entry corrects it or the authority rules."""
    first = next(iter(differences))
    said = {
        "reference": reference,
        "product": revision.code,
        "reason": Message(REASONS[first.reason].name),
        "quantity": stated(first.units, revision.unit),
        "unit": Message(UNIT_NAMES[Unit(revision.unit)]),
    }
    return Finding(
        rules.RECEIVED_OTHERWISE,
        Message(
            N_(
                "%(product)s, sent under “%(reference)s”, was received otherwise than entered: %(reason)s %(quantity)s %(unit)s"
            ),
            said,
        ),
        parameters.reported(rules.RECEIVED_OTHERWISE),
        subject=f"movement {reference}",
        organisation_id=sender.organisation_id,
    )
