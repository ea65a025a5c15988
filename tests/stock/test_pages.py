"""Pages of the ledger: what each role sees, entry of one movement, reversal, the monthly sheet."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.accounts import policy
from registry.accounts.domain import FIRM_ROLES, Role
from registry.db import db
from registry.kernel.actor import SYSTEM
from registry.stock.domain.kinds import ENTERED_KINDS, LEVEL_CHANGE, MOVEMENT_KINDS
from registry.stock.queries.journal import JournalFilter, journal
from tests.databases import Databases
from tests.stock.page_site import Site, counted_statements, moved_url, use_cheap_hashes
from tests.world import move, table_of, take_in

ENTRY = {
    "kind": "supply",
    "site": "E-IMP",
    "product": "MOR10",
    "occurred_on": "22.11.2026",
    "quantity": "5000",
    "counterparty": "E-WHO",
    "batch": "A1",
    "reference": "E-IMP-20261122-001",
}


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[Site]:
    """The example year with its movements, and licences that cover today."""
    made = Site(moved_url(databases), tmp_path)
    yield made
    made.close()


def text_of(answer) -> str:
    """Return what a reader sees, blanks made plain."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(plain.split())


def entries(site: Site) -> int:
    with site.app.app_context():
        return len(journal(db.session(), JournalFilter(), 1000))


def test_a_firm_sees_the_shelves_of_its_own_sites(site: Site) -> None:
    page = text_of(site.browser("wholesaler", "E-WHO").get("/stock/"))
    # 180,000 received; 60,000 and 40,000 supplied; 500 destroyed.
    assert "79,500 pcs" in page
    assert "morphine 596.25 g" in page
    assert "FEN01" not in page


@pytest.mark.parametrize("path", ["/stock/?site=E-IMP", "/stock/month?site=E-IMP", "/stock/month.csv?site=E-IMP", "/stock/movements?site=E-IMP", "/stock/enter?kind=lose&site=E-IMP&product=MOR10", "/stock/reverse?document=M-005"])  # fmt: skip
def test_a_firm_never_sees_the_shelf_of_another(site: Site, path: str) -> None:
    """A site of others is not found, just like a site that does not exist."""
    client = site.browser("pharmacy", "E-PH1")
    assert client.get(path).status_code == 404
    assert client.get(path.replace("E-IMP", "NOBODY").replace("M-005", "NOTHING")).status_code == 404


def test_a_firm_sees_entries_that_touched_its_shelf_and_no_others(site: Site) -> None:
    client = site.browser("pharmacy", "E-PH1")
    listed = text_of(client.get("/stock/movements"))
    assert "M-004" in listed
    assert "M-007" in listed
    assert "M-003" not in listed
    assert client.get("/stock/movements/M-004").status_code == 200
    assert client.get("/stock/movements/M-003").status_code == 404
    # The sender's shelf stays the sender's business.
    assert "79,500" not in text_of(client.get("/stock/movements/M-004"))


def test_the_authority_chooses_a_site_first(site: Site) -> None:
    client = site.browser("officer")
    assert "Choose the site" in text_of(client.get("/stock/"))
    assert "79,500 pcs" in text_of(client.get("/stock/?site=E-WHO"))
    assert client.get("/stock/?site=NOBODY").status_code == 404


def test_the_statistician_reads_totals_but_no_line(site: Site) -> None:
    client = site.browser("statistician")
    page = client.get("/stock/?site=E-WHO")
    assert "79,500 pcs" in text_of(page)
    assert "/stock/movements" not in page.text
    assert client.get("/stock/movements").status_code == 403
    assert client.get("/stock/movements/M-004").status_code == 403


def test_every_page_asks_its_action(site: Site) -> None:
    pages = {"/stock/": "stock.read", "/stock/movements": "stock.lines.read", "/stock/enter": "stock.post", "/stock/month": "stock.read"}  # fmt: skip
    for role in set(Role) - {Role.SYSTEM}:
        client = site.browser(role.value, "E-PH1" if role in FIRM_ROLES else None)
        for path, action in pages.items():
            assert client.get(path).status_code == (200 if role.value in policy.roles_for(action) else 403), (
                role,
                path,
            )


def test_the_first_step_offers_every_kind_but_the_reversal(site: Site) -> None:
    page = site.browser("pharmacy", "E-PH1").get("/stock/enter").text
    offered = re.findall(r'<option value="([a-z_]+)"', page)
    assert sorted(kind for kind in offered if kind in MOVEMENT_KINDS) == sorted(set(ENTERED_KINDS) - {"reverse"})
    # What the pharmacy is licensed for comes first.
    assert offered[0] == "dispense"


def test_a_part_of_a_name_finds_the_product(site: Site) -> None:
    page = site.browser("pharmacy", "E-PH1").get("/stock/enter?kind=dispense&site=E-PH1&product=morphine")
    assert "product=MOR10" in page.text
    nothing = site.browser("wholesaler", "E-WHO").get("/stock/enter?kind=lose&site=E-WHO&product=xyzzy")
    assert "No product fits “xyzzy”" in text_of(nothing)


@pytest.mark.parametrize(
    ("kind", "shown", "hidden"),
    [
        ("import", ("permit", "country", "expires_on"), ("counterparty", "prescription")),
        ("supply", ("counterparty",), ("permit", "country", "prescription", "expires_on")),
        ("dispense", ("prescription",), ("permit", "counterparty")),
        ("lose", (), ("permit", "counterparty", "prescription")),
    ],
)
def test_the_second_step_asks_only_what_the_kind_needs(site: Site, kind: str, shown, hidden) -> None:
    page = site.browser("importer", "E-IMP").get(f"/stock/enter?kind={kind}&site=E-IMP&product=MOR10").text
    names = set(re.findall(r'name="([a-z_]+)"', page))
    assert names >= {"occurred_on", "quantity", "batch", "reference", "note", *shown}
    assert names.isdisjoint(hidden)
    assert not {name for name in names if "patient" in name}


def test_a_movement_is_recorded_and_the_receipt_shows_the_new_balance(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    answer = client.post("/stock/enter", data=ENTRY)
    assert answer.status_code == 303, text_of(answer)
    receipt = text_of(client.get(answer.headers["Location"]))
    assert "The movement is recorded" in receipt
    assert "E-IMP Ала-Тоо Импорт: 15,000 pcs" in receipt
    assert "84,500" not in receipt
    # Sent twice, recorded once.
    again = client.post("/stock/enter", data=ENTRY)
    assert "Nothing new was recorded" in text_of(client.get(again.headers["Location"]))


def test_colleagues_read_who_recorded_it_others_read_the_role(site: Site) -> None:
    own, other, officer = (
        site.browser("importer", "E-IMP"),
        site.browser("wholesaler", "E-WHO"),
        site.browser("officer"),
    )
    assert own.post("/stock/enter", data=ENTRY).status_code == 303
    for address in (f"/stock/movements/{ENTRY['reference']}", "/stock/movements?site=E-IMP"):
        for reader in (own, officer):
            assert "Importer-E-Imp (importer)" in text_of(reader.get(address))
    page = text_of(other.get(f"/stock/movements/{ENTRY['reference']}"))
    assert "Recorded by importer" in page
    assert "Importer-E-Imp" not in page
    assert "importer-e-imp" not in page


def test_the_next_reference_is_free(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    assert 'value="E-IMP-20261122-001"' in client.get("/stock/enter?kind=lose&site=E-IMP&product=MOR10").text
    client.post("/stock/enter", data=ENTRY | {"reference": "E-IMP-20261122-009"})
    assert 'value="E-IMP-20261122-010"' in client.get("/stock/enter?kind=lose&site=E-IMP&product=MOR10").text


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"quantity": "12,5"}, "quantity", "pieces cannot be divided"),
        ({"quantity": ""}, "quantity", "This field is required."),
        ({"quantity": "-3"}, "quantity", "is negative"),
        ({"occurred_on": "31.02.2026"}, "occurred_on", "is not a day"),
        ({"occurred_on": "23.11.2026"}, "occurred_on", "has not come yet"),
        ({"counterparty": "NOBODY"}, "counterparty", "no site or organisation"),
        ({"counterparty": ""}, "counterparty", "This field is required."),
        ({"counterparty": "E-IMP"}, "counterparty", "is the site itself"),
        ({"reference": "M-001"}, "reference", "recorded already with other content"),
        ({"note": "гр. 12345678901234"}, "note", "personal number"),
        ({"document": "12345678901234"}, "document", "personal number"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_recorded(site: Site, changes, field, says) -> None:
    before = entries(site)
    answer = site.browser("importer", "E-IMP").post("/stock/enter", data=ENTRY | changes)
    assert answer.status_code == 422
    marked = re.search(rf'<p id="{field}-error".*?</p>', answer.text, re.DOTALL)
    assert marked, text_of(answer)
    assert says in html.unescape(marked[0])
    assert f'href="#{field}"' in answer.text
    assert 'value="A1"' in answer.text
    assert entries(site) == before


@pytest.mark.parametrize(("quantity", "status"), [("20000", 303), ("20001", 422)])
def test_a_shelf_gives_what_it_holds_and_not_one_piece_more(site: Site, quantity: str, status: int) -> None:
    before = entries(site)
    answer = site.browser("importer", "E-IMP").post("/stock/enter", data=ENTRY | {"quantity": quantity})
    assert answer.status_code == status
    assert entries(site) == before + (status == 303)
    if status == 422:
        page = text_of(answer)
        assert "STK-03" in page
        assert "Law No. 69" in page
        assert "The most that would fit: 20,000" in page
        assert site.refusals() == [("stock.post", ENTRY["reference"])]


def test_a_day_without_a_licence_is_refused_with_the_rule(site: Site) -> None:
    answer = site.browser("importer", "E-IMP").post("/stock/enter", data=ENTRY | {"counterparty": "E-HOS"})
    assert answer.status_code == 422
    assert "no licence of E-HOS covers acquisition" in text_of(answer)


def test_a_late_entry_is_recorded_and_the_receipt_shows_the_flag(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    answer = client.post("/stock/enter", data=ENTRY | {"occurred_on": "2026-11-02"})
    receipt = text_of(client.get(answer.headers["Location"]))
    assert "The movement is recorded" in receipt
    assert "STK-10" in receipt


def test_a_permit_fills_in_the_arrival(site: Site) -> None:
    with site.app.app_context():
        permit = table_of(
            "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity",
            "P-90,import,E-IMP,IN,Supplier,2026-11-01,2027-03-31,MOR10,7000",
        )
        assert take_in(db.session(), "permits", permit).written
    client = site.browser("importer", "E-IMP")
    page = client.get("/stock/enter?permit=P-90").text
    for name, value in (("quantity", "7000"), ("permit", "P-90"), ("country", "IN")):
        assert re.search(rf'<input[^>]*name="{name}"[^>]*value="{value}"', page), name
    answer = client.post("/stock/enter", data=ENTRY | {"kind": "import", "quantity": "7000", "counterparty": "", "batch": "A9", "permit": "P-90", "country": "", "expires_on": "31.12.2028"})  # fmt: skip
    receipt = text_of(client.get(answer.headers["Location"]))
    assert "Imported adds morphine 52.5 g" in receipt
    assert "national stock adds morphine 52.5 g" in receipt
    assert site.browser("wholesaler", "E-WHO").get("/stock/enter?permit=P-90").status_code == 404


def test_a_reversal_needs_a_reason_and_restores_the_balance(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    client.post("/stock/enter", data=ENTRY)
    page = client.get("/stock/reverse?document=E-IMP-20261122-001")
    assert "5,000 pcs" in text_of(page)
    command = {"document": "E-IMP-20261122-001", "occurred_on": "22.11.2026", "reference": "E-IMP-20261122-002"}
    assert client.post("/stock/reverse", data=command).status_code == 422
    answer = client.post("/stock/reverse", data=command | {"note": "Counted twice"})
    assert answer.status_code == 303, text_of(answer)
    assert "20,000 pcs" in text_of(client.get(answer.headers["Location"]))
    original = client.get("/stock/movements/E-IMP-20261122-001")
    assert "This entry was reversed by E-IMP-20261122-002" in text_of(original)
    assert "Reverse this entry" not in original.text
    second = client.post("/stock/reverse", data=command | {"note": "Again", "reference": "X-2"})
    assert second.status_code == 422
    assert "was reversed already" in text_of(second)


def test_the_receiver_may_not_reverse_the_entry_of_the_sender(site: Site) -> None:
    client = site.browser("pharmacy", "E-PH1")
    assert "Reverse this entry" not in client.get("/stock/movements/M-004").text
    assert client.get("/stock/reverse?document=M-004").status_code == 403
    assert client.post("/stock/reverse", data={"document": "M-004", "note": "x"}).status_code == 403


def test_the_monthly_sheet_adds_up_and_agrees_with_the_balances(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    client.post("/stock/enter", data=ENTRY)
    client.post("/stock/reverse", data={"document": ENTRY["reference"], "occurred_on": "22.11.2026", "reference": "R-1", "note": "Wrong batch"})  # fmt: skip
    sheet = list(csv.DictReader(io.StringIO(client.get("/stock/month.csv").text.lstrip("\ufeff"))))
    (row,) = [row for row in sheet if row["Batch"] == "A1"]
    figures = [int(row[name]) for name in ("Opening", "Received", "Issued", "Corrected", "Closing")]
    assert figures == [20000, 0, 5000, 5000, 20000]
    assert "20,000 pcs" in text_of(client.get("/stock/"))
    february = text_of(client.get("/stock/month?month=2024-02"))
    assert "A1 0 pcs 200,000 pcs 180,000 pcs 0 pcs 20,000 pcs morphine 150 g" in february
    assert client.get("/stock/month?month=2024-13").status_code == 404


def test_files_carry_their_type_and_name(site: Site) -> None:
    client = site.browser("importer", "E-IMP")
    book = client.get("/stock/month.xlsx?month=2024-02")
    assert book.headers["Content-Disposition"] == "attachment; filename=stock-2024-02.xlsx"
    assert book.data.startswith(b"PK")
    assert client.get("/stock/month.csv?month=2024-02").headers["Content-Type"] == "text/csv; charset=utf-8"
    assert client.get("/stock/month.exe").status_code == 404


def test_batches_near_their_end_are_marked(site: Site) -> None:
    """90 days from 22 November 2026 is 20 February 2027."""
    with site.app.app_context():
        rows = [
            f"X-{number},2026-11-20,seized_release,E-IMP,,FEN01,{label},10,,,,,{day}"
            for number, (label, day) in enumerate(
                [("OLD", "2026-11-21"), ("TODAY", "2026-11-22"), ("EDGE", "2027-02-20"), ("LATER", "2027-02-21")]
            )
        ]
        assert move(db.session(), *rows, actor=SYSTEM).written
    client = site.browser("importer", "E-IMP")
    page = text_of(client.get("/stock/?q=fen"))
    assert "OLD 21 Nov 2026 expired" in page
    assert "TODAY 22 Nov 2026 expires soon" in page
    assert "EDGE 20 Feb 2027 expires soon" in page
    assert "LATER 21 Feb 2027 10 pcs" in page
    only = text_of(client.get("/stock/?expiring=y"))
    assert "EDGE" in only
    assert "LATER" not in only
    assert "MOR10" not in only


def test_the_journal_goes_on_where_the_page_ended(site: Site) -> None:
    client = site.browser("auditor")
    seen, address = [], "/stock/movements?size=7"
    while address:
        page = client.get(address).text
        seen += re.findall(r'href="/stock/movements/(M-\d+)"', page)
        following = re.search(r'href="(/stock/movements\?[^"]*after=[^"]*)"', page)
        address = html.unescape(following[1]) if following else None
    assert len(seen) == len(set(seen)) == 18
    assert sorted(seen) == sorted(f"M-{number:03d}" for number in range(1, 19))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("product=FEN01", {"M-008", "M-009"}),
        ("kind=dispense", {"M-007", "M-013"}),
        ("site=E-PH2", {"M-006", "M-018"}),
        ("first=01.09.2024&last=2024-09-10", {"M-016"}),
        ("product=NONE", set()),
    ],
)
def test_the_journal_is_filtered(site: Site, query: str, expected: set[str]) -> None:
    page = site.browser("officer").get(f"/stock/movements?{query}").text
    assert set(re.findall(r'href="/stock/movements/(M-\d+)"', page)) == expected


@pytest.mark.parametrize("path", ["/stock/?size=500", "/stock/movements?size=500", "/stock/month", "/stock/enter?kind=supply&site=E-IMP&product=MOR10"])  # fmt: skip
def test_the_number_of_statements_does_not_grow_with_the_rows(site: Site, path: str) -> None:
    client = site.browser("importer", "E-IMP")
    counts = []
    for first, last in ((0, 10), (10, 500)):
        with site.app.app_context():
            rows = [f"N-{n},2026-11-20,seized_release,E-IMP,,MOR10,B{n},10,,,,," for n in range(first, last)]
            assert move(db.session(), *rows).written
        client.get(path)
        with counted_statements() as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_pages_answer_in_every_language(site: Site, language: str) -> None:
    client = site.browser("importer", "E-IMP", language)
    for path in ("/stock/", "/stock/movements", "/stock/movements/M-002", "/stock/enter", "/stock/month?month=2024-02"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "the site changed its level"), ("ru", "объект сменил уровень"), ("ky", "объекттин деңгээли өзгөрдү")],
)
def test_an_entry_of_the_registry_says_why_and_is_not_reversed(site: Site, language: str, said: str) -> None:
    with site.app.app_context():
        assert take_in(db.session(), "organisations", table_of("code,name,kind", "E-PH1,Склад,wholesaler")).written
        own = next(entry for entry in journal(db.session(), JournalFilter(kind=LEVEL_CHANGE.code), 10)).reference
    client = site.browser("pharmacy", "E-PH1", language)
    assert f"/stock/movements/{own}" in client.get(f"/stock/movements?kind={LEVEL_CHANGE.code}").text
    page = client.get(f"/stock/movements/{own}")
    assert said in page.text
    assert "/stock/reverse" not in page.text
    asked = {"document": own, "occurred_on": "22.11.2026", "note": "x", "reference": "E-PH1-1"}
    count = entries(site)
    assert client.post("/stock/reverse", data=asked).status_code == 422
    assert entries(site) == count
