"""What was known when a case was decided: kept with the decision as plain data, so that no later change rewrites it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from registry.kernel.mass import NG_PER_MG, decimal_text, grams, stated
from registry.kernel.parameters import Parameter, Parameters
from registry.kernel.rules import Rule
from registry.licences.domain import LicenceFact
from registry.permits.domain.checks.case import Case, CheckLine
from registry.substances.domain.facts import RevisionFact

Kept = dict[str, Any]
FREE_OF_CASE = ("permits.", "quotas.", "licences.")
"""The parameters kept with a decision: those of the rooms whose rules judge it."""


def known_of(
    case: Case, lines: Sequence[CheckLine], asked: Mapping[int, int], declared: Iterable[Parameter], program: str
) -> Kept:
    """Return everything a decision rested on.

    `asked`: product id -> units asked for, which a cut may have made less. `declared`: what may be set at all.
    `program`: the version of the registry, whose rules judged.
    """
    return {
        "program": program,
        "decided_on": case.today.isoformat(),
        "lines": [_line(case.revisions[product], units, dict(case.application.lines)) for product, units in asked.items()
                  if product in case.revisions],
        "positions": [_position(case, substance) for substance in case.base],
        "licences": [_licence(case, each) for each in case.licences],
        "abroad": [
            {
                "country": case.application.partner_country,
                "year": case.application.planned_on.year,
                "substance": case.positions[substance][0].code,
                "quantity_g": grams(each.quantity),
                "taken_g": grams(each.taken),
                "published_on": each.published_on.isoformat(),
                "source": each.source,
            }
            for substance, each in case.abroad.items()
        ],
        "rules": [_rule(case.parameters, rule) for rule in dict.fromkeys(line.rule for line in lines)],
        "parameters": [
            {
                "code": each.code,
                "value": case.parameters.text(each),
                "since": case.since[each.code].isoformat() if each.code in case.since else None,
            }
            for each in declared
            if each.code.startswith(FREE_OF_CASE)
        ],
    }  # fmt: skip


def _line(revision: RevisionFact, asked: int, given: Mapping[int, int]) -> Kept:
    return {
        "product": revision.code,
        "name": revision.name,
        "revision": revision.number,
        "valid_from": revision.valid_from.isoformat(),
        "unit": revision.unit,
        "asked": stated(asked, revision.unit),
        "given": stated(given.get(revision.product_id, 0), revision.unit),
        "schedule_three": revision.schedule_three,
        "components": [
            {
                "substance": part.substance_code,
                "name": part.substance_name,
                "salt": part.salt,
                "amount_mg": decimal_text(Fraction(part.amount_ng, NG_PER_MG)),
                "base_ppm": part.base_ppm,
                "schedules": sorted(part.schedules),
            }
            for part in revision.components
        ],
    }


def _position(case: Case, substance_id: int) -> Kept:
    substance, position = case.positions[substance_id]
    return {
        "substance": substance.code,
        "name": substance.name,
        "year": position.year,
        "estimate_total_g": grams(position.estimate_total),
        "state_quota_g": None if position.state_quota is None else grams(position.state_quota),
        "exported_g": grams(position.exported),
        "manufactured_g": grams(position.manufactured),
        "imported_g": grams(position.imported),
        "reserved_g": grams(position.reserved),
        "headroom_g": grams(position.headroom),
        "bound_by": position.bound_by,
        "taken_g": grams(case.needs.get(substance_id, 0)),
        "held_g": grams(case.held.get(substance_id, 0)),
        "pieces": [{"label": each.label, "quantity_g": grams(each.quantity)} for each in position.pieces],
    }


def _licence(case: Case, licence: LicenceFact) -> Kept:
    stop = licence.stopped_on(case.today)
    return {
        "number": licence.number,
        "effective_on": licence.effective_on.isoformat(),
        "valid_from": licence.valid_from.isoformat(),
        "valid_to": licence.valid_to.isoformat(),
        "acts": sorted(licence.acts),
        "scope": list(licence.scope),
        "authority": licence.authority,
        "stopped": stop.cause if stop else None,
    }


def _rule(parameters: Parameters, rule: Rule) -> Kept:
    return {
        "code": rule.code,
        "text": rule.text,
        "legal_ground": rule.legal_ground,
        "severity": parameters.severity(rule).value,
    }
