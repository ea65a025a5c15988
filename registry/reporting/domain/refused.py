"""What is kept of a refused file: its rows with every person made unreadable, and what was wrong. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.kernel.errors import Problem
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import Message, plain_params, revived_params
from registry.mail.domain import MASK, masked

MOST_FINDINGS = 500
"""So many are kept of one file; the number of all is kept beside them."""
NAMES_A_PERSON = "personal-number"
REFERENCE, SITE = "reference", "site"
LONGEST_REFERENCE = 64


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that was wrong: the row as a spreadsheet counts, the column or the rule, the sentence."""

    row: int | None
    where: str
    message: Message


@dataclass(frozen=True, slots=True)
class RefusedFact:
    """A refused file. `posted`: how many of its references are in the ledger by now."""

    id: int
    organisation_id: int
    site_id: int | None
    name: str
    digest: str
    size_bytes: int
    rows: int
    unnamed: int
    problems: int
    sent_at: datetime
    sent_by: str
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None
    references: int = 0
    posted: int = 0

    @property
    def is_settled(self) -> bool:
        """Say whether every row of it is in the ledger."""
        return bool(self.references) and not self.unnamed and self.posted == self.references

    @property
    def is_open(self) -> bool:
        """Say whether somebody still has to see to it."""
        return self.closed_at is None and not self.is_settled


def rows_as_kept(
    header: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int], problems: Sequence[Problem]
) -> str:
    """Return the rows as CSV, a cell that was refused for naming a person replaced, every personal number masked."""
    place = {name: n for n, name in enumerate(header)}
    naming = {(one.row, place[one.column]) for one in problems if one.code == NAMES_A_PERSON and one.column in place}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for number, row in zip(numbers, rows, strict=True):
        writer.writerow([MASK if (number, n) in naming else cell for n, cell in enumerate(row)])
    return masked(text.getvalue())


def packed(problems: Sequence[Problem], findings: Sequence[Finding]) -> str:
    """Return what was wrong as JSON, in the order of the rows, every personal number masked."""
    said = [
        *((one.row, one.column, one.message) for one in problems),
        *((one.row, one.rule.code, one.message) for one in findings if one.severity is Severity.REFUSE),
    ]
    ordered = sorted(said, key=lambda each: (each[0] or 0, each[1]))[:MOST_FINDINGS]
    listed = [[row, where, each.msgid, plain_params(each.params)] for row, where, each in ordered]
    return masked(json.dumps(listed, ensure_ascii=False))


def unpacked(text: str) -> list[Wrong]:
    """Return what `packed` was given."""
    return [Wrong(row, where, Message(msgid, revived_params(params))) for row, where, msgid, params in json.loads(text)]


def column_of(columns: Mapping[str, int], rows: Sequence[Sequence[str]], name: str) -> list[str]:
    """Return the cells of a column, trimmed; nothing where the file has no such column."""
    return [row[columns[name]].strip() for row in rows] if name in columns else []
