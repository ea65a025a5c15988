"""Cells in which a person might be named by mistake: a personal number is refused wherever it stands.

A code or a name is refused only what certainly is one (`kernel.fields`): a batch may have fourteen digits. What people
write in their own words, and the numbers of documents, are asked for more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import PERSONAL_NUMBER, BadCell, as_code, as_text
from registry.kernel.personal_number import DIGITS, is_likely_in

_PLAIN_DOCUMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,63}", re.ASCII)
_BESIDE = "|"


def as_note(cell: str) -> str:
    """Read a free note; a personal number is refused."""
    value = as_text(cell)
    if is_likely_in(value):
        raise BadCell("personal-number", PERSONAL_NUMBER)
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


def plain_documents(cells: Sequence[str]) -> bool:
    """Say whether each of `cells` is the number of a document as `as_document` would return it: nearly all are."""
    return all(map(_PLAIN_DOCUMENT.fullmatch, cells)) and not is_likely_in(_BESIDE.join(cells))


def as_document(cell: str) -> str:
    """Read the number of a document; a personal number is refused."""
    if len(cell) >= DIGITS:
        as_note(cell)
    return as_code(cell)
