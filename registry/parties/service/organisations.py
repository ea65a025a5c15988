"""Taking organisations and sites in: set-based, what was recorded is never changed, only followed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.accounts.domain import LANGUAGES
from registry.audit.service import record
from registry.db import lock_gate
from registry.flags.service import raise_flags
from registry.intake.check import Checked, Report
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.codes import search_key
from registry.kernel.email import as_email
from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import BadCell
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.mergers.domain import SITE
from registry.mergers.queries import survivors_of
from registry.mergers.service import no_merger_meanwhile, take_over
from registry.parameters.queries import parameters_on
from registry.parties.domain import (
    ENTITY_CHANGED,
    FIRST_DAY,
    KIND_CHANGED,
    LEVELS_CHANGED,
    ORGANISATION_KINDS,
    LevelChange,
    SiteFact,
    SiteRevisionFact,
)
from registry.parties.models import Organisation, Site, SiteRevision
from registry.parties.queries import near_codes, organisations_by_codes, recorded_moments, sites_by_codes
from registry.substances.queries.base import wanted_codes

FILE_KIND = "organisations"
PARTIES_GATE = 2
STATE_IT_THERE = N_("“%(code)s” was merged into “%(into)s”: state it under that code")
"""Gate of `db.lock_gate`: one file of organisations at a time."""

LISTED_IN_AUDIT = 100

_FIELDS = (
    "kind", "name", "name_ru", "name_ky", "region", "address", "registration_number", "valid_from", "valid_to",
    "distance_selling",
)  # fmt: skip


@dataclass(slots=True)
class _Draft:
    """One revision to be written; `site` None: the site itself is new."""

    row: int
    code: str
    parent: str | None
    revision: SiteRevisionFact
    number: int
    site: SiteFact | None


@dataclass(slots=True)
class _Intake:
    """What is known before the rows are judged, and what came of them."""

    today: date
    sites: Mapping[str, SiteFact]
    parents: Mapping[str, str | None]
    report: Report
    parameters: Parameters
    near: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drafts: dict[str, _Draft] = field(default_factory=dict)

    def problem(self, row: int, column: str, code: str, msgid: str, params: Mapping[str, object]) -> None:
        """Keep one problem of a cell."""
        self.report.problems.append(Problem(column, code, Message(msgid, params), row))


def record_organisations(session: Session, actor: Actor, clock: Clock, checked: Checked, source: str) -> Report:
    """Take in a file of organisations and sites; nothing is written when the report is refused.

    A row without `parent` is an organisation with its main site, a row with `parent` a further
    site of that organisation, in any order. The same content again is a duplicate, other
    content a revision that counts from today. A site never moves to another organisation.
    A change of level is announced to the rooms above, which answer what they did about it.
    """
    report = Report(FILE_KIND, rows=len(checked.numbers), problems=list(checked.problems))
    if not checked.columns:
        return report
    lock_gate(session, PARTIES_GATE, [1])
    intake = _look_up(session, clock, checked, report)
    bad = report.bad_rows
    for row in checked.rows():
        if row["row"] not in bad:
            _take(intake, row)
    drafts = list(intake.drafts.values())
    no_merger_meanwhile(session)
    for code, into in survivors_of(session, SITE, intake.drafts).items():
        said = {"code": code, "into": into}
        intake.problem(intake.drafts[code].row, "code", "merged", STATE_IT_THERE, said)
    if report.refused:
        return report
    if drafts:
        _write(session, actor, clock, drafts)
        done = _announce_levels(session, actor, clock, drafts)
        report.findings = [_completed(finding, done) for finding in report.findings]
        raise_flags(session, clock, report.findings)
        codes = [draft.code for draft in drafts[:LISTED_IN_AUDIT]]
        record(session, actor, clock, "parties.record", source, {"accepted": report.accepted, "codes": codes})
    return report


def _look_up(session: Session, clock: Clock, checked: Checked, report: Report) -> _Intake:
    columns = checked.columns
    codes = {str(code) for code in columns["code"] if code is not None}
    report.findings.extend(
        take_over(
            session,
            columns,
            checked.numbers,
            {"parent": SITE},
            columns["code"].__getitem__,
            partial(recorded_moments, session),
        )
    )
    named = {str(parent) for parent in columns["parent"] if parent is not None}
    # A row that another cell spoils still names its organisation: its sites are not blamed for it.
    parents = {
        str(code): None if parent is None else str(parent)
        for code, parent in zip(columns["code"], columns["parent"], strict=True)
        if code is not None
    }
    sites = sites_by_codes(session, codes | named)
    unknown = named - sites.keys() - parents.keys()
    parameters = parameters_on(session, clock.today())
    return _Intake(clock.today(), sites, parents, report, parameters, near_codes(session, unknown))


def _take(intake: _Intake, row: Mapping[str, Any]) -> None:
    number, code, parent = row["row"], row["code"], row["parent"]
    known = intake.sites.get(code)
    effective_on = intake.today if known else FIRST_DAY
    cells = {**row, "distance_selling": bool(row["distance_selling"])}
    revision = SiteRevisionFact(effective_on, *(cells[name] for name in _FIELDS))
    before = len(intake.report.problems)
    _check_days(intake, row)
    _check_parent(intake, row, known)
    if len(intake.report.problems) > before:
        return
    earlier = intake.drafts.get(code)
    if earlier is not None:
        if (earlier.parent, _content(earlier.revision)) == (parent, _content(revision)):
            intake.report.duplicates += 1
        else:
            said = {"code": code, "first": earlier.row}
            intake.problem(
                number, "code", "repeated-key", N_("“%(code)s” stands in row %(first)s with other content"), said
            )
        return
    if known is not None and _content(known.latest) == _content(revision):
        intake.report.duplicates += 1
        return
    if known is not None and known.latest.kind != revision.kind:
        intake.report.findings.append(_kind_changed(intake, number, known, revision))
    entity = _entity_changed(intake, number, known, revision) if known is not None else None
    if entity is not None:
        intake.report.findings.append(entity)
    intake.report.accepted += 1
    intake.drafts[code] = _Draft(number, code, parent, revision, len(known.revisions) + 1 if known else 1, known)


def _content(revision: SiteRevisionFact) -> tuple[object, ...]:
    return tuple(getattr(revision, name) for name in _FIELDS)


def _check_days(intake: _Intake, row: Mapping[str, Any]) -> None:
    first, last = row["valid_from"], row["valid_to"]
    if first is not None and last is not None and last < first:
        said = {"first": first.isoformat(), "last": last.isoformat()}
        intake.problem(
            row["row"], "valid_to", "dates-in-wrong-order", N_("%(last)s is before valid_from, %(first)s"), said
        )


def _check_parent(intake: _Intake, row: Mapping[str, Any], known: SiteFact | None) -> None:
    number, code, parent = row["row"], row["code"], row["parent"]
    said = {"code": code, "parent": parent}
    recorded = known.organisation_code if known is not None and not known.is_main else None
    if known is not None and parent != recorded:
        msgid = (
            N_("“%(code)s” is recorded as a site of “%(recorded)s” and cannot move: record it under a new code")
            if recorded
            else N_("“%(code)s” is recorded as an organisation of its own and cannot become a site of another")
        )
        intake.problem(number, "parent", "parent-changed", msgid, said | {"recorded": recorded})
    elif parent is None:
        return
    elif parent == code:
        intake.problem(number, "parent", "own-parent", N_("“%(code)s” cannot be its own parent"), said)
    elif parent in intake.sites or parent in intake.parents:
        above = intake.sites.get(parent)
        if (above is not None and not above.is_main) or (above is None and intake.parents[parent] is not None):
            msgid = N_("“%(parent)s” is itself a site: name the organisation it belongs to")
            intake.problem(number, "parent", "parent-is-site", msgid, said)
    else:
        near = intake.near.get(parent, ())
        msgid = (
            N_(
                "there is no organisation with the code “%(parent)s”, neither recorded nor in this file. Near to it: %(near)s"
            )
            if near
            else N_("there is no organisation with the code “%(parent)s”, neither recorded nor in this file")
        )
        intake.problem(number, "parent", "unknown-organisation", msgid, said | {"near": ", ".join(near)})


def _kind_changed(intake: _Intake, row: int, known: SiteFact, revision: SiteRevisionFact) -> Finding:
    before, now = ORGANISATION_KINDS[known.latest.kind], ORGANISATION_KINDS[revision.kind]
    message = Message(
        N_("“%(code)s” was %(before)s and becomes %(now)s"),
        {"code": known.code, "before": Message(before.name), "now": Message(now.name)},
    )
    subject = f"site {known.code}, revision {len(known.revisions) + 1}"
    severity = intake.parameters.reported(KIND_CHANGED)
    whose = known.organisation_id
    return Finding(KIND_CHANGED, message, severity, row, now.code, before.code, subject=subject, organisation_id=whose)


def _entity_changed(intake: _Intake, row: int, known: SiteFact, revision: SiteRevisionFact) -> Finding | None:
    """Flag an organisation whose registration number becomes another; a number told for the first time is none."""
    before, now = known.latest.registration_number, revision.registration_number
    if not known.is_main or not before or before == now:
        return None
    message = Message(
        N_("“%(code)s” had the registration number %(before)s and has %(now)s now"),
        {"code": known.code, "before": before, "now": now or "–"},
    )
    return Finding(
        ENTITY_CHANGED,
        message,
        intake.parameters.reported(ENTITY_CHANGED),
        row,
        observed=now,
        limit=before,
        subject=f"site {known.code}, registration from revision {len(known.revisions) + 1}",
        organisation_id=known.organisation_id,
    )


def _announce_levels(session: Session, actor: Actor, clock: Clock, drafts: list[_Draft]) -> dict[int, list[Message]]:
    """Announce the sites that are of another level from some day on; return by row what was done about each."""
    changes = {
        draft.site.id: (
            draft.row,
            LevelChange(draft.site, replace(draft.site, revisions=(*draft.site.revisions, draft.revision))),
        )
        for draft in drafts
        if draft.site is not None
    }
    changed = [change for _, change in changes.values() if change.steps]
    if not changed:
        return {}
    done: dict[int, list[Message]] = defaultdict(list)
    for answer in LEVELS_CHANGED.announce(session, actor, clock, changed):
        for site_id, message in answer.items():
            done[changes[site_id][0]].append(message)
    return done


def _completed(finding: Finding, done: Mapping[int, list[Message]]) -> Finding:
    """Add to the finding of a changed kind what was done about it."""
    message = finding.message
    for each in done.get(finding.row or 0, ()) if finding.rule is KIND_CHANGED else ():
        message = Message(N_("%(first)s. %(second)s"), {"first": message, "second": each})
    return replace(finding, message=message)


def _write(session: Session, actor: Actor, clock: Clock, drafts: list[_Draft]) -> None:
    """Write organisations, sites and revisions with a constant number of statements."""
    new = [draft for draft in drafts if draft.site is None]
    mains = [{"code": draft.code} for draft in new if draft.parent is None]
    if mains:
        session.execute(insert(Organisation), mains)
    if new:
        holders = organisations_by_codes(session, (draft.parent or draft.code for draft in new))
        session.execute(
            insert(Site),
            [
                {
                    "code": draft.code,
                    "organisation_id": holders[draft.parent or draft.code],
                    "is_main": draft.parent is None,
                }
                for draft in new
            ],
        )
    ids = _site_ids(session, (draft.code for draft in new))
    session.execute(insert(SiteRevision), [_revision_row(actor, clock, draft, ids) for draft in drafts])


def _site_ids(session: Session, codes: Iterable[str]) -> dict[str, int]:
    keys = wanted_codes(session, "written_site", codes)
    return dict(session.execute(select(Site.code, Site.id).join(keys, keys.c.code == Site.code)).all())


def _revision_row(actor: Actor, clock: Clock, draft: _Draft, ids: Mapping[str, int]) -> dict[str, object]:
    revision = draft.revision
    names = [draft.code, revision.name, revision.name_ru, revision.name_ky, revision.registration_number]
    return {
        "site_id": draft.site.id if draft.site else ids[draft.code],
        "number": draft.number,
        "effective_on": revision.effective_on,
        **{name: getattr(revision, name) for name in _FIELDS},
        "search_key": search_key(" ".join(name for name in names if name)),
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }


def set_contact(session: Session, actor: Actor, clock: Clock, organisation_id: int, typed: str, language: str) -> None:
    """Keep the address letters to an organisation go to beside its people; empty takes it away. Raises `Invalid`."""
    problems: list[Problem] = []
    address = None
    if typed.strip():
        try:
            address = as_email(typed)
        except BadCell as bad:
            problems.append(Problem("email", bad.code, bad.message))
    if language not in LANGUAGES:
        message = Message(N_("choose one of the languages offered"))
        problems.append(Problem("language", "unknown-value", message))
    if problems:
        raise Invalid(Message(N_("the contact cannot be kept like this")), problems)
    values = {"email": address, "email_language": language if address else None}
    session.execute(update(Organisation).where(Organisation.id == organisation_id).values(values))
    subject = f"organisation {organisation_id}"
    record(session, actor, clock, "parties.contact", subject, {"given": address is not None, "language": language})
