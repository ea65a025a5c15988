"""Every kind of file, collected from the rooms' `files.py`: a new kind is declared there and nowhere else."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import registry
from registry.intake.kinds import FileKind
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message

FIRST_ROOMS = ("parties", "licences", "substances", "quotas", "permits", "stock")
"""The order in which a new country brings its files; further rooms follow."""

NOT_YET = frozenset({"declarations", "notices"})
"""Kinds the contract names that no room takes in yet; one that is declared leaves this set by itself."""


class UnknownKind(NotFound):
    """There is no such kind of file."""


@cache
def file_kinds() -> Mapping[str, FileKind]:
    """Return every kind by name. Raises ValueError when two rooms declare the same name."""
    found: dict[str, FileKind] = {}
    for room in sorted(_rooms(), key=_place):
        for kind in importlib.import_module(f"{registry.__name__}.{room}.files").FILE_KINDS:
            if kind.name in found:
                raise ValueError(f"two rooms declare the kind of file {kind.name!r}")
            found[kind.name] = kind
    return MappingProxyType(found)


def _rooms() -> list[str]:
    packages = [module.name for module in pkgutil.iter_modules(registry.__path__) if module.ispkg]
    return [name for name in packages if importlib.util.find_spec(f"{registry.__name__}.{name}.files")]


def _place(room: str) -> tuple[int, str]:
    return (FIRST_ROOMS.index(room) if room in FIRST_ROOMS else len(FIRST_ROOMS)), room


def kind_named(name: str) -> FileKind:
    """Return the kind `name`. Raises `UnknownKind` that offers what might have been meant."""
    kinds = file_kinds()
    if name in kinds:
        return kinds[name]
    if name in NOT_YET:
        raise UnknownKind(Message(N_("files of the kind “%(name)s” are not taken in yet"), {"name": name}))
    near = difflib.get_close_matches(name, list(kinds), 1)
    if near:
        raise UnknownKind(
            Message(
                N_("there is no kind of file “%(name)s”: did you mean “%(near)s”?"), {"name": name, "near": near[0]}
            )
        )
    raise UnknownKind(
        Message(N_("there is no kind of file “%(name)s”. Kinds: %(known)s"), {"name": name, "known": ", ".join(kinds)})
    )
