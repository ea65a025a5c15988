"""A site states that its movements of a span are complete, or that nothing moved."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, NotFound, RuleRefused, Stale
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.parties.domain import SiteFact
from registry.reporting.domain.calendar import DutyState
from registry.reporting.domain.rules import AFTER_THE_END, NIL_REPORT
from registry.reporting.domain.spans import span_named
from registry.reporting.models import SiteReport
from registry.reporting.queries.reports import Owed, owed_by, sheet_of
from registry.stock.queries.periods import entries_between
from registry.stock.service.known import lock_sites

STATE = "reports.state"
NOT_OWED = N_("%(site)s owes no report for “%(period)s”")


def owed_report(session: Session, clock: Clock, site: SiteFact, period: str) -> Owed:
    """Return what a site owes for the span with this code. Raises `NotFound` where it owes nothing."""
    span = span_named(period)
    days = None if span is None else (span.first, span.last)
    found = [
        one
        for one in owed_by(session, clock.today(), [site], days or (clock.today(), clock.today()))
        if span is not None and one.duty.span == span
    ]
    if not found:
        raise NotFound(Message(NOT_OWED, {"site": site.code, "period": period[:20]}))
    return found[0]


def state_report(
    session: Session, actor: Actor, clock: Clock, site: SiteFact, period: str, *, nil: bool, seen: str
) -> None:
    """Record that the movements of a span are complete; `nil`: that nothing moved, `seen`: the digest of the sheet shown.

    Nobody posts to the site meanwhile. Raises `NotFound`, `RuleRefused` (RPT-01, RPT-02), `Stale` where the sheet has
    changed since it was seen, `Conflict` where it is reported already and nothing has changed.
    """
    policy.require(actor, STATE, site.organisation_id)
    lock_sites(session, [site.id])
    owed = owed_report(session, clock, site, period)
    duty = owed.duty
    if clock.today() <= duty.until:
        day = duty.until.isoformat()
        raise _refused(AFTER_THE_END, Message(N_("the report is made after %(day)s, its last day"), {"day": day}))
    if owed.state is DutyState.REPORTED:
        raise Conflict(Message(N_("this is reported already, and nothing has changed since")))
    entries, last_entry = entries_between(session, site.id, duty.span.first, duty.until)
    if nil and entries:
        raise _refused(NIL_REPORT, Message(N_("entries recorded in these days: %(count)s"), {"count": entries}))
    if not nil and not entries:
        raise _refused(NIL_REPORT, Message(N_("no entry is recorded in these days: report that nothing moved")))
    digest = sheet_of(session, duty, clock.today()).digest
    if digest != seen:
        raise Stale(Message(N_("the sheet has changed since you saw it: look at it again")))
    number = owed.stated.number + 1 if owed.stated is not None else 1
    session.execute(
        insert(SiteReport).values(
            site_id=site.id,
            period=duty.span.code,
            number=number,
            first_on=duty.span.first,
            until_on=duty.until,
            nil=nil,
            closing=duty.closing,
            entries=entries,
            last_entry=last_entry,
            digest=digest,
            recorded_at=clock.now(),
            recorded_by=actor.username,
        )
    )
    detail = {"number": number, "nil": nil, "closing": duty.closing, "entries": entries, "digest": digest}
    record(session, actor, clock, STATE, f"report {site.code} {duty.span.code}", detail)


def _refused(rule: Rule, message: Message) -> RuleRefused:
    return RuleRefused(message, [Finding(rule, message, rule.severity)])
