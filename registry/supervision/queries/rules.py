"""The catalogue of rules: every `Rule` that the domain of some room declares, found by scanning."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

import registry
from registry.kernel.rules import Rule

DOMAIN = "domain"
HIGHER = frozenset({"registry.demo", "registry.exchange"})
"""Rooms above this one: they take in and make up records, and declare no rules."""


class RulesClash(ValueError):
    """Two different rules bear one code."""


@cache
def all_rules() -> Mapping[str, Rule]:
    """Return every rule by its code, in alphabetical order. Raises `RulesClash`."""
    found: dict[str, Rule] = {}
    for module in _domains():
        for value in vars(module).values():
            if isinstance(value, Rule) and found.setdefault(value.code, value) != value:
                raise RulesClash(f"two rules bear the code {value.code}")
    return MappingProxyType(dict(sorted(found.items())))


def _domains() -> Iterator[ModuleType]:
    """Yield the domain of every room, file by file."""
    for room in pkgutil.iter_modules(registry.__path__, "registry."):
        if not room.ispkg or room.name in HIGHER:
            continue
        inside = importlib.import_module(room.name)
        if DOMAIN not in {entry.name for entry in pkgutil.iter_modules(inside.__path__)}:
            continue
        domain = importlib.import_module(f"{room.name}.{DOMAIN}")
        yield domain
        for entry in pkgutil.iter_modules(getattr(domain, "__path__", ()), f"{domain.__name__}."):
            yield importlib.import_module(entry.name)
