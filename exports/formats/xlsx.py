"""XLSX: a workbook an officer can send, and the same bytes whenever it is made.

Text is always text (openpyxl would take ``=1+1`` for a formula); numbers are written digit by
digit, never through a float. What a spreadsheet cannot hold exactly (more than 15 digits)
stays text.
"""

from __future__ import annotations

import io
import re
import zipfile
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, time

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from exports.document import Cell, Column, Day, Document, Kind, Quantity, Sheet, Table, Text, Whole, heading_of
from exports.format import Format

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXACT_DIGITS = 15
A4 = 9
LONGEST_NAME = 31
LONGEST_TEXT = 32_767
LABEL_WIDTH, VALUE_WIDTH = 34, 58
NARROWEST = 90
PAGE_WIDTH = 105
SPARE_WIDTH = 9
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
NOT_IN_CELLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")

_THIN = Side(style="thin", color="8C9BA5")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="DCE6EC")
_TOTAL_FILL = PatternFill("solid", fgColor="F1F4F6")
_FACE = "Calibri"
_TITLE = Font(name=_FACE, bold=True, size=16)
_HEADING = Font(name=_FACE, bold=True, size=13)
_BOLD = Font(name=_FACE, bold=True, size=11)
_QUIET = Font(name=_FACE, italic=True, size=11, color="505A5F")
_WRAP = Alignment(horizontal="left", vertical="top", wrap_text=True)
_HEAD_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
_ALIGNMENTS = {
    "left": _WRAP,
    "right": Alignment(horizontal="right", vertical="top", indent=1),
    "center": Alignment(horizontal="center", vertical="top"),
}


def _at(sheet: Worksheet, row: int, column: int) -> SheetCell:
    """Return a cell to write to. Raises TypeError inside a merged range: nothing shows there."""
    cell = sheet.cell(row, column)
    if not isinstance(cell, SheetCell):
        raise TypeError(f"{cell.coordinate} lies in a merged range")
    return cell


def _put_text(cell: SheetCell, text: str) -> SheetCell:
    """Write `text` as text: the type is forced, and typing into the cell later does not make it a formula."""
    cleaned = NOT_IN_CELLS.sub("\ufffd", text)[:LONGEST_TEXT]
    if cleaned:
        cell.value = cleaned
        cell.data_type = "s"
        if cleaned.lstrip()[:1] in set("=+-@"):
            cell.quotePrefix = True
    return cell


def _put_number(cell: SheetCell, digits: str) -> None:
    """Write plain digits as a number, exactly as they stand; as text when a spreadsheet would cut them."""
    if len(digits.lstrip("-").replace(".", "").lstrip("0")) > EXACT_DIGITS:
        _put_text(cell, digits)
        return
    cell.value = digits
    cell.data_type = "n"


def _number_format(quantity: Quantity) -> str:
    """Return the number format that shows every digit, and the unit where the cell names its own."""
    shown = "#,##0" + ("." + "0" * quantity.decimals if quantity.decimals else "")
    unit = quantity.unit.replace('"', "")
    return f'{shown}" {unit}"' if unit else shown


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cell of a table looks. `quoted`: typing into it later does not make its text a formula."""

    alignment: str = "right"
    number_format: str = "General"
    strong: bool = False
    quoted: bool = False


class _Palette:
    """The looks of one workbook, each worked out once: setting a style costs more than writing a value."""

    def __init__(self) -> None:
        self._styles: dict[_Look, StyleArray] = {}

    def dress(self, cell: SheetCell, look: _Look) -> None:
        """Give `cell` its look."""
        known = self._styles.get(look)
        if known is not None:
            cell._style = copy(known)  # type: ignore[attr-defined] # as the library copies styles
            return
        cell.border = _GRID
        cell.alignment = _ALIGNMENTS[look.alignment]
        cell.number_format = look.number_format
        cell.quotePrefix = look.quoted
        if look.strong:
            cell.font = _BOLD
        self._styles[look] = copy(cell._style)  # type: ignore[attr-defined]


def _put(cell: SheetCell, value: Cell, palette: _Palette) -> None:
    look = _Look()
    if isinstance(value, Text):
        _put_text(cell, value.text)
        look = _Look("left", strong=value.strong, quoted=cell.quotePrefix)
    elif isinstance(value, Quantity):
        _put_number(cell, value.digits)
        look = _Look(number_format=_number_format(value), strong=value.strong)
    elif isinstance(value, Whole):
        _put_number(cell, str(value.value))
        look = _Look(number_format="0")
    elif isinstance(value, Day):
        cell.value = value.day
        look = _Look("center", "yyyy-mm-dd")
    palette.dress(cell, look)


def sheet_name(wanted: str, used: set[str]) -> str:
    """Return a tab name a spreadsheet takes: at most 31 characters, no forbidden one, not used yet."""
    base = _NOT_IN_NAMES.sub(" ", wanted).strip(" '")[:LONGEST_NAME] or "Sheet"
    name, number = base, 1
    while name.lower() in used:
        number += 1
        ending = f" {number}"
        name = base[: LONGEST_NAME - len(ending)] + ending
    used.add(name.lower())
    return name


def _print_setup(sheet: Worksheet, *, landscape: bool, shrink: bool = False) -> None:
    """Set A4; `shrink` fits the width of a page (never asked for a narrow sheet: some programs then enlarge it)."""
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    if shrink:
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.7
    footer = sheet.oddFooter
    if footer is not None and footer.left is not None and footer.right is not None:
        footer.left.text = "&A"
        footer.right.text = "&P / &N"


def _lines_of(text: str, width: int) -> int:
    """Return how many lines `text` takes at `width` characters, so that a row is tall enough everywhere."""
    return sum(max(1, -(-len(line) // max(1, width))) for line in text.split("\n"))


def _cover(sheet: Worksheet, document: Document) -> None:
    sheet.sheet_view.showGridLines = False
    _width(sheet, 1, LABEL_WIDTH)
    _width(sheet, 2, VALUE_WIDTH)
    _wide_text(sheet, 1, document.title, 2, (LABEL_WIDTH + VALUE_WIDTH) * 2 // 3, font=_TITLE, line_height=22)
    _wide_text(sheet, 2, document.subtitle, 2, LABEL_WIDTH + VALUE_WIDTH, font=_QUIET)
    row = 4
    for line in document.cover:
        label = _put_text(_at(sheet, row, 1), line.label)
        label.font, label.fill, label.border, label.alignment = _BOLD, _HEAD_FILL, _GRID, _WRAP
        value = _put_text(_at(sheet, row, 2), line.value)
        value.border, value.alignment = _GRID, _WRAP
        tall = max(_lines_of(line.label, LABEL_WIDTH - 4), _lines_of(line.value, VALUE_WIDTH - 4))
        sheet.row_dimensions[row].height = 7 + 15 * tall
        row += 1
    for note in document.notes:
        row += 1
        _wide_text(sheet, row, note, 2, LABEL_WIDTH + VALUE_WIDTH)
    _print_setup(sheet, landscape=False, shrink=True)


def _wide_text(
    sheet: Worksheet, row: int, text: str, columns: int, width: int, font: Font | None = None, line_height: int = 15
) -> None:
    """Write `text` over the first `columns` columns, `width` characters in all."""
    cell = _put_text(_at(sheet, row, 1), text)
    cell.alignment = _WRAP
    if font is not None:
        cell.font = font
    if columns > 1:
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
    sheet.row_dimensions[row].height = line_height * _lines_of(text, width)


def _head(sheet: Worksheet, row: int, columns: tuple[Column, ...]) -> None:
    tallest = 1
    for place, column in enumerate(columns, start=1):
        cell = _put_text(_at(sheet, row, place), heading_of(column))
        cell.font, cell.fill, cell.border, cell.alignment = _BOLD, _HEAD_FILL, _GRID, _HEAD_ALIGNMENT
        tallest = max(tallest, _lines_of(heading_of(column), column.width - 2))
    sheet.row_dimensions[row].height = 4 + 15 * tallest


def _row(sheet: Worksheet, row: int, table: Table, values: tuple[Cell, ...], palette: _Palette) -> None:
    tallest = 1
    for place, (value, column) in enumerate(zip(values, table.columns, strict=True), start=1):
        _put(_at(sheet, row, place), value, palette)
        if isinstance(value, Text):
            tallest = max(tallest, _lines_of(value.text, column.width - 1))
    if tallest > 1:
        sheet.row_dimensions[row].height = 15 * tallest


def _table(sheet: Worksheet, row: int, table: Table, palette: _Palette) -> int:
    """Write a table from `row` on and return the row after it."""
    if table.title:
        _put_text(_at(sheet, row, 1), table.title).font = _BOLD
        row += 1
    _head(sheet, row, table.columns)
    for values in table.rows:
        row += 1
        _row(sheet, row, table, tuple(values), palette)
    if table.totals is not None:
        row += 1
        _row(sheet, row, table, tuple(table.totals), palette)
        for place in range(1, len(table.columns) + 1):
            _at(sheet, row, place).font = _BOLD
            _at(sheet, row, place).fill = _TOTAL_FILL
    return row + 1


def _width(sheet: Worksheet, place: int, width: int) -> None:
    sheet.column_dimensions[get_column_letter(place)].width = width


def _page_widths(page: Sheet) -> list[int]:
    """Return the width of each column; columns without a table are added until a heading has room."""
    widths: list[int] = []
    for table in page.tables:
        for place, column in enumerate(table.columns):
            if place == len(widths):
                widths.append(0)
            widths[place] = max(widths[place], column.width)
    if not widths:
        return [NARROWEST]
    while sum(widths) < NARROWEST:
        widths.append(SPARE_WIDTH)
    return widths


def _page(sheet: Worksheet, page: Sheet, palette: _Palette) -> None:
    widths = _page_widths(page)
    for place, width in enumerate(widths, start=1):
        _width(sheet, place, width)
    columns, width = len(widths), sum(widths)
    _wide_text(sheet, 1, page.heading, columns, width * 3 // 4, font=_HEADING, line_height=19)
    row = 3
    for place, table in enumerate(page.tables):
        head = row + (1 if table.title else 0)
        if place == 0:
            sheet.freeze_panes = f"{get_column_letter(_frozen_columns(table))}{head + 1}"
        row = _table(sheet, row, table, palette) + 1
        if len(page.tables) == 1:
            sheet.print_title_rows = f"{head}:{head}"
    for note in page.notes:
        _wide_text(sheet, row, note, columns, width)
        row += 1
    _print_setup(sheet, landscape=True, shrink=width > PAGE_WIDTH)


def _frozen_columns(table: Table) -> int:
    """Return the first column that scrolls: the leading text columns stay, two at most."""
    names = 0
    while names < min(2, len(table.columns) - 1) and table.columns[names].kind is Kind.TEXT:
        names += 1
    return names + 1


def _normalised(data: bytes, moment: datetime) -> bytes:
    """Return the same workbook without the times the library stamps into the zip and the properties."""
    target = io.BytesIO()
    stamp = rb"\g<1>" + moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + rb"\g<2>"
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(stamp, content)
            plain = zipfile.ZipInfo(entry.filename, ZIP_EPOCH)
            plain.compress_type = zipfile.ZIP_DEFLATED
            plain.create_system = 0
            result.writestr(plain, content)
    return target.getvalue()


def render(document: Document) -> bytes:
    """Return the workbook: a cover if the document has one, then a sheet per sheet."""
    moment = datetime.combine(document.dated, time(), UTC)
    book = Workbook()
    book.remove(book.worksheets[0])
    used: set[str] = set()
    palette = _Palette()
    if document.cover or document.notes or not document.sheets:
        _cover(book.create_sheet(sheet_name(document.cover_name, used)), document)
    for page in document.sheets:
        _page(book.create_sheet(sheet_name(page.name, used)), page, palette)
    book.properties.title = NOT_IN_CELLS.sub("", document.title)
    book.properties.creator = ""
    book.properties.language = document.language
    book.properties.created = moment.replace(tzinfo=None)
    target = io.BytesIO()
    book.save(target)
    return _normalised(target.getvalue(), moment)


FORMAT = Format("xlsx", ".xlsx", MEDIA_TYPE, render)
