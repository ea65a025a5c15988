"""The workbook of a site: given out, filled in, sent back, taken in once; another's or a changed one is told apart."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from registry.db import db
from registry.stock.queries.journal import entry_of
from registry.workbooks.domain import FIRST_ROW, SEAL_SHEET
from tests.databases import Databases
from tests.stock.page_site import Site, counted_statements, moved_url, use_cheap_hashes
from tests.workbooks.filling import LETTERS, PLACES, changed, filled, sent, taken, words, written

SUPPLY = "supply to another organisation"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[Site]:
    made = Site(moved_url(databases), tmp_path)
    yield made
    made.close()


@pytest.fixture
def importer(site: Site) -> FlaskClient:
    return site.browser("importer", "E-IMP")


def supply(quantity: object = "10", **more: object) -> dict[str, object]:
    """A supply as it is chosen from the lists and typed."""
    cells: dict[str, object] = {
        "occurred_on": "22.11.2026",
        "kind": SUPPLY,
        "product": "MOR10 · Morphine sulfate 10 mg tablets",
        "quantity": quantity,
    }
    return cells | {"counterparty": "E-WHO", "batch": "A1 · MOR10"} | more


def reference(data: bytes, number: int) -> str:
    """Return the reference of a row to fill in."""
    return load_workbook(io.BytesIO(data)).worksheets[0].cell(FIRST_ROW + number - 1, 1).value


def entry(site: Site, name: str) -> object:
    with site.app.app_context():
        return entry_of(db.session(), name)


def told(browser: FlaskClient, data: bytes) -> str:
    return words(sent(browser, data))


def test_what_is_given_out(importer: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(taken(importer, "E-IMP", 1000)))
    entry, kinds, products, batches, partners, seal = book.worksheets
    assert [cell.value for cell in entry[1]] == list(PLACES)
    assert entry.row_dimensions[1].hidden
    assert entry["B2"].value == "Day it happened"
    assert entry["A2"].comment.text.startswith("given by the registry")
    references = [cell.value for cell in entry["A"][2:]]
    assert len(set(references)) == len(references) == 1000
    # Open for entry is everything but the first column and the heads.
    assert entry.protection.sheet
    assert not entry.column_dimensions["B"].protection.locked
    assert entry["A3"].protection.locked
    assert entry["B2"].protection.locked
    assert (SUPPLY, "supply") in [(row[0].value, row[1].value) for row in kinds]
    assert [cell.value for cell in products[5]] == ["MOR10 · Morphine sulfate 10 mg tablets", "MOR10", "40000", "pcs"]
    assert [cell.value for cell in batches[6]][::5] == ["A1 · MOR10", "20000"]
    assert "E-WHO" in [cell.value for cell in partners["B"]]
    offered = {
        str(rule.sqref)[0]: (rule.formula1, rule.showErrorMessage) for rule in entry.data_validations.dataValidation
    }
    assert offered[LETTERS["kind"]] == ("registry_kinds", True)
    assert offered[LETTERS["product"]] == ("registry_products", False)
    assert book.defined_names["registry_products"].attr_text == f"'Products'!$A$2:$A${products.max_row}"
    assert (seal.title, seal.sheet_state) == (SEAL_SHEET, "hidden")


def test_filled_from_the_lists_it_is_written_and_never_twice(site: Site, importer: FlaskClient) -> None:
    data = taken(importer, "E-IMP")
    full = filled(data, {1: supply(), 3: supply("2,5", product="MET5", batch="T1")})
    page = told(importer, full)
    assert "The workbook of site E-IMP with its balances of 22 November 2026" in page.replace(
        "2026-11-22", "22 November 2026"
    )
    assert "Nothing stands against the file" in page
    assert "Written to the registry" in words(written(importer, full))
    first = entry(site, reference(data, 1))
    assert (first.kind, first.label, first.units) == ("supply", "A1", 10)
    assert (entry(site, reference(data, 3)).label, entry(site, reference(data, 3)).units) == ("T1", 2500)
    # More rows in the same workbook: what was recorded stays, the rest is written.
    more = filled(full, {4: supply(3)})
    assert "Recorded already, unchanged 2" in told(importer, more)
    written(importer, more)
    assert entry(site, reference(data, 4)).units == 3


def test_nothing_is_written_while_a_row_is_wrong_and_a_fix_writes_once(site: Site, importer: FlaskClient) -> None:
    data = filled(taken(importer, "E-IMP"), {1: supply(), 2: supply("ten"), 3: supply(batch="NEW")})
    page = told(importer, data)
    assert "nothing is written" in page
    assert entry(site, reference(data, 1)) is None
    right = filled(data, {2: supply(4), 3: supply(5)})
    for _ in range(2):
        written(importer, right)
    assert [entry(site, reference(data, row)).units for row in (1, 2, 3)] == [10, 4, 5]


def test_the_same_workbook_comes_back_with_a_note_in_every_wrong_cell(importer: FlaskClient) -> None:
    data = filled(taken(importer, "E-IMP"), {1: supply(), 2: supply("ten", product="MOR9"), 3: supply(70_000)})
    page = sent(importer, data)
    assert "Your workbook with a note in every wrong cell" in words(page)

    def noted(answer: TestResponse) -> tuple[dict[str, str], bytes]:
        back = importer.get(f"{answer.request.path}/marked.xlsx")
        assert back.status_code == 200, back.text
        sheet = load_workbook(io.BytesIO(back.data)).worksheets[0]
        found = {
            cell.coordinate: cell.comment.text for row in sheet.iter_rows(min_row=3) for cell in row if cell.comment
        }
        return found, back.data

    notes, back = noted(page)
    # Cells that cannot be read, and in the first cell of its row what a rule refuses: all at once.
    assert set(notes) == {f"{LETTERS['quantity']}4", f"{LETTERS['product']}4", "A5"}
    assert "there is no product with the code “MOR9”" in notes["D4"]
    assert "STK-" in notes["A5"]
    notes, back = noted(sent(importer, filled(back, {2: supply(4)})))
    assert set(notes) == {"A5"}
    # All right at last: written once, and the notes can be had off.
    right = sent(importer, filled(back, {3: supply(5)}))
    assert "Your workbook without the notes" in words(right)
    assert noted(right)[0] == {}
    assert "Written to the registry" in words(written(importer, filled(back, {3: supply(5)})))


def test_a_row_that_was_sent_and_moved_is_told_and_not_posted_again(site: Site, importer: FlaskClient) -> None:
    data = taken(importer, "E-IMP")
    written(importer, filled(data, {1: supply(document="N-7")}))
    # Cut and pasted lower down, the row would come under another reference.
    page = told(importer, filled(data, {2: supply(10, document="N-7", occurred_on="2026-11-22")}))
    assert f"this is what “{reference(data, 1)}” has recorded already from row 3" in page
    assert entry(site, reference(data, 2)) is None
    # Left out and nothing like it sent: that is no fault. The same again beside it: two like entries are two entries.
    assert "Nothing stands against" in told(importer, filled(data, {2: supply(11, document="N-7")}))
    both = filled(data, {1: supply(document="N-7"), 2: supply(document="N-7")})
    assert "Nothing stands against" in told(importer, both)
    # Other content under a reference that is recorded.
    assert "recorded already with other content" in told(importer, filled(data, {1: supply(11)}))


def test_rows_sorted_with_their_references_are_the_same_rows(site: Site, importer: FlaskClient) -> None:
    data = filled(taken(importer, "E-IMP"), {1: supply(1), 2: supply(2)})

    def swap(book: Workbook) -> None:
        sheet = book.worksheets[0]
        for column in range(1, len(PLACES) + 1):
            one, two = sheet.cell(3, column), sheet.cell(4, column)
            one.value, two.value = two.value, one.value

    written(importer, changed(data, swap))
    assert "Recorded already, unchanged 2" in told(importer, data)
    assert entry(site, reference(data, 2)).units == 2


def test_references_that_were_not_given_out_with_it(importer: FlaskClient) -> None:
    data = filled(taken(importer, "E-IMP"), {1: supply(), 2: supply(), 201: supply()})
    page = told(importer, filled(data, {2: {"reference": "E-IMP-WABCDEFGH-2"}}))
    assert "“E-IMP-WABCDEFGH-2” was not given out with this workbook" in page
    assert "this workbook has rows down to 202" in page
    assert "this workbook has rows down to 202" in told(importer, filled(data, {2: {"reference": " "}}))


def change_label(key: str, value: object) -> object:
    def change(book: Workbook) -> None:
        for row in book[SEAL_SHEET].iter_rows():
            if row[0].value == key:
                row[1].value = value

    return change


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (change_label("site", "E-WHO"), "was not given out by this registry"),
        (change_label("rows", "100000"), "was not given out by this registry"),
        (change_label("seal", "0" * 64), "was not given out by this registry"),
        (change_label("seal", "д" * 64), "was not given out by this registry"),
        (change_label("rows", "many"), "was not given out by this registry"),
        (change_label("version", "0"), "this workbook has the form 0, the registry now gives out form 1"),
        (lambda book: book["Products"].append(["X", "X"]), "the lists of this workbook were changed"),
        (lambda book: book["Batches"].__setitem__("F2", "1"), "the lists of this workbook were changed"),
        (lambda book: book.remove(book["Products"]), "the lists of this workbook were changed"),
        (lambda book: setattr(book["Products"], "title", "Goods"), "the lists of this workbook were changed"),
        (lambda book: book.worksheets[0].move_range("B1:B9", cols=20), "the columns of this workbook were moved"),
        (lambda book: book.worksheets[0].__setitem__("A1", "number"), "the columns of this workbook were moved"),
    ],
)  # fmt: skip
def test_a_workbook_that_was_tampered_with(importer: FlaskClient, change, answer: str) -> None:
    data = changed(filled(taken(importer, "E-IMP"), {1: supply()}), change)
    page = told(importer, data)
    assert answer in page
    assert "nothing is written" in page


def test_a_workbook_of_another_site_or_registry(site: Site, importer: FlaskClient, tmp_path: Path) -> None:
    other = site.browser("wholesaler", "E-WHO")
    data = filled(taken(other, "E-WHO"), {1: supply()})
    assert "given out for the site E-WHO, which is not yours" in told(importer, data)
    assert importer.get("/stock/workbook?site=E-WHO").status_code == 404
    assert site.browser("officer").get("/stock/workbook").status_code == 403
    site.app.config["SECRET_KEY"] = "another registry"
    assert "was not given out by this registry" in told(other, data)


def test_a_workbook_that_is_not_ours_is_read_as_any_file(importer: FlaskClient) -> None:
    book = Workbook()
    book.worksheets[0].append(
        ["reference", "occurred_on", "kind", "site", "product", "quantity", "counterparty", "batch"]
    )
    book.worksheets[0].append(["X-1", "2026-11-22", "supply", "E-IMP", "MOR10", 5, "E-WHO", "A1"])
    target = io.BytesIO()
    book.save(target)
    assert "Nothing stands against the file" in told(importer, target.getvalue())


def test_an_empty_workbook_says_so(importer: FlaskClient) -> None:
    assert "there are no rows below the column names" in told(importer, taken(importer, "E-IMP"))


def test_hidden_rows_are_read_and_told(importer: FlaskClient) -> None:
    data = filled(taken(importer, "E-IMP"), {1: supply(), 2: supply(2)})

    def hide(book: Workbook) -> None:
        book.worksheets[0].row_dimensions[4].hidden = True
        book.worksheets[0].column_dimensions["M"].hidden = True

    page = told(importer, changed(data, hide))
    assert "hidden rows are read as well: 4" in page
    assert "hidden columns are read as well: M" in page
    assert "Would be written 2" in page


def test_statements_do_not_grow_with_the_rows(importer: FlaskClient) -> None:
    def asked(rows: int) -> int:
        data = filled(taken(importer, "E-IMP", 1000), {row: supply(1) for row in range(1, rows + 1)})
        sent(importer, data)
        with counted_statements() as seen:
            assert "Nothing stands against" in told(importer, data)
        return len(seen)

    assert asked(2) == asked(300)
    with counted_statements() as few:
        taken(importer, "E-IMP")
    with counted_statements() as many:
        taken(importer, "E-IMP", 10_000)
    assert len(few) == len(many)


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_it_speaks_the_language_of_the_reader(site: Site, language: str) -> None:
    browser = site.browser("importer", "E-IMP", language)
    data = taken(browser, "E-IMP")
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames[0] != "Movements"
    names = {row[1].value: row[0].value for row in book.worksheets[1]}
    assert names["supply"] != SUPPLY
    cells = supply(
        kind=names["supply"], product=next(row[0].value for row in book.worksheets[2] if row[1].value == "MOR10")
    )
    answer = written(browser, filled(data, {1: cells}))
    assert entry(site, reference(data, 1)) is not None, words(answer)
