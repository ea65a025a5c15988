"""The register of a year: in the order learned, page by page, the same whenever it is printed."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from exports.papers.book import render
from exports.stream import xlsx_rows
from registry.journals.domain.register import LINES, Heading, Operation, RegisterPage, pages_of
from registry.journals.queries.register import RegisterAsked, heading, operations, others_of
from registry.journals.wording import Told, register_book, register_columns, register_rows
from registry.kernel.clock import FixedClock
from registry.parties.queries import sites_by_codes, sites_by_ids
from registry.substances.queries.products import revisions_for_products
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import BISHKEK, CLOCK, move, take_file

__all__ = ["cheap_hashes", "office"]

NOW = CLOCK.now()
NOON = datetime(2024, 1, 10, 6, tzinfo=UTC)


def operation(number: int, delta: int, day: date = date(2024, 1, 10), reverses: str = "") -> Operation:
    """Return one entry of a made-up register."""
    return Operation(f"R-{number}", day, NOON, "dispense", reverses, "", "", None, "A1", delta)


def clock_at(day: date) -> FixedClock:
    """Return a clock at noon of a day."""
    return FixedClock(datetime.combine(day, datetime.min.time(), BISHKEK) + timedelta(hours=12), BISHKEK)


def asked_of(session: Session, year: int = 2024, moment: datetime = NOW) -> RegisterAsked:
    """Return the register of morphine at the pharmacy."""
    site = sites_by_codes(session, ["E-PH1"])["E-PH1"]
    product = revisions_for_products(session, ["MOR10"], CLOCK.today())["MOR10"][-1]
    return RegisterAsked(site.id, site.code, product.product_id, product.code, year, moment)


def read(session: Session, year: int = 2024, moment: datetime = NOW) -> list[RegisterPage]:
    """Return the pages of that register."""
    asked = asked_of(session, year, moment)
    return list(pages_of(heading(session, asked), operations(session, asked)))


@given(st.lists(st.integers(-1000, 1000).filter(bool), max_size=3 * LINES + 2), st.integers(0, 5000))
def test_pages_carry_forward_and_a_full_page_never_changes(deltas: list[int], opening: int) -> None:
    entries = [operation(number, delta) for number, delta in enumerate(deltas)]
    head = Heading("S", "P", 2024, opening, len(entries))
    pages = list(pages_of(head, entries))
    assert len(pages) == head.pages
    assert pages[0].brought.balance == opening
    assert pages[-1].carried.balance == opening + sum(deltas)
    assert all(after.brought == before.carried for before, after in pairwise(pages))
    assert all(page.carried.balance == opening + page.carried.received - page.carried.issued for page in pages)
    for seen in range(len(entries)):
        earlier = list(pages_of(replace(head, operations=seen), entries[:seen]))
        full = [page for page in earlier if page.is_full]
        assert pages[: len(full)] == full


def test_whatever_changes_on_a_page_changes_its_digest_and_every_later_one() -> None:
    entries = [operation(number, 5) for number in range(2 * LINES + 1)]
    head = Heading("S", "P", 2024, 7, len(entries))
    digests = [page.digest for page in pages_of(head, entries)]
    changes = {"reference": "X", "occurred_on": date(2024, 1, 9), "recorded_at": NOON + timedelta(seconds=1)}
    changes |= {"kind": "sample", "reverses": "Y", "document": "D", "other": "E", "label": "B", "delta": 6}
    for name, value in changes.items():
        for place in (0, LINES, 2 * LINES):
            changed = [*entries[:place], replace(entries[place], **{name: value}), *entries[place + 1 :]]
            found = [page.digest for page in pages_of(head, changed)]
            page = place // LINES
            assert found[:page] == digests[:page]
            assert not set(found[page:]) & set(digests), (name, place)
    assert next(pages_of(replace(head, year=2023), entries)).digest != digests[0]
    assert next(pages_of(replace(head, opening=8), entries)).digest != digests[0]


def test_a_reversal_takes_its_entry_off_the_same_column() -> None:
    received, issued = operation(1, 20), operation(2, -4)
    assert (received.received, received.issued) == (20, 0)
    assert (issued.received, issued.issued) == (0, 4)
    back, forth = operation(3, -20, reverses="R-1"), operation(4, 4, reverses="R-2")
    assert (back.received, back.issued) == (-20, 0)
    assert (forth.received, forth.issued) == (0, -4)


def test_what_is_learned_later_stands_where_it_was_learned(stocked: Session) -> None:
    january, march, april = (clock_at(date(2024, month, 20)) for month in (1, 3, 4))
    rows = (
        ("O-0,2023-12-20,opening_stock,E-PH1,,MOR10,A1,1000,,,,,", january),
        ("D-1,2024-03-05,dispense,E-PH1,,MOR10,A1,10,,,,RX-1,", march),
        ("D-2,2024-02-01,dispense,E-PH1,,MOR10,A1,20,,,,RX-2,", april),
        ("D-0,2023-12-28,dispense,E-PH1,,MOR10,A1,3,,,,RX-0,", april),
        ("V-1,2024-03-05,reverse,E-PH1,,MOR10,A1,10,,,D-1,,", april),
    )
    for row, clock in rows[:2]:
        assert move(stocked, row, clock=clock).written
    printed = read(stocked, moment=march.now())
    for row, clock in rows[2:]:
        assert move(stocked, row, clock=clock).written, row
    assert read(stocked, moment=march.now()) == printed, "as it was known then"
    (page,) = read(stocked)
    assert page.brought.balance == 1000 == printed[0].brought.balance
    told = [(line.operation.reference, line.operation.reverses, line.late, line.balance) for line in page.lines]
    assert told == [("D-1", "", False, 990), ("D-2", "", True, 970), ("D-0", "", True, 967), ("V-1", "D-1", False, 977)]
    assert page.lines[0] == printed[0].lines[0]
    assert page.carried.issued == 23
    assert read(stocked, 2025)[0].brought.balance == 977
    assert [line.operation.reference for line in read(stocked, 2023)[0].lines] == ["O-0", "D-0"]


REVERSING = (
    "reference,occurred_on,kind,site,product,batch,quantity,counterparty,permit,country,document,prescription,reverses"
)


def test_the_example_year_ends_where_the_balance_ends(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    pages = read(stocked)
    assert pages[-1].carried.balance == 30_000
    assert pages[0].lines[0].operation.other == "E-WHO"
    asked = asked_of(stocked)
    with counted(stocked) as seen:
        found = list(operations(stocked, asked)), heading(stocked, asked), others_of(stocked, asked)
    assert found[1].operations == len(found[0]) == sum(len(page.lines) for page in pages)
    assert len(seen) == 3


def told_of(session: Session, languages: tuple[str, ...], count: int) -> tuple[Told, list[Operation]]:
    """Return a long register of the pharmacy and what it is told with."""
    asked = asked_of(session)
    site = sites_by_ids(session, [asked.site_id])[asked.site_id]
    product = revisions_for_products(session, ["MOR10"], CLOCK.today())["MOR10"][-1]
    first = date(2024, 1, 1)
    entries = [
        replace(
            operation(number, 7 if number % 3 == 0 else -3, first + timedelta(days=number * 365 // count)),
            other="E-WHO",
        )
        for number in range(count)
    ]
    head = Heading("E-PH1", "MOR10", 2024, 50_000, count)
    moment = CLOCK.now().astimezone(BISHKEK)
    return Told(head, site, product, {}, languages, moment, BISHKEK), entries


def test_the_paper_has_kyrgyz_letters_page_numbers_and_digests(office: Office, tmp_path: Path) -> None:
    with office.app.test_request_context(), office.rows() as session:
        told, entries = told_of(session, ("ky", "ru"), LINES + 3)
        entries[0] = replace(entries[0], document="Жеткирүү-Ңө")
        pages = list(pages_of(told.heading, entries))
        content = render(register_book(told, pages))
        assert content == render(register_book(told, pages))
    path = tmp_path / "register.pdf"
    path.write_bytes(content)
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    first, second = text.split("\f")[:2]
    assert "Жеткирүү-Ңө" in first
    assert "Журнал" in first
    assert "2 беттин 1-бети / Страница 1 из 2" in first
    assert "Азырынча толо элек / Ещё не заполнена" in " ".join(second.split())
    assert "толо элек" not in first
    assert pages[0].digest in first
    assert pages[1].digest in second
    assert "R-17" in first
    assert "R-18" in second
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, check=True, text=True).stdout
    assert "DejaVu" in fonts


def test_a_long_year_is_whole_on_paper_and_in_the_sheet(office: Office) -> None:
    with office.app.test_request_context(), office.rows() as session:
        told, entries = told_of(session, ("en",), 2_000)
        paper = render(register_book(told, pages_of(told.heading, entries)))
        sheet = xlsx_rows("R", register_columns("en"), register_rows(told, pages_of(told.heading, entries)))
    assert paper.count(b"/Type /Page\n") == told.heading.pages == 112
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2 + 2_000 + 2 * 112
    assert rows[-1][11] == 50_000 + sum(each.delta for each in entries)


@pytest.fixture
def running(office: Office) -> Office:
    """The office in the spring after the example year."""
    office.at(datetime(2025, 3, 3, 9, tzinfo=BISHKEK))
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
    return office


def test_the_page_and_its_files(running: Office) -> None:
    polina, address = running.browser("polina"), "/journals/register?product=MOR10&year=2024"
    page = text_of(polina.get(address))
    assert "Page 1 of" in page
    assert "E-WHO" in page
    assert "Digest of this page" in page
    assert running.statements(polina, address) <= 20
    for name, begin in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = polina.get(address.replace("register?", f"register.{name}?"))
        assert answer.data.startswith(begin)
        assert f"register-E-PH1-MOR10-2024.{name}" in answer.headers["Content-Disposition"]
    for wrong in ("year=20x", "product=NIX", "known=yesterday", "site=E-WHO"):
        assert polina.get(f"/journals/register?{wrong}").status_code == 404, wrong
    assert polina.get("/journals/register.csv?product=MOR10").status_code == 404
    assert polina.get("/journals/register.pdf").status_code == 404
    assert "There is no operation" in text_of(polina.get(f"{address}&known=01.01.2024"))
    assert "E-PH1" not in text_of(running.browser("maksat").get("/journals/register"))
    assert running.browser("maksat").get(f"{address}&site=E-PH1").status_code == 404
    asel = running.browser("asel")
    assert "Type the code" in text_of(asel.get("/journals/register"))
    assert "Choose the product" in text_of(asel.get("/journals/register?site=E-PH1&year=2024"))
