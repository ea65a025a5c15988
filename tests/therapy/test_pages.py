"""Sheets on the page: written, refused with everything told, corrected; and the authority's totals."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from registry.accounts import service
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM
from registry.parties.queries import organisations_by_codes
from tests.conftest import BISHKEK
from tests.pages import PASSWORD, Office, cheap_hashes, office, text_of
from tests.therapy.sheets import open_site

__all__ = ["cheap_hashes", "office"]


def words(answer: object) -> str:
    """Return a page as it is read: without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split())


PLACE = {"site": "E-OST", "product": "MET5", "sheet_on": "15.06.2024"}
GIVEN = {"observed_doses": "20", "observed_quantity": "240", "closing": "1260"}
KEPT = "/therapy/sheet?site=E-OST&product=MET5&sheet_on=2024-06-15"


@pytest.fixture
def clinic(office: Office) -> Office:
    """An office with a stocked site of therapy and a nurse, in the middle of June 2024."""
    with office.rows() as session:
        open_site(session)
        number = organisations_by_codes(session, ["E-OST"])["E-OST"]
        with unit_of_work(session):
            nurse = service.NewAccount("nurse", "Nurse", frozenset({"pharmacy"}), number, "en", password=PASSWORD)
            service.create_account(session, SYSTEM, office.clock, nurse)
    return office


def test_a_sheet_is_written_shown_and_corrected(clinic: Office) -> None:
    nurse = clinic.browser("nurse")
    blank = nurse.get("/therapy/write", query_string=PLACE)
    assert "Lies there without this sheet 1,500 ml" in words(blank)
    sent = nurse.post("/therapy/write", data=PLACE | GIVEN)
    assert (sent.status_code, sent.location) == (303, KEPT)
    page = words(nurse.get(KEPT))
    for line in (
        "Opening 1,500 ml",
        "Given -240 ml",
        "Left, by the ledger 1,260 ml",
        "Left, as written 1,260 ml",
        "agrees",
    ):
        assert line in page, line
    again = nurse.get("/therapy/write", query_string=PLACE)
    assert 'value="240"' in again.text
    assert "Version 1 is kept already" in words(again)
    mended = PLACE | GIVEN | {"observed_quantity": "250", "closing": "1250", "corrects": "1", "reason": "misread"}
    assert nurse.post("/therapy/write", data=mended).status_code == 303
    page = words(nurse.get(KEPT))
    assert "Version 2" in page
    assert "Version 1 · taken back" in page
    assert "misread" in page
    listed = words(nurse.get("/therapy/?month=2024-06"))
    assert "15 Jun 2024 E-OST MET5 20 0 250 ml 0 ml 1,250 ml 1,250 ml agrees, corrected" in listed


def test_a_refused_sheet_says_everything_and_keeps_what_was_typed(clinic: Office) -> None:
    nurse = clinic.browser("nurse")
    cells = PLACE | {"observed_doses": "x", "observed_quantity": "240", "closing": "", "note": "21212199012345"}
    told = nurse.post("/therapy/write", data=cells)
    page = words(told)
    assert told.status_code == 422
    for said in ("is not a whole number from 0", "This field is required.", "personal number"):
        assert said in page, said
    assert 'value="240"' in told.text
    wrong = nurse.post("/therapy/write", data=PLACE | GIVEN | {"closing": "1261"})
    assert wrong.status_code == 422
    assert "OST-01" in words(wrong)
    assert nurse.get(KEPT).status_code == 404
    assert clinic.refusals() == [("nurse", "therapy.write")] * 2


def test_another_site_is_as_if_it_were_not_there(clinic: Office) -> None:
    assert clinic.browser("nurse").post("/therapy/write", data=PLACE | GIVEN).status_code == 303
    polina = clinic.browser("polina")
    assert polina.get(KEPT).status_code == 404
    assert polina.post("/therapy/write", data=PLACE | GIVEN).status_code == 404
    assert "E-OST" not in polina.get("/therapy/?month=2024-06").text


def test_the_authority_sees_totals_and_no_sheet(clinic: Office) -> None:
    assert clinic.browser("nurse").post("/therapy/write", data=PLACE | GIVEN).status_code == 303
    asel = clinic.browser("asel")
    assert asel.get(KEPT).status_code == 403
    shown = words(asel.get("/therapy/totals?month=2024-06"))
    assert "methadone (NM 002) Bishkek 1 20 0 1.08 g 0 g" in shown
    assert asel.get("/therapy/totals?month=2024-13").status_code == 404
    file = asel.get("/therapy/totals.csv?month=2024-06")
    assert "1.08" in file.text
    assert asel.get("/therapy/totals.pdf").status_code == 404
    assert clinic.browser("nurse").get("/therapy/totals").status_code == 403
    clinic.at(datetime(2024, 7, 1, 9, 0, tzinfo=BISHKEK))
    small = PLACE | {"sheet_on": "01.07.2024", "observed_doses": "4", "observed_quantity": "60", "closing": "1200"}
    told = clinic.browser("nurse").post("/therapy/write", data=small)
    assert told.status_code == 303, words(told)
    asel = clinic.browser("asel")
    assert "Bishkek 1 hidden hidden hidden hidden" in words(asel.get("/therapy/totals?month=2024-07"))
    assert "whole country 1 hidden hidden" in words(asel.get("/therapy/totals?month=2024-07"))


def test_the_pages_take_a_constant_number_of_statements(clinic: Office) -> None:
    nurse = clinic.browser("nurse")
    assert nurse.post("/therapy/write", data=PLACE | GIVEN).status_code == 303
    one = clinic.statements(nurse, "/therapy/?month=2024-06")
    other = PLACE | {"sheet_on": "14.06.2024", "observed_doses": "0", "observed_quantity": "0", "closing": "1500"}
    assert nurse.post("/therapy/write", data=other).status_code == 303
    assert clinic.statements(nurse, "/therapy/?month=2024-06") == one
