"""The bytes of a workbook of a site: entry cells open, everything else locked, lists behind drop-downs, a seal on a sheet of its own.

Entry cells are formatted as text, as in every workbook of this registry: a batch number keeps its zeros, a quantity is
never taken for a day.
"""

from __future__ import annotations

import io
from dataclasses import asdict

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from registry.kernel.fields import Column
from registry.kernel.text import N_, Message
from registry.workbooks.domain import COLUMNS, FIRST_ROW, HEAD_ROW, KEY_ROW, LIST_OF, SEAL_SHEET, Offered, Rows
from registry.workbooks.service import Say, SiteWorkbook

TEXT = "@"
HEAD = PatternFill("solid", fgColor="123F5A")
HEAD_FONT = Font(bold=True, color="FFFFFF")
OPTIONAL_HEAD = PatternFill("solid", fgColor="5B7C8D")
QUIET = Font(color="505A5F")
WRAPPED = Alignment(wrap_text=True, vertical="top")
OPEN = Protection(locked=False)
WIDTHS = {"reference": 24, "kind": 30, "product": 34, "counterparty": 30, "batch": 24, "note": 30}
WIDTH = 15
LIST_WIDTH = 34

TITLES = {
    Offered.KINDS: N_("Kinds of movement"),
    Offered.PRODUCTS: N_("Products"),
    Offered.BATCHES: N_("Batches"),
    Offered.PARTNERS: N_("Other sites"),
}
CAPTIONS = {
    "reference": N_("Reference"),
    "occurred_on": N_("Day it happened"),
    "kind": N_("Kind of movement"),
    "product": N_("Product"),
    "quantity": N_("Quantity"),
    "counterparty": N_("The other site"),
    "batch": N_("Batch"),
    "expires_on": N_("Expiry date of the batch"),
    "permit": N_("Permit"),
    "country": N_("Partner country"),
    "document": N_("Document"),
    "prescription": N_("Prescription or daily sheet"),
    "note": N_("Note"),
}
STRICT = frozenset({Offered.KINDS})
"""Lists that hold everything there is; in the other columns a code may be typed that no list offers."""


def written(made: SiteWorkbook, say: Say) -> bytes:
    """Return the XLSX of a workbook, its words in the language of `say`."""
    book = Workbook()
    entry = book.worksheets[0]
    entry.title = _title(N_("Movements"), say)
    titles = {name: _title(TITLES[name], say) for name in Offered}
    for name, rows in made.lists.items():
        _list(book.create_sheet(titles[name]), rows)
        if len(rows) > 1:
            place = f"'{titles[name]}'!$A$2:$A${len(rows)}"
            book.defined_names[f"registry_{name.value}"] = DefinedName(f"registry_{name.value}", attr_text=place)
    _entry(entry, made, say)
    _seal(book.create_sheet(SEAL_SHEET), made, titles)
    book.security = WorkbookProtection(lockStructure=True)
    book.properties.creator = ""
    book.properties.title = f"{made.label.site} {made.label.day}"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _put(sheet: Worksheet, row: int, place: int, text: str) -> Cell:
    """Write a text as text: the library would take one that begins with ``=`` for a formula."""
    cell = sheet.cell(row, place, text)
    cell.data_type = "s"
    return cell


def _title(msgid: str, say: Say) -> str:
    # Excel allows 31 characters.
    return say(Message(msgid))[:31]


def _entry(sheet: Worksheet, made: SiteWorkbook, say: Say) -> None:
    for place, column in enumerate(COLUMNS, start=1):
        _head(sheet, place, column, say)
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = WIDTHS.get(column.name, WIDTH)
        dimension.number_format = TEXT
        if place > 1:
            dimension.protection = OPEN
            _drop_down(sheet, place, column, made, say)
    for number in range(1, made.label.rows + 1):
        _put(sheet, FIRST_ROW + number - 1, 1, made.label.reference(number)).font = QUIET
    sheet.row_dimensions[KEY_ROW].hidden = True
    sheet.row_dimensions[HEAD_ROW].height = 32
    sheet.freeze_panes = f"B{FIRST_ROW}"
    _lock(sheet)


def _head(sheet: Worksheet, place: int, column: Column, say: Say) -> None:
    # A style of its own: some programs give a cell without one the style of its column, which is open.
    _put(sheet, KEY_ROW, place, column.name).font = QUIET
    cell = _put(sheet, HEAD_ROW, place, say(Message(CAPTIONS[column.name])))
    cell.font = HEAD_FONT
    cell.fill = HEAD if column.required else OPTIONAL_HEAD
    cell.alignment = WRAPPED
    given = N_("given by the registry: leave it as it is, so that nothing is posted twice")
    meaning = say(Message(given if place == 1 else column.note))
    needed = say(Message(N_("needed"))) if column.required else say(Message(N_("may stay empty")))
    cell.comment = Comment(meaning if place == 1 else f"{meaning} ({needed})", "", height=120, width=320)


def _drop_down(sheet: Worksheet, place: int, column: Column, made: SiteWorkbook, say: Say) -> None:
    name = LIST_OF.get(column.name)
    if name is None or len(made.lists[name]) < 2:  # noqa: PLR2004 - a list with its head only
        return
    rule = DataValidation("list", formula1=f"registry_{name.value}", allow_blank=True, showErrorMessage=name in STRICT)
    rule.error = say(Message(N_("Choose from the list.")))
    letter = get_column_letter(place)
    rule.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + made.label.rows - 1}")
    sheet.add_data_validation(rule)


def _list(sheet: Worksheet, rows: Rows) -> None:
    for number, cells in enumerate(rows, start=1):
        for place, text in enumerate(cells, start=1):
            if text:
                _put(sheet, number, place, text).number_format = TEXT
    for place in range(1, len(rows[0]) + 1):
        head = sheet.cell(1, place)
        head.font, head.fill = HEAD_FONT, HEAD
        sheet.column_dimensions[get_column_letter(place)].width = LIST_WIDTH if place == 1 else WIDTH
    sheet.freeze_panes = "A2"
    _lock(sheet)


def _seal(sheet: Worksheet, made: SiteWorkbook, titles: dict[Offered, str]) -> None:
    said = {key: str(value) for key, value in asdict(made.label).items()}
    said |= {f"sheet:{name.value}": title for name, title in titles.items()} | {"seal": made.seal}
    for number, row in enumerate(said.items(), start=1):
        for place, text in enumerate(row, start=1):
            _put(sheet, number, place, text)
    sheet.sheet_state = "hidden"
    _lock(sheet)


def _lock(sheet: Worksheet) -> None:
    """Lock what is not open, without a password: against slips of the hand, while the seal is against the rest."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.protection.formatCells = False
