"""How far long work is: told where it is done, heard by whoever shows it (a terminal, a page, nobody).

What works does not know whether anybody listens, so that no signature on the way carries a
listener, and a room tells its own steps in its own words (msgids).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

Listener = Callable[[str, int, int], None]
"""Takes the step (a msgid), how much of it is done, and of how much; 0 of 0: it cannot be counted.

What a listener raises ends the work: a reader who has gone may break off what writes nothing.
"""

T_co = TypeVar("T_co", covariant=True)
TOLD = 50
"""How often a step whose size is known is told at most."""

BLIND = 5_000
"""After how many items a step is told whose size nobody knows."""

_listener: ContextVar[Listener | None] = ContextVar("registry_progress", default=None)


class Countable(Sized, Iterable[T_co], Protocol[T_co]):
    """Something whose number of items is known before they are gone through."""


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let `listener` hear what is told within the block, by this thread only."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(step: str, done: int = 0, whole: int = 0) -> None:
    """Tell that `step` has begun, or that `done` of `whole` is done of it."""
    listener = _listener.get()
    if listener is not None:
        listener(step, done, whole)


def told(step: str, items: Countable[T_co]) -> Iterable[T_co]:
    """Go through `items` and tell how many are done; costs nothing while nobody listens."""
    if _listener.get() is None:
        return items
    return counted(step, items, len(items))


def counted(step: str, items: Iterable[T_co], whole: int) -> Iterator[T_co]:
    """Go through `items`, of which `whole` are expected (0: nobody knows), and tell how many are done."""
    every = -(-whole // TOLD) or BLIND
    tell(step, 0, whole)
    for done, item in enumerate(items, start=1):
        yield item
        if done % every == 0:
            tell(step, min(done, whole) if whole else done, whole)
