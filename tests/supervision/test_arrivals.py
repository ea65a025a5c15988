"""A firm is told what others brought to its shelves: on its first page, for fourteen days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from registry.db import db
from registry.kernel.clock import FixedClock
from tests.conftest import BISHKEK, NOW
from tests.databases import Databases
from tests.stock.page_site import Site, counted_statements, moved_url, use_cheap_hashes
from tests.stock.test_pages import text_of
from tests.world import move, table_of, take_in

TITLE = "Arrived on your shelves"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[Site]:
    """The example year, all of it recorded on 22 November 2026."""
    made = Site(moved_url(databases), tmp_path)
    yield made
    made.close()


def post(site: Site, *rows: str) -> None:
    with site.app.app_context():
        report = move(db.session(), *rows)
        assert report.written, report.as_json()


def test_the_receiver_sees_who_sent_what(site: Site) -> None:
    page = text_of(site.browser("pharmacy", "E-PH1").get("/"))
    assert TITLE in page
    assert "M-004 1 Mar 2024 Центральный склад Дарыкана № 1 MOR10" in page
    assert "A1 60,000 pcs" in page
    assert "M-007" not in page, "what it released itself has not arrived"
    sender = text_of(site.browser("wholesaler", "E-WHO").get("/"))
    assert "M-003" in sender
    assert "M-004" not in sender


@pytest.mark.parametrize(("days", "told"), [(0, True), (14, True), (15, False)])
def test_it_is_told_for_fourteen_days_from_the_recording(site: Site, days: int, *, told: bool) -> None:
    site.clock = FixedClock(NOW + timedelta(days=days), BISHKEK)
    site.app.extensions["registry.clock"] = site.clock
    assert (TITLE in site.browser("pharmacy", "E-PH1").get("/").text) is told


def test_what_was_reversed_and_what_moved_between_own_sites_is_left_out(site: Site) -> None:
    post(
        site, "R-1,2026-11-22,reverse,E-IMP,,CODPAR,K1,1,,,M-018,,".replace("E-IMP", "E-MAK").replace(",1,", ",100000,")
    )
    page = site.browser("pharmacy", "E-PH2").get("/").text
    assert "M-006" in page
    assert "M-018" not in page
    assert "R-1" not in page
    with site.app.app_context():
        columns = "code,name,kind,parent"
        assert take_in(db.session(), "organisations", table_of(columns, "E-PH1-2,Филиал,pharmacy,E-PH1")).written
    post(site, "B-1,2026-11-22,transfer,E-PH1,E-PH1-2,MOR10,A1,10,,,,,")
    assert "B-1" not in site.browser("pharmacy", "E-PH1").get("/").text


@pytest.mark.parametrize("role", ["officer", "statistician", "auditor"])
def test_people_of_the_authority_are_not_told(site: Site, role: str) -> None:
    assert TITLE not in site.browser(role).get("/").text


def test_the_statements_do_not_grow_with_what_arrives(site: Site) -> None:
    client = site.browser("wholesaler", "E-WHO")
    counts = []
    for first, last in ((0, 1), (1, 300)):
        rows = [f"Z-{n},2026-11-22,supply,E-IMP,E-WHO,MOR10,A1,1,,,D-{n},," for n in range(first, last)]
        post(site, *rows)
        client.get("/")
        with counted_statements() as seen:
            page = client.get("/").text
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert page.count("/stock/movements/Z-") == 10
    assert "Z-299" in page


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_it_is_said_in_the_language_of_the_reader(site: Site, language: str) -> None:
    page = site.browser("pharmacy", "E-PH1", language).get("/").text
    assert {"ky": "Сизге келип түштү", "ru": "Поступило к вам"}[language] in page
