"""When a return was sent, and what of the days it counts was recorded since."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from forms.edition import Edition
from registry.accounts import policy
from registry.audit.service import record
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, Problem
from registry.kernel.period import Period
from registry.kernel.text import N_, Message
from registry.reporting.service.closing import nobody_records_meanwhile
from registry.returns.models import ReturnSent
from registry.returns.queries import sent_returns
from registry.stock.queries.periods import last_entry

BUILD = "returns.build"


def record_sent(session: Session, actor: Actor, clock: Clock, edition: Edition, period: Period, sent_on: date) -> None:
    """Record that a return was sent on a day; sent again, it is recorded again and the later one counts.

    Nobody records entries of past days meanwhile, so that each is either in the figures or later than them.
    Raises `Invalid` for a day that is to come, or on which the period of a return of what has been was not over.
    """
    policy.require(actor, BUILD)
    first = period.last_day if edition.due(period) > period.last_day else date.min
    if not first < sent_on <= clock.today():
        wrong = Message(N_("a day after the period has ended, and not later than today"))
        raise Invalid(wrong, [Problem("sent_on", "not-that-day", wrong)])
    nobody_records_meanwhile(session)
    form, quarter = edition.form.value, period.quarter or 0
    before = sent_returns(session).get((form, period))
    number = before.number + 1 if before is not None else 1
    session.execute(
        insert(ReturnSent).values(
            form=form,
            year=period.year,
            quarter=quarter,
            number=number,
            sent_on=sent_on,
            last_entry=last_entry(session),
            recorded_at=clock.now(),
            recorded_by=actor.username,
        )
    )
    record(
        session,
        actor,
        clock,
        "returns.sent",
        f"return {form} {period}",
        {"sent_on": sent_on.isoformat(), "number": number},
    )
