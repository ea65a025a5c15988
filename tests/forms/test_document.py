"""A return as a document: what an officer opens, prints and sends."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from fractions import Fraction as Exact

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from exports.catalogue import all_formats, render
from exports.document import Blank, Quantity, Text
from forms.document import PARTNERS_ACROSS, document_of
from forms.facts import Cover, ReturnFacts, TradeLine
from forms.figures import as_json, build
from registry.kernel.period import Period
from tests.forms import golden

COUNTRIES = {"KG": "Kyrgyzstan", "DE": "Germany"}
MANY = ("AT", "CH", "CZ", "DE", "FR", "GB", "HU", "IN", "PL")


def form_c():
    return build("C", golden.facts_of("c_2015_12"))


def form_a(*lines):
    given = ReturnFacts(Period(2025, 1), date(2025, 4, 10), Cover("KG", remarks="=1+1"), trade=lines)
    return build("A", given)


def line(partner, quantity, substance="NM 009", name="morphine"):
    return TradeLine(substance, name, "imported", partner, 1, Exact(quantity))


def words(row):
    return [cell.text if isinstance(cell, Text) else cell.digits if isinstance(cell, Quantity) else "" for cell in row]


def test_the_cover_asks_everything_the_form_asks():
    made = document_of(form_c(), country_name=lambda code: COUNTRIES.get(code, code))
    fields = {field.label: field.value for field in made.cover}
    assert fields == {
        "Country or territory": "Kyrgyzstan",
        "Calendar year": "2024",
        "Competent office": golden.COVER.authority,
        "Responsible officer": golden.COVER.officer,
        "Title or function": golden.COVER.title,
        "Telephone": golden.COVER.telephone,
        "E-mail": golden.COVER.email,
        "Remarks": "",
        "Date": "",
        "Signature": "",
        "Figures as known on": "2025-01-15",
        "Due not later than": "2025-06-30",
        "Unit": "g of anhydrous base",
        "State of this return": "draft",
    }
    labels = [field.label for field in document_of(form_a()).cover]
    assert labels[:3] == ["Country or territory", "Quarter", "Calendar year"]


def test_one_sheet_per_part_then_checks_figures_notes():
    assert [sheet.name for sheet in document_of(form_c()).sheets] == [
        "Part I",
        "Part II",
        "Part III",
        "Part IV",
        "Beside the form",
        "Checks",
        "Exact figures",
        "Notes",
    ]


def test_part_one_of_form_c_shows_rounded_figures_by_drug():
    table = document_of(form_c()).sheets[0].tables[0]
    assert [column.caption for column in table.columns][:4] == [
        "Code",
        "Drug",
        "Quantity manufactured",
        "Quantity consumed",
    ]
    assert all(column.unit == "g" for column in table.columns[2:])
    rows = {words(row)[0]: words(row) for row in table.rows}
    assert list(rows) == ["NC 005", "NF 001", "NM 002", "NM 009"]
    assert rows["NM 009"] == ["NM 009", "morphine", "", "750", "", "", "", "", "", "", "", "4", "896"]
    assert rows["NF 001"][-1] == "0.492"


def test_parts_without_facts_have_room_to_write_and_say_why():
    part_two = document_of(form_c()).sheets[1]
    assert part_two.notes[0].startswith("Part II is empty")
    assert all(isinstance(cell, Blank) for row in part_two.tables[0].rows for cell in row)


def test_form_a_has_a_total_per_drug_from_the_exact_sum():
    made = document_of(form_a(line("DE", "0.4"), line("FR", "0.4"), line("IN", "0.4")))
    table = made.sheets[0].tables[0]
    assert [column.caption for column in table.columns] == ["Code", "Drug", "Total", "DE", "FR", "IN"]
    assert words(table.rows[0]) == ["NM 009", "morphine", "1", "0", "0", "0"]
    assert made.sheets[1].notes == ("Nothing to report in this part.",)


def test_form_a_prints_its_two_groups_apart():
    made = document_of(
        form_a(line("DE", 5), line("DE", "0.0042", "NF 001", "fentanyl"), line("DE", 1, "NC 005", "codeine"))
    )
    tables = made.sheets[0].tables
    assert [table.title for table in tables] == [
        "Drugs reported in kilograms and/or grams",
        "Drugs reported in grams and/or milligrams",
    ]
    assert [words(row)[1] for row in tables[0].rows] == ["codeine", "morphine"]
    assert words(tables[1].rows[0]) == ["NF 001", "fentanyl", "0.004", "0.004"]


@pytest.mark.parametrize("count", [PARTNERS_ACROSS - 1, PARTNERS_ACROSS, PARTNERS_ACROSS + 1])
def test_many_partners_go_into_further_tables_with_the_same_total(count):
    tables = document_of(form_a(*(line(partner, 2) for partner in MANY[:count]))).sheets[0].tables
    assert len(tables) == (1 if count <= PARTNERS_ACROSS else 2)
    assert sum(len(table.columns) - 3 for table in tables) == count
    assert {words(table.rows[0])[2] for table in tables} == {str(2 * count)}


def test_failed_checks_stand_out():
    table = document_of(form_c()).sheets[5].tables[0]
    loud = [words(row) for row in table.rows if row[2].strong]
    assert [(row[0], row[2], row[3], row[5], row[6]) for row in loud] == [
        ("C-01", "to be looked at", "NM 009", "150", "g"),
        ("C-05", "failed", "NM 009", "100", "g"),
    ]
    assert len(table.rows) == len(form_c().checks)


def test_everything_people_read_is_translated():
    seen = []

    def translate(message):
        seen.append(message.msgid)
        return f"ө{message}"

    made = document_of(form_c(), translate, "ky", lambda code: "Кыргызстан")
    assert made.language == "ky"
    assert all(field.label.startswith("ө") for field in made.cover)
    assert all(sheet.name.startswith("ө") for sheet in made.sheets)
    assert all(
        column.caption.startswith("ө") for sheet in made.sheets for table in sheet.tables for column in table.columns
    )
    assert made.cover[10].value == "15.01.2025"
    assert "Form %(form)s: %(title)s" in seen


def test_russian_captions_serve_until_a_translation_exists():
    table = document_of(form_c(), locale="ru_KG").sheets[0].tables[0]
    assert table.columns[3].caption == "Потреблено"


def test_json_of_the_document_is_the_return_on_the_wire():
    made = form_c()
    assert json.loads(render(document_of(made), "json")) == as_json(made)


def test_csv_lists_every_figure_with_its_exact_value():
    text = render(document_of(form_c()), "csv").decode("utf-8-sig").splitlines()
    assert text[0] == "Part,Code,Drug,Item,Partner,As reported (g),Exact (g)"
    assert "I,NM 009,morphine,Losses and destruction (voluntary),,4,3.75" in text
    assert "-,NM 009,morphine,Imported,,1500,1500" in text
    assert len(text) == 1 + len(form_c().figures)


def test_the_workbook_reads_back_the_same_in_two_readers():
    data = render(document_of(form_c()), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames[:3] == ["Cover", "Part I", "Part II"]
    rows = [[cell.value for cell in row] for row in book["Part I"].iter_rows(min_row=4)]
    figures = {row[0]: row[2:] for row in rows}
    assert figures["NM 009"] == [None, 750, None, None, None, None, None, None, None, 4, 896]
    assert figures["NF 001"][-1] == 0.492
    calamine = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Part I").to_python()
    assert {row[0]: [cell or None for cell in row[2:]] for row in calamine[3:]} == figures


def test_hostile_remarks_stay_text_in_the_workbook():
    book = openpyxl.load_workbook(io.BytesIO(render(document_of(form_a(line("DE", 1))), "xlsx")))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=1+1" and cell.data_type == "s" for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)


@pytest.mark.parametrize("name", all_formats())
def test_every_format_takes_every_return_and_gives_the_same_bytes(name):
    for made in (form_c(), form_a(), form_a(line("DE", 1)), replace(form_c(), status="submitted")):
        once = render(document_of(made), name)
        assert once
        assert render(document_of(made), name) == once
