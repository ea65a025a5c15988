"""A document before it has a file format: sheets of tables of typed cells.

Pure. Every text in it is already in the reader's language; every number is an exact decimal
string, so that a format never computes. What a format cannot show it may leave out (colour,
width), never change (a figure, a text).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

_DIGITS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_COMMA_LANGUAGES = frozenset({"fr", "ky", "ru"})
NO_BREAK_SPACE = "\u00a0"
GROUP = 3


class Kind(StrEnum):
    """What a column holds; it decides alignment and, in a spreadsheet, the type of its cells."""

    TEXT = "text"
    QUANTITY = "quantity"
    DAY = "day"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True)
class Text:
    """Words. Never read as a number, a formula or a link, whatever they look like."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact decimal in plain digits with a point (``-12.5``), and its unit if the column has none."""

    digits: str
    unit: str = ""
    strong: bool = False

    def __post_init__(self) -> None:
        if not _DIGITS.fullmatch(self.digits):
            raise ValueError(f"{self.digits!r} is not a plain decimal")

    @property
    def decimals(self) -> int:
        """Return how many decimals are written."""
        return len(self.digits.partition(".")[2])


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number: a count, a year, a row number."""

    value: int


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    day: date


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing: not zero, and not an empty text."""


Cell = Text | Quantity | Whole | Day | Blank
BLANK = Blank()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its caption, what it holds, its width in characters, its unit for all cells."""

    caption: str
    kind: Kind = Kind.TEXT
    width: int = 14
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Every row, and `totals`, has one cell per column. `title` may be empty."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    totals: Sequence[Cell] | None = None

    def __post_init__(self) -> None:
        wanted = len(self.columns)
        for number, row in enumerate([*self.rows, *([] if self.totals is None else [self.totals])], start=1):
            if len(row) != wanted:
                raise ValueError(f"row {number} has {len(row)} cells for {wanted} columns")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of its own: a short `name` for the tab, a `heading`, tables below each other, notes under them."""

    name: str
    heading: str
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoverField:
    """One line of the cover: what is asked, and the answer; an empty answer leaves a line to write on."""

    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document. `dated` is the day of its facts, the only date a file carries.

    `language` is a tag such as ``ky``. `cover` and `notes` stand on the first page, which is
    left out when both are empty; `cover_name` is its tab. `flat` is the one table that a format
    of a single table (CSV) writes; without it the first table is. `plain` is what the JSON
    format writes instead of the tables.
    """

    title: str
    dated: date
    language: str = "en"
    subtitle: str = ""
    sheets: tuple[Sheet, ...] = ()
    cover: tuple[CoverField, ...] = ()
    notes: tuple[str, ...] = ()
    cover_name: str = "Cover"
    flat: Table | None = None
    plain: object = field(default=None)

    @property
    def single_table(self) -> Table:
        """Return the table a single-table format writes; an empty one when the document has none."""
        if self.flat is not None:
            return self.flat
        return next((table for sheet in self.sheets for table in sheet.tables), Table((), ()))


def list_document(title: str, dated: date, table: Table, language: str = "en") -> Document:
    """Return the document of a plain list: one sheet, one table, no cover."""
    return Document(title, dated, language, sheets=(Sheet(title, title, (table,)),), flat=table)


def shown_number(digits: str, language: str) -> str:
    """Print plain digits for people: groups of three apart by a no-break space, the language's decimal mark."""
    sign = "\u2212" if digits.startswith("-") else ""
    whole, _, part = digits.removeprefix("-").partition(".")
    head = len(whole) % GROUP
    groups = [whole[:head]] if head else []
    groups += [whole[start : start + GROUP] for start in range(head, len(whole), GROUP)]
    mark = "," if language[:2] in _COMMA_LANGUAGES else "."
    return sign + NO_BREAK_SPACE.join(groups) + (mark + part if part else "")


def shown_day(day: date, language: str) -> str:
    """Print a day for people: 31.03.2025 in Kyrgyz and Russian, 31/03/2025 in French, else 2025-03-31."""
    patterns = {"ky": "%d.%m.%Y", "ru": "%d.%m.%Y", "fr": "%d/%m/%Y"}
    return day.strftime(patterns.get(language[:2], "%Y-%m-%d"))


def shown(cell: Cell, language: str) -> str:
    """Print a cell for people in `language`."""
    if isinstance(cell, Text):
        return cell.text
    if isinstance(cell, Quantity):
        number = shown_number(cell.digits, language)
        return f"{number}{NO_BREAK_SPACE}{cell.unit}" if cell.unit else number
    if isinstance(cell, Whole):
        return str(cell.value)
    return shown_day(cell.day, language) if isinstance(cell, Day) else ""


def heading_of(column: Column) -> str:
    """Return the caption of a column with its unit, as a table head shows it."""
    return f"{column.caption} ({column.unit})" if column.unit else column.caption
