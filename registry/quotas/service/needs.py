"""Needs worked out and picked: kept as they were made, and carried into drafts of lines."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts.policy import require_holds
from registry.audit.service import record
from registry.flags.service import raise_flags
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Invalid, NotFound, Problem
from registry.kernel.mass import LARGEST, floor, grams
from registry.kernel.rules import Finding
from registry.kernel.text import N_, Message
from registry.parameters.queries import parameters_on
from registry.quotas.domain.kinds import CEILING_KIND, CONSUMPTION, ESTIMATE, STATE_QUOTA
from registry.quotas.domain.needs import Inputs, Trend, closed_years, method_of, under_supply
from registry.quotas.models import NeedCalculation, NeedChoice
from registry.quotas.queries import calculation_by_id, ledger_until
from registry.quotas.service.steps import ProposedLine, draft_line
from registry.substances.domain.facts import SubstanceFact
from registry.substances.queries.lists import substance_by_codes

ACTION = "quotas.propose"
CANNOT = Message(N_("the need cannot be kept like this"))
TOO_LARGE = Message(N_("the result is too large: check the figures"))
WHY = Message(N_("say why this figure is picked: whoever approves reads it"))
WHERE_TO = Message(N_("choose at least one line the figure goes into"))
NO_CALCULATION = Message(N_("there is no such calculation"))


@dataclass(frozen=True, slots=True)
class Picked:
    """A figure picked for a year: from a calculation, or the officer's own, and the kinds of lines to draft from it."""

    year: int
    substance: str
    quantity_ng: int
    justification: str
    kinds: tuple[str, ...]
    calculation_id: int | None = None


def kinds_of(substance: SubstanceFact) -> tuple[str, ...]:
    """Return the kinds of lines a need of this substance flows into: the international figure and the state quota."""
    ceiling = CEILING_KIND.get(substance.treaty)
    return (*((ceiling.code,) if ceiling is not None else ()), STATE_QUOTA.code)


def trend_inputs(session: Session, clock: Clock, year: int, substance_id: int, rule: str) -> Trend:
    """Return what was consumed in the closed years before `year`, to be carried on by `rule`."""
    ledger = ledger_until(session, year, [substance_id]).get(substance_id, {})
    return Trend(year, closed_years(ledger, year, clock.today()), rule)


def keep_calculation(
    session: Session, actor: Actor, clock: Clock, year: int, substance: str, inputs: Inputs, note: str | None = None
) -> int:
    """Work a need out and keep it with its inputs, never to be changed. Returns its id."""
    require_holds(actor, ACTION)
    fact = _substance(session, clock, substance)
    method = method_of(inputs)
    result = method.work(inputs).result_ng
    if result > LARGEST:
        raise Invalid(TOO_LARGE, [Problem("", "too-large", TOO_LARGE)])
    row = {
        "year": year,
        "substance_id": fact.id,
        "method": method.code,
        "inputs": json.dumps(method.pack(inputs), ensure_ascii=False),
        "result_ng": result,
        "note": (note or "").strip() or None,
        "made_by": actor.username,
        "made_at": clock.now(),
    }
    number = int(session.execute(insert(NeedCalculation).values(row).returning(NeedCalculation.id)).scalar_one())
    detail = {"year": year, "substance": fact.code, "method": method.code, "result_g": grams(result)}
    record(session, actor, clock, "quotas.calculate_need", f"need {number}", detail)
    return number


def pick(session: Session, actor: Actor, clock: Clock, command: Picked) -> tuple[list[int], Finding | None]:
    """Keep which figure was picked and why, and draft lines from it. Returns their ids, and the finding of under-supply.

    A figure below last year's consumption is flagged, never refused. Raises `Invalid` with
    every problem, `Conflict` when a line with the same key stands already.
    """
    require_holds(actor, ACTION)
    fact = _substance(session, clock, command.substance)
    _check(session, command, fact)
    consumed = closed_years(
        ledger_until(session, command.year, [fact.id]).get(fact.id, {}), command.year, clock.today()
    )
    last = max(consumed, default=None)
    used = consumed[last] if last is not None else None
    line_ids = [draft_line(session, actor, clock, _line(command, kind)) for kind in command.kinds]
    row = {
        "year": command.year,
        "substance_id": fact.id,
        "calculation_id": command.calculation_id,
        "quantity_ng": command.quantity_ng,
        "used_before_ng": None if used is None else floor(used),
        "justification": command.justification.strip(),
        "line_ids": json.dumps(line_ids),
        "made_by": actor.username,
        "made_at": clock.now(),
    }
    session.execute(insert(NeedChoice).values(row))
    detail = {"year": command.year, "substance": fact.code, "quantity_g": grams(command.quantity_ng), "lines": line_ids}
    record(session, actor, clock, "quotas.pick_need", f"quota {command.year} {fact.code}", detail)
    parameters = parameters_on(session, clock.today())
    finding = under_supply(fact, command.year, command.quantity_ng, used, last or 0, parameters)
    if finding is not None:
        raise_flags(session, clock, [finding])
    return line_ids, finding


def _check(session: Session, command: Picked, fact: SubstanceFact) -> None:
    problems = []
    if not command.justification.strip():
        problems.append(Problem("justification", "missing", WHY))
    if not command.kinds or not set(command.kinds) <= set(kinds_of(fact)):
        problems.append(Problem("kinds", "missing", WHERE_TO))
    if command.calculation_id is not None:
        found = calculation_by_id(session, command.calculation_id)
        if found is None or (found.year, found.substance_id) != (command.year, fact.id):
            problems.append(Problem("calculation", "unknown-value", NO_CALCULATION))
    if problems:
        raise Invalid(CANNOT, problems)


def _line(command: Picked, kind: str) -> ProposedLine:
    return ProposedLine(
        command.year,
        command.substance,
        kind,
        command.quantity_ng,
        CONSUMPTION.code if kind == ESTIMATE.code else None,
        note=command.justification.strip(),
    )


def _substance(session: Session, clock: Clock, code: str) -> SubstanceFact:
    fact = substance_by_codes(session, [code], clock.today()).get(code)
    if fact is None:
        raise NotFound(Message(N_("there is no substance with the code “%(code)s”"), {"code": code}))
    return fact
