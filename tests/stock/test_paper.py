"""A page of the journal: many movements of one site, typed, pasted or scanned, recorded whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from registry.db import db
from registry.stock.domain.lines import COLUMNS
from registry.stock.domain.paper import CAPTIONS, fitting, headings, read_pasted
from tests.databases import Databases
from tests.stock.page_site import Site, counted_statements, moved_url, use_cheap_hashes
from tests.stock.test_pages import entries, text_of
from tests.world import table_of, take_in

TOKEN = "20261123-abcdef0123"
GTIN = "4601234567893"
SUPPLY = {"occurred_on": "22.11.2026", "kind": "supply", "product": "MOR10", "quantity": "100", "batch": "A1", "counterparty": "E-WHO"}  # fmt: skip


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[Site]:
    made = Site(moved_url(databases), tmp_path)
    yield made
    made.close()


def sent(rows: Sequence[Mapping[str, str]], token: str = TOKEN, **more: str) -> dict[str, object]:
    """Return a page as a browser sends it."""
    numbers = [str(number) for number in range(1, len(rows) + 1)]
    columns = {name: [row.get(name, "") for row in rows] for name in CAPTIONS}
    return {"site": "E-IMP", "token": token, "step": "record", "row": numbers, **columns, **more}


def errors_of(answer) -> dict[str, str]:
    """Return id of a cell -> what is said to be wrong with it."""
    found = re.findall(r'id="(cell-[^"]+)-error">.*?</span>(.*?)</p>', answer.text, re.DOTALL)
    return {cell: said.strip() for cell, said in found}


def values(answer, name: str) -> list[str]:
    """Return what stands in a column of the page that came back."""
    return re.findall(rf'name="{name}"[^>]*? value="([^"]*)"', answer.text)


def test_the_columns_are_those_of_a_file_without_the_site() -> None:
    assert set(CAPTIONS) == {column.name for column in COLUMNS} - {"site"}


def test_a_page_is_recorded_whole_and_sent_again_it_stands_once(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    before = entries(site)
    page = sent([SUPPLY, {}, {"product": "MOR10", "quantity": "50,0", "batch": "A1", "counterparty": "E-WHO"}])
    answer = client.post("/stock/journal", data=page)
    assert answer.status_code == 303, errors_of(answer)
    assert "2 movements are recorded" in text_of(client.get(answer.location))
    assert entries(site) == before + 2
    # A row without day and kind takes those of the row above; an empty row is none.
    kept = text_of(client.get(f"/stock/movements/E-IMP-{TOKEN}-03"))
    assert "supply" in kept
    assert "50 pcs" in kept
    again = client.post("/stock/journal", data=page)
    assert "2 movements were recorded before and stand once" in text_of(client.get(again.location))
    # One row more on the same page: only that one is new.
    more = client.post("/stock/journal", data=sent([SUPPLY, {}, page_row(page, 2), SUPPLY | {"quantity": "7"}]))
    assert text_of(client.get(more.location)).count("1 movement is recorded") == 1
    assert entries(site) == before + 3
    # Other content under the token of a page that is recorded is no second entry but an error.
    other = client.post("/stock/journal", data=sent([SUPPLY | {"quantity": "8"}]))
    assert "recorded already with other content" in errors_of(other)["cell-1-reference"]


def page_row(page: Mapping[str, object], place: int) -> dict[str, str]:
    return {name: page[name][place] for name in CAPTIONS}


def test_nothing_is_recorded_while_anything_is_wrong_and_each_error_stands_at_its_cell(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    before = entries(site)
    rows = [
        SUPPLY,
        SUPPLY | {"quantity": "1,5", "occurred_on": "31.11.2026"},
        {},
        SUPPLY | {"counterparty": "", "product": "MOR1O"},
        SUPPLY | {"kind": "выдача", "batch": "NONE"},
        {"quantity": "5", "prescription": "Иванов Иван"},
    ]
    answer = client.post("/stock/journal", data=sent(rows))
    assert answer.status_code == 422
    wrong = errors_of(answer)
    assert wrong.keys() == {"cell-2-occurred_on", "cell-2-quantity", "cell-4-product", "cell-5-kind", "cell-6-kind", "cell-6-product", "cell-6-prescription"}  # fmt: skip
    assert "31.03.2025" in wrong["cell-2-occurred_on"]
    assert entries(site) == before
    assert 'href="#cell-4-product"' in answer.text
    assert values(answer, "quantity") == ["100", "1,5", "", "100", "100", "5"]
    # A rule that is broken stands at the row.
    ruled = client.post("/stock/journal", data=sent([SUPPLY, SUPPLY | {"quantity": "20001"}]))
    assert ruled.status_code == 422
    assert re.search(r'id="row-2"[^>]*><span>2 <strong class="registry-code">STK-03', ruled.text)
    assert "Row 2" in text_of(ruled)
    assert entries(site) == before
    assert ("stock.post", f"E-IMP {TOKEN}") in site.refusals()


def test_an_empty_page_and_one_of_another_site_are_refused(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    assert "Fill in at least one row" in text_of(client.post("/stock/journal", data=sent([{}, {"kind": "supply"}])))
    assert client.post("/stock/journal", data=sent([SUPPLY], site="E-WHO")).status_code == 404
    assert client.get("/stock/journal?site=E-WHO").status_code == 404
    assert client.get("/stock/scan?site=E-WHO&code=1").status_code == 404
    assert site.browser("officer").get("/stock/journal").status_code == 403


def test_the_statements_do_not_grow_with_the_rows(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    counts = []
    for count, token in ((2, "20261123-aaaaaaaa01"), (40, "20261123-aaaaaaaa02")):
        with counted_statements() as seen:
            assert (
                client.post("/stock/journal", data=sent([SUPPLY | {"quantity": "3"}] * count, token)).status_code == 303
            )
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_more_rows_keep_what_was_typed(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    answer = client.post("/stock/journal", data=sent([SUPPLY], step="more"))
    assert values(answer, "row") == ["1", "2", "3", "4", "5", "6"]
    assert values(answer, "token") == [TOKEN]
    assert values(answer, "quantity")[0] == "100"


def test_a_block_of_a_spreadsheet_becomes_rows(site: Site) -> None:
    client = site.browser("importer", "E-IMP", "ru")
    before = entries(site)
    block = (
        "Дата\tВид операции\tПрепарат\tКол-во\tСерия\tПолучатель\tОкраска\r\n"
        "22.11.2026\tотпуск другой организации\tMOR10\t1 000,0\tA1\tE-WHO\tсиний\r\n"
        "31.11.2026\tотгрузка\tMOR10\t5\tA1\tE-WHO\t\r\n"
    )
    filled = client.post("/stock/journal", data=sent([{}], step="paste", pasted=block))
    assert filled.status_code == 200
    assert entries(site) == before
    assert "Окраска" in text_of(filled)
    assert values(filled, "quantity") == ["1 000,0", "5"]
    assert '<option value="отгрузка" selected>' in filled.text
    rows = [dict.fromkeys(CAPTIONS, "") | row for row in read_pasted(block, {"дата": "occurred_on", "вид операции": "kind", "препарат": "product", "кол-во": "quantity", "серия": "batch", "получатель": "counterparty"}).rows]  # fmt: skip
    wrong = errors_of(client.post("/stock/journal", data=sent(rows)))
    assert wrong.keys() == {"cell-2-occurred_on", "cell-2-kind"} | ({"cell-1-kind"} & wrong.keys())


@pytest.mark.parametrize(
    ("block", "rows"),
    [
        ("MOR10\t5", [{"product": "MOR10", "quantity": "5"}]),
        (
            "MOR10\t5\n\n\t\nFEN01\t1,5\n",
            [{"product": "MOR10", "quantity": "5"}, {"product": "FEN01", "quantity": "1,5"}],
        ),
        ('MOR10\t5\t"A ""1""\nB"', [{"product": "MOR10", "quantity": "5", "batch": 'A "1"\nB'}]),
        ("Количество\tпродукт:\n5\tMOR10", [{"quantity": "5", "product": "MOR10"}]),
        ("Batch \tQUANTITY\nA\t2\tmore", [{"batch": "A", "quantity": "2"}]),
        ("", []),
        ("quantity", []),
    ],
)
def test_blocks_are_read_with_and_without_headings(block: str, rows: list[dict[str, str]]) -> None:
    known = headings([("product", "Продукт"), ("quantity", "Количество"), ("batch", "Серия")])
    assert read_pasted(block, known, "product").rows == rows


def test_a_part_of_a_name_finds_its_product_and_a_choice_is_asked_for() -> None:
    names = {
        "MOR10": ("morphine 10 mg", "морфин 10 мг"),
        "MOR30": ("morphine 30 mg", "морфин 30 мг"),
        "FEN1": ("fentanyl",),
    }
    assert fitting("mor10", names) == ["MOR10"]
    assert fitting("морф 30", names) == ["MOR30"]
    assert fitting("Морфин", names) == ["MOR10", "MOR30"]
    assert fitting("codeine", names) == []
    assert fitting(" ", names) == []


def test_a_name_is_shown_as_the_code_it_is_taken_for_before_anything_is_recorded(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    before = entries(site)
    answer = client.post(
        "/stock/journal", data=sent([SUPPLY | {"product": "sulfate 10"}, SUPPLY | {"product": "MORPH"}])
    )
    assert answer.status_code == 422
    assert entries(site) == before
    assert "“sulfate 10” is taken as MOR10" in errors_of(answer)["cell-1-product"]
    assert values(answer, "product") == ["MOR10", "MOR10"]


@pytest.fixture
def numbered(site: Site) -> FlaskClient:
    """The importer's browser, once the product has its trade item number."""
    with site.app.app_context():
        rows = table_of("code,name,form,unit,gtin", f"MOR10,Morphine sulfate 10 mg tablets,tablet,piece,{GTIN}")
        assert take_in(db.session(), "products", rows).written
    return site.browser("importer", "E-IMP")


def test_a_scanned_pack_fills_product_batch_and_expiry(site: Site, numbered: FlaskClient) -> None:
    said = numbered.get("/stock/scan", query_string={"site": "E-IMP", "code": f"]d2010{GTIN}17310131" + "10A1"}).json
    assert said["cells"] == {"product": "MOR10", "batch": "A1", "expires_on": "31.01.2031"}
    unknown = numbered.get("/stock/scan", query_string={"code": "96385074"}).json
    assert [one["code"] for one in unknown["problems"]] == ["unknown-gtin"]
    lost = numbered.get("/stock/scan", query_string={"code": f"010{GTIN}10A12317270331"}).json
    assert lost["cells"] == {"product": "MOR10"}
    assert [(one["column"], one["code"]) for one in lost["problems"]] == [("batch", "not-scanned")]
    # The same text in the cell of a page that nobody helped: under the Russian layout, from a queue, without script.
    before = entries(site)
    row = SUPPLY | {"product": f"ъв2010{GTIN}10Ф1", "batch": ""}
    answer = numbered.post("/stock/journal", data=sent([row]))
    assert answer.status_code == 303, errors_of(answer)
    assert entries(site) == before + 1
    other = numbered.post("/stock/journal", data=sent([row | {"batch": "B9"}], "20261123-bbbbbbbb"))
    assert "the pack says batch A1" in errors_of(other)["cell-1-batch"]


def test_an_expiry_that_is_not_the_one_recorded_is_told(site: Site, numbered: FlaskClient) -> None:
    with site.app.app_context():
        take_in(db.session(), "movements", table_of(
            "reference,occurred_on,kind,site,product,quantity,batch,expires_on",
            "X-1,2026-11-20,seized_release,E-IMP,MOR10,10,EX1,2027-05-31",
        ))  # fmt: skip
    said = numbered.get("/stock/scan", query_string={"site": "E-IMP", "code": f"]d2010{GTIN}1727063010EX1"}).json
    assert [(one["column"], one["code"]) for one in said["problems"]] == [("expires_on", "another-expiry")]
    row = SUPPLY | {"batch": "EX1", "expires_on": "30.06.2027", "quantity": "1"}
    answer = numbered.post("/stock/journal", data=sent([row]))
    assert "1 finding is to be looked into" in text_of(numbered.get(answer.location))


def test_a_program_is_answered_in_json(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    head = {"Accept": "application/json"}
    wrong = client.post("/stock/journal", data=sent([SUPPLY | {"quantity": "x"}]), headers=head)
    assert (wrong.status_code, [(one["row"], one["column"]) for one in wrong.json["errors"]]) == (
        422,
        [(1, "quantity")],
    )
    right = client.post("/stock/journal", data=sent([SUPPLY]), headers=head)
    assert (right.status_code, right.json["accepted"], right.json["duplicates"]) == (200, 1, 0)
    again = client.post("/stock/journal", data=sent([SUPPLY]), headers=head)
    assert (again.status_code, again.json["accepted"], again.json["duplicates"]) == (200, 0, 1)
