"""Recording an endorsement: once for every number, corrected only by a newer one.

An endorsement never touches a quota. What did not arrive is free as soon as the ledger knows of the
arrival, which ends the permit (`permits.service.arrivals`), and what is certified later frees nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.accounts import policy
from registry.audit.service import record
from registry.db import lock_gate
from registry.endorsements.domain.facts import (
    REASONS,
    Direction,
    EndorsedLine,
    EndorsementFact,
    bar_to_endorsing,
    day_problems,
    direction_of,
    line_problems,
)
from registry.endorsements.models import Endorsement, EndorsementLine
from registry.endorsements.queries.endorsements import endorsement_by_number, endorsements_of
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import LineFact, PermitFact
from registry.permits.service.stops import require_permit
from registry.substances.queries.products import revisions_by_ids

ENDORSEMENTS_GATE = 21
ENDORSE = "permits.endorse"


@dataclass(frozen=True, slots=True)
class StatedLine:
    """What was received of one product as it was typed; `reason`: a code of `REASONS`, empty for none."""

    product: str
    quantity: str
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class EndorsementAsked:
    """One endorsement as a page or the interface states it. `replaces`: number of the one it corrects."""

    permit: str
    number: str
    arrived_on: date
    endorsed_on: date
    lines: tuple[StatedLine, ...]
    foreign_number: str | None = None
    customs_office: str | None = None
    replaces: str | None = None


def endorse(session: Session, actor: Actor, clock: Clock, asked: EndorsementAsked, country: str) -> EndorsementFact:
    """Record one endorsement; the same one again has no second effect. `country`: our own.

    Raises `NotFound` without such a permit, `Invalid` with every problem, `Conflict` where the number
    stands for another endorsement.
    """
    policy.require(actor, ENDORSE)
    permit = require_permit(session, asked.permit)
    lock_gate(session, ENDORSEMENTS_GATE, [permit.id])
    permit = require_permit(session, asked.permit)
    direction = direction_of(permit)
    issuer = country if direction is Direction.SENT else permit.partner_country
    lines, problems = _lines(session, clock, permit, asked.lines)
    earlier = endorsement_by_number(session, issuer, asked.number)
    found = endorsements_of(session, [permit.id]).get(permit.id, [])
    if earlier is not None:
        return _again(earlier, permit, asked, lines, found)
    problems = [
        *bar_to_endorsing(permit, found, asked.replaces),
        *day_problems(asked.arrived_on, asked.endorsed_on, clock.today()),
        *_paper_problems(direction, asked),
        *problems,
    ]
    if direction is None or problems:
        raise Invalid(Message(N_("the endorsement cannot be recorded like this")), problems)
    replaces = next((each.id for each in found if each.number == asked.replaces), None)
    one = EndorsementFact(
        0, asked.number, direction, issuer, permit.id, permit.organisation_id, asked.foreign_number, asked.arrived_on,
        asked.endorsed_on, asked.customs_office, replaces, clock.now(), actor.username, MappingProxyType(lines),
    )  # fmt: skip
    _write(session, one)
    detail = {"number": asked.number, "direction": direction.value, "arrived_on": asked.arrived_on.isoformat()}
    if asked.replaces:
        detail["replaces"] = asked.replaces
    record(session, actor, clock, ENDORSE, f"permit {permit.number}", detail)
    written = endorsement_by_number(session, issuer, asked.number)
    if written is None:
        raise RuntimeError(f"endorsement {asked.number} was written and is not there")
    return written


def _paper_problems(direction: Direction | None, asked: EndorsementAsked) -> list[Problem]:
    if direction is Direction.SENT and not asked.foreign_number:
        return [Problem("foreign_number", "missing", Message(N_("name the export permit that is endorsed")))]
    return []


def _lines(
    session: Session, clock: Clock, permit: PermitFact, stated: Sequence[StatedLine]
) -> tuple[dict[int, EndorsedLine], list[Problem]]:
    """Return what was stated by line id, and what is wrong with it."""
    by_code = _by_code(session, clock, permit)
    lines: dict[int, EndorsedLine] = {}
    problems: list[Problem] = []
    for place, one in enumerate(stated):
        at = f"lines.{place}"
        line, unit = by_code.get(one.product, (None, ""))
        if line is None or line.id in lines:
            wrong = (
                N_("permit %(number)s has no line for %(product)s") if line is None else N_("%(product)s stands twice")
            )
            said = Message(wrong, {"number": permit.number, "product": one.product})
            problems.append(Problem(f"{at}.product", "unknown-line" if line is None else "twice", said))
            continue
        if one.reason and one.reason not in REASONS:
            unknown = Message(N_("choose one of the reasons offered"))
            problems.append(Problem(f"{at}.reason", "unknown-value", unknown))
        try:
            units = scaled_quantity(one.quantity, UNITS_OF_ACCOUNT[Unit(unit)].places, positive=False)
        except BadCell as bad:
            problems.append(Problem(f"{at}.quantity", bad.code, bad.message))
            continue
        lines[line.id] = EndorsedLine(line.id, units, one.reason or None, one.text.strip() or None)
        problems.extend(line_problems(permit, line, lines[line.id], at))
    missing = [code for code, (line, _) in by_code.items() if code not in {one.product for one in stated}]
    if not stated or (missing and not permit.several):
        said = Message(
            N_("state what arrived of every product, 0 for nothing: %(names)s"), {"names": ", ".join(missing)}
        )
        problems.append(Problem("lines", "missing", said))
    return lines, problems


def _by_code(session: Session, clock: Clock, permit: PermitFact) -> Mapping[str, tuple[LineFact, str]]:
    revisions = revisions_by_ids(session, {line.revision_id for line in permit.lines.values()}, clock.today())
    return {
        revisions[line.revision_id].code: (line, revisions[line.revision_id].unit) for line in permit.lines.values()
    }


def _again(
    earlier: EndorsementFact,
    permit: PermitFact,
    asked: EndorsementAsked,
    lines: Mapping[int, EndorsedLine],
    found: Sequence[EndorsementFact],
) -> EndorsementFact:
    """Answer an endorsement that is recorded already as the first time. Raises `Conflict` where it says something else."""
    numbers = {each.id: each.number for each in found}
    said = (
        permit.id, asked.foreign_number, asked.arrived_on, asked.endorsed_on, asked.customs_office, asked.replaces,
        dict(lines),
    )  # fmt: skip
    kept = (
        earlier.permit_id, earlier.foreign_number, earlier.arrived_on, earlier.endorsed_on, earlier.customs_office,
        numbers.get(earlier.replaces_id or 0), dict(earlier.lines),
    )  # fmt: skip
    if said != kept:
        raise Conflict(Message(N_("the number %(number)s stands for another endorsement"), {"number": asked.number}))
    return earlier


def _write(session: Session, one: EndorsementFact) -> None:
    told = {name: getattr(one, name) for name in EndorsementFact.__dataclass_fields__ if name not in ("id", "lines")}
    told["direction"] = one.direction.value
    number = session.execute(insert(Endorsement).values(told).returning(Endorsement.id)).scalar_one()
    rows = [
        {
            "endorsement_id": number,
            "line_id": each.line_id,
            "units": each.units,
            "reason": each.reason,
            "text": each.text,
        }
        for each in one.lines.values()
    ]
    session.connection().execute(insert(EndorsementLine), rows)
