"""Rows of an XLSX workbook as text, after it was found harmless.

A workbook is a zip of XML that anybody may have made. The order of defence: sizes in the
directory of the zip; whether they are true (inflated no further than they say); macros and
links; formulas, merged and scattered cells in the XML of the first sheet. Only then is it laid
out: the library reserves memory for every cell up to the farthest, so that one cell in the
last corner of a sheet would end the process.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from python_calamine import CalamineError, CalamineWorkbook

from registry.intake.cells import LARGEST_EXACT, cell_text, column_letters, column_number
from registry.intake.limits import MOST_COLUMNS, Limits, bad_file, too_many_columns, too_many_rows
from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message

MOST_ENTRIES = 1_000
MOST_UNPACKED = 100 * 2**20
MOST_RATIO = 100
SMALL = 10_000
"""Bytes below which the ratio says nothing: a tiny file of blanks packs well."""

MOST_TEXT = 100 * 2**20
FEW = 1_000
CHUNK = 4 * 2**20
CELLS_APART = 20
SPARE_CELLS = 1_000_000
_LOCAL_HEADER = struct.Struct("<26xHH")
_LOCAL_HEADER_BYTES = _LOCAL_HEADER.size
_ENCRYPTED = 0x1
_FORBIDDEN_PARTS = ("vbaproject", "externallink", "activex", "embeddings/", "connections.xml")
# Any number of letters and digits: the library reads on where a spreadsheet has long ended.
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+)([0-9]+)["']""")
_HAS_FORMULA = re.compile(rb"<(?:\w{1,8}:)?f[\s>/]")
_CELL = re.compile(rb"<(?:\w{1,8}:)?c[\s>]")
_CELL_PLACE = re.compile(rb"""<(?:\w{1,8}:)?c(?>[^<>]*?\sr\s*=\s*["']([A-Za-z]+[0-9]+)["'])""")
_INDEX = re.compile(rb"<(?:\w{1,8}:)?v>\s{0,9}([0-9]{1,9})\s{0,9}<")
_WORD_END = re.compile(rb"</(?:\w{1,8}:)?si>")
_TABLE = re.compile(rb"<(?:\w{1,8}:)?sheetData[\s>/]")
_ENCODING = re.compile(rb"""\s{0,9}<\?xml[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([^"'<>]{1,40})["']""")
# No sign of a tag is looked at more than a few times, whatever stands in it: a group that was left is not entered again.
_FORMULA = re.compile(
    rb"""<(?:\w{1,8}:)?c(?>[^<>]*?\sr=["']([A-Za-z]{1,3})([0-9]{1,7})["'])[^<>]*+>\s*+<(?:\w{1,8}:)?f[\s>/]"""
)
_HAS_ERROR = re.compile(rb"""=\s{0,9}["']e["']""")
_ERROR = re.compile(
    rb"""<(?:\w{1,8}:)?c(?=[^<>]*?\st\s*=\s*["']e["'])(?>[^<>]*?\sr\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["'])"""
)
_MERGED = re.compile(rb"""<(?:\w{1,8}:)?mergeCell\s[^<>]*?ref=["']([A-Z0-9:]{2,20})["']""")
_ROW_WITH_CELL = re.compile(rb"""<(?:\w{1,8}:)?row(?>[^<>]*?\sr\s*=\s*["']([0-9]+)["'])[^<>]*+(?<!/)>(?!\s*</)""")
_HIDDEN_ROW = re.compile(
    rb"""<(?:\w{1,8}:)?row(?=[^<>]*?\shidden\s*=\s*["'](?:1|true)["'])(?>[^<>]*?\sr\s*=\s*["']([0-9]{1,7})["'])"""
)
_HIDDEN_COLUMNS = re.compile(rb"""<(?:\w{1,8}:)?col(?=[^<>]*?\shidden\s*=\s*["'](?:1|true)["'])[^<>]*>""")
_SHEET = re.compile(rb"<(?:\w{1,8}:)?sheet\s[^<>]*>")
_SAID = re.compile(rb"""([\w:]{1,40})\s*=\s*(?:"([^"]{0,400})"|'([^']{0,400})')""")
_RELATION = re.compile(rb"<(?:\w{1,8}:)?Relationship\s[^<>]*>")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One sheet: its name, the part it lies in (in lower case), its XML, whether people do not see it."""

    name: str
    path: str
    xml: bytes
    hidden: bool


@dataclass(frozen=True, slots=True)
class Hidden:
    """Rows by number and columns by letters that hide from people what they hold."""

    rows: frozenset[int]
    columns: frozenset[str]


class Book:
    """A workbook that was found harmless. Raises `Invalid` for any other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._opened: CalamineWorkbook | None = None
        parts = _harmless_parts(data)
        self.sheets = _sheets(parts)
        self._words = parts.get("xl/sharedstrings.xml", b"")

    def rows(self, limits: Limits) -> Iterator[tuple[int, list[str]]]:
        """Return number and text cells of every row of the first sheet. Raises `Invalid` for what is no table of values."""
        if self.sheets[0].hidden:
            raise bad_file(
                "hidden-sheet", N_("the first sheet is hidden: show it, or move the table to the first sheet")
            )
        _require_table(self.sheets[0].xml, limits)
        _require_little_text(self.sheets[0].xml, self._words)
        grid = self._grid(0, limits)
        _require_exact_numbers(grid)
        return ((number, [cell_text(cell) for cell in cells]) for number, cells in enumerate(grid, start=1))

    def hidden(self) -> Hidden:
        """Return the hidden rows and columns of the first sheet."""
        xml = self.sheets[0].xml
        columns: set[str] = set()
        for match in _HIDDEN_COLUMNS.finditer(xml):
            said = _said(match[0])
            first, last = (
                int(said.get(name, "0")) if said.get(name, "0").isdecimal() else 0 for name in ("min", "max")
            )
            columns.update(map(column_letters, range(first, min(last, MOST_COLUMNS) + 1)))
        return Hidden(frozenset(int(row) for row in _HIDDEN_ROW.findall(xml)), frozenset(columns))

    def tables(self, names: Iterable[str], limits: Limits) -> dict[str, list[list[str]]]:
        """Return the text cells of further sheets by name, the missing ones left out; `Invalid` where one is too large."""
        found = {}
        places = {sheet.name: place for place, sheet in enumerate(self.sheets)}
        for name in names:
            if name in places:
                _require_area(self.sheets[places[name]].xml, limits)
                _require_little_text(self.sheets[places[name]].xml, self._words)
                found[name] = [[cell_text(cell) for cell in row] for row in self._grid(places[name], limits)]
        return found

    def _grid(self, place: int, limits: Limits) -> Sequence[Sequence[object]]:
        try:
            if self._opened is None:
                self._opened = CalamineWorkbook.from_filelike(io.BytesIO(self._data))
            sheet = self._opened.get_sheet_by_index(place)
        except (CalamineError, OSError, ValueError, IndexError):
            raise _unreadable() from None
        if sheet.total_height > limits.rows + 1:
            raise too_many_rows(limits)
        if sheet.total_width > MOST_COLUMNS:
            raise too_many_columns()
        return sheet.to_python(skip_empty_area=False)


def _unreadable() -> Invalid:
    return bad_file("not-a-workbook", N_("the workbook cannot be read: save it again as XLSX without a password"))


def _harmless_parts(data: bytes) -> dict[str, bytes]:
    """Return the unpacked parts by lower-case name, or refuse the workbook."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        raise bad_file("not-a-workbook", N_("the file is damaged: it is no readable XLSX workbook")) from None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(data), SMALL):
        raise _expands()
    names = [entry.filename.lower() for entry in entries]
    if any(part in name for part in _FORBIDDEN_PARTS for name in names):
        raise bad_file(
            "active-content",
            N_("the workbook holds macros, embedded objects or links to other files: save it as plain XLSX"),
        )
    # Two parts of one name are two workbooks: which of them is read depends on who reads.
    if len(set(names)) < len(names) or any(".." in name.split("/") for name in names):
        raise _unreadable()
    if "xl/workbook.xml" not in names:
        raise bad_file("not-a-workbook", N_("the file is no XLSX workbook"))
    return {name: _inflated(data, entry) for name, entry in zip(names, entries, strict=True)}


def _expands() -> Invalid:
    return bad_file(
        "expands-too-much",
        N_("the workbook unpacks to far more than its size: it is not read. Save only the table, in a new workbook"),
    )


def _inflated(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Unpack one entry, at most to the size the directory states: a directory may lie."""
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _unreadable()
    try:
        name_length, extra_length = _LOCAL_HEADER.unpack_from(data, entry.header_offset)
    except struct.error:
        raise _unreadable() from None
    start = entry.header_offset + _LOCAL_HEADER_BYTES + name_length + extra_length
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        content = packed
    else:
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, entry.file_size + 1)
        except zlib.error:
            raise _unreadable() from None
    if len(content) > entry.file_size:
        raise _expands()
    return content


def _said(tag: bytes) -> dict[str, str]:
    """Return the attributes of a tag; a name keeps its prefix."""
    return {
        name.decode("utf-8", "replace"): unescape((double or single).decode("utf-8", "replace"))
        for name, double, single in _SAID.findall(tag)
    }


def _sheets(parts: dict[str, bytes]) -> list[SheetPart]:
    """Return the sheets in the order the workbook names them, wherever they lie."""
    relations = map(_said, _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", b"")))
    targets = {said.get("Id"): said.get("Target", "").lower() for said in relations}
    found = []
    for tag in _SHEET.findall(parts["xl/workbook.xml"]):
        said = _said(tag)
        target = next((targets.get(value) for name, value in said.items() if name.endswith(":id")), None)
        if not target:
            raise _unreadable()
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path not in parts:
            raise _unreadable()
        found.append(SheetPart(said.get("name", ""), path, parts[path], said.get("state", "visible") != "visible"))
    if not found:
        raise _unreadable()
    return found


def _require_table(xml: bytes, limits: Limits) -> None:
    """Refuse a sheet that is no table of values: too large, scattered, merged, computed."""
    _require_area(xml, limits)
    problems = []
    if _HAS_FORMULA.search(xml):
        problems = [_formula(match) for match in _FORMULA.finditer(xml)]
        if not problems:
            raise bad_file("formula", N_("the workbook holds formulas: paste the values instead"))
    if _HAS_ERROR.search(xml):
        problems += [_error(match) for match in _ERROR.finditer(xml)]
    problems += [_merged(match) for match in _MERGED.finditer(xml)]
    if problems:
        raise Invalid(problems[0].message, problems)


def _require_little_text(xml: bytes, words: bytes) -> None:
    """Refuse a sheet whose texts, kept once and named by many cells, would fill the memory once each has its own."""
    lengths = [len(word) for word in _WORD_END.split(words)]
    if max(lengths) * len(_CELL.findall(xml)) <= MOST_TEXT:
        return
    named = Counter(map(int, _INDEX.findall(xml)))
    if sum(lengths[index] * times for index, times in named.items() if index < len(lengths)) > MOST_TEXT:
        raise _expands()


def _require_area(xml: bytes, limits: Limits) -> None:
    """Refuse a sheet whose farthest cell would make the table too large, or nearly all of it empty."""
    if not _is_plain(xml):
        raise _unreadable()
    count = last_row = last_column = 0
    letters: set[bytes] = set()
    met: set[bytes] = set()
    for chunk in _chunks(xml):
        cells = _REFERENCE.findall(chunk)
        rows = {row for _, row in cells}
        # A cell that does not say where it stands stands in the row its row tag says.
        last_row = max(last_row, *map(int, rows | set(_ROW_WITH_CELL.findall(chunk))), 0)
        letters |= {letter for letter, _ in cells}
        count += len(cells)
        if last_row > limits.rows + 1:
            raise too_many_rows(limits)
        last_column = max((column_number(letter.decode()) for letter in letters), default=0)
        if last_column > MOST_COLUMNS:
            raise too_many_columns()
        if (len(set(cells)) < len(cells) and _stands_twice(chunk)) or not met.isdisjoint(rows):
            raise _unreadable()
        met |= rows
    if last_row * last_column > CELLS_APART * count + SPARE_CELLS:
        raise bad_file(
            "scattered-cells",
            N_("cells lie scattered down to row %(row)s: keep only the table, in a new workbook"),
            {"row": last_row},
        )


def _chunks(xml: bytes) -> Iterator[bytes]:
    """Cut a sheet between its rows, so that what is found in it never fills the memory."""
    start = 0
    while start < len(xml):
        end = start + CHUNK
        if end < len(xml):
            end = max(xml.rfind(b"<row", start + 1, end), xml.rfind(b":row", start + 1, end))
            end = xml.rfind(b"<", start + 1, end + 1 if end > start else start + CHUNK)
            end = end if end > start else start + CHUNK
        yield xml[start:end]
        start = end


def _is_plain(xml: bytes) -> bool:
    """Say whether a sheet is one table in letters everybody reads alike, without a document type of its own."""
    said = _ENCODING.match(xml)
    return (
        b"\x00" not in xml[:FEW]
        and b"<!DOCTYPE" not in xml
        and (said is None or said[1].lower() in {b"utf-8", b"us-ascii"})
        and len(_TABLE.findall(xml)) <= 1
    )


def _stands_twice(xml: bytes) -> bool:
    cells = _CELL_PLACE.findall(xml)
    return len(set(cells)) < len(cells)


def _formula(match: re.Match[bytes]) -> Problem:
    column = match[1].decode().upper()
    said = {"cell": column + match[2].decode()}
    return Problem(
        column, "formula", Message(N_("cell %(cell)s holds a formula: paste the value instead"), said), int(match[2])
    )


def _error(match: re.Match[bytes]) -> Problem:
    column = match[1].decode().upper()
    said = {"cell": column + match[2].decode()}
    return Problem(
        column,
        "error-value",
        Message(N_("cell %(cell)s holds an error of the spreadsheet: write the value"), said),
        int(match[2]),
    )


def _merged(match: re.Match[bytes]) -> Problem:
    cells = match[1].decode()
    letters, digits = re.match(r"([A-Z]*)([0-9]*)", cells).groups()  # type: ignore[union-attr]  # matches the empty text
    message = Message(N_("cells %(cells)s are merged: separate them, and write the value into each"), {"cells": cells})
    return Problem(letters, "merged-cells", message, int(digits or 0) or None)


def _require_exact_numbers(grid: Sequence[Sequence[object]]) -> None:
    """Refuse whole numbers of more than 15 digits: the spreadsheet has replaced the rest by zeros."""
    problems = [
        Problem(
            column_letters(place),
            "digits-lost",
            Message(
                N_(
                    "cell %(cell)s holds a number of more than 15 digits, of which the spreadsheet keeps 15: format it as text"
                ),
                {"cell": f"{column_letters(place)}{number}"},
            ),
            number,
        )
        for number, cells in enumerate(grid, start=1)
        for place, cell in enumerate(cells, start=1)
        if isinstance(cell, (int, float)) and abs(cell) >= LARGEST_EXACT
    ]
    if problems:
        raise Invalid(problems[0].message, problems)
