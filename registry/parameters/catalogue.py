"""The catalogue of what may be set: every `Parameter` and `Rule` that the domain of some room declares, found by scanning."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Protocol, TypeVar

import registry
from registry.kernel.errors import NotFound
from registry.kernel.parameters import Parameter, severity_parameter
from registry.kernel.rules import Rule
from registry.kernel.text import N_, Message

DOMAIN = "domain"
SILENT = frozenset({"registry.demo", "registry.exchange"})
"""Rooms that take in and make up records, and declare nothing."""


class _Coded(Protocol):
    @property
    def code(self) -> str:
        """Return the code it is known by."""


Declared = TypeVar("Declared", bound=_Coded)


class CodesClash(ValueError):
    """Two different declarations bear one code."""


@cache
def all_rules() -> Mapping[str, Rule]:
    """Return every rule by its code, in alphabetical order. Raises `CodesClash`."""
    return MappingProxyType(dict(sorted(_declared(Rule).items())))


@cache
def all_parameters() -> Mapping[str, Parameter]:
    """Return everything that may be set, by code: what rooms declare, then the weight of every rule that is not fixed."""
    found = sorted(_declared(Parameter).items())
    weights = (severity_parameter(rule) for rule in all_rules().values() if not rule.fixed)
    return MappingProxyType(dict(found) | {each.code: each for each in weights})


def parameter_named(code: str) -> Parameter:
    """Return a parameter. Raises `NotFound` that offers what might have been meant."""
    known = all_parameters()
    if code in known:
        return known[code]
    near = difflib.get_close_matches(code, list(known), 3)
    if near:
        raise NotFound(
            Message(
                N_("there is no parameter “%(code)s”. Near to it: %(near)s"), {"code": code, "near": ", ".join(near)}
            )
        )
    raise NotFound(Message(N_("there is no parameter “%(code)s”"), {"code": code}))


def _declared(kind: type[Declared]) -> dict[str, Declared]:
    found: dict[str, Declared] = {}
    for module in _domains():
        for value in vars(module).values():
            if isinstance(value, kind) and found.setdefault(value.code, value) != value:
                raise CodesClash(f"two of {kind.__name__} bear the code {value.code}")
    return found


def _domains() -> Iterator[ModuleType]:
    """Yield the domain of every room, file by file."""
    for room in pkgutil.iter_modules(registry.__path__, "registry."):
        if not room.ispkg or room.name in SILENT:
            continue
        inside = importlib.import_module(room.name)
        if DOMAIN not in {entry.name for entry in pkgutil.iter_modules(inside.__path__)}:
            continue
        domain = importlib.import_module(f"{room.name}.{DOMAIN}")
        yield domain
        for entry in pkgutil.iter_modules(getattr(domain, "__path__", ()), f"{domain.__name__}."):
            yield importlib.import_module(entry.name)
