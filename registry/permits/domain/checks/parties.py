"""Checks of where a consignment goes: consignee, place of delivery, customs office, unloading on the way."""

from __future__ import annotations

from collections.abc import Iterable

from registry.kernel.text import N_, Message
from registry.permits.domain import rules
from registry.permits.domain.checks.case import Case, CheckLine, judged_line
from registry.permits.domain.kinds import Way
from registry.permits.domain.particulars import PLACES

CERTIFIED = "yes"
PSYCHOTROPIC_I = "1971:I"


def check_consignee(case: Case) -> Iterable[CheckLine]:
    """PRM-20, PRM-21, PRM-22 where the kind asks for a consignee; goods that only pass are left out (PC-S9)."""
    asks = case.kind.asks
    only_passes = case.kind.way is Way.TRANSIT and case.particular("unloading") != CERTIFIED
    if "consignee" in asks and not only_passes:
        name = case.particular("consignee")
        missing = None if name else Message(N_("the consignee is not named"))
        yield judged_line(case, rules.CONSIGNEE_NAMED, missing, observed=name)
    if "consignee_place" in asks:
        place = case.particular("consignee_place") or ""
        forbidden = place in ("bank", "post_box")
        said = {"place": Message(PLACES[place].name) if place else ""}
        broken = Message(N_("delivery to a %(place)s is not allowed"), said) if forbidden else None
        yield judged_line(case, rules.DELIVERY_PLACE, broken)
        if place == "warehouse":
            yield _warehouse(case)


def _warehouse(case: Case) -> CheckLine:
    strictest = [
        part.substance_name
        for revision, _ in case.lines
        for part in revision.components
        if PSYCHOTROPIC_I in part.schedules
    ]
    if strictest:
        said = {"substance": ", ".join(strictest)}
        return judged_line(case, rules.WAREHOUSE, Message(N_("%(substance)s never goes to a warehouse"), said))
    certified = case.particular("counterpart_seen") == CERTIFIED and bool(case.application.counterpart_number)
    unsure = Message(N_("the import permit that certifies the warehouse was not seen"))
    return judged_line(case, rules.WAREHOUSE, None if certified else unsure)


def check_customs(case: Case) -> Iterable[CheckLine]:
    """PRM-27 where the goods cross the border, PRM-33 where they are unloaded on the way."""
    if "customs_office" in case.kind.asks:
        office = case.particular("customs_office")
        missing = None if office else Message(N_("the customs office is not named"))
        yield judged_line(case, rules.CUSTOMS_OFFICE, missing, observed=office)
    if case.particular("unloading") == CERTIFIED:
        place = case.particular("consignee_place")
        missing = None if place else Message(N_("goods are unloaded on the way, and the place is not named"))
        yield judged_line(case, rules.UNLOADED_ON_THE_WAY, missing)
