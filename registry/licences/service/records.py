"""Taking licences in: set-based, what was recorded is never changed, only followed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.audit.service import record
from registry.db import lock_gate
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.codes import search_key
from registry.kernel.errors import Problem
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.licences.domain import (
    ACTS,
    ENDING_SOON,
    FIRST_DAY,
    LICENCE_ENDS,
    LicenceFact,
    amount_missing,
    scope_changed,
)
from registry.licences.models import Licence, LicenceRevision
from registry.licences.queries import SEPARATOR, licences_by_numbers, recorded_moments
from registry.mergers.domain import SITE
from registry.mergers.service import take_over
from registry.parameters.queries import parameters_on
from registry.parties.domain import SiteFact
from registry.parties.queries import near_codes, sites_by_codes
from registry.substances.domain.scope import is_code_term
from registry.substances.queries import substance_by_codes, substances_on
from registry.substances.queries.base import wanted_codes

FILE_KIND = "licences"
LICENCES_GATE = 3
MERGED = {"organisation": SITE, "site": SITE}
"""Gate of `db.lock_gate`: one file of licences at a time."""

LISTED_IN_AUDIT = 100
MOST_SUGGESTED_FOR = 50
OFFERED = 3

_CONTENT = (
    "organisation_id", "site_id", "acts", "scope", "valid_from", "valid_to", "authority", "limit_ng", "conditions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Draft:
    """One revision to be written; `licence_id` None: the licence itself is new."""

    row: int
    fact: LicenceFact
    revision: int
    licence_id: int | None


@dataclass(slots=True)
class _Intake:
    """What is known before the rows are judged, and what came of them."""

    today: date
    recorded: Mapping[str, tuple[LicenceFact, ...]]
    sites: Mapping[str, SiteFact]
    near_sites: Mapping[str, tuple[str, ...]]
    unknown_terms: Mapping[str, tuple[str, ...]]
    report: Report
    parameters: Parameters
    drafts: dict[str, _Draft] = field(default_factory=dict)

    @property
    def ends_by(self) -> date:
        """Return the last day of a licence that is said to end soon."""
        return self.today + timedelta(days=self.parameters.number(ENDING_SOON))

    def problem(self, row: int, column: str, code: str, msgid: str, params: Mapping[str, object]) -> None:
        """Keep one problem of a cell."""
        self.report.problems.append(Problem(column, code, Message(msgid, params), row))


def record_licences(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in a file of licences; nothing is written when the report is refused.

    The same content again is a duplicate, other content a revision that counts from today;
    earlier days keep what the licence said then. Cells of `acts` and `substances` are tuples
    of codes and of stored scope terms, `limit_g` is whole nanograms.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, LICENCES_GATE, [1])
    intake = _look_up(session, clock, checked, report)
    bad = report.bad_rows
    for row in checked.rows():
        if row["row"] not in bad:
            _take(intake, row)
    if report.refused:
        return report
    drafts = list(intake.drafts.values())
    if drafts:
        _write(session, actor, clock, drafts)
        numbers = [draft.fact.number for draft in drafts[:LISTED_IN_AUDIT]]
        raise_flags(session, clock, report.findings)
        record(session, actor, clock, "licences.record", source, {"accepted": report.accepted, "numbers": numbers})
    return report


def _look_up(session: Session, clock: Clock, checked: Checked, report: Report) -> _Intake:
    columns = checked.columns
    numbers = {str(number) for number in columns["number"] if number is not None}
    report.findings.extend(
        take_over(
            session, columns, checked.numbers, MERGED, columns["number"].__getitem__, partial(recorded_moments, session)
        )
    )
    today = clock.today()
    codes = {str(code) for name in ("organisation", "site") for code in columns[name] if code is not None}
    sites = sites_by_codes(session, codes)
    terms = {term for cell in columns["substances"] if isinstance(cell, tuple) for term in cell if is_code_term(term)}
    return _Intake(
        today,
        licences_by_numbers(session, numbers),
        sites,
        near_codes(session, codes - sites.keys()),
        _unknown_terms(session, terms, today),
        report,
        parameters_on(session, today),
    )


def _unknown_terms(session: Session, terms: set[str], today: date) -> dict[str, tuple[str, ...]]:
    """Return the codes no loaded list holds, each with what might have been meant."""
    unknown = sorted(terms - substance_by_codes(session, terms, today).keys())
    if not unknown:
        return {}
    meant: dict[str, str] = {}
    for fact in substances_on(session, today):
        meant[search_key(fact.code)] = meant[search_key(fact.name)] = f"{fact.code} ({fact.name})"
    near: dict[str, tuple[str, ...]] = dict.fromkeys(unknown, ())
    for term in unknown[:MOST_SUGGESTED_FOR]:
        keys = difflib.get_close_matches(search_key(term), list(meant), OFFERED)
        near[term] = tuple(dict.fromkeys(meant[key] for key in keys))
    return near


def _take(intake: _Intake, row: Mapping[str, Any]) -> None:
    before = len(intake.report.problems)
    organisation, site = _holder(intake, row)
    _check_cells(intake, row)
    if len(intake.report.problems) > before or organisation is None:
        return
    number = row["number"]
    recorded = intake.recorded.get(number, ())
    fact = _fact(row, organisation, site, intake.today if recorded else FIRST_DAY)
    earlier = intake.drafts.get(number)
    if earlier is not None:
        if _content(earlier.fact) == _content(fact):
            intake.report.duplicates += 1
        else:
            said = {"number": number, "first": earlier.row}
            msgid = N_("“%(number)s” stands in row %(first)s with other content")
            intake.problem(row["row"], "number", "repeated-key", msgid, said)
        return
    if recorded and _content(recorded[-1]) == _content(fact):
        intake.report.duplicates += 1
        return
    intake.report.accepted += 1
    intake.drafts[number] = _Draft(row["row"], fact, len(recorded) + 1, recorded[0].id if recorded else None)
    scope = scope_changed(recorded[-1], fact, intake.parameters) if recorded else None
    for found in (scope, amount_missing(fact, intake.parameters)):
        if found is not None:
            intake.report.findings.append(replace(found, row=row["row"]))
    if intake.today <= fact.valid_to <= intake.ends_by:
        intake.report.findings.append(_ends_soon(intake, fact, row["row"]))


def _holder(intake: _Intake, row: Mapping[str, Any]) -> tuple[SiteFact | None, SiteFact | None]:
    """Return the main site of the holder and the site named; each problem is kept."""
    organisation, site = intake.sites.get(row["organisation"]), intake.sites.get(row["site"] or "")
    if organisation is None:
        _unknown_site(intake, row, "organisation")
    elif not organisation.is_main:
        said = {"code": organisation.code, "organisation": organisation.organisation_code}
        msgid = N_("“%(code)s” is a site of “%(organisation)s”: name the organisation here, the site in its own column")
        intake.problem(row["row"], "organisation", "not-an-organisation", msgid, said)
    if row["site"] is not None and site is None:
        _unknown_site(intake, row, "site")
    elif organisation is not None and site is not None and site.organisation_id != organisation.organisation_id:
        said = {"code": site.code, "organisation": organisation.organisation_code}
        msgid = N_("“%(code)s” is not a site of “%(organisation)s”")
        intake.problem(row["row"], "site", "site-of-another", msgid, said)
    return organisation, site


def _unknown_site(intake: _Intake, row: Mapping[str, Any], column: str) -> None:
    near = intake.near_sites.get(row[column], ())
    msgid = (
        N_("there is no site or organisation with the code “%(code)s”. Near to it: %(near)s")
        if near
        else N_("there is no site or organisation with the code “%(code)s”")
    )
    said = {"code": row[column], "near": ", ".join(near)}
    intake.problem(row["row"], column, f"unknown-{column}", msgid, said)


def _check_cells(intake: _Intake, row: Mapping[str, Any]) -> None:
    for term in row["substances"]:
        if term in intake.unknown_terms:
            near = intake.unknown_terms[term]
            msgid = (
                N_("“%(term)s” is in no list that is loaded. Near to it: %(near)s")
                if near
                else N_("“%(term)s” is in no list that is loaded")
            )
            said = {"term": term, "near": ", ".join(near)}
            intake.problem(row["row"], "substances", "unknown-substance", msgid, said)
    first, last = row["valid_from"], row["valid_to"]
    if last < first:
        said = {"first": first.isoformat(), "last": last.isoformat()}
        msgid = N_("%(last)s is before valid_from, %(first)s")
        intake.problem(row["row"], "valid_to", "dates-in-wrong-order", msgid, said)


def _fact(row: Mapping[str, Any], organisation: SiteFact, site: SiteFact | None, effective_on: date) -> LicenceFact:
    return LicenceFact(
        id=0,
        number=row["number"],
        organisation_id=organisation.organisation_id,
        site_id=site.id if site else None,
        acts=frozenset(row["acts"]),
        scope=tuple(sorted(row["substances"])),
        effective_on=effective_on,
        superseded_on=None,
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        authority=row["authority"],
        limit_ng=row["limit_g"],
        conditions=row["conditions"],
    )


def _content(fact: LicenceFact) -> tuple[object, ...]:
    return tuple(getattr(fact, name) for name in _CONTENT)


def _ends_soon(intake: _Intake, fact: LicenceFact, row: int) -> Finding:
    message = Message(
        N_("licence %(number)s ends on %(day)s"), {"number": fact.number, "day": fact.valid_to.isoformat()}
    )
    limit = intake.ends_by.isoformat()
    observed = fact.valid_to.isoformat()
    return Finding(
        LICENCE_ENDS,
        message,
        intake.parameters.reported(LICENCE_ENDS),
        row,
        observed=observed,
        limit=limit,
        subject=f"licence {fact.number}",
    )


def _write(session: Session, actor: Actor, clock: Clock, drafts: list[_Draft]) -> None:
    """Write licences and revisions with a constant number of statements."""
    new = [{"number": draft.fact.number} for draft in drafts if draft.licence_id is None]
    if new:
        session.execute(insert(Licence), new)
    ids = _ids(session, (draft.fact.number for draft in drafts))
    session.execute(insert(LicenceRevision), [_row(actor, clock, draft, ids) for draft in drafts])


def _ids(session: Session, numbers: Iterable[str]) -> dict[str, int]:
    keys = wanted_codes(session, "written_licence", numbers)
    return dict(session.execute(select(Licence.number, Licence.id).join(keys, keys.c.code == Licence.number)).all())


def _row(actor: Actor, clock: Clock, draft: _Draft, ids: Mapping[str, int]) -> dict[str, object]:
    fact = draft.fact
    return {
        "licence_id": ids[fact.number],
        "number": draft.revision,
        "effective_on": fact.effective_on,
        **{name: getattr(fact, name) for name in _CONTENT},
        "acts": SEPARATOR.join(act for act in ACTS if act in fact.acts),
        "scope": SEPARATOR.join(fact.scope),
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
