"""Which file formats there are: one file each in `exports/formats/`; nothing here changes for a new one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from exports import formats
from exports.document import Document
from exports.format import Format
from registry.kernel.errors import NotFound
from registry.kernel.text import N_, Message


@cache
def all_formats() -> dict[str, Format]:
    """Return every format by its name, in alphabetical order. Raises ValueError for two of one name."""
    found: dict[str, Format] = {}
    for module in sorted(entry.name for entry in pkgutil.iter_modules(formats.__path__)):
        declared: Format = importlib.import_module(f"{formats.__name__}.{module}").FORMAT
        if declared.name in found:
            raise ValueError(f"two formats are called {declared.name}")
        found[declared.name] = declared
    return dict(sorted(found.items()))


def format_named(name: str) -> Format:
    """Return the format called `name`. Raises `NotFound` with the names there are."""
    known = all_formats()
    if name not in known:
        raise NotFound(
            Message(
                N_("there is no file format “%(name)s”; known are %(known)s"), {"name": name, "known": ", ".join(known)}
            )
        )
    return known[name]


def render(document: Document, name: str) -> bytes:
    """Return `document` as a file of the format called `name`. Raises `NotFound`."""
    return format_named(name).render(document)
