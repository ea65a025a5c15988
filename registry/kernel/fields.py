"""Fields of the files that come in: declared once, read cell by cell or column by column.

The same declaration feeds the column-wise reader of a batch (`registry.intake`) and the
marshmallow schema of a single document (`registry.web.schema`). A cell is text; a field
turns it into a value or raises `BadCell` with a stable code and what would be right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from registry.kernel.codes import COUNTRIES, substance_code
from registry.kernel.mass import NotAQuantity, parse_scaled
from registry.kernel.personal_number import is_certain_in
from registry.kernel.text import N_, Message

PERSONAL_NUMBER = Message(
    N_("the cell seems to hold a personal number: no patient is named in this system, write the number of the document")
)

_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00:00)?", re.ASCII)
_OFFICE_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}", re.ASCII)
# Beside control characters: what cannot be seen or turns the line around, and halves of characters.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
GRAM_PLACES = 6
NANOGRAM_PLACES = 9
FIRST_YEAR, LAST_YEAR = 1900, 2199
CODE_LENGTH = 64
# Nearly every code is one of these: recognised at once, a column of 10,000 is read in a third of the time.
_PLAIN_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,63}", re.ASCII)
NAME_LENGTH = 300
TEXT_LENGTH = 1000


class BadCell(ValueError):
    """One cell that cannot be read."""

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its name, how a cell is read, whether it may stay empty, and a note for people.

    `choices`: the words a cell may hold; with `several` more than one, separated by ``;``.
    `note` is a msgid; `meanings` says in a msgid what each word of `choices` stands for.
    `plain`: says of all cells of a column that each is its own value, so that `read` need not be asked.
    """

    name: str
    read: Callable[[str], object]
    required: bool = True
    note: str = ""
    choices: tuple[str, ...] = ()
    several: bool = False
    meanings: tuple[tuple[str, str], ...] = ()
    plain: Callable[[Sequence[str]], bool] | None = None


def as_text(cell: str, most: int = TEXT_LENGTH) -> str:
    """Read free text: blanks at both ends go, control characters and formulas are refused.

    Letters with marks come in their composed form, so that the same word is the same text.
    """
    value = unicodedata.normalize("NFC", cell.strip())
    if value.startswith("="):
        raise BadCell("formula", Message(N_("the cell holds a formula: write the value itself")))
    if _CONTROL.search(cell):
        raise BadCell(
            "control-character", Message(N_("the cell holds a character that cannot be printed: type it anew"))
        )
    if len(value) > most:
        raise BadCell("too-long", Message(N_("the text is longer than %(most)s characters"), {"most": most}))
    return value


def as_name(cell: str) -> str:
    """Read a name: text of at most 300 characters, line breaks become blanks; a personal number is none."""
    return _of_nobody(" ".join(as_text(cell, NAME_LENGTH).split()))


def _of_nobody(value: str) -> str:
    if is_certain_in(value):
        raise BadCell("personal-number", PERSONAL_NUMBER)
    return value


def as_code(cell: str) -> str:
    """Read a code or number of a document: short text on one line; a personal number is none."""
    if _PLAIN_CODE.fullmatch(cell):
        return _of_nobody(cell)
    value = as_text(cell)
    if "\n" in value or len(value) > CODE_LENGTH:
        raise BadCell(
            "not-a-code",
            Message(
                N_("“%(text)s” is not a code: at most %(most)s characters on one line"),
                {"text": value[:40], "most": CODE_LENGTH},
            ),
        )
    return _of_nobody(value)


def as_substance(cell: str) -> str:
    """Read a substance code and normalise it: ``nm-009`` -> ``NM 009``."""
    return substance_code(as_code(cell))


def as_country(cell: str) -> str:
    """Read an ISO 3166 code of two letters."""
    value = as_code(cell).upper()
    if value not in COUNTRIES:
        raise BadCell(
            "unknown-country",
            Message(
                N_("“%(text)s” is not a country code: write two letters of ISO 3166, such as DE or IN"),
                {"text": value[:20]},
            ),
        )
    return value


def as_day(cell: str) -> date:
    """Read a day between 1900 and 2199, ``2025-03-31`` or ``31.03.2025``."""
    value = as_text(cell)
    match = _ISO_DAY.fullmatch(value)
    parts = match.groups() if match else None
    if parts is None:
        match = _OFFICE_DAY.fullmatch(value)
        parts = match.groups()[::-1] if match else None
    if parts is not None:
        try:
            day = date(int(parts[0]), int(parts[1]), int(parts[2]))
        except ValueError:
            day = None
        if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise BadCell(
        "not-a-date", Message(N_("“%(text)s” is not a day: write 2025-03-31 or 31.03.2025"), {"text": value[:40]})
    )


def as_year(cell: str) -> int:
    """Read a calendar year between 1900 and 2099."""
    value = as_text(cell)
    if not _YEAR.fullmatch(value):
        raise BadCell(
            "not-a-year", Message(N_("“%(text)s” is not a year: write four digits, such as 2026"), {"text": value[:20]})
        )
    return int(value)


def as_quantity(cell: str) -> str:
    """Read a quantity whose decimals depend on the product: here only what no product could take.

    Returns the text as stated; `registry.kernel.mass.parse_scaled` finishes it once the unit is known.
    """
    scaled_quantity(cell, 9)
    return cell.strip()


def scaled_quantity(cell: str, places: int, *, positive: bool = True) -> int:
    """Read an exact decimal as a whole number of its `places`-th decimal, or raise `BadCell`."""
    try:
        return parse_scaled(as_text(cell), places, positive=positive)
    except NotAQuantity as bad:
        raise BadCell(bad.code, bad.message) from None


def quantity(places: int, *, positive: bool = True) -> Callable[[str], int]:
    """Return a reader for exact decimals with at most `places` decimals."""

    def read(cell: str) -> int:
        return scaled_quantity(cell, places, positive=positive)

    return read


def as_grams(cell: str) -> int:
    """Read grams with at most six decimals as whole nanograms."""
    scaled_quantity(cell, GRAM_PLACES)
    return scaled_quantity(cell, NANOGRAM_PLACES)


def as_grams_or_zero(cell: str) -> int:
    """Read grams as whole nanograms; zero is a figure too: nothing is wanted, or allowed."""
    return as_grams(cell) if scaled_quantity(cell, GRAM_PLACES, positive=False) else 0


def choice(values: Iterable[str]) -> Callable[[str], str]:
    """Return a reader for one of a few fixed words."""
    known = tuple(values)
    allowed = frozenset(known)

    def read(cell: str) -> str:
        value = as_text(cell).lower()
        if value not in allowed:
            raise BadCell(
                "unknown-value",
                Message(
                    N_("“%(text)s” is not one of the words known here: %(known)s"),
                    {"text": value[:40], "known": ", ".join(known)},
                ),
            )
        return value

    return read


class Named(Protocol):
    """An entry of a table of kinds: `name` is a msgid."""

    @property
    def name(self) -> str:
        """Return what people call it."""


def named(table: Mapping[str, Named]) -> tuple[tuple[str, str], ...]:
    """Return the codes of a table of kinds with what each stands for, as `Column.meanings` takes them."""
    return tuple((code, entry.name) for code, entry in table.items())


def choices(values: Iterable[str]) -> Callable[[str], tuple[str, ...]]:
    """Return a reader for several fixed words separated by ``;`` (order as written, doubles dropped)."""
    one = choice(values)

    def read(cell: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one(part) for part in as_text(cell).split(";") if part.strip()))

    return read


def as_truth(cell: str) -> bool:
    """Read yes or no."""
    word = as_text(cell).lower()
    if word in {"yes", "true", "1", "да", "ооба"}:
        return True
    if word in {"no", "false", "0", "нет", "жок"}:
        return False
    raise BadCell("not-yes-or-no", Message(N_("“%(text)s” is not yes or no"), {"text": word[:20]}))
