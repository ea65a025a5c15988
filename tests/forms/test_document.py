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
from forms.edition import Shape
from forms.facts import NOT_ATTRIBUTED, Cover, ReturnFacts, SeizureLine, TradeLine, UseLine
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
    made = form_c()
    part_three = document_of(made).sheets[2]
    assert part_three.notes == ("No entries: the registry keeps no records of cultivation or production.",)
    assert part_three.tables == ()
    with_columns = replace(made.edition.parts[3], shape=Shape.BY_HAND, note="by hand")
    changed = replace(made, figures=(), edition=replace(made.edition, parts=(with_columns,)))
    sheet = document_of(changed).sheets[0]
    assert sheet.notes == ("by hand",)
    assert [column.caption for column in sheet.tables[0].columns[2:]] == ["Quantity seized", "Disposed of"]
    assert all(isinstance(cell, Blank) for row in sheet.tables[0].rows for cell in row)


def test_part_two_has_a_row_per_drug_and_product_made():
    uses = (
        UseLine("NM 009", "morphine", "used_other_drugs", "NC 005", "codeine", Exact("10.4")),
        UseLine("NM 009", "morphine", "used_other_drugs", NOT_ATTRIBUTED, "", Exact(2)),
    )
    given = ReturnFacts(Period(2025), date(2026, 1, 10), Cover("KG"), uses=uses)
    made = document_of(build("C", given))
    [table] = made.sheets[1].tables
    assert [column.caption for column in table.columns] == ["Code", "Drug", "Product made", "Quantity used, by product made"]  # fmt: skip
    assert [words(row) for row in table.rows] == [
        ["NM 009", "morphine", "codeine (NC 005)", "10"],
        ["NM 009", "morphine", "not attributed", "2"],
    ]
    assert made.flat is not None
    assert [words(row)[4] for row in made.flat.rows] == ["NC 005", "not attributed"]
    russian = document_of(build("C", given), lambda message: {"not attributed": "не отнесено"}.get(str(message), str(message)), "ru_KG")  # fmt: skip
    assert words(russian.sheets[1].tables[0].rows[1])[2] == "не отнесено"


def test_part_four_has_a_row_per_drug_and_says_that_nothing_is_converted():
    lines = (
        SeizureLine("NH 001", "heroin", "seized", "TJ", Exact(5)),
        SeizureLine("NH 001", "heroin", "seized", "", Exact("0.5")),
        SeizureLine("NH 001", "heroin", "disposed", "TJ", Exact(3)),
        SeizureLine("NC 001", "cannabis", "seized", "", Exact(7)),
    )
    made = document_of(build("C", ReturnFacts(Period(2025), date(2026, 1, 10), Cover("KG"), seizures=lines)))
    [table] = made.sheets[3].tables
    assert [words(row) for row in table.rows] == [["NC 001", "cannabis", "7", ""], ["NH 001", "heroin", "6", "3"]]
    assert "nothing is converted" in made.sheets[3].notes[0]


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
