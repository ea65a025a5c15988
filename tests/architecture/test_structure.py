"""The house is kept as it was built: what the import contracts cannot see, read from the source."""

from __future__ import annotations

import ast
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from registry.kernel.rules import Rule
from registry.licences.domain import ACTS
from registry.permits.domain.kinds import PERMIT_KINDS
from registry.stock.domain.kinds import MOVEMENT_KINDS

ROOT = Path(__file__).parents[2]
PACKAGES = ("registry", "forms", "exports")
LONGEST = 400
NOT_QUANTITIES = ("registry/serve.py", "registry/intake/check.py", "exports/formats/", "exports/papers/")
"""Where a float is a likeness, a second or a point on paper, never an amount of anything."""


@cache
def sources() -> dict[Path, ast.Module]:
    return {
        path.relative_to(ROOT): ast.parse(path.read_text())
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
    }


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_db_commits() -> None:
    committing = {
        str(path)
        for path, tree in sources().items()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    }
    assert committing == {"registry/db.py"}


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path): n for path in sources() if (n := len((ROOT / path).read_text().splitlines())) > LONGEST}
    assert long == {}


def test_nothing_of_ours_is_imported_inside_a_function() -> None:
    inner = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    assert inner == []


def test_rows_of_a_room_are_imported_only_in_that_room() -> None:
    strangers = []
    for path, tree in sources().items():
        if path == Path("registry/app.py"):
            continue
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            strangers += [
                f"{path}: {name}"
                for name in names
                if name.startswith("registry.")
                and name.split(".")[2:3] == ["models"]
                and name.split(".")[1] != path.parts[1]
            ]
    assert strangers == []


def test_no_float_and_no_numeric() -> None:
    floats = [
        f"{path}:{node.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert [place for place in floats if not place.startswith(NOT_QUANTITIES)] == []


def docstrings(tree: ast.Module) -> set[int]:
    """Return the ids of the nodes that are docstrings: prose may name a code."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            found.add(id(body[0].value))
    return found


def modules_naming(codes: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in sources().items():
        if path.parts[:2] == ("registry", "demo"):
            continue  # a country's data, as the files of a country are
        skip = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in codes and id(node) not in skip:
                found[node.value].add(str(path))
    return found


def test_the_code_of_a_movement_kind_stands_in_one_module() -> None:
    shared = set(PERMIT_KINDS) | set(ACTS) | {"opening_stock"}  # words that other vocabularies use as well
    codes = {code for code in MOVEMENT_KINDS if code not in shared and not code.startswith("use_")}
    named = modules_naming(codes)
    assert {code: sorted(places) for code, places in named.items() if len(places) != 1} == {}


def rules() -> dict[str, str]:
    """Return every rule declared in the rooms: code -> module."""
    found: dict[str, str] = {}
    for path, tree in sources().items():
        for call in calls(tree):
            if isinstance(call.func, ast.Name) and call.func.id == "Rule" and call.args:
                code = call.args[0]
                assert isinstance(code, ast.Constant), f"{path}:{call.lineno}: a rule's code is written out"
                assert code.value not in found, f"{code.value} is declared twice"
                found[str(code.value)] = str(path)
    return found


def test_the_code_of_a_rule_stands_in_one_module() -> None:
    assert {code: places for code, places in modules_naming(set(rules())).items() if len(places) != 1} == {}


@cache
def names_of_tests() -> frozenset[str]:
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    )


@pytest.mark.parametrize("code", sorted(rules()))
def test_every_rule_has_a_test_named_after_its_code(code: str) -> None:
    wanted = "test_" + code.lower().replace("-", "_")
    assert any(name.startswith(wanted) for name in names_of_tests()), f"no test function begins with {wanted}"


def test_a_rule_says_where_it_stands() -> None:
    assert rules()
    assert {"code", "text", "legal_ground", "severity", "sources"} <= set(Rule.__dataclass_fields__)


def gates(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield name and number of every gate a module declares: ``A_GATE = 1``, ``A_GATE, B_GATE = 1, 2``."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            [target] = node.targets
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for name, value in zip(names, values, strict=False):
                if isinstance(name, ast.Name) and name.id.endswith("_GATE"):
                    yield name.id, ast.literal_eval(value)


def test_a_gate_of_the_house_has_one_number_and_one_name() -> None:
    found: dict[int, list[str]] = defaultdict(list)
    for path, tree in sources().items():
        for name, number in gates(tree):
            found[number].append(f"{path}: {name}")
    assert len(found) >= 15
    assert {number: names for number, names in found.items() if len(names) > 1} == {}
    assert list(gates(ast.parse("ONE_GATE, TWO_GATE = 1, 1"))) == [("ONE_GATE", 1), ("TWO_GATE", 1)]


def test_every_gate_is_asked_for_by_its_name() -> None:
    asked = [call for tree in sources().values() for call in calls(tree) if getattr(call.func, "id", "") == "lock_gate"]
    assert asked
    assert [ast.unparse(call) for call in asked if not ast.unparse(call.args[1]).endswith("_GATE")] == []


def test_nothing_names_this_machine_or_a_registry_host() -> None:
    forbidden = ("/wo" + "rk/", "/ro" + "ot/", "pypi" + ".org", "registry.npm" + "js.org", "deb.deb" + "ian.org")
    tracked = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    named = []
    for name in filter(None, tracked):
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 2**21:
            body = path.read_bytes().decode("utf-8", "ignore")
            named += [f"{name}: {word}" for word in forbidden if word in body]
    assert named == []
