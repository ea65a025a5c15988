"""Drawing originals once a month is over, and recording what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.db import lock_gate
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem, TransitionRefused
from registry.kernel.mass import decimal_text
from registry.kernel.text import N_, Message
from registry.originals.domain import (
    DAYS,
    LEAST,
    OUTCOMES,
    SEEN_AGREES,
    SHARE,
    Drawn,
    drawn_from,
    month_after,
    months_due,
)
from registry.originals.models import OriginalDraw, OriginalDrawn, OriginalResult
from registry.originals.queries import HUNDRED, drawn_by_id, last_month, permits_of_month, seed_of
from registry.parameters.queries import parameters_on
from registry.permits.domain.facts import PermitFact
from registry.permits.service.notices import tell_holders

DRAW, RECORD = "originals.draw", "originals.record"
ORIGINALS_GATE = 30
TOLD = N_("Permit %(number)s: %(why)s. Please show the authority the original of the foreign permit by %(day)s.")
AT_RANDOM = Message(N_("drawn at random"))
CANNOT = Message(N_("this cannot be recorded"))


@dataclass(frozen=True, slots=True)
class MonthDrawn:
    """What a run drew of one month: how many permits there were, and which."""

    month: date
    population: int
    permits: tuple[PermitFact, ...]

    def as_json(self) -> dict[str, object]:
        """Return the outcome as a JSON object."""
        return {
            "month": f"{self.month:%Y-%m}",
            "population": self.population,
            "drawn": [permit.number for permit in self.permits],
        }


def draw(session: Session, actor: Actor, clock: Clock) -> list[MonthDrawn]:
    """Draw every month that is over and not drawn, and tell the holders. Run twice it does nothing twice.

    Who draws and when has no say in what is drawn: see `domain.Draw`.
    """
    policy.require(actor, DRAW)
    lock_gate(session, ORIGINALS_GATE, [1])
    return [_draw(session, actor, clock, month) for month in months_due(last_month(session), clock.today())]


def _draw(session: Session, actor: Actor, clock: Clock, month: date) -> MonthDrawn:
    today = clock.today()
    parameters = parameters_on(session, month_after(month))
    share, least = parameters.percent(SHARE), parameters.number(LEAST)
    seed = seed_of(session, clock, month)
    permits = {permit.number: permit for permit in permits_of_month(session, month)}
    drawn = [permits[number] for number in drawn_from(seed.digest, permits, share, least)]
    session.connection().execute(
        insert(OriginalDraw).values(
            month=month,
            seed=seed.digest,
            event=seed.sequence,
            population=len(permits),
            share=decimal_text(share * HUNDRED),
            least=least,
            drawn_at=clock.now(),
            drawn_by=actor.username,
        )
    )
    due_on = today + timedelta(parameters.number(DAYS))
    if drawn:
        rows = [{"month": month, "permit_id": permit.id, "due_on": due_on} for permit in drawn]
        session.connection().execute(insert(OriginalDrawn), rows)
    tell_holders(session, clock, drawn, TOLD, due_on, AT_RANDOM)
    detail = {"seed": seed.digest, "population": len(permits), "drawn": [permit.number for permit in drawn]}
    record(session, actor, clock, DRAW, f"originals of {month:%Y-%m}", detail)
    return MonthDrawn(month, len(permits), tuple(drawn))


def record_result(
    session: Session, actor: Actor, clock: Clock, drawn_id: int, outcome: str, seen_on: date | None, note: str
) -> Drawn:
    """Record what was seen, or that nothing was shown. What agrees is final; all else may be followed by a later entry.

    Raises `NotFound`, `TransitionRefused` where it agrees already, `Invalid` with every problem.
    """
    policy.require(actor, RECORD)
    lock_gate(session, ORIGINALS_GATE, [1])
    drawn = require_drawn(session, drawn_id)
    if drawn.last is not None and drawn.last.outcome is SEEN_AGREES:
        raise TransitionRefused(Message(N_("the original was seen already, and agrees")))
    problems = _problems(outcome, seen_on, note, clock.today())
    if problems or seen_on is None:
        raise Invalid(CANNOT, problems)
    session.execute(
        insert(OriginalResult).values(
            drawn_id=drawn_id,
            outcome=outcome,
            seen_on=seen_on,
            note=note.strip() or None,
            recorded_at=clock.now(),
            recorded_by=actor.username,
        )
    )
    record(session, actor, clock, RECORD, f"original {drawn_id}", {"outcome": outcome, "note": note.strip()})
    return require_drawn(session, drawn_id)


def _problems(outcome: str, seen_on: date | None, note: str, today: date) -> list[Problem]:
    problems = []
    if outcome not in OUTCOMES:
        problems.append(Problem("outcome", "missing", Message(N_("say what came of it"))))
    elif outcome != SEEN_AGREES.code and not note.strip():
        problems.append(Problem("note", "missing", Message(N_("say what differs, or why nothing was shown"))))
    if seen_on is None:
        problems.append(Problem("seen_on", "missing", Message(N_("write the day"))))
    elif seen_on > today:
        problems.append(Problem("seen_on", "future", Message(N_("the day is still to come"))))
    return problems


def require_drawn(session: Session, drawn_id: int) -> Drawn:
    """Return one drawn original. Raises `NotFound`."""
    found = drawn_by_id(session, drawn_id)
    if found is None:
        raise NotFound(Message(N_("no such original was drawn")))
    return found
