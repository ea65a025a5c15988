"""Forms and the model of documents know no framework, no database and no file format."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "forms").rglob("*.py")), *sorted((ROOT / "exports").glob("*.py"))]
FORM_SIDE = ("forms", "exports.document", "registry.kernel")
EXPORT_SIDE = ("exports", "registry.kernel")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module


def inside(name, packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_kernel_and_the_standard_library(path):
    allowed = FORM_SIDE if path.is_relative_to(ROOT / "forms") else EXPORT_SIDE
    for name in imported(path):
        assert name.partition(".")[0] in sys.stdlib_module_names or inside(name, allowed), name


@pytest.mark.parametrize("folder", ["forms/editions", "exports/formats"])
def test_editions_and_formats_do_not_know_each_other(folder):
    package = folder.replace("/", ".")
    for path in (ROOT / folder).glob("*.py"):
        assert not [name for name in imported(path) if inside(name, [package])]


def test_the_document_model_stands_on_the_standard_library_alone():
    names = set(imported(ROOT / "exports" / "document.py"))
    assert names <= sys.stdlib_module_names | {"collections.abc"}


def test_each_check_code_is_written_in_one_module():
    holders = [path.name for path in FILES if '"C-02"' in path.read_text("utf-8")]
    assert holders == ["__init__.py"]
