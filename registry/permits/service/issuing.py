"""Issuing a permit: what nobody competes for is read first; then the positions are locked, and only the rest is read."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.db import lock_gate
from registry.flags.service import raise_flags
from registry.kernel.actor import Actor
from registry.kernel.announcements import Announcement
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, RuleRefused
from registry.kernel.parameters import Parameters
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import N_, Message
from registry.parties.queries import recipients_of_organisations
from registry.permits.domain.checks import Case, check_validity, expiry_on, findings_of, run_checks
from registry.permits.domain.particulars import write_particulars
from registry.permits.domain.proposals import write_conditions
from registry.permits.domain.transitions import ISSUE
from registry.permits.models import PermitLine
from registry.permits.queries.cases import ApplicationRow
from registry.permits.service.judging import gather, judge
from registry.permits.service.notices import tell_issued
from registry.permits.service.numbers import write_permit
from registry.permits.service.stepping import Named, freeze, require_case, require_passed, require_version, take_step
from registry.permits.service.stops import COVER_GATE, covers
from registry.quotas.domain.rules import WITHIN_QUOTA
from registry.quotas.service import ensure_and_lock_positions, reserve, settle_positions
from registry.settings import COUNTRY
from registry.substances.domain.facts import revision_on
from registry.substances.queries.products import revision_ids, revisions_of_products

PERMIT_ISSUED: Announcement[[Session, Actor, Clock, Parameters, str], None] = Announcement(
    "permits: a permit was issued"
)
"""Told to the rooms above with the parameters of the day and the number of the permit."""


def issue(
    session: Session,
    actor: Actor,
    clock: Clock,
    named: Named,
    version: int,
    note: str | None = None,
    *,
    country: str = COUNTRY,
) -> str:
    """Issue the permit of a proposed case; return its number, which begins with the code of the reporting `country`.

    The positions are locked before figures and open permits are read, every check runs anew, the
    quota is reserved by a conditional update, and the number is drawn in the same transaction, so
    that the register has no gaps. Raises `RuleRefused` with findings, `Conflict` where a product changed meanwhile.
    """
    row = require_case(session, actor, ISSUE, named)
    require_version(row, version)
    holder = row.asked.organisation_id
    readers = recipients_of_organisations(session, [holder]).get(holder, [])
    case = judged_under_lock(session, clock, row)
    lines = (*run_checks(case), check_validity(case))
    require_passed(lines)
    _reserve(session, case)
    permit_id, number = _write(session, actor, clock, case, row.conditions, country)
    take_step(session, actor, clock, ISSUE, row, version, note, lines, decided_by=actor.username, permit_id=permit_id)
    freeze(session, clock, row, case, lines)
    raise_flags(session, clock, findings_of(lines), holder)
    tell_issued(session, clock, row, version + 1, number, readers)
    PERMIT_ISSUED.announce(session, actor, clock, case.parameters, number)
    return number


def judged_under_lock(session: Session, clock: Clock, row: ApplicationRow) -> Case:
    """Lock what a permit would draw on and gather the case, so that nobody changes it before we commit.

    The licences of the holder come first: whoever stops one waits for us and then finds the permit,
    or is waited for (`stops.stop_uncovered`). The positions are locked last; read after that is what
    competes for them. A product that got another revision while we waited is a `Conflict`.
    """
    today = clock.today()
    lock_gate(session, COVER_GATE, covers([row.asked.organisation_id]), shared=True)
    revisions = revisions_of_products(session, row.revision_ids, today)
    in_force = {product: revision_on(each, today) for product, each in revisions.items()}
    gathered = gather(session, clock, [(None, row.granted)], in_force, {row.asked.reference: row.id})
    every = [revision for each in revisions.values() for revision in each]
    substances = {part.substance_id for revision in every for part in revision.components}
    ensure_and_lock_positions(session, [(row.asked.planned_on.year, substance) for substance in substances])
    if revision_ids(session, revisions) != {revision.id for revision in every}:
        raise Conflict(Message(N_("a product of the application was recorded anew at the same moment: look again")))
    [case] = judge(session, clock, gathered)
    settle_positions(session, [position for _, position in case.positions.values()])
    return case


def _reserve(session: Session, case: Case) -> None:
    severity = case.parameters.severity(WITHIN_QUOTA)
    # An exception from the estimate (1961 art. 21(4)(b)) is granted beyond it, and flagged.
    binding = severity is Severity.REFUSE and not case.exception
    if not reserve(session, case.application.planned_on.year, case.needs, binding=binding):
        message = Message(N_("the quota does not allow it any more"))
        raise RuleRefused(message, [Finding(WITHIN_QUOTA, message, severity)])


def _write(
    session: Session, actor: Actor, clock: Clock, case: Case, conditions: Mapping[str, str], country: str
) -> tuple[int, str]:
    asked = case.application
    values = {
        "organisation_id": asked.organisation_id,
        "partner_country": asked.partner_country,
        "partner": asked.partner,
        "issued_on": case.today,
        "expires_on": expiry_on(case),
        "quota_year": asked.planned_on.year,
        "counterpart_number": asked.counterpart_number,
        "purpose": asked.purpose,
        "customs_office": asked.particulars.get("customs_office"),
        "particulars": write_particulars(asked.particulars),
        "conditions": write_conditions(conditions),
        "recorded_at": clock.now(),
        "recorded_by": actor.username,
    }
    permit_id, number = write_permit(session, case.kind, case.today.year, country, values)
    lines = [
        {"permit_id": permit_id, "product_id": revision.product_id, "revision_id": revision.id, "units": units}
        for revision, units in case.lines
    ]
    session.connection().execute(insert(PermitLine), lines)
    return permit_id, number
