"""The checks a return goes through before it is sent: one table, one function each.

Codes and meaning are those of the project's paper on the forms, section 12. A check judges
facts, never printed figures, so that rounding cannot hide a difference.
"""

from __future__ import annotations

from forms.checks.composition import conversion_factors, schedule_three
from forms.checks.limits import estimates, excess, yearly_limit
from forms.checks.model import Check, CheckRule, Outcome, Status
from forms.checks.stock import balance, opening_stock
from forms.checks.trade import endorsed, four_quarters, transit
from forms.edition import Form
from forms.facts import ReturnFacts
from registry.kernel.text import N_

__all__ = ["CHECKS", "Check", "CheckRule", "Outcome", "Status", "run"]

_YEARLY = frozenset({Form.C})
_ALWAYS = frozenset({Form.A, Form.C})
_GRAMS, _ENTRIES, _PPM = "g", "entries", "ppm"

CHECKS = (
    CheckRule(
        "C-01",
        N_("Opening stock is the closing stock reported for the year before"),
        N_("derived from 1961 Convention, art. 20(1)(f)"),
        _YEARLY,
        _GRAMS,
        opening_stock,
    ),
    CheckRule(
        "C-02",
        N_("The year balances: what came in equals what went out and what is left"),
        N_("derived from 1961 Convention, art. 1 and 20"),
        _YEARLY,
        _GRAMS,
        balance,
    ),
    CheckRule(
        "C-03",
        N_("Imports and exports of the year are the sum of the four quarterly returns"),
        N_("derived from 1961 Convention, art. 20(1)(d) and 20(2)(b)"),
        _YEARLY,
        _GRAMS,
        four_quarters,
    ),
    CheckRule(
        "C-04",
        N_("The excess is what lies above the estimates"),
        N_("derived from 1961 Convention, art. 21(1)-(3)"),
        _YEARLY,
        _GRAMS,
        excess,
    ),
    CheckRule(
        "C-05",
        N_("Manufacture and import stay within the yearly limit"),
        N_("1961 Convention, art. 21(1)"),
        _YEARLY,
        _GRAMS,
        yearly_limit,
    ),
    CheckRule(
        "C-06",
        N_("Consumption, use and special acquisition stay within their estimates"),
        N_("1961 Convention, art. 19(5) and 21(1)"),
        _YEARLY,
        _GRAMS,
        estimates,
    ),
    CheckRule(
        "C-12",
        N_("Preparations of Schedule III stay out of trade and consumption"),
        N_("1961 Convention, art. 2(4)"),
        _ALWAYS,
        _GRAMS,
        schedule_three,
    ),
    CheckRule(
        "C-19",
        N_("Imports and exports come from endorsed consignments, not from permits"),
        N_("1961 Convention, art. 31(7)"),
        _ALWAYS,
        _ENTRIES,
        endorsed,
    ),
    CheckRule(
        "C-20",
        N_("Consignments in transit stay out"),
        N_("1961 Convention, art. 31(11)-(13)"),
        _ALWAYS,
        _ENTRIES,
        transit,
    ),
    CheckRule(
        "C-21",
        N_("Every figure is in anhydrous base by the factor in force"),
        N_("list of narcotic drugs of the Board, conversion factors"),
        _ALWAYS,
        _PPM,
        conversion_factors,
    ),
)


def run(form: Form, facts: ReturnFacts) -> tuple[Check, ...]:
    """Return the outcome of every check that applies to `form`, in the order of the table."""
    return tuple(
        Check(rule.code, outcome.status, outcome.substance, outcome.difference, outcome.message)
        for rule in CHECKS
        if form in rule.forms
        for outcome in rule.function(facts)
    )
