"""Workbooks made to do harm, or to be taken for what they are not: each with the one answer that is right.

``python -m tests.intake.hostile FOLDER MEGABYTES`` reads those of a folder under a limit of memory and says what came of each.
"""

from __future__ import annotations

import io
import json
import random
import resource
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from registry.intake.check import check_table
from registry.intake.reader import Limits, read_table
from registry.kernel.errors import Invalid
from registry.stock.domain.lines import COLUMNS

LIMITS = Limits()
HEADER = ("reference", "occurred_on", "kind", "site", "product", "quantity", "batch", "note")
ROW = ("X-1", "2026-11-20", "dispense", "E-PH1", "MOR10", 5, "A1", "")
SHEET, WORKBOOK, WORDS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MEGABYTE = 2**20
GOOD = "read"


def book(fill: Callable[[Worksheet], object] = lambda _: None) -> bytes:
    """Return a workbook with one right row, after `fill`."""
    workbook = Workbook()
    workbook.worksheets[0].append(HEADER)
    workbook.worksheets[0].append(ROW)
    fill(workbook.worksheets[0])
    return saved(workbook)


def saved(made: Workbook) -> bytes:
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def put(**cells: object) -> bytes:
    """Return the workbook with cells typed over; the quantity stands in F2, the day in B2, the note in H2."""

    def fill(sheet: Worksheet) -> None:
        for place, value in cells.items():
            sheet[place] = value

    return book(fill)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return target.getvalue()


def rebuilt(change: Mapping[str, Callable[[bytes], bytes]] | None = None, **more: bytes) -> bytes:
    """Return the workbook with parts changed and others added (``xl__x`` for ``xl/x``)."""
    content = parts(book())
    for name, mend in (change or {}).items():
        content[name] = mend(content[name])
    return zipped(content | {name.replace("__", "/"): body for name, body in more.items()})


NOISE = random.Random(5).randbytes(200_000)
"""What does not pack: beside it the ratio of packed to unpacked says nothing."""


def sheet(body: bytes, head: bytes = b"", noise: bytes = b"") -> bytes:
    """Return a workbook whose sheet holds these rows as XML."""
    xml = head + b"<worksheet " + MAIN + b"><sheetData>" + body + b"</sheetData></worksheet>"
    return rebuilt({SHEET: lambda _: xml}, **({"xl__noise.bin": noise} if noise else {}))


def text_row(number: int, *cells: str) -> bytes:
    inner = "".join(f'<c r="{chr(65 + n)}{number}" t="str"><v>{cell}</v></c>' for n, cell in enumerate(cells))
    return f'<row r="{number}">{inner}</row>'.encode()


def table(*quantities: str) -> bytes:
    rows = [text_row(n, *map(str, (f"X-{n}", *ROW[1:5])), quantity) for n, quantity in enumerate(quantities, start=2)]
    return sheet(text_row(1, *HEADER[:6]) + b"".join(rows))


def raw_quantity(cell: bytes) -> bytes:
    return sheet(text_row(1, *HEADER[:6]) + text_row(2, "X-1", *ROW[1:5]).replace(b"</row>", cell + b"</row>"))


def quantity_shown(value: object, look: str) -> bytes:
    def fill(sheet: Worksheet) -> None:
        sheet["F2"] = value
        sheet["F2"].number_format = look

    return book(fill)


def day_number(number: float) -> bytes:
    def fill(sheet: Worksheet) -> None:
        sheet["B2"] = number
        sheet["B2"].number_format = "yyyy-mm-dd"

    return book(fill)


def counted_from_1904() -> bytes:
    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    workbook.worksheets[0].append(HEADER)
    workbook.worksheets[0].append((ROW[0], date(2026, 11, 20), *ROW[2:]))
    return saved(workbook)


def lying_directory() -> bytes:
    data = rebuilt({SHEET: lambda _: b"<row>" + b" " * (80 * MEGABYTE)})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true_size = archive.getinfo(SHEET).file_size
    return data.replace(struct.pack("<I", true_size), struct.pack("<I", 1000))


def named_many_times() -> bytes:
    """One long text that a hundred thousand cells name: small in the file, gigabytes once each cell has its own."""
    words = b"<sst " + MAIN + b"><si><t>" + b"long " * 6_000 + b"</t></si></sst>"
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 100_001))
    return zipped(parts(sheet(rows, noise=NOISE)) | {WORDS: words})


def twice(name: str, body: bytes) -> bytes:
    """Return the workbook with two parts of one name."""
    target = io.BytesIO(book())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return target.getvalue()


def encrypted_entries() -> bytes:
    data = bytearray(book())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 8] |= 1
        place += 4
    return bytes(data)


def many_rows(count: int) -> bytes:
    row = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
    return sheet(text_row(1, *HEADER[:6]) + b"".join(row % (n, n) for n in range(2, count)), noise=NOISE * 3)


def hidden(**what: object) -> bytes:
    def fill(sheet: Worksheet) -> None:
        if "row" in what:
            sheet.row_dimensions[2].hidden = True
        if "column" in what:
            sheet.column_dimensions["F"].hidden = True
        if "state" in what:
            sheet.parent.create_sheet("shown")["A1"] = "what people see"
            sheet.parent.active = 1
            sheet.sheet_state = what["state"]

    return book(fill)


def second_sheet(sheet: Worksheet) -> None:
    sheet.parent.create_sheet("sums")["A1"] = "=1+1"


ENTITIES = (
    b'<!DOCTYPE w [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)
OUTSIDE = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FORMULA_SHEET = parts(put(F2="=1+1"))[SHEET]

BOMBS: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    # Bombs: of the zip, of the XML, of whoever looks at it.
    "bomb of blanks": ("expands-too-much", lambda: rebuilt({SHEET: lambda _: b"<row>" + b" " * (101 * MEGABYTE)})),
    "bomb below the limit of bytes": ("expands-too-much", lambda: rebuilt({SHEET: lambda _: b" " * (90 * MEGABYTE)})),
    "directory that lies": ("expands-too-much", lying_directory),
    "bomb of shared words": ("expands-too-much", lambda: rebuilt(**{WORDS.replace("/", "__"): b"<si>" * 20 * MEGABYTE})),
    "one long word in many cells": ("expands-too-much", named_many_times),
    "thousand parts": ("expands-too-much", lambda: rebuilt(**{f"p{n}": b"x" for n in range(1_000)})),
    "entity bomb": ("not-a-workbook", lambda: sheet(text_row(1, *HEADER[:6]) + text_row(2, "&j;"), ENTITIES)),
    "entity from a file": ("not-a-workbook", lambda: sheet(text_row(1, *HEADER[:6]) + text_row(2, "&x;"), OUTSIDE)),
    "deep nesting": ("file-empty", lambda: sheet(b"<a>" * 3_000_000, noise=NOISE)),
    "deep nesting in a cell": ("not-a-workbook", lambda: sheet(b'<row r="1"><c r="A1" t="inlineStr"><is>' + b"<r>" * 3_000_000, noise=NOISE)),
    "tags never closed": ("not-a-workbook", lambda: sheet(b"<row " * 2_000_000, noise=NOISE)),
    "tag of a million attributes": ("not-a-workbook", lambda: sheet(b"<c " + b'r="A1" ' * 2_000_000 + b"/><f>1</f>", noise=NOISE)),
    "blanks for the search": ("not-a-workbook", lambda: sheet(b'<row r="1"' + b" r  " * 2_000_000 + b"<row", noise=NOISE)),
    # Size.
    "million rows": ("too-many-rows", lambda: many_rows(1_048_576)),
    "cells that hold nothing": ("not-a-workbook", lambda: sheet(b'<row r="1">' + b'<c r="A1"/>' * 5_000_000 + b"</row>", noise=NOISE * 3)),
    "cell in the last corner": ("too-many-rows", lambda: put(XFD1048576="x")),
    "cell in the last column": ("too-many-columns", lambda: put(XFD1="x")),
    "cells far apart": ("scattered-cells", lambda: put(BH190000="x")),
    "row beyond the last": ("too-many-rows", lambda: sheet(text_row(99_999_999, "x"))),
    "dimension that lies": (GOOD, lambda: rebuilt({SHEET: lambda xml: xml.replace(b'ref="A1:H2"', b'ref="A1:XFD1048576"')})),
}  # fmt: skip
"""Those that would take the memory or the time: name -> the code of the answer and how it is made."""

OTHERS: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    # What acts by itself, or looks elsewhere.
    "macros": ("active-content", lambda: rebuilt(xl__vbaProject_bin=b"x", **{"xl__vbaProject.bin": b"x"})),
    "macros of an older kind": ("active-content", lambda: rebuilt(**{"xl__embeddings__oleObject1.bin": OLE})),
    "link to another workbook": ("active-content", lambda: rebuilt(**{"xl__externalLinks__externalLink1.xml": b"<x/>"})),
    "DDE link": ("active-content", lambda: rebuilt(**{"xl__externalLinks__externalLink2.xml": b"<ddeLink ddeService='cmd'/>"})),
    "active control": ("active-content", lambda: rebuilt(**{"xl__activeX__activeX1.xml": b"<x/>"})),
    "connection to a database": ("active-content", lambda: rebuilt(**{"xl__connections.xml": b"<x/>"})),
    "formula": ("formula", lambda: put(F2="=2+3")),
    "formula that fetches": ("formula", lambda: put(H2='=WEBSERVICE("http://example.invalid")')),
    "DDE formula": ("formula", lambda: put(H2="=cmd|' /C calc'!A0")),
    "shared formula": ("formula", lambda: raw_quantity(b'<c r="F2"><f t="shared" si="0"/><v>5</v></c>')),
    "array formula": ("formula", lambda: raw_quantity(b'<c r="F2"><f t="array" ref="F2:F9">1</f><v>5</v></c>')),
    "formula in other letters": ("not-a-workbook", lambda: rebuilt({SHEET: lambda _: FORMULA_SHEET.decode().replace("utf-8", "utf-16").encode("utf-16")})),
    "formula as a text": ("formula", lambda: raw_quantity(b'<c r="F2" t="str"><v>=1+1</v></c>')),
    "formula on another sheet": (GOOD, lambda: book(second_sheet)),
    "comment with a payload": (GOOD, lambda: book(lambda s: setattr(s["A2"], "comment", Comment("=cmd|' /C calc'!A0", "x")))),
    # What people do not see, or see otherwise.
    "hidden row": ("told", lambda: hidden(row=True)),
    "hidden column": ("told", lambda: hidden(column=True)),
    "hidden sheet": ("hidden-sheet", lambda: hidden(state="hidden")),
    "very hidden sheet": ("hidden-sheet", lambda: hidden(state="veryHidden")),
    "merged cells": ("merged-cells", lambda: book(lambda s: s.merge_cells("A2:A4"))),
    "two parts of one name": ("not-a-workbook", lambda: twice(SHEET, FORMULA_SHEET)),
    "two parts of one name in other case": ("not-a-workbook", lambda: twice(SHEET.upper(), FORMULA_SHEET)),
    "two tables in one sheet": ("not-a-workbook", lambda: rebuilt({SHEET: lambda xml: xml.replace(b"</worksheet>", b"<sheetData/></worksheet>")})),
    "one cell twice": ("not-a-workbook", lambda: raw_quantity(b'<c r="F2"><v>5</v></c><c r="F2"><v>500</v></c>')),
    "two columns of one name": ("repeated-column", lambda: put(G1="quantity")),
    "cells beside the table": ("cell-outside", lambda: put(K2="x")),
    # No workbook, or a broken one.
    "cut off": ("not-a-workbook", lambda: book()[:-300]),
    "cut off inside of the XML": ("not-a-workbook", lambda: rebuilt({SHEET: lambda xml: xml[: len(xml) // 2]})),
    "broken list of sheets": ("not-a-workbook", lambda: rebuilt({WORKBOOK: lambda xml: xml[:60]})),
    "sheet that lies outside": ("not-a-workbook", lambda: rebuilt({"xl/_rels/workbook.xml.rels": lambda xml: xml.replace(b"/xl/worksheets/sheet1.xml", b"http://example.invalid/s.xml")})),
    "part that leads out": ("not-a-workbook", lambda: rebuilt(**{"..__..__etc__passwd": b"x"})),
    "encrypted parts": ("not-a-workbook", encrypted_entries),
    "packed otherwise": ("not-a-workbook", lambda: zipped(parts(book()), zipfile.ZIP_BZIP2)),
    "protected by a password": ("not-a-workbook", lambda: OLE + b"\x00" * 504 + "EncryptedPackage".encode("utf-16-le")),
    "old XLS": ("not-a-workbook", lambda: OLE + b"\x00" * 504 + "Workbook".encode("utf-16-le")),
    "OpenDocument": ("not-a-workbook", lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})),
    "text document": ("not-a-workbook", lambda: zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})),
    "binary workbook": ("not-a-workbook", lambda: zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x"})),
    "something before the zip": ("not-utf8", lambda: b"MZ\x00" + book()),
    "a page of the web": ("unknown-column", lambda: b"<html><table><tr><td>reference</td></tr></table></html>\n"),
    # Cells of a wrong type, and numbers that are not what they seem.
    "yes for a quantity": ("not-a-quantity", lambda: put(F2=True)),
    "day for a quantity": ("not-a-quantity", lambda: put(F2=date(2026, 5, 12))),
    "error for a quantity": ("error-value", lambda: raw_quantity(b'<c r="F2" t="e"><v>#REF!</v></c>')),
    "not a number": ("not-a-quantity", lambda: raw_quantity(b'<c r="F2"><v>NaN</v></c>')),
    "endless number": ("digits-lost", lambda: raw_quantity(b'<c r="F2"><v>1e999</v></c>')),
    "digits that are lost": ("digits-lost", lambda: put(F2=12345678901234567890)),
    "less than nothing": ("not-a-quantity", lambda: put(F2=-5)),
    "power of ten as a text": ("not-a-quantity", lambda: table("1e5")),
    "underlined thousands": ("not-a-quantity", lambda: table("1_000")),
    "letters of other scripts": ("not-a-quantity", lambda: table("１２")),
    "number that cannot be seen": ("control-character", lambda: table("1\u200b2")),
    "day nobody knows": ("not-a-date", lambda: day_number(60)),
    "day without an end": ("not-a-date", lambda: day_number(10_000_000_000)),
    "text for a day": ("not-a-date", lambda: put(B2="next Monday")),
    "month before the day": ("not-a-date", lambda: put(B2="11/20/2026")),
    "day counted from 1904": (GOOD, counted_from_1904),
    "a tenth and two tenths": (GOOD, lambda: put(F2=0.1 + 0.2)),
    "number as a text": (GOOD, lambda: table("0012,50")),
    "no-break space in a number": (GOOD, lambda: table("1\u00a0000")),
    "amount with a currency": (GOOD, lambda: quantity_shown(5, '"$"#,##0.00')),
}  # fmt: skip
"""The rest. `GOOD`: it holds one right row, read as it is meant; `told`: with a remark."""

CORPUS = {**BOMBS, **OTHERS}


MEANT = {
    "day counted from 1904": ("occurred_on", date(2026, 11, 20)),
    "a tenth and two tenths": ("quantity", "0.3"),
    "number as a text": ("quantity", "0012,50"),
    "no-break space in a number": ("quantity", "1\u00a0000"),
}


def answered(data: bytes) -> tuple[str, dict[str, list[object]]]:
    """Return the code of the first fault, `told` or `GOOD`, and what was read."""
    try:
        found = read_table(data, LIMITS)
    except Invalid as bad:
        return (bad.problems[0].code if str(bad.message) else "nothing said"), {}
    checked = check_table(found, COLUMNS)
    if checked.problems:
        return checked.problems[0].code, {}
    return ("told" if found.remarks else GOOD), checked.columns


def main(folder: Path, megabytes: int) -> None:
    """Read every file of a folder with so much memory and no more beside what the reader itself takes; print the answers."""
    answered(book())
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * MEGABYTE,) * 2)
    answers = {}
    for path in sorted(folder.iterdir()):
        start = time.perf_counter()
        try:
            code = answered(path.read_bytes())[0]
        except MemoryError:
            code = "no memory left"
        answers[path.name] = (code, round(time.perf_counter() - start, 3))
    print(json.dumps(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
