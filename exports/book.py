"""A book: pages across of one table, a fixed number of lines each, before they have a file format.

Pure. Every text is already in its languages, the first one first; leaves come one by one, so that a book of any
length is held nowhere whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exports.paper import Both, Field


@dataclass(frozen=True, slots=True)
class BookColumn:
    """A column: its caption, its share of the width; the cells of a `number` stand at its right."""

    caption: Both
    share: int
    number: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page: its lines, those of them that are sums, what stands at its foot and beside the number of the page."""

    lines: Sequence[Sequence[Both]]
    sums: frozenset[int] = frozenset()
    foot: str = ""
    state: Both = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A book of `pages` leaves. `page_name`: ``page %(number)s of %(pages)s`` in each language.

    `signatures`: who signs at the foot of each page. `row_height` in points: the same for every line.
    """

    title: Both
    facts: tuple[Field, ...]
    columns: tuple[BookColumn, ...]
    leaves: Iterable[Leaf]
    pages: int
    page_name: Both
    notes: tuple[Both, ...] = ()
    signatures: tuple[Both, ...] = ()
    row_height: int = 20
    language: str = "en"
