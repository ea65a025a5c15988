"""Steps of a case: one path for all, guarded by state, version, policy and the second person."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry import __version__
from registry.flags.service import raise_flags
from registry.kernel.actor import Actor
from registry.kernel.announcements import Announcement
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem, RuleRefused
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding, Severity, refuses
from registry.kernel.text import N_, Message
from registry.parameters.catalogue import all_parameters
from registry.parameters.queries import parameters_on
from registry.permits.domain.checks import (
    Case,
    CheckLine,
    check_validity,
    expiry_on,
    findings_of,
    run_checks,
)
from registry.permits.domain.kinds import REFUSAL_GROUNDS
from registry.permits.domain.known import known_of
from registry.permits.domain.parameters import REPLY_DAYS
from registry.permits.domain.particulars import write_particulars
from registry.permits.domain.proposals import (
    AS_ASKED,
    CutFact,
    Proposal,
    read_conditions,
    read_cuts,
    write_conditions,
)
from registry.permits.domain.transitions import (
    ISSUE,
    PROPOSE,
    PROPOSE_REFUSAL,
    REFUSE,
    REQUEST_INFORMATION,
    SEND_BACK,
    TAKE_UP,
    WITHDRAW,
)
from registry.permits.models import CaseCut, CaseDecision, Permit, PermitLine
from registry.permits.queries.cases import ApplicationRow
from registry.permits.service.judging import cases_for
from registry.permits.service.notices import ASKED, REFUSED, tell_applicant, tell_issued
from registry.permits.service.numbers import draw_number
from registry.permits.service.stepping import plain_step, require_case, require_version, take_step
from registry.quotas.domain.rules import WITHIN_QUOTA
from registry.quotas.service import ensure_and_lock_positions, reserve, settle_positions
from registry.settings import COUNTRY
from registry.substances.domain.facts import RevisionFact, revision_on
from registry.substances.queries.products import revisions_by_ids, revisions_for_products
from registry.workdays.queries import working_days

PERMIT_ISSUED: Announcement[[Session, Actor, Clock, Parameters, str], None] = Announcement(
    "permits: a permit was issued"
)
"""Told to the rooms above with the parameters of the day and the number of the permit."""


def take_up(session: Session, actor: Actor, clock: Clock, application_id: int, version: int) -> int:
    """Take a submitted case up for examination; return its new version."""
    return plain_step(session, actor, clock, TAKE_UP, application_id, version, officer=actor.username)


def request_information(
    session: Session, actor: Actor, clock: Clock, application_id: int, version: int, note: str
) -> int:
    """Ask the applicant for something; the case waits for the answer, and its term rests (NC-P10)."""
    days = parameters_on(session, clock.today()).number(REPLY_DAYS)
    reply_by = working_days(session).last_of(clock.today(), days)
    row = require_case(session, actor, REQUEST_INFORMATION, application_id)
    now = take_step(session, actor, clock, REQUEST_INFORMATION, row, version, note, (), reply_by=reply_by)
    tell_applicant(session, clock, row, now, ASKED, text=note, day=reply_by)
    return now


def propose(
    session: Session,
    actor: Actor,
    clock: Clock,
    application_id: int,
    version: int,
    note: str | None = None,
    proposal: Proposal = AS_ASKED,
) -> int:
    """Propose the permit for issue, for less than was asked for where the proposal says so (PC-P4).

    The checks look at what would be given; they are kept with the step, and none may refuse.
    Raises `Invalid` with every problem of the proposal, `RuleRefused`.
    """
    row = require_case(session, actor, PROPOSE, application_id)
    cuts, conditions = _read_proposal(session, clock, row, proposal)
    lines = run_checks(case_of(session, clock, replace(row, cuts=cuts)))
    _require_passed(lines)
    values: dict[str, object] = {
        "proposed_by": actor.username,
        "conditions": write_conditions(conditions),
        "cut_version": version + 1 if cuts else None,
    }
    now = take_step(session, actor, clock, PROPOSE, row, version, note, lines, **values)
    if cuts:
        rows = [
            {
                "application_id": row.id,
                "version": now,
                "product_id": product,
                "units": cut.units,
                "reason": cut.reason,
                "text": cut.text,
            }
            for product, cut in cuts.items()
        ]
        session.connection().execute(insert(CaseCut), rows)
    return now


def _read_proposal(
    session: Session, clock: Clock, row: ApplicationRow, proposal: Proposal
) -> tuple[dict[int, CutFact], dict[str, str]]:
    revisions = revisions_by_ids(session, row.revision_ids.values(), clock.today()) if proposal.cuts else {}
    cuts, problems = read_cuts(proposal.cuts, dict(row.asked.lines), revisions.values())
    conditions, more = read_conditions(proposal.conditions)
    if problems or more:
        raise Invalid(Message(N_("the case cannot be proposed like this")), [*problems, *more])
    return cuts, conditions


def send_back(session: Session, actor: Actor, clock: Clock, application_id: int, version: int, note: str) -> int:
    """Send a proposed case back to the officer."""
    values = {"proposed_by": None, "refusal_ground": None, "refusal_text": None, "cut_version": None}
    return plain_step(session, actor, clock, SEND_BACK, application_id, version, note, **values)


def propose_refusal(
    session: Session, actor: Actor, clock: Clock, application_id: int, version: int, ground: str, note: str
) -> int:
    """Propose to refuse, with a coded ground and the text the applicant would read; a second person decides."""
    _require_ground(ground)
    values = {"proposed_by": actor.username, "refusal_ground": ground, "refusal_text": note}
    return plain_step(session, actor, clock, PROPOSE_REFUSAL, application_id, version, note, **values)


def refuse(
    session: Session, actor: Actor, clock: Clock, application_id: int, version: int, ground: str, note: str
) -> int:
    """Refuse with a coded ground and a text the applicant reads; not by whoever proposed the case."""
    _require_ground(ground)
    values = {"decided_by": actor.username, "refusal_ground": ground, "refusal_text": note}
    row = require_case(session, actor, REFUSE, application_id)
    case = case_of(session, clock, row)
    lines = run_checks(case)
    now = take_step(session, actor, clock, REFUSE, row, version, note, lines, **values)
    _freeze(session, clock, row, case, lines)
    tell_applicant(session, clock, row, now, REFUSED, ground=Message(REFUSAL_GROUNDS[ground].name), text=note)
    return now


def _require_ground(ground: str) -> None:
    if ground not in REFUSAL_GROUNDS:
        message = Message(N_("“%(ground)s” is not a ground of refusal"), {"ground": ground})
        raise Invalid(message, [Problem("ground", "unknown-value", message)])


def withdraw(
    session: Session, actor: Actor, clock: Clock, application_id: int, version: int, note: str | None = None
) -> int:
    """Withdraw an application nobody has decided on."""
    return plain_step(session, actor, clock, WITHDRAW, application_id, version, note)


def issue(
    session: Session,
    actor: Actor,
    clock: Clock,
    application_id: int,
    version: int,
    note: str | None = None,
    *,
    country: str = COUNTRY,
) -> str:
    """Issue the permit of a proposed case; return its number, which begins with the code of the reporting `country`.

    The positions are locked first; figures and open permits are read after that, every check
    runs anew, the quota is reserved by a conditional update, and the number is drawn in the
    same transaction, so that the register has no gaps. Raises `RuleRefused` with findings.
    """
    row = require_case(session, actor, ISSUE, application_id)
    require_version(row, version)
    case = judged_under_lock(session, clock, row)
    lines = (*run_checks(case), check_validity(case))
    _require_passed(lines)
    _reserve(session, case)
    number = draw_number(session, case.kind, case.today.year, country)
    permit_id = _write_permit(session, actor, clock, case, number, row.conditions)
    take_step(session, actor, clock, ISSUE, row, version, note, lines, decided_by=actor.username, permit_id=permit_id)
    _freeze(session, clock, row, case, lines)
    raise_flags(session, clock, findings_of(lines), row.asked.organisation_id)
    tell_issued(session, clock, row, version + 1, number)
    PERMIT_ISSUED.announce(session, actor, clock, case.parameters, number)
    return number


def _freeze(session: Session, clock: Clock, row: ApplicationRow, case: Case, lines: Sequence[CheckLine]) -> None:
    """Keep what the decision rests on: whatever changes later, this stays as it was known."""
    known = known_of(case, lines, dict(row.asked.lines), all_parameters().values(), __version__)
    values = {"application_id": row.id, "decided_at": clock.now(), "known": json.dumps(known, ensure_ascii=False)}
    session.execute(insert(CaseDecision).values(values))


def case_of(session: Session, clock: Clock, row: ApplicationRow) -> Case:
    """Return a recorded application with everything its checks look at, as of now."""
    today = clock.today()
    revisions = {each[0].product_id: revision_on(each, today) for each in _revisions(session, row, today)}
    own = {row.asked.reference: row.id}
    return replace(cases_for(session, clock, [(None, row.granted)], revisions, own)[0], reply_by=row.reply_by)


def _revisions(session: Session, row: ApplicationRow, today: date) -> list[Sequence[RevisionFact]]:
    """Return all revisions of every product of an application."""
    submitted = revisions_by_ids(session, row.revision_ids.values(), today)
    return list(revisions_for_products(session, [each.code for each in submitted.values()], today).values())


def judged_under_lock(session: Session, clock: Clock, row: ApplicationRow) -> Case:
    """Lock the positions a permit would draw on, then gather the case, so that nobody changes it before we commit."""
    today = clock.today()
    # All revisions are locked for: which one is in force is read again after locking.
    revisions = _revisions(session, row, today)
    substances = {part.substance_id for each in revisions for revision in each for part in revision.components}
    ensure_and_lock_positions(session, [(row.asked.planned_on.year, substance) for substance in substances])
    in_force = {each[0].product_id: revision_on(each, today) for each in revisions}
    own = {row.asked.reference: row.id}
    case = cases_for(session, clock, [(None, row.granted)], in_force, own)[0]
    settle_positions(session, [position for _, position in case.positions.values()])
    return case


def _reserve(session: Session, case: Case) -> None:
    severity = case.parameters.severity(WITHIN_QUOTA)
    # An exception from the estimate (1961 art. 21(4)(b)) is granted beyond it, and flagged.
    binding = severity is Severity.REFUSE and not case.exception
    if not reserve(session, case.application.planned_on.year, case.needs, binding=binding):
        message = Message(N_("the quota does not allow it any more"))
        raise RuleRefused(message, [Finding(WITHIN_QUOTA, message, severity)])


def _write_permit(
    session: Session, actor: Actor, clock: Clock, case: Case, number: str, conditions: Mapping[str, str]
) -> int:
    asked = case.application
    permit_id = session.execute(
        insert(Permit)
        .values(
            number=number,
            kind=asked.kind,
            organisation_id=asked.organisation_id,
            partner_country=asked.partner_country,
            partner=asked.partner,
            issued_on=case.today,
            expires_on=expiry_on(case),
            quota_year=asked.planned_on.year,
            counterpart_number=asked.counterpart_number,
            purpose=asked.purpose,
            customs_office=asked.particulars.get("customs_office"),
            particulars=write_particulars(asked.particulars),
            conditions=write_conditions(conditions),
            recorded_at=clock.now(),
            recorded_by=actor.username,
        )
        .returning(Permit.id)
    ).scalar_one()
    lines = [
        {"permit_id": permit_id, "product_id": revision.product_id, "revision_id": revision.id, "units": units}
        for revision, units in case.lines
    ]
    session.connection().execute(insert(PermitLine), lines)
    return int(permit_id)


def _require_passed(lines: Sequence[CheckLine]) -> None:
    findings = findings_of(lines)
    if refuses(findings):
        raise RuleRefused(Message(N_("a rule refuses the permit")), findings)
