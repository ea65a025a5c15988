"""After issue: what customs lets through on a permit, and what it must not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from registry.kernel.errors import Problem
from registry.kernel.mass import UNIT_NAMES, Unit, stated
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, PERMIT_STATE_NAMES, STOP_CAUSES, PermitState, Way


@dataclass(frozen=True, slots=True)
class WriteOff:
    """What customs let through on a permit in one message. `units`: line id -> units of account, below zero taken back."""

    id: int
    message_id: str
    permit_id: int
    passed_on: date
    declaration: str
    packing: str | None
    reverses_id: int | None
    reason: str | None
    recorded_at: datetime
    recorded_by: str
    units: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))


def written_off(found: Iterable[WriteOff]) -> dict[int, int]:
    """Return line id -> units that passed in all, what was taken back not counted."""
    total: dict[int, int] = {}
    for each in found:
        for line, units in each.units.items():
            total[line] = total.get(line, 0) + units
    return total


def left_after(permit: PermitFact, found: Iterable[WriteOff]) -> dict[int, int]:
    """Return line id -> units that may still pass once these entries have."""
    gone = written_off(found)
    return {line.id: line.units - gone.get(line.id, 0) for line in permit.lines.values()}


def standing_entries(found: Sequence[WriteOff]) -> list[WriteOff]:
    """Return the entries that nobody has taken back."""
    back = {each.reverses_id for each in found}
    return [each for each in found if each.reverses_id is None and each.id not in back]


def crosses_border(permit: PermitFact) -> bool:
    """Say whether goods cross the border on this kind of permit at all."""
    return PERMIT_KINDS[permit.kind].way is not Way.USE


def bar_to_passing(permit: PermitFact, found: Sequence[WriteOff], day: date) -> Message | None:
    """Return why nothing may pass on a permit on `day`, None where something may (PC-S2, PC-S10, PC-S13)."""
    if not crosses_border(permit):
        return Message(N_("no goods cross the border on a permit of this kind"))
    untimely = _not_standing(permit, day)
    if untimely is not None:
        return untimely
    if not any(units > 0 for units in left_after(permit, found).values()):
        return Message(N_("exhausted: everything on it has passed already"))
    if _arrived_before(permit, day):
        return Message(N_("its one consignment arrived on %(day)s"), {"day": permit.arrived_on})
    return None


def _not_standing(permit: PermitFact, day: date) -> Message | None:
    """Return why a permit does not stand on `day`: not yet, stopped, or no more."""
    if day < permit.issued_on:
        return Message(N_("it counts only from %(day)s"), {"day": permit.issued_on})
    stop = permit.stopped_on(day)
    if stop is not None:
        cause = STOP_CAUSES[stop.cause]
        return Message(
            N_("%(state)s from %(day)s: %(why)s"),
            {"state": Message(PERMIT_STATE_NAMES[cause.state]), "day": stop.from_on, "why": Message(cause.name)},
        )
    if day > permit.expires_on:
        return Message(N_("it expired on %(day)s"), {"day": permit.expires_on})
    return None


def _arrived_before(permit: PermitFact, day: date) -> bool:
    """Say whether the one consignment of an import lay on a shelf before `day`; an export leaves its shelf first."""
    one = not permit.several and PERMIT_KINDS[permit.kind].way is Way.IMPORT
    return one and permit.arrived_on is not None and permit.arrived_on < day


def passed_under(permit: PermitFact, found: Sequence[WriteOff]) -> str | None:
    """Return the declaration under which the one consignment of a permit passed; what is left may pass only under it."""
    return None if permit.several else next((each.declaration for each in standing_entries(found)), None)


def customs_state(permit: PermitFact, found: Sequence[WriteOff], day: date) -> PermitState:
    """Return what a permit is for customs on `day`: exhausted as soon as everything has passed, whatever the shelf says."""
    state = permit.state_on(day)
    stopped = permit.stopped_on(day) is not None
    if not stopped and crosses_border(permit) and permit.lines and not any(left_after(permit, found).values()):
        return PermitState.EXHAUSTED
    return state


def write_off_problems(
    permit: PermitFact,
    found: Sequence[WriteOff],
    passed_on: date,
    declaration: str,
    lines: Sequence[tuple[int, int]],
    unit_of: Mapping[int, str],
    today: date,
) -> list[Problem]:
    """Return why a write-off of `lines` (line id, units) must not be taken (PC-S14); each about its line where it has one.

    `unit_of`: line id -> unit of its product.
    """
    if passed_on > today:
        return [Problem("passed_on", "future", Message(N_("the day is still to come")))]
    bar = bar_to_passing(permit, found, passed_on)
    if bar is not None:
        about = Message(N_("nothing may pass on permit %(number)s: %(why)s"), {"number": permit.number, "why": bar})
        return [Problem("permit", "not-valid", about)]
    earlier = passed_under(permit, found)
    if earlier is not None and earlier != declaration:
        one = Message(
            N_("the permit is for one consignment, and that passed under declaration %(number)s"), {"number": earlier}
        )
        return [Problem("declaration", "other-consignment", one)]
    left = left_after(permit, found)
    return [
        Problem(
            f"lines.{place}.quantity",
            "over-permitted",
            Message(
                N_("only %(left)s %(unit)s of this line may still pass"),
                {"left": stated(left[line], unit_of[line]), "unit": Message(UNIT_NAMES[Unit(unit_of[line])])},
            ),
        )
        for place, (line, units) in enumerate(lines)
        if units > left[line]
    ]
