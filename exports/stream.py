"""XLSX of one long table, written row by row: memory does not grow with the rows, the same rows give the same bytes.

Text is always text, whatever it looks like; numbers are written digit by digit, and stay text where a spreadsheet
would cut them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from xml.sax.saxutils import escape

from exports.document import Cell, Column, Day, Quantity, Text, Whole, heading_of
from exports.formats.xlsx import EXACT_DIGITS, LONGEST_TEXT, NOT_IN_CELLS, ZIP_EPOCH, sheet_name

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_EPOCH = date(1899, 12, 30)
_PLAIN, _QUOTED, _STRONG, _HEAD, _DAY, _WHOLE, _NUMBER = range(7)
MOST_DECIMALS = 9
_FORMATS = "".join(
    f'<numFmt numFmtId="{164 + places}" formatCode="#,##0{"." + "0" * places if places else ""}"/>'
    for places in range(MOST_DECIMALS + 1)
)
_LOOKS = (
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>',
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>',
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>',
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>',
    '<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>',
    *(
        f'<xf numFmtId="{164 + places}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for places in range(MOST_DECIMALS + 1)
    ),
)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="{MOST_DECIMALS + 1}">{_FORMATS}</numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFDCE6EC"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    f'<cellXfs count="{len(_LOOKS)}">{"".join(_LOOKS)}</cellXfs></styleSheet>'
)
_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2"'
        f' Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": _STYLES,
}


def xlsx_rows(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return the workbook: the title, the captions, then every row; the captions stay in sight."""
    name = escape(sheet_name(title, set()), {'"': "&quot;"})
    book = (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for path, content in (*_PARTS.items(), ("xl/workbook.xml", book)):
            archive.writestr(_entry(path), content)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            for part in _sheet(title, columns, rows):
                sheet.write(part.encode())
    return target.getvalue()


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, ZIP_EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 0
    return entry


def _sheet(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{column.width}" customWidth="1"/>'
        for place, column in enumerate(columns, start=1)
    )
    yield (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="2"'
        f' topLeftCell="A3" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{widths}</cols><sheetData>'
    )
    letters = [_letters(place) for place in range(1, len(columns) + 1)]
    captions = "".join(
        _words(f"{letter}2", heading_of(column), _HEAD) for letter, column in zip(letters, columns, strict=True)
    )
    yield f'<row r="1">{_words("A1", title, _STRONG)}</row><row r="2">{captions}</row>'
    for number, row in enumerate(rows, start=3):
        cells = chain.from_iterable(_cell(f"{letter}{number}", cell) for letter, cell in zip(letters, row, strict=True))
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield '</sheetData><pageSetup paperSize="9" orientation="landscape"/></worksheet>'


def _cell(place: str, cell: Cell) -> Iterator[str]:
    if isinstance(cell, Text):
        if cell.text:
            yield _words(place, cell.text, _STRONG if cell.strong else _PLAIN)
    elif isinstance(cell, Quantity):
        if len(cell.digits.lstrip("-").replace(".", "").lstrip("0")) > EXACT_DIGITS or cell.decimals > MOST_DECIMALS:
            yield _words(place, cell.digits, _PLAIN)
        else:
            yield f'<c r="{place}" s="{_NUMBER + cell.decimals}"><v>{cell.digits}</v></c>'
    elif isinstance(cell, Whole):
        yield f'<c r="{place}" s="{_WHOLE}"><v>{cell.value}</v></c>'
    elif isinstance(cell, Day):
        yield f'<c r="{place}" s="{_DAY}"><v>{(cell.day - _EPOCH).days}</v></c>'


def _words(place: str, text: str, look: int) -> str:
    cleaned = NOT_IN_CELLS.sub("\ufffd", text)[:LONGEST_TEXT]
    if look == _PLAIN and cleaned.lstrip()[:1] in tuple("=+-@"):
        look = _QUOTED
    return f'<c r="{place}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{escape(cleaned)}</t></is></c>'


def _letters(place: int) -> str:
    """Return the letters of a column, counted from 1: A to Z, AA, AB ..."""
    rest, last = divmod(place - 1, len(LETTERS))
    return (_letters(rest) if rest else "") + LETTERS[last]
