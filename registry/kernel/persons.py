"""Cells in which a person might be named by mistake: a personal number is refused wherever it stands."""

from __future__ import annotations

import re

from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import BadCell, as_code, as_text
from registry.kernel.text import N_, Message

# Fourteen digits that begin with 1 or 2 are a Kyrgyz personal number: no patient enters the system.
PERSONAL_DIGITS = 14
# Nearly every number of a document is one of these: without so many digits on end it names nobody.
PLAIN_DOCUMENT = re.compile(r"(?!.*[0-9]{14})[A-Za-z0-9][A-Za-z0-9./_-]{0,63}", re.ASCII)
_PERSONAL_NUMBER = re.compile(r"(?<![0-9])[12][0-9]{13}(?![0-9])", re.ASCII)


def as_note(cell: str) -> str:
    """Read a free note; a personal number is refused."""
    value = as_text(cell)
    if len(value) >= PERSONAL_DIGITS and _PERSONAL_NUMBER.search(value):
        raise BadCell(
            "personal-number",
            Message(
                N_(
                    "the cell seems to hold a personal number: no patient is named in this system, write the number of the document"
                )
            ),
        )
    return value


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


def as_document(cell: str) -> str:
    """Read the number of a document; a personal number is refused."""
    if len(cell) >= PERSONAL_DIGITS:
        as_note(cell)
    return as_code(cell)
