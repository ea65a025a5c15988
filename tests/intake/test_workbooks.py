"""Workbooks: what is read, and every way in which one is not harmless."""

from __future__ import annotations

import io
import re
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from registry.intake.cells import cell_text, column_letters, column_number
from registry.intake.limits import MOST_COLUMNS
from registry.intake.reader import Limits, Table, read_table
from registry.intake.workbook import MOST_ENTRIES
from registry.kernel.errors import Invalid

SHEET = "xl/worksheets/sheet1.xml"
LIMITS = Limits(megabytes=20, rows=1000)


def book(fill: Callable[[Worksheet], object]) -> bytes:
    workbook = Workbook()
    fill(workbook.worksheets[0])
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def cells(**values: object) -> bytes:
    def fill(sheet: Worksheet) -> None:
        for place, value in values.items():
            sheet[place] = value

    return book(fill)


def rewritten(data: bytes, change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """Return the workbook with parts changed (None: left out) and others added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        for name in source.namelist():
            content = change(name, source.read(name))
            if content is not None:
                result.writestr(name, content)
        for name, content in more.items():
            result.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def same(_name: str, content: bytes) -> bytes:
    return content


def refused(data: bytes, limits: Limits = LIMITS) -> list[tuple[int | None, str, str]]:
    with pytest.raises(Invalid) as caught:
        read_table(data, limits)
    assert all(str(problem.message) for problem in caught.value.problems)
    return [(problem.row, problem.column, problem.code) for problem in caught.value.problems]


def test_values_come_as_people_would_type_them() -> None:
    data = cells(
        A1="code", B1="day", C1="quantity", D1="sure", A2="00123", B2=date(2025, 3, 31), C2=12.5, D2=True,
        A3=123, B3=datetime.fromisoformat("2025-03-31 10:30"), C3=0.1 + 0.2, D3=False, A4=4607000000017, B4="31.03.2025", C4=1e-7,
    )  # fmt: skip
    assert read_table(data, LIMITS) == Table(
        ("code", "day", "quantity", "sure"),
        [
            ["00123", "2025-03-31", "12.5", "yes"],
            ["123", "2025-03-31 10:30:00", "0.3", "no"],
            ["4607000000017", "31.03.2025", "0.0000001", ""],
        ],
        [2, 3, 4],
    )


def test_rows_keep_their_numbers_over_blank_ones() -> None:
    assert read_table(cells(A1="code", A3="x", A7="y"), LIMITS).numbers == [3, 7]


def test_only_the_first_sheet_is_read() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "code"
        sheet.parent.create_sheet("sums")["A1"] = "=1+1"

    assert read_table(book(fill), LIMITS).header == ("code",)


def test_the_first_sheet_is_the_one_the_workbook_names_first() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "=1+1"
        first = sheet.parent.create_sheet("first", 0)
        first["A1"] = "code"
        first["A2"] = "=2+2"

    # openpyxl numbers the parts by order; swap them, so that the first sheet lies in the second part.
    def swap(name: str, content: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            return (
                content.replace(b"sheet1.xml", b"@").replace(b"sheet2.xml", b"sheet1.xml").replace(b"@", b"sheet2.xml")
            )
        return content

    assert refused(book(fill)) == [(2, "A", "formula")]
    assert refused(rewritten(book(fill), swap)) == [(1, "A", "formula")]


def test_formulas_are_named_by_row_and_column() -> None:
    data = cells(A1="code", B1="quantity", A2="x", B2="=1+1", B3='=HYPERLINK("http://example.org","x")')
    assert refused(data) == [(2, "B", "formula"), (3, "B", "formula")]
    prefixed = rewritten(data, lambda name, xml: _prefixed(xml) if name == SHEET else xml)
    assert refused(prefixed) == [(2, "B", "formula"), (3, "B", "formula")]


def _prefixed(xml: bytes) -> bytes:
    named = re.sub(rb"<(/?)(worksheet|sheetData|row|c|f|v|is|t)(?=[\s>/])", rb"<\1x:\2", xml)
    return named.replace(b"xmlns=", b"xmlns:x=")


def test_a_text_that_looks_like_a_formula_is_left_to_the_field() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "code"
        sheet["A2"] = "=1+1"
        sheet["A2"].data_type = "s"

    assert read_table(book(fill), LIMITS).rows == [["=1+1"]]


def test_merged_cells_are_named() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["A2"] = "code", "x"
        sheet.merge_cells("A2:A4")

    assert refused(book(fill)) == [(2, "A", "merged-cells")]


def test_numbers_of_which_digits_are_lost() -> None:
    assert read_table(cells(A1="code", A2=999_999_999_999_999), LIMITS).rows == [["999999999999999"]]
    assert refused(cells(A1="code", A2=10**15, A3=12345678901234567890)) == [
        (2, "A", "digits-lost"),
        (3, "A", "digits-lost"),
    ]


@pytest.mark.parametrize(
    "part",
    [
        "xl__vbaProject.bin", "xl__externalLinks__externalLink1.xml", "xl__activeX__activeX1.xml",
        "xl__embeddings__oleObject1.bin", "xl__connections.xml",
    ],
)  # fmt: skip
def test_macros_links_and_embedded_objects(part: str) -> None:
    assert refused(rewritten(cells(A1="code"), same, **{part: b"x"})) == [(None, "", "active-content")]


def test_protected_by_a_password_or_of_the_old_kind() -> None:
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600) == [(None, "", "not-a-workbook")]


@pytest.mark.parametrize("left_out", ["xl/workbook.xml", SHEET, "xl/_rels/workbook.xml.rels"])
def test_a_workbook_without_its_parts(left_out: str) -> None:
    data = rewritten(cells(A1="code"), lambda name, xml: None if name == left_out else xml)
    assert refused(data) == [(None, "", "not-a-workbook")]


def test_damaged_at_any_place_it_is_refused_and_never_a_fault() -> None:
    data = cells(A1="code", A2="x")
    for cut in range(4, len(data), 97):
        assert refused(data[:cut])[0][2] == "not-a-workbook"
    outcomes = set()
    for place in range(4, len(data), 53):
        broken = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        try:
            read_table(broken, LIMITS)
        except Invalid as bad:
            outcomes.add(bad.problems[0].code)
    assert "not-a-workbook" in outcomes


def bomb() -> bytes:
    blanks = b"<row>" + b" " * (200 * 2**20)
    return rewritten(cells(A1="code"), lambda name, xml: blanks if name == SHEET else xml)


def peak_bytes(data: bytes) -> int:
    """Return the most memory that refusing `data` took."""
    tracemalloc.start()
    try:
        assert refused(data) == [(None, "", "expands-too-much")]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_workbook_that_unpacks_to_far_more_is_never_unpacked() -> None:
    data = bomb()
    assert len(data) < 2**20
    assert peak_bytes(data) < 2**20


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    data = bytearray(bomb())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true_size = archive.getinfo(SHEET).file_size
    honest, lie = struct.pack("<I", true_size), struct.pack("<I", 1000)
    assert data.count(honest) >= 1
    assert peak_bytes(bytes(data).replace(honest, lie)) < 4 * 2**20


def test_too_many_parts() -> None:
    parts = {f"p{n}": b"x" for n in range(MOST_ENTRIES)}
    assert refused(rewritten(cells(A1="code"), same, **parts)) == [(None, "", "expands-too-much")]


def test_other_archives_are_no_workbooks() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("content.xml", "x")
    assert refused(target.getvalue()) == [(None, "", "not-a-workbook")]


@pytest.mark.parametrize(
    ("place", "code"),
    [("XFD1048576", "too-many-rows"), ("A1048576", "too-many-rows"), ("XFD1", "too-many-columns"), ("BI1", "too-many-columns")],
)  # fmt: skip
def test_one_cell_in_a_far_corner(place: str, code: str) -> None:
    assert refused(cells(A1="code", **{place: "x"})) == [(None, "", code)]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (b'<row r="1048576"><c t="str"><v>x</v></c></row>', "too-many-rows"),
        (b'<row r="1048576"><!-- --><c t="str"><v>x</v></c></row>', "too-many-rows"),
        (b'<row r="2"><c r = "A1048576" t="str"><v>x</v></c></row>', "too-many-rows"),
        (b'<row r="2"><c r="B199999999999" t="str"><v>x</v></c></row>', "too-many-rows"),
        (b'<row r="2"><c r="AAAAAAA2" t="str"><v>x</v></c></row>', "too-many-columns"),
    ],
)
def test_cells_that_say_badly_where_they_stand(rows: bytes, code: str) -> None:
    assert refused(with_rows(rows)) == [(None, "", code)]


def with_rows(rows: bytes) -> bytes:
    xml = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="str"><v>code</v></c></row>' + rows + b"</sheetData></worksheet>"
    )
    return rewritten(cells(A1="x"), lambda name, old: xml if name == SHEET else old)


@pytest.mark.parametrize("last", [b'<row r="1048576" ht="12.8"></row>', b'<row r="1048576" ht="12.8"/>'])
def test_an_empty_row_at_the_end_as_some_offices_write_it(last: bytes) -> None:
    filled = b'<row r="2"><c r="A2" t="str"><v>x</v></c></row>'
    assert read_table(with_rows(filled + last), LIMITS).rows == [["x"]]


def test_scattered_cells_are_not_laid_out() -> None:
    far = {"A1": "code", "BH200000": "x"}
    assert column_number("BH") == MOST_COLUMNS
    assert refused(cells(**far), Limits()) == [(None, "", "scattered-cells")]
    assert refused(cells(A1="code", A200002="x"), Limits()) == [(None, "", "too-many-rows")]
    assert read_table(cells(A1="code", A200001="x"), Limits()).numbers == [200_001]


def test_the_last_row_that_is_taken_and_the_first_that_is_not() -> None:
    limits = Limits(rows=10)
    assert len(read_table(book(lambda sheet: [sheet.append(["c"]) for _ in range(11)]), limits).rows) == 10
    assert refused(book(lambda sheet: [sheet.append(["c"]) for _ in range(12)]), limits) == [
        (None, "", "too-many-rows")
    ]


def test_an_empty_workbook_says_so() -> None:
    assert refused(book(lambda _sheet: None)) == [(None, "", "file-empty")]


@pytest.mark.parametrize("letters", ["A", "Z", "AA", "BH", "XFD"])
def test_letters_and_numbers_of_columns(letters: str) -> None:
    assert column_letters(column_number(letters)) == letters


def test_numbers_that_are_none_stay_visible() -> None:
    assert [cell_text(value) for value in (float("inf"), float("nan"), None, -0.5, 1e20)] == [
        "inf", "nan", "", "-0.5", "100000000000000000000",
    ]  # fmt: skip
