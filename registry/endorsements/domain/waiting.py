"""What we wait for after a permit was issued, from whom, since when, and which reminder is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from registry.endorsements.domain import parameters as days
from registry.endorsements.domain import rules
from registry.endorsements.domain.comparison import AfterIssue
from registry.endorsements.domain.facts import Direction, direction_of, standing
from registry.kernel.parameters import Parameter, Parameters
from registry.kernel.rules import Finding, Rule
from registry.kernel.text import N_, Message
from registry.permits.domain.facts import PermitFact
from registry.permits.domain.kinds import PERMIT_KINDS, PermitState, Way

ONE_DAY = timedelta(1)
WATCHED = tuple(kind.code for kind in PERMIT_KINDS.values() if kind.way in (Way.IMPORT, Way.EXPORT))
"""Kinds of permits whose goods cross the border and the ledger."""


class From(StrEnum):
    """Whose turn it is."""

    HOLDER = "holder"
    CUSTOMS = "customs"
    OFFICE = "office"
    ABROAD = "abroad"


FROM_NAMES = {
    From.HOLDER: N_("the holder"),
    From.CUSTOMS: N_("customs"),
    From.OFFICE: N_("this office"),
    From.ABROAD: N_("the authority abroad"),
}


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing that is waited for. `said` tells the finding; `to_holder`, `to_authority`: letters, empty for none."""

    code: str
    name: str
    of: From
    days: Parameter
    rule: Rule
    said: str
    to_holder: str = ""
    to_authority: str = ""


DECLARATION = Awaited(
    "declaration",
    N_("record in the ledger of what passed the border"),
    From.HOLDER,
    days.DECLARATION_DAYS,
    rules.DECLARED,
    N_("customs let goods pass on %(day)s, the ledger holds nothing"),
    N_(
        "Customs let goods pass on permit %(number)s on %(day)s, and the ledger holds nothing of them. Please record what"
        " moved, or tell the authority what became of the goods.\n\nThis is reminder %(step)s."
    ),
)
WRITE_OFF = Awaited(
    "write_off",
    N_("write-off by customs"),
    From.CUSTOMS,
    days.WRITE_OFF_DAYS,
    rules.WRITTEN_OFF,
    N_("goods moved on %(day)s, customs wrote nothing off"),
)
OURS = Awaited(
    "own_endorsement",
    N_("our endorsement"),
    From.OFFICE,
    days.OWN_DAYS,
    rules.ENDORSED_BY_US,
    N_("goods arrived on %(day)s, the export permit abroad is not endorsed"),
)
THEIRS = Awaited(
    "foreign_endorsement",
    N_("endorsement of the importing country"),
    From.ABROAD,
    days.FOREIGN_DAYS,
    rules.ENDORSED_ABROAD,
    N_("goods left on %(day)s, the importing country has not endorsed the permit"),
    N_(
        "Goods left on permit %(number)s on %(day)s, and the importing country has not certified their arrival. Please ask"
        " your partner for it.\n\nThis is reminder %(step)s."
    ),
    N_(
        "Dear colleagues,\n\ngoods left on our export permit %(number)s on %(day)s; the number of your import permit is"
        " %(foreign)s. We have not received your endorsement with the quantity that arrived (article 31 of the Single Convention"
        " of 1961, article 12 of the Convention of 1971). Please return it to us, or tell us what became of the goods."
        "\n\nThis is reminder %(step)s.\n\n%(authority)s"
    ),
)
RETURN = Awaited(
    "return",
    N_("return of an unused permit"),
    From.HOLDER,
    days.RETURN_DAYS,
    rules.RETURNED,
    N_("the permit ended on %(day)s unused and was not returned"),
    N_(
        "Permit %(number)s ended on %(day)s. No goods moved on it, and it was not returned. Please bring it back, or record what"
        " moved.\n\nThis is reminder %(step)s."
    ),
)
AWAITED: Mapping[str, Awaited] = MappingProxyType(
    {each.code: each for each in (DECLARATION, WRITE_OFF, OURS, THEIRS, RETURN)}
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing waited for on one permit, since a day; after `due_on` it is late."""

    permit: PermitFact
    kind: Awaited
    since: date
    due_on: date

    def is_late(self, today: date) -> bool:
        """Say whether the last day is over."""
        return today > self.due_on

    def step_on(self, today: date, parameters: Parameters) -> int:
        """Return the number of the reminder that is due, 0 for none: the first on the day after the last day."""
        if not self.is_late(today):
            return 0
        passed = (today - self.due_on - ONE_DAY).days // parameters.number(days.STEP_DAYS)
        return min(1 + passed, parameters.number(days.STEPS))

    def finding(self, today: date, parameters: Parameters) -> Finding:
        """Return the finding that it is late."""
        return Finding(
            self.kind.rule,
            Message(self.kind.said, {"day": self.since.isoformat()}),
            parameters.reported(self.kind.rule),
            observed=today.isoformat(),
            limit=self.due_on.isoformat(),
            subject=f"permit {self.permit.number}",
            organisation_id=self.permit.organisation_id,
        )


def waits_of(
    found: AfterIssue, today: date, parameters: Parameters, customs_since: date | None, *, treaty_goods: bool
) -> list[Waiting]:
    """Return what is waited for on a permit.

    `customs_since`: from then on customs writes off in this registry, None: it does not, and nothing is
    expected of it. `treaty_goods`: not precursors alone, which no convention has endorsed.
    """
    permit, passed, moved = found.permit, found.first_passed_on, found.moved_on
    direction = direction_of(permit) if treaty_goods else None
    since: dict[str, date | None] = {
        DECLARATION.code: passed if moved is None else None,
        WRITE_OFF.code: moved if passed is None and moved and customs_since and moved >= customs_since else None,
        OURS.code: _not_endorsed(found) if direction is Direction.SENT else None,
        THEIRS.code: _not_endorsed(found) or (passed if not found.endorsements else None)
        if direction is Direction.RECEIVED
        else None,
        RETURN.code: permit.expires_on
        if permit.state_on(today) is PermitState.EXPIRED and passed is None and moved is None
        else None,
    }
    return [
        Waiting(permit, kind, day, day + timedelta(parameters.number(kind.days)))
        for code, kind in AWAITED.items()
        if (day := since[code]) is not None and day <= today
    ]


def _not_endorsed(found: AfterIssue) -> date | None:
    """Return the day of the first consignment that no standing endorsement speaks of, None where each has its own."""
    days_moved = sorted({day for line in found.permit.lines.values() for day, units in line.arrived.items() if units})
    consignments = days_moved if found.permit.several else days_moved[:1]
    spoken = len(standing(found.endorsements))
    return consignments[spoken] if spoken < len(consignments) else None
