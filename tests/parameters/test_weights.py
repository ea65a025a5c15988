"""A weight that may be set is asked of the parameters wherever a finding is made: else setting it would do nothing."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
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


def takers(sources: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Return the functions and facts whose parameters have a default: name -> modules that declare it.

    The default is there for tests of other things; in the registry it would make what was set go unheard.
    """
    found: dict[str, set[str]] = {}
    for module, tree in sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                defaults = [*node.args.defaults, *node.args.kw_defaults]
            elif isinstance(node, ast.ClassDef):
                defaults = [field.value for field in node.body if isinstance(field, ast.AnnAssign)]
            else:
                continue
            if any(isinstance(default, ast.Name) and default.id == "DEFAULTS" for default in defaults):
                found.setdefault(node.name, set()).add(module)
    return found


def deaf_calls(sources: Mapping[str, ast.Module]) -> list[str]:
    """Return every call that leaves the parameters to their default."""
    known = takers(sources)
    found = []
    for module, tree in sources.items():
        imported = {
            alias.asname or alias.name: node.module or ""
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or any(
                "parameters" in ast.unparse(one) for one in (*call.args, *call.keywords)
            ):
                continue
            owner, _, name = ast.unparse(call.func).rpartition(".")
            origin = imported.get(name, module)
            if name in known and (owner or any(home.startswith(origin) for home in known[name])):
                found.append(f"{module}:{call.lineno}: {ast.unparse(call.func)}")
    return found


def test_nobody_leaves_the_parameters_to_their_defaults() -> None:
    sources = {
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts): ast.parse(path.read_text())
        for path in sorted(ROOT.rglob("*.py"))
        if "node_modules" not in path.parts
    }
    assert len(takers(sources)) > 10
    assert deaf_calls(sources) == []


def test_a_call_that_leaves_them_out_is_seen() -> None:
    """The seeded fault, and a function of the same name that has nothing to do with it."""
    sources = {
        "room.domain": ast.parse("def judged(x: int, parameters: Parameters = DEFAULTS): ..."),
        "room.service": ast.parse(
            "from room.domain import judged\njudged(1)\nrules.judged(*pair)\njudged(1, parameters)\njudged(1, case.parameters)"
        ),
        "other.service": ast.parse("from other.shelves import judged\njudged(1)"),
    }
    assert deaf_calls(sources) == ["room.service:2: judged", "room.service:3: rules.judged"]


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
