"""A weight that may be set is asked of the parameters wherever a finding is made: else setting it would do nothing."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import registry
from registry.kernel.rules import Rule, Severity
from registry.parameters.catalogue import all_rules

ROOT = Path(registry.__file__).parent


def fixed_by_name() -> dict[str, set[bool]]:
    """Return the name of every constant that holds a rule, and whether the rules of that name are fixed."""
    found: dict[str, set[bool]] = {}
    for module in pkgutil.walk_packages(registry.__path__, "registry."):
        if "domain" in module.name.split("."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Rule):
                    found.setdefault(name, set()).add(value.fixed)
    return found


def weights_read(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and name wherever the declared weight of a rule is read off its constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"severity", "reported"}:
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if name.isupper():
                yield node.lineno, name


def test_no_declared_weight_is_used_where_one_may_be_set() -> None:
    known = fixed_by_name()
    assert len(known) > 30
    deaf = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted(ROOT.rglob("*.py"))
        if "node_modules" not in path.parts
        for line, name in weights_read(ast.parse(path.read_text()))
        if False in known.get(name, set())
    ]
    assert deaf == []


def test_a_weight_read_off_the_rule_is_seen() -> None:
    """The seeded fault."""
    assert list(weights_read(ast.parse("Finding(rules.BACK_DATING, m, rules.BACK_DATING.severity)"))) == [
        (1, "BACK_DATING")
    ]
    assert list(weights_read(ast.parse("parameters.severity(BACK_DATING)"))) == []


def test_what_may_never_be_weighed_anew() -> None:
    """Second persons, the books and the conventions: by code, so that nobody loosens one in passing."""
    fixed = {rule.code for rule in all_rules().values() if rule.fixed}
    assert fixed >= {
        "PAR-01", "QTA-08", "PRM-12",
        "STK-03", "STK-04", "STK-05", "STK-13", "STK-15", "STK-17", "STK-18",
        "LIC-01", "PRM-02", "PRM-13", "QTA-02", "QTA-07", "QTA-09",
    }  # fmt: skip
    refusing = {rule.code for rule in all_rules().values() if rule.reported is Severity.REFUSE}
    assert refusing <= fixed, "what refuses a reported fact is named by the contract"
