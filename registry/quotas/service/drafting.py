"""Rows and commands into lines: what is looked up and checked the same way for a file and for a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from registry.db import Moment
from registry.flags.service import raise_flags
from registry.intake.check import Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Problem
from registry.kernel.mass import grams
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.mergers.domain import SITE
from registry.mergers.queries import survivors_of
from registry.mergers.service import no_merger_meanwhile, note
from registry.parameters.queries import parameters_on
from registry.parties.queries import near_codes, organisations_by_codes
from registry.quotas.domain.deeds import NEVER_COUNTS
from registry.quotas.domain.kinds import CEILING_KIND, ITEMS, QUOTA_KINDS
from registry.quotas.domain.lines import LineFact, counts_from
from registry.quotas.domain.rules import allocated_too_much
from registry.quotas.domain.states import COUNTING, ENDED, Transition
from registry.quotas.models import QuotaLine
from registry.quotas.queries import lines_by_substance
from registry.quotas.service.positions import settle_from
from registry.substances.domain.facts import SubstanceFact, Treaty
from registry.substances.queries.lists import substance_by_codes

FILE_KIND = "quotas"
QUOTAS_GATE = 16
"""Gate of `db.lock_gate`: one file or step of quotas at a time, so that a key is recorded once."""

Key = tuple[int, int, str, str | None, int | None, str | None]


@dataclass(slots=True)
class Intake:
    """What rows are judged by, and what became of them. `recorded`: the lines whose key is taken."""

    substances: Mapping[str, SubstanceFact]
    organisations: Mapping[str, int]
    near: Mapping[str, tuple[str, ...]]
    recorded: Mapping[Key, LineFact]
    report: Report
    drafts: dict[Key, LineFact] = field(default_factory=dict)

    def problem(self, row: int | None, column: str, code: str, msgid: str, params: Mapping[str, object]) -> None:
        """Keep one problem of a cell."""
        self.report.problems.append(Problem(column, code, Message(msgid, params), row))


def look_up(session: Session, clock: Clock, rows: Iterable[Mapping[str, Any]], report: Report) -> Intake:
    """Read at once what all rows name and the lines that stand already; lines that ended leave their key free."""
    rows = list(rows)
    substances = substance_by_codes(session, {row["substance"] for row in rows if row["substance"]}, clock.today())
    codes = {row["organisation"] for row in rows if row["organisation"]}
    no_merger_meanwhile(session)
    merged = survivors_of(session, SITE, codes)
    known = organisations_by_codes(session, codes | set(merged.values()))
    organisations = known | {code: known[survivor] for code, survivor in merged.items() if survivor in known}
    report.findings.extend(note(code, survivor, None) for code, survivor in sorted(merged.items()))
    recorded = lines_by_substance(session, {fact.id for fact in substances.values()})
    # A line that stands under a code merged since is the same line, named again.
    moved = {known[code]: organisations[code] for code in merged if code in known}
    standing = [
        replace(line, organisation_id=moved.get(line.organisation_id or 0, line.organisation_id))
        for lines in recorded.values()
        for line in lines
        if line.state not in ENDED
    ]
    near = near_codes(session, codes - organisations.keys())
    return Intake(substances, organisations, near, {key_of(line): line for line in standing}, report)


def take(intake: Intake, row: Mapping[str, Any]) -> None:
    """Judge one row: it becomes a draft, a duplicate or problems."""
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


def _check_kind(intake: Intake, row: Mapping[str, Any], substance: SubstanceFact) -> None:
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
        said = {"day": row["effective_on"].isoformat(), "year": row["year"]}
        intake.problem(row["row"], "effective_on", "dates-in-wrong-order", NEVER_COUNTS, said)


def _draft(intake: Intake, row: Mapping[str, Any], substance: SubstanceFact) -> LineFact:
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


def _keep(intake: Intake, row: Mapping[str, Any], draft: LineFact) -> None:
    key = key_of(draft)
    known = intake.recorded.get(key) or intake.drafts.get(key)
    if known is None:
        intake.drafts[key] = draft
    elif content_of(known) == content_of(draft):
        intake.report.duplicates += 1
    else:
        msgid = N_("this line is recorded already with %(quantity)s g: a change is a new line with an act of its own")
        said = {"quantity": grams(known.quantity_ng)}
        intake.problem(row["row"], "quantity_g", "reference-reused", msgid, said)


def key_of(line: LineFact) -> Key:
    """Return what tells a line from every other."""
    return line.year, line.substance_id, line.kind, line.item, line.organisation_id, line.act


def content_of(line: LineFact) -> tuple[object, ...]:
    """Return what two lines of one key must share to be the same."""
    return line.quantity_ng, line.act_date, line.effective_on


def write_lines(
    session: Session,
    actor: Actor,
    clock: Clock,
    drafts: list[LineFact],
    step: Transition,
    note: str | None = None,
    detail: Mapping[str, object] | None = None,
) -> list[int]:
    """Write new lines with their first step; return their ids. The number of statements does not grow with the lines.

    A line that names who proposed it keeps that. The caller holds the gate of quotas, so that the rows above the highest id before are these.
    """
    rows = [_row_of(actor, clock, draft, step) for draft in drafts]
    last = session.scalar(select(func.max(QuotaLine.id))) or 0
    session.connection().execute(insert(QuotaLine), rows)
    session.execute(
        text(
            "INSERT INTO quota_line_event (line_id, version, step, note, detail, done_by, done_at)"
            " SELECT id, version, :step, :note, :detail, :done_by, :done_at FROM quota_line WHERE id > :last ORDER BY id"
        ).bindparams(bindparam("done_at", type_=Moment)),
        {
            "step": step.step,
            "note": note,
            "detail": json.dumps(detail or {}),
            "done_by": actor.username,
            "done_at": clock.now(),
            "last": last,
        },
    )
    return list(session.scalars(select(QuotaLine.id).where(QuotaLine.id > last).order_by(QuotaLine.id)))


def _row_of(actor: Actor, clock: Clock, draft: LineFact, step: Transition) -> dict[str, object]:
    counts = step.target.value in COUNTING
    return {
        "year": draft.year,
        "substance_id": draft.substance_id,
        "kind": draft.kind,
        "item": draft.item,
        "organisation_id": draft.organisation_id,
        "quantity_ng": draft.quantity_ng,
        "act": draft.act,
        "act_date": draft.act_date,
        "effective_on": draft.effective_on,
        "state": step.target.value,
        "note": draft.note,
        "proposed_by": draft.proposed_by or actor.username,
        "recorded_at": clock.now(),
        "approved_by": actor.username if counts else None,
        "approved_at": clock.now() if counts else None,
    }


def settle_lines(session: Session, clock: Clock, lines: Iterable[LineFact]) -> list[Finding]:
    """Set the positions anew that these lines reach; return what became a flag."""
    keys = {(line.year, line.substance_id) for line in lines}
    positions = settle_from(session, clock, keys)
    parameters = parameters_on(session, clock.today())
    findings = [allocated_too_much(*positions[key], parameters) for key in sorted(keys & positions.keys())]
    kept = [finding for finding in findings if finding is not None]
    raise_flags(session, clock, kept)
    return kept
