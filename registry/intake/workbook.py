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
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from decimal import Decimal

from python_calamine import CalamineError, CalamineWorkbook

from registry.intake.limits import MOST_COLUMNS, Limits, bad_file, too_many_columns, too_many_rows
from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message

MOST_ENTRIES = 1_000
MOST_UNPACKED = 100 * 2**20
MOST_RATIO = 100
SMALL = 10_000
"""Bytes below which the ratio says nothing: a tiny file of blanks packs well."""

CELLS_APART = 20
SPARE_CELLS = 1_000_000
SIGNIFICANT = 15
LARGEST_EXACT = 10**SIGNIFICANT
LISTED = 100

_LOCAL_HEADER = struct.Struct("<26xHH")
_LOCAL_HEADER_BYTES = _LOCAL_HEADER.size
_ENCRYPTED = 0x1
_FORBIDDEN_PARTS = ("vbaproject", "externallink", "activex", "embeddings/", "connections.xml")
# Any number of letters and digits: the library reads on where a spreadsheet has long ended.
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]+)([0-9]+)["']""")
_HAS_FORMULA = re.compile(rb"<(?:\w{1,8}:)?f[\s>/]")
_FORMULA = re.compile(
    rb"""<(?:\w{1,8}:)?c\s[^>]*?r=["']([A-Za-z]{1,3})([0-9]{1,7})["'][^>]*>\s*<(?:\w{1,8}:)?f[\s>/]"""
)
_MERGED = re.compile(rb"""<(?:\w{1,8}:)?mergeCell\s[^>]*?ref=["']([A-Z0-9:]{2,20})["']""")
_ROW_WITH_CELL = re.compile(rb"""<(?:\w{1,8}:)?row\s[^>]*?r\s*=\s*["']([0-9]+)["'][^>]*(?<!/)>(?!\s*</)""")
_FIRST_SHEET = re.compile(rb"""<(?:\w{1,8}:)?sheet\s[^>]*?:id=["']([^"']{1,80})["']""")
_RELATION = re.compile(rb"<(?:\w{1,8}:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb"""\s(Id|Target)=["']([^"']{1,200})["']""")


def workbook_rows(data: bytes, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Return number and text cells of every row of the first sheet. Raises `Invalid` for what is not harmless."""
    parts = _harmless_parts(data)
    _require_table(_first_sheet(parts), limits)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError, IndexError):
        raise _unreadable() from None
    if sheet.total_height > limits.rows + 1:
        raise too_many_rows(limits)
    if sheet.total_width > MOST_COLUMNS:
        raise too_many_columns()
    grid = sheet.to_python(skip_empty_area=False)
    _require_exact_numbers(grid)
    return ((number, [cell_text(cell) for cell in cells]) for number, cells in enumerate(grid, start=1))


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


def _first_sheet(parts: dict[str, bytes]) -> bytes:
    """Return the XML of the sheet the workbook names first, wherever it lies."""
    found = _FIRST_SHEET.search(parts["xl/workbook.xml"])
    for relation in _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", b"")):
        said = dict(_ATTRIBUTE.findall(relation))
        if found and said.get(b"Id") == found[1] and b"Target" in said:
            target = said[b"Target"].decode("utf-8", "replace").lower()
            name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if name in parts:
                return parts[name]
    raise _unreadable()


def _require_table(xml: bytes, limits: Limits) -> None:
    """Refuse a sheet that is no table of values: too large, scattered, merged, computed."""
    _require_area(xml, limits)
    problems = []
    if _HAS_FORMULA.search(xml):
        problems = [_formula(match) for match in _FORMULA.finditer(xml)]
        if not problems:
            raise bad_file("formula", N_("the workbook holds formulas: paste the values instead"))
    problems += [_merged(match) for match in _MERGED.finditer(xml)]
    if problems:
        raise Invalid(problems[0].message, problems)


def _require_area(xml: bytes, limits: Limits) -> None:
    """Refuse a sheet whose farthest cell would make the table too large, or nearly all of it empty."""
    cells = _REFERENCE.findall(xml)
    # A cell that does not say where it stands stands in the row its row tag says.
    rows = {row for _, row in cells} | set(_ROW_WITH_CELL.findall(xml))
    last_row = max(map(int, rows), default=0)
    last_column = max((column_number(letters.decode()) for letters in {letters for letters, _ in cells}), default=0)
    if last_row > limits.rows + 1:
        raise too_many_rows(limits)
    if last_column > MOST_COLUMNS:
        raise too_many_columns()
    if last_row * last_column > CELLS_APART * len(cells) + SPARE_CELLS:
        raise bad_file(
            "scattered-cells",
            N_("cells lie scattered down to row %(row)s: keep only the table, in a new workbook"),
            {"row": last_row},
        )


def column_number(letters: str) -> int:
    """Return the number of a spreadsheet column: A -> 1, AA -> 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a spreadsheet column: 1 -> A, 27 -> AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _formula(match: re.Match[bytes]) -> Problem:
    column = match[1].decode().upper()
    said = {"cell": column + match[2].decode()}
    return Problem(
        column, "formula", Message(N_("cell %(cell)s holds a formula: paste the value instead"), said), int(match[2])
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


def cell_text(cell: object) -> str:
    """Return a value of a workbook as the text a person would have typed."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (int, float)):
        return number_text(cell)
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def number_text(number: float) -> str:
    """Print a number of a workbook as stated: spreadsheets keep 15 digits, the rest is noise.

    0.1 + 0.2 is stored as 0.30000000000000004 and was shown, and meant, as 0.3.
    """
    exact = Decimal(repr(number))
    if not exact.is_finite():
        return str(number)
    if len(exact.as_tuple().digits) > SIGNIFICANT:
        exact = Decimal(f"{exact:.{SIGNIFICANT - 1}e}")
    return f"{exact.normalize():f}"
