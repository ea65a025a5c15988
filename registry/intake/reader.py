"""Bytes of a CSV or XLSX file -> a table of text cells, with the row numbers people see.

What a file is, its content says, not its name. Values only: nothing is computed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from registry.intake.cells import column_letters
from registry.intake.limits import MEGABYTE, MOST_COLUMNS, Limits, bad_file, too_many_columns, too_many_rows
from registry.intake.workbook import Book, Hidden
from registry.kernel.errors import Invalid, Problem
from registry.kernel.progress import counted, tell
from registry.kernel.text import N_, Message

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FIRST_ROW = 2
LISTED = 20
READING = N_("Reading the file")


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a file as text. `numbers[i]` is the row of `rows[i]` as a spreadsheet counts.

    `remarks`: what its sender should know though it stands against nothing. `book`: the workbook it was read from.
    """

    header: tuple[str, ...]
    rows: list[list[str]]
    numbers: list[int]
    remarks: tuple[Message, ...] = field(default=(), compare=False)
    book: Book | None = field(default=None, compare=False, repr=False)


def read_table(data: bytes, limits: Limits) -> Table:
    """Read CSV (UTF-8, comma, semicolon or tab) or XLSX by content.

    Raises `Invalid` with one problem that says what is wrong with the file and what would be right.
    """
    if len(data) > limits.megabytes * MEGABYTE:
        raise bad_file(
            "file-too-large", N_("the file is larger than %(most)s MB: split it"), {"most": limits.megabytes}
        )
    if not data.strip():
        raise _empty()
    if data.startswith(OLE_MAGIC):
        raise bad_file(
            "not-a-workbook",
            N_("the workbook is protected by a password or of the old XLS kind: save it as plain XLSX"),
        )
    tell(READING)
    if is_workbook(data):
        book = Book(data)
        table = _table(counted(READING, book.rows(limits), 0), limits)
        return replace(table, remarks=_hidden(table, book.hidden()), book=book)
    return _table(counted(READING, _csv_rows(data), line_count(data)), limits)


def _hidden(table: Table, hidden: Hidden) -> tuple[Message, ...]:
    """Tell which hidden rows and columns hold something: they are read as the others."""
    rows = [number for number in table.numbers if number in hidden.rows]
    letters = (column_letters(place) for place in range(1, len(table.header) + 1))
    columns = [letter for letter in letters if letter in hidden.columns]
    told = []
    if rows:
        shown = ", ".join(map(str, rows[:LISTED])) + (" …" if len(rows) > LISTED else "")
        told.append(Message(N_("hidden rows are read as well: %(rows)s"), {"rows": shown}))
    if columns:
        told.append(Message(N_("hidden columns are read as well: %(columns)s"), {"columns": ", ".join(columns)}))
    return tuple(told)


def line_count(data: bytes) -> int:
    """Return about how many rows a text holds: its line ends, with those inside of cells."""
    return data.count(b"\n")


def is_workbook(data: bytes) -> bool:
    """Say whether the bytes are those of a workbook, by content."""
    return data.startswith(ZIP_MAGIC)


def _empty() -> Invalid:
    return bad_file("file-empty", N_("the file is empty: the first row must hold the column names"))


def _table(lines: Iterator[tuple[int, list[str]]], limits: Limits) -> Table:
    first = next(((number, cells) for number, cells in lines if any(cells)), None)
    if first is None:
        raise _empty()
    header = [cell.strip() for cell in first[1]]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise too_many_columns()
    width = len(header)
    rows: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if len(cells) > width and any(cells[width:]):
            problems.append(
                Problem(
                    "",
                    "cell-outside",
                    Message(
                        N_(
                            "the row has more cells than there are column names: a comma inside a text needs quotation marks"
                        )
                    ),
                    number,
                )
            )
        rows.append((cells + [""] * (width - len(cells)))[:width])
        numbers.append(number)
        if len(rows) > limits.rows:
            raise too_many_rows(limits)
    if problems:
        raise Invalid(problems[0].message, problems)
    return Table(tuple(header), rows, numbers)


def _csv_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = data.count(b"\n", 0, bad.start) + 1
        raise bad_file(
            "not-utf8",
            N_("the file is not UTF-8 text (line %(line)s): save it as “CSV UTF-8” or as XLSX"),
            {"line": line},
        ) from None
    if "\x00" in text:
        raise bad_file("not-text", N_("the file is neither a CSV text nor an XLSX workbook"))
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as bad:
        raise bad_file(
            "not-csv",
            N_("row %(row)s cannot be read as CSV (%(why)s): check its quotation marks"),
            {"row": number + 1, "why": str(bad)},
        ) from None


__all__ = ["FIRST_ROW", "Limits", "Table", "is_workbook", "line_count", "read_table"]
