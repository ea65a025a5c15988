"""The blank workbook of a kind: head row, drop-downs, and a sheet that says what each column means.

Every cell is formatted as text: a code keeps its zeros, a date its order of day and month, a
quantity its digits. The same kind and language give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from exports.formats.xlsx import _normalised  # the one place that knows how a workbook is made the same twice
from registry.intake.kinds import FileKind
from registry.kernel.fields import (
    Column,
    as_country,
    as_day,
    as_grams,
    as_quantity,
    as_substance,
    as_truth,
    as_year,
)
from registry.kernel.text import N_, Message

Say = Callable[[Message], str]

MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 - no real time: the stamp inside the file must not move
TEXT = "@"
DROP_DOWN_ROWS = 20_000
WIDEST = 60
NARROWEST = 14
HEAD = PatternFill("solid", fgColor="123F5A")
HEAD_FONT = Font(bold=True, color="FFFFFF")
OPTIONAL_HEAD = PatternFill("solid", fgColor="5B7C8D")
TOP = Alignment(vertical="top", wrap_text=True)

EXAMPLES: Mapping[Callable[[str], object], str] = {
    as_day: "2026-03-31",
    as_country: "DE",
    as_year: "2026",
    as_substance: "NM 009",
    as_quantity: "12.5",
    as_grams: "12.5",
    as_truth: "yes",
}
"""What a cell read by each of these may look like."""


def blank_workbook(kind: FileKind, say: Say) -> bytes:
    """Return the XLSX to be filled in for `kind`, its notes in the language of `say`."""
    book = Workbook()
    table = book.worksheets[0]
    table.title = kind.name
    notes = book.create_sheet(_title(say, N_("Notes")))
    words = book.create_sheet(_title(say, N_("Known words")))
    for place, column in enumerate(kind.columns, start=1):
        _head(table, place, column, say)
        _drop_down(table, words, place, column, say)
    table.freeze_panes = "A2"
    _notes(notes, kind, say)
    if words.max_column == 1 and words["A1"].value is None:
        book.remove(words)
    book.properties.creator = ""
    book.properties.created = MOMENT
    book.properties.title = say(Message(kind.title))
    target = io.BytesIO()
    book.save(target)
    return bytes(_normalised(target.getvalue(), MOMENT))


def _title(say: Say, msgid: str) -> str:
    # Excel allows 31 characters.
    return say(Message(msgid))[:31]


def _head(table: Worksheet, place: int, column: Column, say: Say) -> None:
    letter = get_column_letter(place)
    cell = table.cell(1, place, column.name)
    cell.font = HEAD_FONT
    cell.fill = HEAD if column.required else OPTIONAL_HEAD
    cell.number_format = TEXT
    note = Comment(_meaning(column, say), "")
    note.width, note.height = 320, 120
    cell.comment = note
    table.column_dimensions[letter].width = min(WIDEST, max(NARROWEST, len(column.name) + 4))
    table.column_dimensions[letter].number_format = TEXT


def _meaning(column: Column, say: Say) -> str:
    needed = say(Message(N_("needed"))) if column.required else say(Message(N_("may stay empty")))
    return f"{say(Message(column.note))} ({needed})" if column.note else needed


def _drop_down(table: Worksheet, words: Worksheet, place: int, column: Column, say: Say) -> None:
    """Offer the known words of a column, with what they mean beside them.

    They stand on a sheet of their own: a list in the rule ends at 255 signs.
    """
    if not column.choices:
        return
    held = words.max_column + 1 if words["A1"].value is not None else 1
    letter = get_column_letter(held)
    for row, text in enumerate((column.name, *column.choices), start=1):
        words.cell(row, held, text).number_format = TEXT
    words.cell(1, held).font = Font(bold=True)
    words.column_dimensions[letter].width = max(NARROWEST, *(len(text) + 4 for text in column.choices))
    if column.meanings:
        _meanings(words, held + 1, column, say)
    if column.several:
        return
    source = f"'{words.title}'!${letter}$2:${letter}${len(column.choices) + 1}"
    rule = DataValidation(type="list", formula1=source, allow_blank=not column.required, showErrorMessage=True)
    own = get_column_letter(place)
    rule.add(f"{own}2:{own}{DROP_DOWN_ROWS}")
    table.add_data_validation(rule)


def _meanings(words: Worksheet, place: int, column: Column, say: Say) -> None:
    said = {word: say(Message(meaning)) for word, meaning in column.meanings}
    rows = (say(Message(N_("Meaning"))), *(said.get(word, "") for word in column.choices))
    for row, text in enumerate(rows, start=1):
        words.cell(row, place, text).number_format = TEXT
    words.cell(1, place).font = Font(bold=True)
    words.column_dimensions[get_column_letter(place)].width = min(WIDEST, max(len(text) + 4 for text in rows))


def _notes(notes: Worksheet, kind: FileKind, say: Say) -> None:
    notes["A1"] = say(Message(kind.title))
    notes["A1"].font = Font(bold=True, size=14)
    notes["A2"] = say(Message(kind.about))
    captions = (N_("Column"), N_("Needed"), N_("Meaning"), N_("Example"), N_("Known words"))
    for place, caption in enumerate(captions, start=1):
        cell = notes.cell(4, place, say(Message(caption)))
        cell.font, cell.fill = HEAD_FONT, HEAD
    for row, column in enumerate(kind.columns, start=5):
        values = (
            column.name,
            say(Message(N_("yes"))) if column.required else say(Message(N_("no"))),
            say(Message(column.note)) if column.note else "",
            EXAMPLES.get(column.read) or ";".join(column.choices[: 2 if column.several else 1]),
            ", ".join(column.choices),
        )
        for place, value in enumerate(values, start=1):
            cell = notes.cell(row, place, value)
            cell.number_format, cell.alignment = TEXT, TOP
    for letter, width in zip("ABCDE", (22, 10, 60, 18, 60), strict=True):
        notes.column_dimensions[letter].width = width
    notes.freeze_panes = "A5"
