"""The steps of a case, but for its issue: one path for all, see `stepping`."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.permits.domain.checks import run_checks
from registry.permits.domain.kinds import REFUSAL_GROUNDS
from registry.permits.domain.parameters import REPLY_DAYS
from registry.permits.domain.proposals import (
    AS_ASKED,
    CutFact,
    Proposal,
    read_conditions,
    read_cuts,
    write_conditions,
)
from registry.permits.domain.transitions import (
    PROPOSE,
    PROPOSE_REFUSAL,
    REFUSE,
    REQUEST_INFORMATION,
    SEND_BACK,
    TAKE_UP,
    WITHDRAW,
)
from registry.permits.models import CaseCut
from registry.permits.queries.cases import ApplicationRow
from registry.permits.service.notices import ASKED, REFUSED, tell_applicant
from registry.permits.service.stepping import (
    Named,
    case_of,
    freeze,
    plain_step,
    require_case,
    require_passed,
    take_step,
)
from registry.substances.queries.products import revisions_by_ids
from registry.workdays.queries import working_days


def take_up(session: Session, actor: Actor, clock: Clock, named: Named, version: int) -> int:
    """Take a submitted case up for examination; return its new version."""
    return plain_step(session, actor, clock, TAKE_UP, named, version, officer=actor.username)


def request_information(session: Session, actor: Actor, clock: Clock, named: Named, version: int, note: str) -> int:
    """Ask the applicant for something; the case waits for the answer, and its term rests (NC-P10)."""
    days = parameters_on(session, clock.today()).number(REPLY_DAYS)
    reply_by = working_days(session).last_of(clock.today(), days)
    row = require_case(session, actor, REQUEST_INFORMATION, named)
    now = take_step(session, actor, clock, REQUEST_INFORMATION, row, version, note, (), reply_by=reply_by)
    tell_applicant(session, clock, row, now, ASKED, text=note, day=reply_by)
    return now


def propose(
    session: Session,
    actor: Actor,
    clock: Clock,
    named: Named,
    version: int,
    note: str | None = None,
    proposal: Proposal = AS_ASKED,
) -> int:
    """Propose the permit for issue, for less than was asked for where the proposal says so (PC-P4).

    The checks look at what would be given; they are kept with the step, and none may refuse.
    Raises `Invalid` with every problem of the proposal, `RuleRefused`.
    """
    row = require_case(session, actor, PROPOSE, named)
    cuts, conditions = _read_proposal(session, clock, row, proposal)
    lines = run_checks(case_of(session, clock, replace(row, cuts=cuts)))
    require_passed(lines)
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


def send_back(session: Session, actor: Actor, clock: Clock, named: Named, version: int, note: str) -> int:
    """Send a proposed case back to the officer."""
    values = {"proposed_by": None, "refusal_ground": None, "refusal_text": None, "cut_version": None}
    return plain_step(session, actor, clock, SEND_BACK, named, version, note, **values)


def propose_refusal(
    session: Session, actor: Actor, clock: Clock, named: Named, version: int, ground: str, note: str
) -> int:
    """Propose to refuse, with a coded ground and the text the applicant would read; a second person decides."""
    _require_ground(ground)
    values = {"proposed_by": actor.username, "refusal_ground": ground, "refusal_text": note}
    return plain_step(session, actor, clock, PROPOSE_REFUSAL, named, version, note, **values)


def refuse(session: Session, actor: Actor, clock: Clock, named: Named, version: int, ground: str, note: str) -> int:
    """Refuse with a coded ground and a text the applicant reads; not by whoever proposed the case."""
    _require_ground(ground)
    values = {"decided_by": actor.username, "refusal_ground": ground, "refusal_text": note}
    row = require_case(session, actor, REFUSE, named)
    case = case_of(session, clock, row)
    lines = run_checks(case)
    now = take_step(session, actor, clock, REFUSE, row, version, note, lines, **values)
    freeze(session, clock, row, case, lines)
    tell_applicant(session, clock, row, now, REFUSED, ground=Message(REFUSAL_GROUNDS[ground].name), text=note)
    return now


def _require_ground(ground: str) -> None:
    if ground not in REFUSAL_GROUNDS:
        unknown = Message(N_("“%(ground)s” is not a ground of refusal"), {"ground": ground})
        message = unknown if ground else Message(N_("choose the ground of refusal"))
        raise Invalid(message, [Problem("ground", "unknown-value" if ground else "missing", message)])


def withdraw(session: Session, actor: Actor, clock: Clock, named: Named, version: int, note: str | None = None) -> int:
    """Withdraw an application nobody has decided on."""
    return plain_step(session, actor, clock, WITHDRAW, named, version, note)
