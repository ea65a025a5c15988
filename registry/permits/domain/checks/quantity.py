"""Checks of the quantity: the quota, the allocation, what else waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from registry.kernel.fields import BadCell, scaled_quantity
from registry.kernel.mass import UNITS_OF_ACCOUNT, Unit, floor, grams, stated
from registry.kernel.text import N_, Message
from registry.permits.domain import rules
from registry.permits.domain.checks.abroad import excepted
from registry.permits.domain.checks.case import Case, CheckLine, judged, judged_line
from registry.permits.domain.facts import bound_base_ng, reserved_ng
from registry.quotas.domain import rules as quota_rules
from registry.substances.domain.facts import RevisionFact


def largest_units(case: Case, revision: RevisionFact, units: int) -> int:
    """Return the most units of one line that would fit into every position that binds, the other lines kept.

    A reservation rounds up to whole nanograms, so units x base must not pass the headroom rounded down.
    """
    own = reserved_ng(revision, units)
    fits = [
        max(0, floor(position.headroom) - (case.needs.get(substance, 0) - own.get(substance, 0))) // base
        if base
        else units
        for substance, base in bound_base_ng(revision).items()
        for _, position in [case.positions[substance]]
        if position.binds
    ]
    return int(min(fits, default=units))


def check_quota(case: Case) -> Iterable[CheckLine]:
    """QTA-01, QTA-09 with what would fit; QTA-02, QTA-03, QTA-04 beside them."""
    organisation = case.application.organisation_id
    for substance_id, need in case.needs.items():
        substance, position = case.positions[substance_id]
        needed = Fraction(need)
        found = quota_rules.over_quota(substance, position, needed, case.parameters)
        if found is not None and position.binds:
            found = replace(found, largest_g=grams(max(0, floor(position.headroom))))
            holding = [line for line in case.lines if substance_id in bound_base_ng(line[0])]
            if len(holding) == 1:
                revision, units = holding[0]
                most = stated(largest_units(case, revision, units), revision.unit)
                found = replace(found, largest_quantity=most, extra={"product": revision.code})
        if found is not None:
            found = excepted(case, found)
        rule = quota_rules.WITHIN_QUOTA if position.binds else quota_rules.WITHIN_REQUIREMENT
        rest = grams(position.headroom)
        yield judged(case, rule, found, substance.code, grams(need), rest, "g")
        held = case.held.get(substance_id, Fraction(0))
        share = quota_rules.over_allocation(substance, position, organisation, held, needed, case.parameters)
        for other, one in (
            (quota_rules.STATE_QUOTA_SET, quota_rules.missing_state_quota(substance, position, case.parameters)),
            (quota_rules.ASSESSMENT_FRESH, quota_rules.old_assessment(substance, position, case.parameters)),
            (quota_rules.WITHIN_ALLOCATION, share),
        ):
            yield judged(case, other, one, substance.code)


def check_pending(case: Case) -> Iterable[CheckLine]:
    """PRM-06: with everything else that waits; only flagged, since nothing is reserved before issue."""
    for substance_id, need in case.needs.items():
        substance, position = case.positions[substance_id]
        together = case.pending.get(substance_id, Fraction(0)) + need
        broken = None
        if need <= position.headroom < together and position.binds:
            broken = Message(
                N_("with the other applications that wait, %(together)s g of %(substance)s are asked for"),
                {"together": grams(together), "substance": substance.name},
            )
        yield judged_line(
            case,
            rules.PENDING_FIT,
            broken,
            about=substance.code,
            observed=grams(together),
            limit=grams(position.headroom),
            unit="g",
        )


def check_stock(case: Case) -> Iterable[CheckLine]:
    """PRM-17: the stock as stated for one product against the ledger of that day."""
    if "stock_on_hand" not in case.kind.asks:
        return
    stated_text, day = case.particular("stock_on_hand"), case.particular("stock_on")
    if not stated_text or not day:
        yield judged_line(case, rules.STOCK_STATED, Message(N_("stock on hand is not stated with its day")))
        return
    if case.on_hand is None or len(case.lines) != 1:
        return
    revision, _ = case.lines[0]
    held = stated(case.on_hand.get(revision.product_id, 0), revision.unit)
    said = {"stated": stated_text, "held": held, "day": day}
    differs = Message(N_("stated are %(stated)s, the ledger holds %(held)s on %(day)s"), said)
    same = _is_quantity(stated_text, held, revision.unit)
    yield judged_line(case, rules.STOCK_STATED, None if same else differs, observed=stated_text, limit=held)


def _is_quantity(text: str, held: str, unit: str) -> bool:
    places = UNITS_OF_ACCOUNT[Unit(unit)].places
    try:
        return scaled_quantity(text, places, positive=False) == scaled_quantity(held, places, positive=False)
    except BadCell:
        return False


def check_original(case: Case) -> Iterable[CheckLine]:
    """PRM-28 for re-exports."""
    if case.original is None:
        return
    if not case.original.found:
        number = case.particular("original_permit")
        message = Message(N_("there is no import permit %(number)s of this organisation"), {"number": number})
        yield judged_line(case, rules.RE_EXPORT_WITHIN, message, observed=number)
        return
    for revision, units in case.lines:
        came, gone = (each.get(revision.product_id, 0) for each in (case.original.came, case.original.gone))
        rest = max(0, came - gone)
        said = {"product": revision.code, "rest": stated(rest, revision.unit)}
        broken = Message(N_("of %(product)s, %(rest)s are left to be re-exported"), said) if units > rest else None
        yield judged_line(
            case,
            rules.RE_EXPORT_WITHIN,
            broken,
            about=revision.code,
            observed=stated(units, revision.unit),
            limit=stated(rest, revision.unit),
        )
