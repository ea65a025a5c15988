"""Links made of what people wrote lead to the page they name, whatever signs it holds."""

from __future__ import annotations

import re
from html import unescape

import pytest

from registry.db import db
from registry.supervision.pages.blueprint import first_link, link, quoted
from tests.supervision.conftest import Site
from tests.world import CLOCK, table_of, take_in

NUMBERS = ("рк 17/2024", "A?B", "50% X", "P#1", "ж & ө", "a+b", "q=1&x")
LICENCES = "number,organisation,acts,substances,valid_from,valid_to"


def licences(site: Site, *numbers: str) -> None:
    rows = [f'"{number}",E-IMP,import,narcotic,2026-01-01,2027-12-31' for number in numbers]
    with site.app.app_context():
        report = take_in(db.session(), "licences", table_of(LICENCES, *rows), clock=CLOCK)
    assert report.written, report.as_json()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_hit_of_the_search_leads_to_its_page(country: Site, number: str) -> None:
    licences(country, number)
    browser = country.browser("officer")
    page = browser.get("/search", query_string={"q": number}).text
    links = [unescape(href) for href in re.findall(r'href="([^"]+)"', page) if href.startswith("/licences/")]
    assert links == [f"/licences/{quoted(number)}"]
    # An address is ASCII without blanks and without signs that end a path.
    assert re.fullmatch(r"/[A-Za-z0-9._~/%-]+", links[0])
    answer = browser.get(links[0])
    assert answer.status_code == 200
    assert number in unescape(answer.text)


def test_a_code_that_begins_with_a_slash_has_no_page_and_breaks_none(country: Site) -> None:
    licences(country, "/C", "A//B")
    browser = country.browser("officer")
    page = browser.get("/search", query_string={"q": "/"})
    assert page.status_code == 200
    links = [unescape(href) for href in re.findall(r'href="([^"]+)"', page.text) if href.startswith("/licences/")]
    assert links == ["/licences/A//B"]
    assert "A//B" in browser.get(links[0]).text
    assert "/C" in page.text


def test_an_address_keeps_its_query_and_finds_a_list_without_its_slash(country: Site) -> None:
    browser = country.browser("officer")
    with browser, country.app.app_context():
        browser.get("/")
        assert link("/stock?site=E-IMP") == "/stock/?site=E-IMP"
        assert first_link("/nowhere", "/stock/") == "/stock/"
        assert link("/nowhere") is None
