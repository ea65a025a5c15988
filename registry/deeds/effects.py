"""What follows a deed: each room registers, for its kinds, the function that carries a deed out.

The page of waiting deeds decides on deeds of every room; it calls what is registered here, in
the same unit of work as the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from flask import Flask
from sqlalchemy.orm import Session

from registry.deeds.domain import DeedFact, DeedKind
from registry.kernel.actor import Actor
from registry.kernel.clock import Clock

KEY = "registry.deeds"

Details = Mapping[int, Sequence[tuple[str, str]]]
CarryOut = Callable[[Session, Actor, Clock, DeedFact], None]


@dataclass(frozen=True, slots=True)
class Effect:
    """How deeds of one kind are carried out, where their subject is shown (an address by subject), and what they say.

    `details`: by id of the deed, label and value, in the reader's language, of what the second person must know beside the
    reason; asked once for all deeds of the page that share it, so that its statements do not grow with them.
    """

    kind: DeedKind
    carry_out: CarryOut
    address: Callable[[str], str]
    details: Callable[[Sequence[DeedFact]], Details] = lambda _deeds: {}


def register(app: Flask, *effects: Effect) -> None:
    """Add the effects of a room. Raises ValueError when two rooms declare one kind."""
    known: dict[str, Effect] = app.extensions.setdefault(KEY, {})
    for effect in effects:
        if effect.kind.code in known:
            raise ValueError(f"two effects for the deed {effect.kind.code!r}")
        known[effect.kind.code] = effect


def registered(app: Flask) -> Mapping[str, Effect]:
    """Return every effect by the code of its kind."""
    return MappingProxyType(app.extensions.get(KEY, {}))
