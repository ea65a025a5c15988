"""Lines of quotas: taken in from files as decided, or proposed by one person and approved by another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleRefused
from registry.kernel.mass import grams
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.parties.queries import near_codes, organisations_by_codes
from registry.quotas.domain.kinds import CEILING_KIND, ITEMS, QUOTA_KINDS
from registry.quotas.domain.lines import LineFact, LineState, counts_from
from registry.quotas.domain.rules import SECOND_PERSON, allocated_too_much
from registry.quotas.models import QuotaLine
from registry.quotas.queries import line_by_id, lines_by_substance
from registry.quotas.service.positions import settle_from
from registry.substances.domain.facts import SubstanceFact, Treaty
from registry.substances.queries.lists import substance_by_codes

FILE_KIND = "quotas"
QUOTAS_GATE = 4
"""Gate of `db.lock_gate`: one file or proposal of quotas at a time, so that a key is recorded once."""

Key = tuple[int, int, str, str | None, int | None, str | None]


@dataclass(slots=True)
class _Intake:
    substances: Mapping[str, SubstanceFact]
    organisations: Mapping[str, int]
    near: Mapping[str, tuple[str, ...]]
    recorded: Mapping[Key, LineFact]
    report: Report
    drafts: dict[Key, LineFact] = field(default_factory=dict)

    def problem(self, row: int, column: str, code: str, msgid: str, params: Mapping[str, object]) -> None:
        """Keep one problem of a cell."""
        self.report.problems.append(Problem(column, code, Message(msgid, params), row))


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """What an officer proposes; `quantity_ng` in nanograms of base, codes as the lists write them."""

    year: int
    substance: str
    kind: str
    quantity_ng: int
    item: str | None = None
    organisation: str | None = None
    act: str | None = None
    act_date: date | None = None
    effective_on: date | None = None
    note: str | None = None


def record_lines(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in a file of quotas, decided elsewhere and therefore approved at once.

    The key of a row is year, substance, kind, item, organisation and act: the same content
    again is a duplicate, other content an error, because nothing decided is overwritten.
    Nothing is written when the report is refused. Cells of `quantity_g` are whole nanograms.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, QUOTAS_GATE, [1])
    rows = checked.rows()
    intake = _look_up(session, clock, rows, report)
    bad = report.bad_rows
    for row in rows:
        if row["row"] not in bad:
            _take(intake, row)
    report.accepted = len(intake.drafts)
    if report.refused or not intake.drafts:
        return report
    drafts = list(intake.drafts.values())
    _write(session, actor, clock, drafts, LineState.APPROVED)
    report.findings.extend(_settle(session, clock, drafts))
    record(session, actor, clock, "quotas.record", source, {"accepted": report.accepted})
    return report


def propose_line(session: Session, actor: Actor, clock: Clock, command: ProposedLine) -> int:
    """Propose one line; it counts once a second person approves it. Returns its id.

    Raises `Invalid` with every problem, or `Conflict` when a line with this key stands already.
    """
    report = Report(FILE_KIND)
    row: dict[str, object] = {
        "row": None,
        "year": command.year,
        "substance": command.substance,
        "kind": command.kind,
        "quantity_g": command.quantity_ng,
        "item": command.item,
        "organisation": command.organisation,
        "act": command.act,
        "act_date": command.act_date,
        "effective_on": command.effective_on,
    }
    lock_gate(session, QUOTAS_GATE, [1])
    intake = _look_up(session, clock, [row], report)
    _take(intake, row)
    if report.problems:
        raise Invalid(Message(N_("the line cannot be proposed")), report.problems)
    if not intake.drafts:
        raise Conflict(Message(N_("this line is recorded already")))
    draft = replace(next(iter(intake.drafts.values())), note=command.note)
    line_id = _write(session, actor, clock, [draft], LineState.PROPOSED)[0]
    record(session, actor, clock, "quotas.propose", f"quota line {line_id}", _detail(draft))
    return line_id


def approve_line(session: Session, actor: Actor, clock: Clock, line_id: int) -> None:
    """Approve a proposed line, so that it counts.

    Raises `NotFound`; `RuleRefused` for whoever proposed it; `Conflict` when somebody decided it already.
    """
    line = _require_proposed(session, line_id)
    if line.proposed_by == actor.username:
        message = Message(N_("you proposed this line: another person approves it"))
        raise RuleRefused(message, [Finding(SECOND_PERSON, message, SECOND_PERSON.severity)])
    _decide(session, actor, clock, line_id, LineState.APPROVED)
    approved = replace(line, state=LineState.APPROVED)
    _settle(session, clock, [approved])
    record(session, actor, clock, "quotas.approve", f"quota line {line_id}", _detail(line))


def withdraw_line(session: Session, actor: Actor, clock: Clock, line_id: int) -> None:
    """Withdraw a proposed line; an approved one is never withdrawn, only followed by another."""
    line = _require_proposed(session, line_id)
    _decide(session, actor, clock, line_id, LineState.WITHDRAWN)
    record(session, actor, clock, "quotas.withdraw", f"quota line {line_id}", _detail(line))


def _require_proposed(session: Session, line_id: int) -> LineFact:
    line = line_by_id(session, line_id)
    if line is None:
        raise NotFound(Message(N_("there is no such line")))
    if line.state != LineState.PROPOSED:
        raise Conflict(Message(N_("somebody has decided on this line already")))
    return line


def _decide(session: Session, actor: Actor, clock: Clock, line_id: int, state: LineState) -> None:
    decided = session.execute(
        update(QuotaLine)
        .where(QuotaLine.id == line_id, QuotaLine.state == LineState.PROPOSED.value)
        .values(state=state.value, approved_by=actor.username, approved_at=clock.now())
    )
    if decided.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(Message(N_("somebody has decided on this line already")))


def _look_up(session: Session, clock: Clock, rows: Iterable[Mapping[str, Any]], report: Report) -> _Intake:
    rows = list(rows)
    substances = substance_by_codes(session, {row["substance"] for row in rows if row["substance"]}, clock.today())
    codes = {row["organisation"] for row in rows if row["organisation"]}
    organisations = organisations_by_codes(session, codes)
    recorded = lines_by_substance(session, {fact.id for fact in substances.values()})
    standing = [line for lines in recorded.values() for line in lines if line.state != LineState.WITHDRAWN]
    near = near_codes(session, codes - organisations.keys())
    return _Intake(substances, organisations, near, {_key(line): line for line in standing}, report)


def _take(intake: _Intake, row: Mapping[str, Any]) -> None:
    before = len(intake.report.problems)
    substance = intake.substances.get(row["substance"])
    if substance is None:
        intake.problem(
            row["row"],
            "substance",
            "unknown-substance",
            N_("“%(code)s” is in no list that is loaded"),
            {"code": row["substance"]},
        )
        return
    _check_kind(intake, row, substance)
    if row["organisation"] and row["organisation"] not in intake.organisations:
        near = intake.near.get(row["organisation"], ())
        msgid = (
            N_("there is no organisation with the code “%(code)s”. Near to it: %(near)s")
            if near
            else N_("there is no organisation with the code “%(code)s”")
        )
        said = {"code": row["organisation"], "near": ", ".join(near)}
        intake.problem(row["row"], "organisation", "unknown-organisation", msgid, said)
    if len(intake.report.problems) > before:
        return
    _keep(intake, row, _draft(intake, row, substance))


def _check_kind(intake: _Intake, row: Mapping[str, Any], substance: SubstanceFact) -> None:
    kind = QUOTA_KINDS[row["kind"]]
    if substance.treaty not in kind.treaties:
        right = CEILING_KIND.get(substance.treaty)
        said = {"kind": kind.code, "substance": substance.code, "right": right.code if right else "-"}
        msgid = N_("“%(kind)s” is not set for %(substance)s: the international figure there is “%(right)s”")
        intake.problem(row["row"], "kind", "wrong-kind", msgid, said)
        return
    itemised = kind.itemised and substance.treaty == Treaty.NARCOTIC
    item = ITEMS.get(row["item"] or "")
    if itemised and item is None:
        msgid = N_("an estimate is of one item: %(known)s")
        intake.problem(row["row"], "item", "missing", msgid, {"known": ", ".join(ITEMS)})
    if not itemised and row["item"]:
        msgid = N_("only the estimates of narcotic drugs have items: leave the cell empty")
        intake.problem(row["row"], "item", "not-wanted", msgid, {})
    if kind.of_organisation and not row["organisation"]:
        msgid = N_("an allocation belongs to one organisation: name it")
        intake.problem(row["row"], "organisation", "missing", msgid, {})
    if row["organisation"] and not kind.of_organisation and not (item is not None and item.of_organisation):
        msgid = N_("this line is of the whole country: leave the cell empty")
        intake.problem(row["row"], "organisation", "not-wanted", msgid, {})
    if row["effective_on"] is not None and row["effective_on"].year > row["year"] and not kind.stays:
        msgid = N_("%(day)s is after the end of %(year)s: the line would never count")
        said = {"day": row["effective_on"].isoformat(), "year": row["year"]}
        intake.problem(row["row"], "effective_on", "dates-in-wrong-order", msgid, said)


def _draft(intake: _Intake, row: Mapping[str, Any], substance: SubstanceFact) -> LineFact:
    return LineFact(
        id=0,
        year=row["year"],
        substance_id=substance.id,
        kind=row["kind"],
        item=row["item"],
        organisation_id=intake.organisations.get(row["organisation"] or ""),
        quantity_ng=row["quantity_g"],
        effective_on=counts_from(row["year"], row["act_date"], row["effective_on"]),
        act=row["act"],
        act_date=row["act_date"],
    )


def _keep(intake: _Intake, row: Mapping[str, Any], draft: LineFact) -> None:
    key = _key(draft)
    known = intake.recorded.get(key) or intake.drafts.get(key)
    if known is None:
        intake.drafts[key] = draft
    elif _content(known) == _content(draft):
        intake.report.duplicates += 1
    else:
        msgid = N_("this line is recorded already with %(quantity)s g: a change is a new line with an act of its own")
        said = {"quantity": grams(known.quantity_ng)}
        intake.problem(row["row"], "quantity_g", "reference-reused", msgid, said)


def _key(line: LineFact) -> Key:
    return line.year, line.substance_id, line.kind, line.item, line.organisation_id, line.act


def _content(line: LineFact) -> tuple[object, ...]:
    return line.quantity_ng, line.act_date, line.effective_on


def _write(session: Session, actor: Actor, clock: Clock, drafts: list[LineFact], state: LineState) -> list[int]:
    approved = state is LineState.APPROVED
    rows = [
        {
            "year": draft.year,
            "substance_id": draft.substance_id,
            "kind": draft.kind,
            "item": draft.item,
            "organisation_id": draft.organisation_id,
            "quantity_ng": draft.quantity_ng,
            "act": draft.act,
            "act_date": draft.act_date,
            "effective_on": draft.effective_on,
            "state": state.value,
            "note": draft.note,
            "proposed_by": actor.username,
            "recorded_at": clock.now(),
            "approved_by": actor.username if approved else None,
            "approved_at": clock.now() if approved else None,
        }
        for draft in drafts
    ]
    if len(rows) == 1:
        return [int(session.execute(insert(QuotaLine).values(rows[0]).returning(QuotaLine.id)).scalar_one())]
    session.connection().execute(insert(QuotaLine), rows)
    return []


def _settle(session: Session, clock: Clock, lines: Iterable[LineFact]) -> list[Finding]:
    """Set the positions anew that these lines reach; return what became a flag."""
    keys = {(line.year, line.substance_id) for line in lines}
    positions = settle_from(session, clock, keys)
    parameters = parameters_on(session, clock.today())
    findings = [allocated_too_much(*positions[key], parameters) for key in sorted(keys & positions.keys())]
    kept = [finding for finding in findings if finding is not None]
    raise_flags(session, clock, kept)
    return kept


def _detail(line: LineFact) -> dict[str, object]:
    return {"year": line.year, "substance": line.substance_id, "kind": line.kind, "quantity_g": grams(line.quantity_ng)}
