"""Endorsements: what one authority certifies to another about the goods of a permit, and what makes one unfit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from registry.kernel.errors import Problem
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import LineFact, PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, Goods, Way


class Direction(StrEnum):
    """Who certifies: we, about goods that came on a foreign export permit, or the country our export went to."""

    SENT = "sent"
    RECEIVED = "received"


DIRECTION_NAMES = {Direction.SENT: N_("sent by us"), Direction.RECEIVED: N_("received from abroad")}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the quantity differs. `over`: only where it is more; `either`: more or less; `lost`: goods are gone."""

    code: str
    name: str
    over: bool = False
    either: bool = False
    lost: bool = False


OTHER = Reason("other", N_("other reason, in words"), either=True)
REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        one.code: one
        for one in (
            Reason("short_shipment", N_("less was shipped")),
            Reason("loss_in_transit", N_("lost on the way"), lost=True),
            Reason("damaged", N_("damaged on the way"), lost=True),
            Reason("over_delivery", N_("more was delivered"), over=True),
            OTHER,
        )
    }
)


@dataclass(frozen=True, slots=True)
class EndorsedLine:
    """What was received of one line, in units of account; `reason`: why that differs (`REASONS`), `text`: in words."""

    line_id: int
    units: int
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class EndorsementFact:
    """One endorsement. `issuer`: the country that certifies, `US` for ours; `foreign_number`: of the other country's permit.

    `replaces_id`: the endorsement recorded in error that this one stands for. `lines`: by id of the permit's line.
    """

    id: int
    number: str
    direction: Direction
    issuer: str
    permit_id: int
    organisation_id: int
    foreign_number: str | None
    arrived_on: date
    endorsed_on: date
    customs_office: str | None
    replaces_id: int | None
    recorded_at: datetime
    recorded_by: str
    lines: Mapping[int, EndorsedLine] = field(default_factory=lambda: MappingProxyType({}))


US = ""
"""The issuer of our own endorsements."""


def issuer_of(permit: PermitFact) -> str:
    """Return whose numbers the endorsements of a permit bear."""
    return US if direction_of(permit) is Direction.SENT else permit.partner_country


def direction_of(permit: PermitFact) -> Direction | None:
    """Return who endorses a permit of this kind; None: nobody does, no controlled goods cross the border on it."""
    kind = PERMIT_KINDS[permit.kind]
    if kind.goods is not Goods.CONTROLLED:
        return None
    return {Way.IMPORT: Direction.SENT, Way.EXPORT: Direction.RECEIVED}.get(kind.way)


def standing(found: Sequence[EndorsementFact]) -> list[EndorsementFact]:
    """Return the endorsements that no newer one replaces."""
    replaced = {each.replaces_id for each in found}
    return [each for each in found if each.id not in replaced]


def endorsed_units(found: Iterable[EndorsementFact]) -> dict[int, int]:
    """Return line id -> units that `found` certify together."""
    total: dict[int, int] = {}
    for each in found:
        for line in each.lines.values():
            total[line.line_id] = total.get(line.line_id, 0) + line.units
    return total


def expected_units(permit: PermitFact, line: LineFact) -> int | None:
    """Return what an endorsement should state of a line: what left here, else what is permitted.

    None on a permit for several consignments: nobody knows how much one of them holds.
    """
    if permit.several:
        return None
    left = line.arrived_units if direction_of(permit) is Direction.RECEIVED else 0
    return left or line.units


def line_problems(permit: PermitFact, line: LineFact, stated: EndorsedLine, place: str) -> list[Problem]:
    """Return what is wrong with the reason given for a line; `place`: where it stands in what was sent."""
    expected = expected_units(permit, line)
    reason = REASONS.get(stated.reason or "")
    problems = []
    if reason is None:
        if expected is not None and stated.units != expected:
            missing = Message(N_("the quantity differs from what was expected: say why"))
            problems.append(Problem(f"{place}.reason", "missing", missing))
        return problems
    if expected is not None and not reason.either and (stated.units > expected) != reason.over:
        unfit = Message(N_("“%(why)s” does not fit the quantity"), {"why": Message(reason.name)})
        problems.append(Problem(f"{place}.reason", "does-not-fit", unfit))
    if reason is OTHER and not stated.text:
        problems.append(Problem(f"{place}.text", "missing", Message(N_("say in words why the quantity differs"))))
    return problems


def day_problems(arrived_on: date, endorsed_on: date, today: date) -> list[Problem]:
    """Return what is wrong with the days of an endorsement."""
    problems = [
        Problem(name, "future", Message(N_("the day is still to come")))
        for name, day in (("arrived_on", arrived_on), ("endorsed_on", endorsed_on))
        if day > today
    ]
    if endorsed_on < arrived_on:
        early = Message(N_("goods are endorsed when they have arrived, not before"))
        problems.append(Problem("endorsed_on", "order", early))
    return problems


def bar_to_endorsing(permit: PermitFact, found: Sequence[EndorsementFact], replaces: str | None) -> list[Problem]:
    """Return why no endorsement may be recorded now: of the wrong kind, there already, or nothing to replace."""
    if direction_of(permit) is None:
        nothing = Message(N_("a permit of this kind is endorsed by nobody"))
        return [Problem("permit", "not-endorsed", nothing)]
    now = standing(found)
    if replaces is not None:
        if replaces not in {each.number for each in now}:
            gone = Message(N_("there is no endorsement %(number)s of this permit to be replaced"), {"number": replaces})
            return [Problem("replaces", "unknown-endorsement", gone)]
        return []
    if now and not permit.several:
        there = Message(
            N_("the permit is endorsed by %(number)s already: a correction replaces it"), {"number": now[0].number}
        )
        return [Problem("replaces", "endorsed-already", there)]
    return []
