"""At least sixty formulas in every field of everything that goes out as a spreadsheet: no cell lives."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date

from exports.catalogue import render
from exports.document import Column, CoverField, Document, Quantity, Sheet, Table, Text
from registry.intake.marks import marked
from registry.kernel.fields import BadCell
from registry.kernel.fields import Column as Field
from registry.stock.domain.lines import COLUMNS
from registry.workbooks.domain import VERSION, Label, Offered
from registry.workbooks.service import SiteWorkbook
from registry.workbooks.template import written
from tests.exports.payloads import FORMULAS
from tests.intake.test_workbooks import cells

DAY = date(2026, 1, 15)
ALIVE = re.compile(rb"<(?:\w+:)?(?:f|hyperlink|ddeLink|externalReference)[\s>/]")
TEXTS = {"note", "document", "prescription", "batch", "permit"}


def living(data: bytes) -> list[str]:
    """Return the parts of a workbook that hold a formula or a link, read from the XML itself."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [
            name
            for name in archive.namelist()
            if ALIVE.search(archive.read(name))
            or "externalLink" in name
            or b'TargetMode="External"' in archive.read(name)
        ]


def everywhere() -> Document:
    """A document with every payload in every place that takes a text."""
    head = tuple(Column(payload, unit=payload) for payload in FORMULAS[:3])
    rows = [[Text(payload), Text(payload, strong=True), Quantity("1.5", payload)] for payload in FORMULAS]
    sheets = tuple(
        Sheet(payload, payload, (Table(head, rows if number == 0 else rows[:1], payload, rows[0]),), (payload,))
        for number, payload in enumerate(FORMULAS)
    )
    cover = tuple(CoverField(payload, payload) for payload in FORMULAS)
    return Document(
        FORMULAS[0], DAY, subtitle=FORMULAS[1], sheets=sheets, cover=cover, notes=FORMULAS, cover_name=FORMULAS[0]
    )


def test_there_are_enough() -> None:
    assert len(set(FORMULAS)) >= 60


def test_no_cell_of_a_workbook_lives() -> None:
    assert living(render(everywhere(), "xlsx")) == []
    assert living(cells(A1="=1+1")) == ["xl/worksheets/sheet1.xml"]


def test_no_cell_of_a_csv_lives() -> None:
    lines = list(csv.reader(io.StringIO(render(everywhere(), "csv").decode("utf-8-sig"), newline="")))
    alive = [cell for line in lines for cell in line if cell.lstrip(" \t\r\n")[:1] in set("=+-@＝＋－＠") and cell]
    assert alive == []
    assert len(lines) > len(FORMULAS)


def test_no_cell_of_the_workbook_of_a_site_lives() -> None:
    lists = {name: [["a", "b"], *([payload, payload] for payload in FORMULAS)] for name in Offered}
    label = Label(VERSION, FORMULAS[0], FORMULAS[1], "2026-01-15", 200, "")
    assert living(written(SiteWorkbook(label, "", FORMULAS[2], lists), lambda message: "=" + str(message))) == []


def test_no_note_in_a_wrong_cell_lives() -> None:
    notes = {f"B{row}": [payload] for row, payload in enumerate(FORMULAS, start=2)}
    assert living(marked(cells(A1="code"), notes)) == []


def test_no_text_field_of_a_movement_takes_a_formula() -> None:
    def taken(column: Field, payload: str) -> bool:
        try:
            column.read(payload)
        except BadCell:
            return False
        return True

    formulas = [payload for payload in FORMULAS if payload.strip().startswith("=")]
    fields = [column for column in COLUMNS if column.name in TEXTS]
    assert {column.name for column in fields} == TEXTS
    assert [(column.name, payload) for column in fields for payload in formulas if taken(column, payload)] == []
