"""A plan: all that is the same for every line of one kind, site, counterparty and product.

A file of 10,000 lines has a few hundred plans; what is worked out here is worked out once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from registry.kernel.actor import Actor
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit
from registry.kernel.rules import Rule
from registry.kernel.text import N_, Message
from registry.licences.domain import covering_periods
from registry.parties.domain import SiteFact
from registry.stock.domain import rules
from registry.stock.domain.kinds import (
    DISPENSE,
    MOVEMENT_KINDS,
    REVERSE,
    SUPPLY,
    TRANSFER,
    MovementKind,
)
from registry.stock.domain.national import national_effect, write_effect
from registry.stock.service.known import Known
from registry.substances.domain.facts import RevisionFact, is_substance_form, needs_permit, revision_on

Period = tuple[date, date]
ALWAYS: tuple[Period, ...] = ((date.min, date.max),)


@dataclass(slots=True)
class Plan:
    """What holds for every line of the same kind, site, counterparty and product.

    `counter_id`: the other site as stated, also where its shelf does not move. `fault`: (column,
    code, message) when no such line can be written. `broken`: rules every such line breaks.
    `periods`, `counter_periods`: days on which licences cover it; `covered`: days on which
    nothing more needs to be asked of either side.
    """

    kind: MovementKind
    site: SiteFact
    counter: SiteFact | None
    product: str
    product_id: int
    revisions: Sequence[RevisionFact]
    places: int
    unit: str
    counter_id: int | None = None
    effect: str = ""
    periods: tuple[Period, ...] = ALWAYS
    counter_periods: tuple[Period, ...] = ALWAYS
    needs_permit: bool = False
    covered: Period = (date.max, date.min)
    fault: tuple[str, str, Message] | None = None
    broken: list[tuple[Rule, Message]] = field(default_factory=list)


def make_plan(
    known: Known, actor: Actor, kind_code: str, site_code: str, counter_code: str | None, product: str, day: date
) -> Plan:
    """Work out the plan of lines of one kind, site, counterparty and product on `day`."""
    kind = MOVEMENT_KINDS[kind_code]
    site = known.sites[site_code]
    counter = known.sites[counter_code] if counter_code and kind.two_sided else None
    revisions = known.products[product]
    current = revision_on(revisions, day)
    unit = current.unit
    plan = Plan(kind, site, counter, product, current.product_id, revisions, UNITS_OF_ACCOUNT[Unit(unit)].places, unit)
    plan.counter_id = known.sites[counter_code].id if counter_code else None
    plan.fault = _fault(plan, actor)
    if plan.fault is not None:
        return plan
    wholesale = site.level_on(day).is_wholesale
    counter_wholesale = counter.level_on(day).is_wholesale if counter else None
    plan.effect = write_effect(national_effect(kind, wholesale=wholesale, counter_wholesale=counter_wholesale))
    plan.needs_permit = kind.trade is not None and needs_permit(current)
    if kind.licensed and current.components:
        plan.periods = _periods(known, site, kind.acts, current)
        if counter is not None:
            plan.counter_periods = _periods(known, counter, kind.counter_acts, current)
    _judge(plan, current, wholesale=wholesale, counter_wholesale=counter_wholesale)
    plan.broken.extend(_at_a_distance(plan, current, day))
    if kind.trade is None and not plan.broken and len(plan.periods) == len(plan.counter_periods) == 1:
        (first, last), (counter_first, counter_last) = plan.periods[0], plan.counter_periods[0]
        plan.covered = (max(first, counter_first), min(last, counter_last))
    return plan


def _periods(known: Known, site: SiteFact, acts: frozenset[str], revision: RevisionFact) -> tuple[Period, ...]:
    licences = known.licences.get(site.organisation_id, ())
    return covering_periods(licences, site.id, acts, revision)


def _fault(plan: Plan, actor: Actor) -> tuple[str, str, Message] | None:
    kind, site, counter = plan.kind, plan.site, plan.counter
    if actor.organisation_id is not None and site.organisation_id != actor.organisation_id:
        return (
            "site",
            "not-your-site",
            Message(N_("“%(code)s” is not a site of your organisation"), {"code": site.code}),
        )
    if kind.two_sided and counter is None:
        return ("counterparty", "missing", Message(N_("the cell is empty: this kind of movement needs the other site")))
    if counter is not None and counter.id == site.id:
        return ("counterparty", "same-site", Message(N_("the other site is the site itself")))
    if not plan.revisions[0].components and kind is not REVERSE and not any(r.components for r in plan.revisions):
        return (
            "product",
            "no-composition",
            Message(
                N_("the product “%(code)s” has no composition yet: record its components first"), {"code": plan.product}
            ),
        )
    return None


def _judge(plan: Plan, current: RevisionFact, *, wholesale: bool, counter_wholesale: bool | None) -> None:
    if plan.kind is SUPPLY and counter_wholesale and not wholesale:
        plan.broken.append(
            (
                rules.WRONG_WAY,
                Message(
                    N_(
                        "%(site)s is of the retail level, %(other)s of the wholesale level: enter a return to the supplier"
                    ),
                    _sides(plan),
                ),
            )
        )
    if plan.kind is TRANSFER and plan.counter and plan.counter.organisation_id != plan.site.organisation_id:
        plan.broken.append(
            (rules.OWN_SITES, Message(N_("%(site)s and %(other)s belong to different organisations"), _sides(plan)))
        )
    if (
        plan.kind.makes
        and not is_substance_form(current)
        and current.schedule_three is not True
        and not current.is_exempt
    ):
        plan.broken.append(
            (
                rules.MADE_PREPARATION,
                Message(
                    N_("%(product)s is a preparation: enter what was taken for processing and what was obtained"),
                    {"product": plan.product},
                ),
            )
        )


def _at_a_distance(plan: Plan, current: RevisionFact, day: date) -> list[tuple[Rule, Message]]:
    if plan.kind is not DISPENSE or current.is_free or not current.components:
        return []
    if not plan.site.on(day).distance_selling:
        return []
    said = {"site": plan.site.code, "product": plan.product}
    return [(rules.DISTANCE, Message(N_("%(site)s sells at a distance: %(product)s is not released there"), said))]


def _sides(plan: Plan) -> dict[str, object]:
    return {"site": plan.site.code, "other": plan.counter.code if plan.counter else ""}
