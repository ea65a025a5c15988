"""What may be merged, registered by the room it belongs to, and what the rooms above know of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from flask import Flask
from sqlalchemy.orm import Session

from registry.mergers.domain import Asked, Hanging, Trait

KEY, HANGING = "registry.mergeable", "registry.hanging"

Describe = Callable[[Session, Collection[str], date], Mapping[str, list[Trait]]]
Hangs = Callable[[Session, Asked], list[Hanging]]


@dataclass(frozen=True, slots=True)
class Mergeable:
    """One kind of record. `describe`: code -> its fields in one order, without codes nobody bears; `address`: its page."""

    kind: str
    name: str
    describe: Describe
    address: Callable[[str], str]


def register(app: Flask, mergeable: Mergeable) -> None:
    """Let records of one kind be merged."""
    app.extensions.setdefault(KEY, {})[mergeable.kind] = mergeable


def watch(app: Flask, kind: str, hangs: Hangs) -> None:
    """Let a room say what hangs on a record of `kind`."""
    app.extensions.setdefault(HANGING, {}).setdefault(kind, []).append(hangs)


def registered(app: Flask) -> Mapping[str, Mergeable]:
    """Return what may be merged, by kind."""
    return MappingProxyType(app.extensions.get(KEY, {}))


def hanging_on(app: Flask, kind: str) -> Hangs:
    """Return the function that asks every room what hangs on a record."""
    asks: list[Hangs] = app.extensions.get(HANGING, {}).get(kind, [])
    return lambda session, asked: [each for ask in asks for each in ask(session, asked) if each.count]
