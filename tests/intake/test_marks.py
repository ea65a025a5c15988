"""Notes in the cells of a workbook: what is written, what of the sender's stays, what goes when it comes back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from registry.intake.marks import COLOUR, MOST_NOTES, SIGN, bears_notes, marked
from registry.kernel.errors import Invalid
from tests.intake.test_workbooks import SHEET, book, cells, rewritten


def notes(data: bytes) -> dict[str, str]:
    """Return the notes of the first sheet by cell."""
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    return {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}


def coloured(data: bytes) -> set[str]:
    """Return the cells over which our colour lies."""
    formats = load_workbook(io.BytesIO(data)).worksheets[0].conditional_formatting
    return {
        place
        for area in formats
        for rule in area.rules
        if rule.dxf.fill.bgColor.rgb == COLOUR
        for place in str(area.sqref).split()
    }


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def table(data: bytes) -> bytes:
    return re.search(rb"<sheetData>.*</sheetData>", part(data, SHEET), re.DOTALL)[0]


def test_every_wrong_cell_bears_its_notes_and_the_cells_are_as_they_were() -> None:
    data = cells(A1="code", B1="quantity", A2="x", B2="ten", B900=5)
    answer = marked(data, {"B2": ["no number", "12.5 would be one"], "C900": ["<&> “missing”"]})
    assert notes(answer) == {"B2": f"{SIGN}no number\n12.5 would be one", "C900": f"{SIGN}<&> “missing”"}
    assert coloured(answer) == {"B2", "C900"}
    assert table(answer) == table(data)
    assert bears_notes(answer)
    assert not bears_notes(data)


def test_what_comes_back_right_bears_no_note_any_more() -> None:
    answer = marked(cells(A1="code", A2="x"), {"A2": ["wrong"], "B2": ["wrong too"]})
    again = marked(answer, {"B2": ["still wrong"]})
    assert notes(again) == {"B2": f"{SIGN}still wrong"}
    assert coloured(again) == {"B2"}
    clean = marked(again, {})
    assert notes(clean) == {}
    assert coloured(clean) == set()
    assert not bears_notes(clean)
    # The looks do not pile up.
    assert part(again, "xl/styles.xml").count(COLOUR.encode()) == part(answer, "xl/styles.xml").count(COLOUR.encode())
    assert part(answer, "xl/drawings/vmlDrawing1.vml").count(b"ClientData ") == 2
    assert part(again, "xl/drawings/vmlDrawing1.vml").count(b"ClientData ") == 1


def test_what_the_sender_wrote_beside_stays() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["A2"] = "code", "x"
        sheet["A2"].fill = PatternFill("solid", fgColor="FFFFFF00")
        sheet["A2"].comment = Comment("my own remark", "Aida", height=33, width=44)
        sheet["B5"].comment = Comment("ask Bakyt", "Aida")
        sheet.conditional_formatting.add("A2:A9", CellIsRule("equal", ["1"], fill=PatternFill(bgColor="FF00FF00")))
        sheet.parent.create_sheet("mine")["C3"] = "=1+1"

    data = book(fill)
    answer = marked(data, {"A2": ["wrong"]})
    assert notes(answer) == {"A2": f"my own remark\n{SIGN}wrong", "B5": "ask Bakyt"}
    sheet = load_workbook(io.BytesIO(answer)).worksheets[0]
    assert sheet["A2"].fill.fgColor.rgb == "FFFFFF00"
    [boxes] = [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if name.endswith("Drawing1.vml")]
    assert b"33px" in part(answer, boxes)
    assert len(list(sheet.conditional_formatting)) == 2
    assert part(answer, "xl/worksheets/sheet2.xml") == part(data, "xl/worksheets/sheet2.xml")
    clean = marked(marked(answer, {"B5": ["wrong"]}), {})
    assert notes(clean) == {"A2": "my own remark", "B5": "ask Bakyt"}
    assert coloured(clean) == set()


def test_of_very_many_wrong_cells_all_are_coloured_and_the_first_bear_notes() -> None:
    wrong = {f"B{row}": ["wrong"] for row in range(2, MOST_NOTES + 12)}
    answer = marked(cells(A1="code"), wrong)
    assert set(notes(answer)) == set(list(wrong)[:MOST_NOTES])
    assert coloured(answer) == set(wrong)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (SHEET, lambda xml: xml.replace(b"<sheetData", b"<!-- <sheetData> --><sheetData")),
        (SHEET, lambda xml: xml.replace(b"</worksheet>", b"</worksheet>oops")),
        (SHEET, lambda xml: xml.replace(b"<worksheet ", b"<!DOCTYPE w [<!ENTITY a 'b'>]><worksheet ")),
        (SHEET, lambda xml: xml.replace(b"</worksheet>", b"<x/>" * 3_000_000 + b"</worksheet>")),
        ("xl/styles.xml", lambda xml: b"<styleSheet"),
        ("[Content_Types].xml", lambda xml: b""),
    ],
)  # fmt: skip
def test_a_workbook_no_office_program_made_is_not_marked(name: str, change: Callable[[bytes], bytes]) -> None:
    data = rewritten(cells(A1="code", A2="x"), lambda each, xml: change(xml) if each == name else xml)
    with pytest.raises(Invalid) as caught:
        marked(data, {"A2": ["wrong"]})
    assert caught.value.problems[0].code in {"cannot-be-marked", "expands-too-much"}


def test_what_is_written_never_runs() -> None:
    answer = marked(cells(A1="code"), {"A2": ['=HYPERLINK("http://example.invalid","x")', "\x00\x07"]})
    assert notes(answer)["A2"].startswith(f"{SIGN}=HYPERLINK")
    assert b"<f>" not in part(answer, SHEET)
