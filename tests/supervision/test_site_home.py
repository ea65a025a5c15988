"""The start page of a firm says, site by site, what is due, waits, runs out, expires and lies there."""

from __future__ import annotations

import pytest

from tests.pages import PEOPLE, Office, cheap_hashes, office
from tests.stock.test_pages import text_of
from tests.world import answer, move, table_of, take_in

__all__ = ["cheap_hashes", "office"]


@pytest.fixture
def firms(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A wholesaler and the pharmacy it supplies; the day is 15 June 2024."""
    monkeypatch.setitem(PEOPLE, "wanda", ("wholesaler", "E-WHO"))
    with office.rows() as session:
        assert move(
            session,
            "T-1,2023-12-01,opening_stock,E-WHO,,MOR10,A1,1000,,,,,2024-06-14",
            "T-2,2023-12-01,opening_stock,E-WHO,,MOR10,A2,1000,,,,,2024-07-15",
            "T-3,2024-03-17,supply,E-WHO,E-PH1,MOR10,A2,100,,,,,",
            "T-4,2024-06-14,supply,E-WHO,E-PH1,MOR10,A2,20,,,,,",
            "T-5,2024-06-05,dispense,E-PH1,,MOR10,A2,90,,,,RX-1,",
            "T-6,2024-01-01,opening_stock,E-PH1,,FEN01,F1,10,,,,,",
            "T-7,2024-06-01,dispense,E-PH1,,FEN01,F1,10,,,,RX-2,",
            "T-8,2024-01-01,opening_stock,E-PH1,,DIA5,C1,10,,,,,2024-06-01",
            clock=office.clock,
        ).written
    return office


def test_a_pharmacy_sees_its_day(firms: Office) -> None:
    answered = firms.browser("polina").get("/")
    page = text_of(answered)
    assert "2 supplies to confirm : the oldest was sent on 17 Mar 2024 (90 days ago) late" in page
    assert "Nothing is left to use FEN01" in page
    assert "used in 90 days: 10 pcs" in page
    assert page.index("Nothing is left to use") < page.index("MOR10"), "what is gone stands first"
    assert "30 days 30 pcs 90 pcs" in page, "thirty lie there, one a day is used"
    assert "1 Jun 2024 expired 10 pcs Enter its destruction" in page
    assert "30 pcs unconfirmed: 30 pcs 30 days" in page
    assert "10 pcs expired: 10 pcs no use in 90 days" in page
    for address in (
        "/stock/arriving?site=E-PH1",
        "/stock/?site=E-PH1&amp;q=MOR10",
        "/stock/movements?site=E-PH1&amp;product=MOR10",
        "/counts/acts/new?site=E-PH1&amp;product=DIA5&amp;batch=C1",
    ):
        assert f'href="{address}"' in answered.text


def test_differences_wait_on_both_sides(firms: Office) -> None:
    with firms.rows() as session:
        assert answer(session, "T-3,2024-03-18,short,5,,", clock=firms.clock).written
    assert "1 supply came otherwise than it was entered" in text_of(firms.browser("polina").get("/"))
    page = text_of(firms.browser("wanda").get("/"))
    assert "1 supply of yours came otherwise than you entered it" in page
    assert "Nothing is due." in page
    assert "Nothing that is used runs out within 30 days." in page
    assert "15 Jul 2024 880 pcs" in page


def test_one_block_for_each_site_and_the_statements_stay(firms: Office) -> None:
    client = firms.browser("polina")
    alone = firms.statements(client, "/")
    assert client.get("/").text.count("data-site=") == 1
    with firms.rows() as session:
        sites = [f"E-PH1-{n:02},Филиал {n},pharmacy,E-PH1" for n in range(2, 13)]
        assert take_in(session, "organisations", table_of("code,name,kind,parent", *sites)).written
        stock = [f"S-{n},2024-06-01,opening_stock,E-PH1-{n:02},,MOR10,B{n},5,,,,,2024-06-20" for n in range(2, 13)]
        assert move(session, *stock, clock=firms.clock).written
    assert firms.statements(client, "/") == alone
    first, second = client.get("/").text, client.get("/?page=2").text
    assert (first.count("data-site="), second.count("data-site=")) == (10, 2)
    assert "E-PH1-12" in second
    assert client.get("/?page=99").text.count("data-site=") == 2


@pytest.mark.parametrize("person", ["asel", "bakyt", "chinara", "dinara"])
def test_the_authority_has_no_such_block(firms: Office, person: str) -> None:
    assert "data-site=" not in firms.browser(person).get("/").text


@pytest.mark.parametrize(("language", "words"), [("ky", "30 күн"), ("ru", "30 дней")])
def test_it_is_said_in_the_language_of_the_reader(firms: Office, language: str, words: str) -> None:
    client = firms.browser("polina")
    client.set_cookie("registry_language", language)
    client.get(f"/language/{language}?next=/profile")
    page = text_of(client.get("/"))
    assert {"ky": "Пайдаланууга эч нерсе калган жок", "ru": "Использовать больше нечего"}[language] in page
    assert words in page
