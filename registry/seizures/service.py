"""Recording seizures, what became of them, and that one was entered by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.db import lock_gate
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, TransitionRefused
from registry.kernel.text import N_, Message
from registry.seizures.domain import DisposalFact, SeizureFact
from registry.seizures.models import Seizure, SeizureDisposal, SeizureWithdrawal
from registry.seizures.queries import seizures_by_references
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries import substance_by_codes, unknown_substances
from registry.substances.queries.base import wanted_codes

FILE_KIND = "seizures"
WRITE = "seizures.write"
SEIZURES_GATE = 7
"""Gate of `db.lock_gate`: one writer of seizures at a time, so that the same file sent twice is a duplicate."""

LISTED_IN_AUDIT = 100
NO_SUCH = N_("there is no seizure with the reference “%(reference)s”")
EMPTY = Message(N_("This field is required."))


@dataclass(slots=True)
class _Intake:
    """What is known before the rows are judged, and what came of them: by reference, in the order of the file."""

    today: date
    substances: Mapping[str, SubstanceFact]
    unknown: Mapping[str, Message]
    known: dict[str, SeizureFact]
    stamp: dict[str, Any]
    report: Report
    seizures: dict[str, SeizureFact] = field(default_factory=dict)
    disposals: dict[str, DisposalFact] = field(default_factory=dict)

    def problem(self, row: int, column: str, code: str, message: Message) -> None:
        """Keep one problem of a cell."""
        self.report.problems.append(Problem(column, code, message, row))


def record_seizures(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in a file of seizures; nothing is written when the report is refused.

    The same content again is a duplicate. What became of the goods may follow later under the
    same reference, the rest being equal: it is added as a record of its own, once; the row as it
    was before stays a duplicate. Anything else under a recorded reference is ``reference-reused``.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, SEIZURES_GATE, [1])
    intake = _look_up(session, actor, clock, checked, report)
    bad = report.bad_rows
    for row in checked.rows():
        _take(intake, row, readable=row["row"] not in bad)
    if not report.refused and report.accepted:
        _write(session, intake)
        detail = {
            "accepted": report.accepted,
            "seizures": list(intake.seizures)[:LISTED_IN_AUDIT],
            "disposals": list(intake.disposals)[:LISTED_IN_AUDIT],
        }
        record(session, actor, clock, "seizures.record", source, detail)
    return report


def _look_up(session: Session, actor: Actor, clock: Clock, checked: Checked, report: Report) -> _Intake:
    codes = {str(code) for code in checked.columns["substance"] if code is not None}
    references = {str(reference) for reference in checked.columns["reference"] if reference is not None}
    substances = substance_by_codes(session, codes, clock.today())
    return _Intake(
        clock.today(),
        substances,
        unknown_substances(session, codes - substances.keys(), clock.today()),
        seizures_by_references(session, references),
        {"recorded_at": clock.now(), "recorded_by": actor.username},
        report,
    )


def _take(intake: _Intake, row: Mapping[str, Any], *, readable: bool) -> None:
    """Judge one row; of a row with an unreadable cell, everything else is judged all the same."""
    before = len(intake.report.problems)
    substance = _substance(intake, row)
    _check_days(intake, row)
    if not readable or substance is None or len(intake.report.problems) > before:
        return
    reference, stated, disposal = row["reference"], _stated(intake, row, substance), _disposal(intake, row)
    recorded = intake.known.get(reference)
    if recorded is None:
        intake.seizures[reference] = stated
        if disposal is not None:
            intake.disposals[reference] = disposal
    elif recorded.content() != stated.content():
        _reused(intake, row)
        return
    elif disposal is None or (recorded.disposal and recorded.disposal.content() == disposal.content()):
        intake.report.duplicates += 1
        return
    elif recorded.disposal is not None or recorded.withdrawal is not None:
        _reused(intake, row)
        return
    else:
        intake.disposals[reference] = disposal
    intake.report.accepted += 1
    intake.known[reference] = _with(recorded or stated, disposal)


def _substance(intake: _Intake, row: Mapping[str, Any]) -> SubstanceFact | None:
    code = row["substance"]
    found = intake.substances.get(code)
    if code is not None and found is None:
        intake.problem(row["row"], "substance", "unknown-substance", intake.unknown[code])
    return found


def _check_days(intake: _Intake, row: Mapping[str, Any]) -> None:
    number, seized_on, disposed_on = row["row"], row["seized_on"], row["disposed_on"]
    stated = {name for name in ("disposal", "disposed_on") if row[name] is not None}
    unread = {problem.column for problem in intake.report.problems if problem.row == number}
    both = Message(N_("a disposal has both its kind and its day, or neither"))
    if stated or row["disposal_document"] is not None:
        for name in sorted({"disposal", "disposed_on"} - stated - unread):
            intake.problem(number, name, "missing", both)
    for name in ("seized_on", "disposed_on"):
        if row[name] is not None and row[name] > intake.today:
            day = {"day": row[name].isoformat()}
            message = Message(N_("%(day)s has not come yet: what is recorded has happened"), day)
            intake.problem(number, name, "in-the-future", message)
    if seized_on is not None and disposed_on is not None and disposed_on < seized_on:
        days = {"first": seized_on.isoformat(), "last": disposed_on.isoformat()}
        message = Message(N_("%(last)s is before seized_on, %(first)s"), days)
        intake.problem(number, "disposed_on", "dates-in-wrong-order", message)


def _stated(intake: _Intake, row: Mapping[str, Any], substance: SubstanceFact) -> SeizureFact:
    return SeizureFact(
        id=0,
        reference=row["reference"],
        seized_on=row["seized_on"],
        substance_id=substance.id,
        substance_code=substance.code,
        substance_name=substance.name,
        treaty=substance.treaty,
        quantity_ng=row["quantity_g"],
        origin=row["origin_country"],
        place=row["place"],
        document=row["document"],
        **intake.stamp,
    )


def _disposal(intake: _Intake, row: Mapping[str, Any]) -> DisposalFact | None:
    if row["disposal"] is None:
        return None
    return DisposalFact(row["disposal"], row["disposed_on"], row["disposal_document"], **intake.stamp)


def _with(fact: SeizureFact, disposal: DisposalFact | None) -> SeizureFact:
    return SeizureFact(**{name: getattr(fact, name) for name in SeizureFact.__slots__} | {"disposal": disposal})


def _reused(intake: _Intake, row: Mapping[str, Any]) -> None:
    message = Message(
        N_(
            "the seizure “%(reference)s” is recorded already with other content: only what became of it may be added, once"
        ),
        {"reference": row["reference"]},
    )
    intake.problem(row["row"], "reference", "reference-reused", message)


def _write(session: Session, intake: _Intake) -> None:
    """Write seizures and disposals; the number of statements does not grow with them."""
    if intake.seizures:
        names = ("reference", "seized_on", "substance_id", "quantity_ng", "origin", "place", "document")
        rows = [{name: getattr(fact, name) for name in names} | intake.stamp for fact in intake.seizures.values()]
        session.execute(insert(Seizure), rows)
    if intake.disposals:
        keys = wanted_codes(session, "written_seizure", intake.disposals)
        found = session.execute(select(Seizure.reference, Seizure.id).join(keys, keys.c.code == Seizure.reference))
        ids: dict[str, int] = dict(found.all())
        rows = [
            {"seizure_id": ids[reference], "kind": one.kind, "disposed_on": one.disposed_on, "document": one.document}
            | intake.stamp
            for reference, one in intake.disposals.items()
        ]
        session.execute(insert(SeizureDisposal), rows)


def withdraw_seizure(session: Session, actor: Actor, clock: Clock, reference: str, reason: str) -> None:
    """Say that a seizure was entered by mistake: it stays on record and counts nowhere from now on.

    Raises `Forbidden`, `NotFound`, `Invalid` without a reason, `TransitionRefused` when it was withdrawn before.
    """
    policy.require(actor, WRITE)
    lock_gate(session, SEIZURES_GATE, [1])
    fact = seizures_by_references(session, [reference]).get(reference)
    if fact is None:
        raise NotFound(Message(NO_SUCH, {"reference": reference}))
    if not reason:
        raise Invalid(EMPTY, [Problem("reason", "missing", EMPTY)])
    if fact.withdrawal is not None:
        raise TransitionRefused(Message(N_("this seizure was withdrawn already")))
    stamp = {"recorded_at": clock.now(), "recorded_by": actor.username}
    session.execute(insert(SeizureWithdrawal), [{"seizure_id": fact.id, "reason": reason} | stamp])
    record(session, actor, clock, "seizures.withdraw", reference, {"reason": reason})
