"""Cells in which a person might be named by mistake: a personal number is refused wherever it stands.

A Kyrgyz personal number is fourteen digits: 1 or 2, the day of birth as DDMMYYYY, five more. Written on end any fourteen
that begin so are taken for one; written in groups, with a blank or a dash between two digits, only those that hold a day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import BadCell, as_code, as_text
from registry.kernel.text import N_, Message

PERSONAL_DIGITS = 14
_PLAIN_DOCUMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,63}", re.ASCII)
_BESIDE = "|"
_APART = r"[\s\-\u2010-\u2015]?"
_DAYS = ("0[1-9]", "[12][0-9]", "3[01]")
_MONTHS = ("0[1-9]", "1[0-2]")
_CENTURIES = ("19", "20")


def _spaced(*choices: str) -> str:
    """Return a pattern of two digits with perhaps something between them, one of `choices`."""
    pairs = [re.findall(r"\[[^]]*\]|[0-9]", choice) for choice in choices]
    return f"(?:{'|'.join(_APART.join(pair) for pair in pairs)})"


_PERSONAL_NUMBER = re.compile(
    "(?<![0-9])(?:[12][0-9]{13}|"
    + _APART.join(["[12]", _spaced(*_DAYS), _spaced(*_MONTHS), _spaced(*_CENTURIES), *["[0-9]"] * 7])
    + ")(?![0-9])"
)


def as_note(cell: str) -> str:
    """Read a free note; a personal number is refused."""
    value = as_text(cell)
    if len(value) >= PERSONAL_DIGITS and _PERSONAL_NUMBER.search(unicodedata.normalize("NFKC", value)):
        raise BadCell(
            "personal-number",
            Message(
                N_(
                    "the cell seems to hold a personal number: no patient is named in this system, write the number of the document"
                )
            ),
        )
    return value


def masked(text: str, mask: str) -> str:
    """Return a text with `mask` in place of every personal number."""
    return _PERSONAL_NUMBER.sub(mask, text)


def named_in(field: str, text: str | None) -> list[Problem]:
    """Return the problem of a free text in which a personal number stands, for a `field` that is no cell of a file."""
    try:
        as_note(text or "")
    except BadCell as bad:
        return [Problem(field, bad.code, bad.message)]
    return []


def require_nobody_named(field: str, text: str | None) -> None:
    """Raise `Invalid` where a personal number stands in a free text."""
    if problems := named_in(field, text):
        raise Invalid(problems[0].message, problems)


def plain_documents(cells: Sequence[str]) -> bool:
    """Say whether each of `cells` is the number of a document as `as_document` would return it: nearly all are."""
    return all(map(_PLAIN_DOCUMENT.fullmatch, cells)) and not _PERSONAL_NUMBER.search(_BESIDE.join(cells))


def as_document(cell: str) -> str:
    """Read the number of a document; a personal number is refused."""
    if len(cell) >= PERSONAL_DIGITS:
        as_note(cell)
    return as_code(cell)
