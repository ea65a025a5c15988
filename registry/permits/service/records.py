"""Permits from files: they were issued, so they are recorded; a rule they break becomes a flag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.mergers.service import take_over_rows
from registry.parameters.queries import course, parameters_on
from registry.permits.domain import rules
from registry.permits.domain.facts import PermitFact, bound_base_ng
from registry.permits.domain.kinds import EXPORT, PERMIT_KINDS, expiry_of
from registry.permits.domain.particulars import write_particulars
from registry.permits.models import Permit, PermitLine
from registry.permits.queries.merging import permit_moments
from registry.permits.queries.permits import permits_by_numbers
from registry.permits.service.judging import positions_now
from registry.permits.service.rows import MERGED, Known, Named, look_up, named_in, problem
from registry.quotas.domain.rules import granted_too_much, missing_state_quota
from registry.quotas.service import ensure_and_lock_positions, settle_positions
from registry.substances.queries.detail import prohibitions_against
from registry.substances.queries.lists import substances_by_ids

FILE_KIND = "permits"
PERMITS_GATE = 6
"""Gate of `db.lock_gate`: one file of permits at a time, so that a number is recorded once."""

_HEADER = (
    "number", "kind", "organisation_id", "partner_country", "partner", "issued_on", "expires_on",
    "counterpart_number", "purpose", "customs_office", "eaeu_number",
)  # fmt: skip


@dataclass(slots=True)
class _Draft:
    """One permit of the file with its lines; `recorded`: what the registry holds of it already."""

    row: int
    header: PermitFact
    recorded: PermitFact | None
    lines: dict[int, Named] = field(default_factory=dict)


def record_permits(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Record permits of a file; rows that share a number are the lines of one permit.

    An import permit reserves its quantity without being refused: a position it overdraws is
    flagged (QTA-01), so is a validity beyond the rule (PRM-11). The quota year is the year of issue.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, PERMITS_GATE, [1])
    rows = checked.rows()
    recorded = permits_by_numbers(session, {str(row["number"]) for row in rows if row["number"]})
    rows, notes = take_over_rows(session, rows, MERGED, "number", partial(permit_moments, session))
    report.findings.extend(notes)
    known = look_up(session, rows, clock.today())
    bad = report.bad_rows
    drafts: dict[str, _Draft] = {}
    for row in rows:
        if row["row"] not in bad:
            _take(row, known, recorded, drafts, report)
    report.accepted = sum(len(draft.lines) for draft in drafts.values())
    if report.refused or not report.accepted:
        return report
    chosen = [draft for draft in drafts.values() if draft.lines]
    keys = sorted(
        {
            (draft.header.quota_year, substance)
            for draft in chosen
            if PERMIT_KINDS[draft.header.kind].reserves
            for named in draft.lines.values()
            for substance in bound_base_ng(named.revision)
        }
    )
    if keys:
        ensure_and_lock_positions(session, keys)
    _write(session, actor, clock, chosen)
    report.findings.extend(_long_validity(session, chosen))
    report.findings.extend(_prohibited(session, clock, chosen))
    report.findings.extend(_settle(session, clock, keys))
    raise_flags(session, clock, report.findings)
    record(session, actor, clock, "permits.record", source, {"accepted": report.accepted, "permits": len(chosen)})
    return report


def _take(
    row: Mapping[str, Any],
    known: Known,
    recorded: Mapping[str, PermitFact],
    drafts: dict[str, _Draft],
    report: Report,
) -> None:
    before = len(report.problems)
    named = named_in(known, row, row["issued_on"], report)
    if row["expires_on"] < row["issued_on"]:
        msgid = N_("%(last)s is before issued_on, %(first)s")
        said = {"last": row["expires_on"].isoformat(), "first": row["issued_on"].isoformat()}
        problem(report, row, "expires_on", "dates-in-wrong-order", msgid, **said)
    if named is None or len(report.problems) > before:
        return
    header = _header(row, named)
    held = recorded.get(header.number)
    draft = drafts.setdefault(header.number, _Draft(row["row"], header, held))
    if not _same_header(draft.header, header) or (held is not None and not _same_header(held, header)):
        msgid = N_("the permit “%(number)s” stands with other particulars already")
        problem(report, row, "number", "reference-reused", msgid, number=header.number)
        return
    product = named.revision.product_id
    line = held.lines.get(product) if held is not None else None
    units = line.units if line is not None else draft.lines[product].units if product in draft.lines else None
    if units is None:
        draft.lines[product] = named
    elif units == named.units:
        report.duplicates += 1
    else:
        msgid = N_("the permit “%(number)s” holds %(product)s already with another quantity")
        said = {"number": header.number, "product": named.revision.code}
        problem(report, row, "quantity", "reference-reused", msgid, **said)


def _header(row: Mapping[str, Any], named: Named) -> PermitFact:
    issued_on: date = row["issued_on"]
    return PermitFact(
        id=0,
        number=row["number"],
        kind=row["kind"],
        organisation_id=named.organisation_id,
        partner_country=row["partner_country"],
        partner=row["partner"],
        issued_on=issued_on,
        expires_on=row["expires_on"],
        quota_year=issued_on.year,
        arrived_on=None,
        counterpart_number=row["counterpart_number"],
        purpose=row["purpose"],
        customs_office=row["customs_office"],
        eaeu_number=row["eaeu_number"],
    )


def _same_header(one: PermitFact, other: PermitFact) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _HEADER)


def _write(session: Session, actor: Actor, clock: Clock, drafts: Sequence[_Draft]) -> None:
    """Write permits and lines with a constant number of statements."""
    new = [
        {name: getattr(draft.header, name) for name in _HEADER}
        | {
            "quota_year": draft.header.quota_year,
            "particulars": write_particulars({}),
            "recorded_at": clock.now(),
            "recorded_by": actor.username,
        }
        for draft in drafts
        if draft.recorded is None
    ]
    if new:
        session.connection().execute(insert(Permit), new)
    ids = {
        number: permit.id
        for number, permit in permits_by_numbers(session, [draft.header.number for draft in drafts]).items()
    }
    lines = [
        {
            "permit_id": ids[draft.header.number],
            "product_id": product,
            "revision_id": named.revision.id,
            "units": named.units,
        }
        for draft in drafts
        for product, named in draft.lines.items()
    ]
    session.connection().execute(insert(PermitLine), lines)


def _long_validity(session: Session, drafts: Sequence[_Draft]) -> list[Finding]:
    findings, set_ = [], course(session)
    for draft in drafts:
        header = draft.header
        parameters = set_.on(header.issued_on)
        last = expiry_of(header.issued_on, header.quota_year, parameters=parameters)
        if header.expires_on > last:
            message = Message(
                N_("permit %(number)s is valid to %(day)s, beyond %(last)s"),
                {"number": header.number, "day": header.expires_on.isoformat(), "last": last.isoformat()},
            )
            findings.append(
                Finding(
                    rules.VALIDITY,
                    message,
                    parameters.reported(rules.VALIDITY),
                    draft.row,
                    header.expires_on.isoformat(),
                    last.isoformat(),
                    subject=f"permit {header.number}",
                    organisation_id=header.organisation_id,
                )
            )
    return findings


def _prohibited(session: Session, clock: Clock, drafts: Sequence[_Draft]) -> list[Finding]:
    """Flag exports of a substance to a country that prohibits its import (1971 art. 13)."""
    goods = [
        (draft, part)
        for draft in drafts
        if draft.header.kind == EXPORT.code
        for named in draft.lines.values()
        for part in named.revision.components
    ]
    pairs = {(draft.header.partner_country, part.substance_id) for draft, part in goods}
    prohibited = prohibitions_against(session, pairs, clock.today())
    return [
        Finding(
            rules.ARTICLE_13,
            Message(
                N_("%(country)s prohibits the import of %(substance)s: permit %(number)s"),
                {
                    "country": draft.header.partner_country,
                    "substance": part.substance_name,
                    "number": draft.header.number,
                },
            ),
            rules.ARTICLE_13.reported,
            draft.row,
            subject=f"permit {draft.header.number}",
            organisation_id=draft.header.organisation_id,
        )
        for draft, part in goods
        if (draft.header.partner_country, part.substance_id) in prohibited
    ]


def _settle(session: Session, clock: Clock, keys: Sequence[tuple[int, int]]) -> list[Finding]:
    """Set the locked positions anew and flag those now overdrawn."""
    today = clock.today()
    substances = list(substances_by_ids(session, {substance for _, substance in keys}, today).values())
    parameters = parameters_on(session, today)
    findings: list[Finding | None] = []
    for year in sorted({year for year, _ in keys}):
        wanted = {substance for of_year, substance in keys if of_year == year}
        pairs = positions_now(session, year, today, [each for each in substances if each.id in wanted])
        settle_positions(session, [position for _, position in pairs.values()])
        for substance, position in pairs.values():
            findings.append(granted_too_much(substance, position, parameters))
            findings.append(missing_state_quota(substance, position, parameters))
    return [finding for finding in findings if finding is not None]
