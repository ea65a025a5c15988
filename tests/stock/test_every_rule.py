"""Every rule of the ledger has a test named after its code."""

from __future__ import annotations

from registry.stock.domain import rules
from tests.counts import test_acts
from tests.reporting import test_closed
from tests.stock import test_prescriptions, test_quarantine, test_receipts, test_rules

MODULES = (test_rules, test_receipts, test_quarantine, test_closed, test_acts, test_prescriptions)


def test_every_rule_of_the_ledger_has_its_test() -> None:
    codes = {value.code for value in vars(rules).values() if isinstance(value, rules.Rule)}
    names = [name.split("_") for module in MODULES for name in vars(module)]
    tested = {f"{name[1].upper()}-{name[2]}" for name in names if name[0] == "test" and len(name) > 2}
    assert codes - tested == set()
    assert {code for code in tested if code.startswith("STK-")} <= codes
