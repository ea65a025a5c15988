"""Recording endorsements, one by one or by file: once for every number, corrected only by a newer one.

An endorsement never touches a quota. What did not arrive is free as soon as the ledger knows of the
arrival, which ends the permit (`permits.service.arrivals`), and what is certified later frees nothing twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    issuer_of,
    line_problems,
)
from registry.endorsements.models import Endorsement, EndorsementLine
from registry.endorsements.queries.endorsements import endorsements_numbered, endorsements_of
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock
from registry.kernel.errors import Conflict, Invalid, NotFound, Problem
from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import LineFact, PermitFact
from registry.permits.queries.permits import permits_by_numbers
from registry.substances.domain.facts import RevisionFact
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
    """One endorsement as a page, the interface or a file states it. `replaces`: number of the one it corrects."""

    permit: str
    number: str
    arrived_on: date
    endorsed_on: date
    lines: tuple[StatedLine, ...]
    foreign_number: str | None = None
    customs_office: str | None = None
    replaces: str | None = None


@dataclass(slots=True)
class Known:
    """What is known of the permits endorsements speak of; what is judged fit is added to it."""

    permits: Mapping[str, PermitFact]
    revisions: Mapping[int, RevisionFact]
    kept: dict[int, list[EndorsementFact]]
    numbered: dict[tuple[str, str], EndorsementFact]


def endorse(session: Session, actor: Actor, clock: Clock, asked: EndorsementAsked) -> EndorsementFact:
    """Record one endorsement; the same one again has no second effect.

    Raises `NotFound` without such a permit, `Invalid` with every problem, `Conflict` where the number
    stands for another endorsement.
    """
    policy.require(actor, ENDORSE)
    known = look_up(session, clock, [asked])
    one = judge(known, actor, clock, asked)
    if one.id:
        return one
    write(session, [one])
    detail = {"number": one.number, "direction": one.direction.value, "arrived_on": one.arrived_on.isoformat()}
    if asked.replaces:
        detail["replaces"] = asked.replaces
    record(session, actor, clock, ENDORSE, f"permit {asked.permit}", detail)
    return endorsements_numbered(session, [one.number])[one.issuer, one.number]


def look_up(session: Session, clock: Clock, asked: Collection[EndorsementAsked]) -> Known:
    """Lock the permits that endorsements speak of and return what is known of them. Statements do not grow with `asked`."""
    named = {one.permit for one in asked}
    lock_gate(session, ENDORSEMENTS_GATE, {permit.id for permit in permits_by_numbers(session, named).values()})
    permits = permits_by_numbers(session, named)
    lines = {line.revision_id for permit in permits.values() for line in permit.lines.values()}
    return Known(
        permits,
        revisions_by_ids(session, lines, clock.today()),
        endorsements_of(session, [permit.id for permit in permits.values()]),
        endorsements_numbered(session, {one.number for one in asked}),
    )


def judge(known: Known, actor: Actor, clock: Clock, asked: EndorsementAsked) -> EndorsementFact:
    """Return the endorsement asked for: the one recorded before under its number, else a new one (id 0).

    Raises as `endorse` does.
    """
    permit = known.permits.get(asked.permit)
    if permit is None:
        raise NotFound(Message(N_("there is no permit with the number %(number)s"), {"number": asked.permit}))
    issuer, direction = issuer_of(permit), direction_of(permit)
    lines, problems = _lines(known, permit, asked.lines)
    found = known.kept.setdefault(permit.id, [])
    earlier = known.numbered.get((issuer, asked.number))
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
    found.append(one)
    known.numbered[issuer, asked.number] = one
    return one


def _paper_problems(direction: Direction | None, asked: EndorsementAsked) -> list[Problem]:
    if direction is Direction.SENT and not asked.foreign_number:
        return [Problem("foreign_number", "missing", Message(N_("name the export permit that is endorsed")))]
    return []


def _lines(
    known: Known, permit: PermitFact, stated: Sequence[StatedLine]
) -> tuple[dict[int, EndorsedLine], list[Problem]]:
    """Return what was stated by line id, and what is wrong with it."""
    by_code = {known.revisions[line.revision_id].code: line for line in permit.lines.values()}
    lines: dict[int, EndorsedLine] = {}
    problems: list[Problem] = []
    for place, one in enumerate(stated):
        at, line = f"lines.{place}", by_code.get(one.product)
        if line is None or line.id in lines:
            problems.append(_misplaced(permit, one, at, line))
            continue
        if one.reason and one.reason not in REASONS:
            unknown = Message(N_("choose one of the reasons offered"))
            problems.append(Problem(f"{at}.reason", "unknown-value", unknown))
        try:
            unit = Unit(known.revisions[line.revision_id].unit)
            units = scaled_quantity(one.quantity, UNITS_OF_ACCOUNT[unit].places, positive=False)
        except BadCell as bad:
            problems.append(Problem(f"{at}.quantity", bad.code, bad.message))
            continue
        lines[line.id] = EndorsedLine(line.id, units, one.reason or None, one.text.strip() or None)
        problems.extend(line_problems(permit, line, lines[line.id], at))
    missing = [code for code in by_code if code not in {one.product for one in stated}]
    if not stated or (missing and not permit.several):
        names = {"names": ", ".join(missing)}
        said = Message(N_("state what arrived of every product, 0 for nothing: %(names)s"), names)
        problems.append(Problem("lines", "missing", said))
    return lines, problems


def _misplaced(permit: PermitFact, stated: StatedLine, at: str, line: LineFact | None) -> Problem:
    said = {"number": permit.number, "product": stated.product}
    if line is None:
        return Problem(
            f"{at}.product", "unknown-line", Message(N_("permit %(number)s has no line for %(product)s"), said)
        )
    return Problem(f"{at}.product", "twice", Message(N_("%(product)s stands twice"), said))


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


def write(session: Session, entries: Sequence[EndorsementFact]) -> None:
    """Write new endorsements with their lines; four statements."""
    if not entries:
        return
    names = [name for name in EndorsementFact.__dataclass_fields__ if name not in ("id", "lines")]
    heads = [{name: getattr(one, name) for name in names} | {"direction": one.direction.value} for one in entries]
    # Returning the ids would cost a statement a row on SQLite: the numbers find them again.
    session.connection().execute(insert(Endorsement), heads)
    made = endorsements_numbered(session, {one.number for one in entries})
    rows = [
        {
            "endorsement_id": made[one.issuer, one.number].id,
            "line_id": each.line_id,
            "units": each.units,
            "reason": each.reason,
            "text": each.text,
        }
        for one in entries
        for each in one.lines.values()
    ]
    session.connection().execute(insert(EndorsementLine), rows)
