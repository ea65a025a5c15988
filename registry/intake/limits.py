"""What a file may at most be, and how it is refused as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message

MOST_COLUMNS = 60
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may at most be: bytes and rows."""

    megabytes: int = 20
    rows: int = 200_000


def bad_file(code: str, msgid: str, params: Mapping[str, object] | None = None) -> Invalid:
    """Return the refusal of a whole file: one problem without row and column."""
    message = Message(msgid, params or {})
    return Invalid(message, [Problem("", code, message)])


def too_many_rows(limits: Limits) -> Invalid:
    """Return the refusal of a file with more rows than are taken in at once."""
    return bad_file(
        "too-many-rows",
        N_("the file has more than %(most)s rows: delete what stands below the table, or split it"),
        {"most": limits.rows},
    )


def too_many_columns() -> Invalid:
    """Return the refusal of a file with more columns than any kind has."""
    return bad_file(
        "too-many-columns",
        N_("the file has more than %(most)s columns: delete what stands beside the table"),
        {"most": MOST_COLUMNS},
    )
