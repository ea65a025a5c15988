"""Every format: same bytes at any time, nothing lost, nothing that runs."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from reportlab.pdfbase.ttfonts import TTFont

from exports import catalogue
from exports.catalogue import all_formats, format_named, render
from exports.document import Column, Document, Quantity, Sheet, Table, Text, list_document
from exports.formats.csv import harmless
from exports.formats.pdf import FONT_FILES
from exports.formats.xlsx import sheet_name
from registry.kernel.errors import NotFound
from tests.exports.examples import TYPED, document
from tests.exports.hostile import HOSTILE

ROOT = Path(__file__).parents[2]
NAMES = ("csv", "json", "pdf", "xlsx", "xml")
DAY = date(2026, 1, 15)
SHIFTED = """
import hashlib, io, json, sys, time
from datetime import datetime, timedelta
real = time.time
time.time = lambda: real() + 3e8
local = time.localtime
time.localtime = lambda moment=None: local((real() if moment is None else moment) + 3e8)
import openpyxl.writer.excel as excel
class Later(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + timedelta(days=3650)
excel.datetime = type("module", (), {"datetime": Later, "timezone": getattr(excel.datetime, "timezone", None)})
import openpyxl
raw = io.BytesIO()
openpyxl.Workbook().save(raw)
from exports.catalogue import all_formats, render
from tests.exports.examples import document
digests = {name: hashlib.sha256(render(document(), name)).hexdigest() for name in all_formats()}
print(json.dumps({"raw": raw.getvalue().hex(), "digests": digests}))
"""


def test_the_catalogue_holds_every_file():
    found = all_formats()
    assert tuple(found) == NAMES
    assert all(one.ending == f".{name}" and one.media_type for name, one in found.items())
    assert format_named("pdf").media_type == "application/pdf"
    with pytest.raises(NotFound, match="csv, json, pdf, xlsx, xml"):
        render(document(), "docx")


def test_two_formats_of_one_name_are_an_error(monkeypatch):
    twins = [type("entry", (), {"name": "csv"}), type("entry", (), {"name": "csv"})]
    monkeypatch.setattr(catalogue.pkgutil, "iter_modules", lambda path: twins)
    all_formats.cache_clear()
    try:
        with pytest.raises(ValueError, match="two formats"):
            all_formats()
    finally:
        all_formats.cache_clear()


def test_same_bytes_twice_and_ten_years_later_in_another_process():
    here = {name: hashlib.sha256(render(document(), name)).hexdigest() for name in NAMES}
    assert here == {name: hashlib.sha256(render(document(), name)).hexdigest() for name in NAMES}
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Apia", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SHIFTED], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
    )
    answer = json.loads(done.stdout)
    assert answer["digests"] == here
    # The shift is real: a workbook that nobody normalised carries the later year.
    with zipfile.ZipFile(io.BytesIO(bytes.fromhex(answer["raw"]))) as plain:
        year = int(re.search(rb"modified[^>]*>(\d{4})", plain.read("docProps/core.xml"))[1])
    assert year >= 2035


@pytest.mark.parametrize("name", NAMES)
def test_another_document_gives_other_bytes(name):
    table = Table((Column("a"),), [[Text("x")]])
    other = Table((Column("a"),), [[Text("y")]])
    assert render(list_document("t", DAY, table), name) != render(list_document("t", DAY, other), name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("empty", [Document("", DAY), Document("t", DAY, sheets=(Sheet("s", "h", (Table((), ()),)),))])
def test_an_empty_document_is_still_a_file(name, empty):
    assert isinstance(render(empty, name), bytes)


# CSV


def rows_of(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_leaves_numbers_alone():
    rows = rows_of(render(list_document("t", DAY, TYPED), "csv"))
    assert rows[0] == ["Аталышы", "Quantity (g)", "Day", "Number"]
    assert rows[1] == ["morphine", "400.00375", "2025-03-31", "7"]
    assert rows[2] == ["fentanyl", "-0.000001", "", "-12"]
    assert rows[-1] == ["Total", "1000", "", ""]


def test_csv_ends_every_line_as_the_standard_says():
    data = render(list_document("t", DAY, TYPED), "csv")
    assert data.count(b"\r\n") == data.count(b"\n") == len(TYPED.rows) + 2


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "  =", "\u00a0="])
def test_csv_text_like_a_formula_gets_an_apostrophe(sign):
    assert harmless(sign + "1") == "'" + sign + "1"
    assert harmless("1" + sign) == "1" + sign


def test_csv_leaves_a_dash_alone():
    assert [harmless(text) for text in ("-", "--", "- none")] == ["-", "'--", "'- none"]


@given(st.text())
def test_csv_cells_never_begin_like_a_formula_and_nothing_is_lost(text):
    table = Table((Column("a"), Column("b")), [[Text(text), Text("end")]])
    cell = rows_of(render(list_document("t", DAY, table), "csv"))[1][0] if "\x00" not in text else harmless(text)
    assert cell in {text, "'" + text}
    assert cell == "-" or not cell.lstrip().startswith(tuple("=+-@＝＋－＠"))


# XLSX


def book_of(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def test_xlsx_has_no_formula_no_link_and_keeps_every_text():
    data = render(document(), "xlsx")
    book = book_of(data)
    texts = set()
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n", "d"}
                assert cell.hyperlink is None
                if cell.data_type == "s":
                    texts.add(cell.value)
    readable = {
        text.replace("\x00", "\ufffd").replace("\x07", "\ufffd").replace("\r", "\n") for text in HOSTILE if text
    }
    assert readable <= {text.replace("\r", "\n") for text in texts}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        assert len(sheets) == 4
        assert not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in sheets)


def test_a_formula_would_have_been_seen():
    """The seeded fault of the test above: what openpyxl does on its own."""
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    assert book.active["A1"].data_type == "f"


def test_xlsx_numbers_and_days_read_back_the_same_in_two_readers():
    data = render(list_document("List", DAY, TYPED), "xlsx")
    sheet = book_of(data).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert rows[0][1] == 400.00375
    assert rows[0][2].date() == date(2025, 3, 31)
    assert rows[0][3] == 7
    assert rows[1][1] == -0.000001
    assert rows[2][1] == "123456789012345.678901"
    assert rows[3][1] == 9.00719925474099
    calamine = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert calamine[4] == ["morphine", 400.00375, date(2025, 3, 31), 7.0] + [""] * (len(calamine[4]) - 4)
    assert calamine[5][:4] == ["fentanyl", -0.000001, "", -12.0]
    assert calamine[6][1] == "123456789012345.678901"


def test_xlsx_writes_digits_not_floats():
    data = render(list_document("List", DAY, TYPED), "xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    for digits in (b"400.00375", b"-0.000001", b"9.00719925474099"):
        assert b"<v>" + digits + b"</v>" in sheet


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 9))
def test_xlsx_holds_fifteen_digits_exactly(number, places):
    digits = str(abs(number)).rjust(places + 1, "0")
    text = ("-" if number < 0 else "") + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
    data = render(list_document("t", DAY, Table((Column("a"),), [[Quantity(text)]])), "xlsx")
    value = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[3][0]
    assert value == float(text)


def test_xlsx_is_ready_to_print():
    book = book_of(render(document(), "xlsx"))
    cover, typed, words, _notes = book.worksheets
    assert (cover.title, typed.title) == ("Cover", "Typed")
    assert typed.page_setup.orientation == words.page_setup.orientation == "landscape"
    assert typed.page_setup.paperSize == 9
    assert typed.freeze_panes == "B5"
    assert words.print_title_rows == "$3:$3"
    assert typed.print_title_rows is None
    assert typed.column_dimensions["A"].width == 24
    assert book.properties.title == "=Title <b>& №"
    assert book.properties.created.date() == book.properties.modified.date() == DAY


def test_tab_names_are_short_plain_and_unique():
    used = set()
    assert sheet_name("a[b]:c*d?e/f\\g", used) == "a b  c d e f g"
    assert sheet_name("", used) == "Sheet"
    assert sheet_name("'quoted'", used) == "quoted"
    long = "x" * 40
    assert sheet_name(long, used) == "x" * 31
    assert sheet_name(long, used) == "x" * 29 + " 2"
    assert sheet_name(long.upper(), used) == "X" * 29 + " 3"


@given(st.text(max_size=40))
def test_any_text_goes_into_a_workbook(text):
    table = Table((Column(text),), [[Text(text)]])
    given_document = Document(text, DAY, sheets=(Sheet(text, text, (table,), (text,)),))
    book = book_of(render(given_document, "xlsx"))
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


# JSON and XML


def test_json_keeps_exact_digits_as_text():
    body = json.loads(render(document(), "json"))
    rows = body["sheets"][0]["tables"][0]["rows"]
    assert rows[0] == ["morphine", "400.00375", "2025-03-31", 7]
    assert rows[4][1] == {"quantity": "12.5", "unit": "l"}
    assert body["sheets"][2]["notes"] == list(HOSTILE)
    assert json.loads(render(document(plain={"a": "ө"}), "json")) == {"a": "ө"}


def test_xml_is_well_formed_and_complete():
    root = ET.fromstring(render(document(), "xml"))  # noqa: S314 - our own bytes
    assert root.find("sheet/table/row/quantity").text == "400.00375"
    texts = [element.text or "" for element in root.findall("sheet[2]/table/row/text")]
    clean = [text.replace("\x00", "\ufffd").replace("\x07", "\ufffd") for text in HOSTILE]
    assert [text.replace("\r", "\n") for text in texts] == [text.replace("\r", "\n") for text in clean]


# PDF


def test_pdf_embeds_its_font_and_nothing_else():
    data = render(document(), "pdf")
    assert data.startswith(b"%PDF-")
    assert b"/FontFile2" in data
    assert not re.search(rb"/BaseFont /(Helvetica|Times|Courier)", data)
    assert b"/Lang" in data


@pytest.mark.parametrize("file", FONT_FILES.values())
def test_the_font_has_kyrgyz_letters(file):
    font = TTFont("probe", str(ROOT / "exports" / "fonts" / file))
    assert all(ord(letter) in font.face.charToGlyph for letter in "ҢңӨөҮүЫыЁё№−–’“”·\u00a0")


@given(st.text(max_size=60))
def test_any_text_goes_onto_a_page(text):
    table = Table((Column(text), Column("b", width=3)), [[Text(text), Text(text)]])
    assert render(Document(text, DAY, sheets=(Sheet("s", text, (table,), (text,)),)), "pdf").startswith(b"%PDF-")


def test_a_long_table_runs_over_pages_without_an_empty_one():
    def pages(count):
        table = Table((Column("a"),), [[Text(str(number))] for number in range(count)])
        return len(re.findall(rb"/Type /Page\b(?!s)", render(list_document("t", DAY, table), "pdf")))

    counts = [pages(number) for number in range(20, 45)]
    assert counts == sorted(counts)
    assert set(counts) == {1, 2}
