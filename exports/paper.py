"""A paper that is signed: one document of the authority in two languages, before it has a file format.

Pure. Every text is already in its language; the first language of a pair stands first and larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Both = tuple[str, ...]
"""The same words in the languages of the paper, the first language first; equal words are told once."""


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked and the answer."""

    label: Both
    value: Both


@dataclass(frozen=True, slots=True)
class Block:
    """Fields under a heading."""

    heading: Both
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table under a heading: captions, shares of the width, rows of cells. An empty cell is left to write in."""

    heading: Both
    captions: tuple[Both, ...]
    shares: tuple[int, ...]
    rows: Sequence[Sequence[Both]]

    def __post_init__(self) -> None:
        wanted = len(self.captions)
        if len(self.shares) != wanted or any(len(row) != wanted for row in self.rows):
            raise ValueError(f"every row and the shares need {wanted} cells")


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. `footer` stands on every page before the page number; `code`: what the QR code holds.

    `stamp`: words across every page (a draft, a paper signed with a practice key); empty on others.
    `language`: tag of the first language.
    """

    language: str
    authority: Both
    title: Both
    number: str
    parts: tuple[Block | Grid, ...]
    notes: tuple[Both, ...]
    footer: str
    code: str = ""
    code_note: Both = ()
    stamp: str = ""
