"""Every rule of the ledger has a test named after its code."""

from __future__ import annotations

from registry.stock.domain import rules
from tests.reporting import test_closed
from tests.stock import test_quarantine, test_receipts, test_rules


def test_every_rule_of_the_ledger_has_its_test() -> None:
    codes = {value.code for value in vars(rules).values() if isinstance(value, rules.Rule)}
    names = [
        name.split("_") for module in (test_rules, test_receipts, test_quarantine, test_closed) for name in vars(module)
    ]
    assert {f"STK-{name[2]}" for name in names if name[:2] == ["test", "stk"]} == codes
