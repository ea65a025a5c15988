"""A newer list changes no recorded composition: the page says where it differs, and an officer takes the new factor."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.substances.queries import revisions_for_products
from registry.substances.service import load_reference
from tests.pages import Office, cheap_hashes, office, text_of
from tests.substances.test_reference import SUBSTANCES, further_edition

__all__ = ["cheap_hashes", "office"]

HEAD = "code,variant,salt_as_printed,hydrate,form_type,base_percent,computed_percent,check,salt_cas,remarks\n"
FACTORS = "NM 009,,Sulfate,5,salt,76,75.2,ok,,\nNC 005,,Phosphate,0.5,salt,74,73.6,ok,,\n"


@pytest.fixture
def newer(office: Office, tmp_path: Path) -> Office:
    """The office once a further Yellow List has come into force: another factor of morphine sulfate, none of fentanyl."""
    rows = (("NM 009", "morphine"), ("NC 005", "codeine"), ("NF 001", "fentanyl"))
    names = "".join(f"{code},{name},{name},yes,I,no,,,,,,,,,\n" for code, name in rows)
    folder = tmp_path / "lists"
    files = {"substances.csv": SUBSTANCES + names, "factors.csv": HEAD + FACTORS}
    further_edition(folder / "yellow-65", "yellow", "65", "1961", "2024-06-10", files)
    with office.work() as session:
        load_reference(session, office.clock, folder=folder)
    return office


def shares(office: Office, code: str) -> list[tuple[int, str, int]]:
    with office.rows() as session:
        found = revisions_for_products(session, [code], office.clock.today())[code]
        return [(one.number, str(one.valid_from), one.components[0].base_ppm) for one in found if one.components]


def test_a_recorded_factor_that_differs_is_shown_and_renewed_from_today(newer: Office) -> None:
    client = newer.browser("asel")
    page = text_of(client.get("/products/MOR10"))
    for part in (
        "Factors that differ today",
        "recorded 75 %, printed today 76 %",
        "Record a revision with today's factors",
    ):
        assert part in page
    before = shares(newer, "MOR10")
    for _ in range(2):  # pressed twice, it writes one
        assert client.post("/products/MOR10/factors").status_code == 303
    assert shares(newer, "MOR10") == [*before, (before[-1][0] + 1, "2024-06-15", 760_000)]
    page = text_of(client.get("/products/MOR10"))
    assert "Factors that differ today" not in page
    assert "10 mg × 76 % = 7.6 mg" in page
    assert "10 mg × 75 % = 7.5 mg" in page


def test_a_factor_that_is_printed_no_more_is_kept(newer: Office) -> None:
    client = newer.browser("asel")
    page = text_of(client.get("/products/FEN01"))
    assert "not printed any more: it is kept" in page
    assert "Record a revision with today's factors" not in page
    before = shares(newer, "FEN01")
    assert client.post("/products/FEN01/factors").status_code == 303
    assert shares(newer, "FEN01") == before


def test_where_nothing_differs_nothing_is_said(newer: Office) -> None:
    assert "Factors that differ" not in text_of(newer.browser("asel").get("/products/DIA5"))
    assert client_status(newer, "asel", "NONE") == 404


@pytest.mark.parametrize("username", ["bakyt", "polina", "chinara"])
def test_others_read_it_and_do_nothing(newer: Office, username: str) -> None:
    page = text_of(newer.browser(username).get("/products/MOR10"))
    assert "Factors that differ today" in page
    assert "Record a revision with today's factors" not in page
    assert client_status(newer, username, "MOR10") == 403


def client_status(office: Office, username: str, code: str) -> int:
    return office.browser(username).post(f"/products/{code}/factors").status_code
