"""The pages of counts: two pharmacists, blind, to the entry; the authority looks on, another firm sees nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask.testing import FlaskClient

from registry.accounts import service
from registry.kernel.actor import SYSTEM
from registry.parties.queries import organisations_by_codes
from tests.pages import PASSWORD, Office, cheap_hashes, office, text_of
from tests.world import BISHKEK, take_file

__all__ = ["cheap_hashes", "office"]

LEFT = "30,000"
"""Of MOR10 A1 lies at the pharmacy since April."""


@pytest.fixture
def pharmacy(office: Office) -> tuple[Office, FlaskClient, FlaskClient]:
    """Two people of the pharmacy E-PH1, in the summer of the example year."""
    office.at(datetime(2025, 3, 3, 9, tzinfo=BISHKEK))
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
    with office.work() as session:
        firm = organisations_by_codes(session, ["E-PH1"])["E-PH1"]
        second = service.NewAccount("pavel", "Pavel", frozenset({"pharmacy"}), firm, language="en", password=PASSWORD)
        service.create_account(session, SYSTEM, office.clock, second)
    return office, office.browser("polina"), office.browser("pavel")


def opened(client: FlaskClient, **more: str) -> str:
    """Open a count of the pharmacy; return its address."""
    answer = client.post("/counts/new", data={"site": "E-PH1", "frozen_on": "28.02.2025"} | more)
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


def hand_in(client: FlaskClient, address: str, number: int = 1, **figures: str) -> int:
    """Hand a sheet in; return the status."""
    told = client.post(
        f"{address}/sheet",
        data={"round": str(number)} | {key.replace("_", "-"): value for key, value in figures.items()},
    )
    return told.status_code


def test_two_people_count_blind_and_close_the_case(pharmacy: tuple[Office, FlaskClient, FlaskClient]) -> None:
    office, polina, pavel = pharmacy
    address = opened(polina)
    form = text_of(polina.get(f"{address}/sheet"))
    assert "MOR10" in form
    assert "A1" in form
    assert "30" not in form.replace("28.02", ""), "neither the book nor a figure is on the sheet"
    assert hand_in(polina, address, line_0="29990") == 303
    waiting = text_of(pavel.get(address))
    assert "29" not in waiting.replace("2025", "")
    assert hand_in(polina, address, line_0="29990") == 422, "nobody is both"
    assert hand_in(pavel, address, line_0="") == 422
    assert "write what you found" in text_of(pavel.post(f"{address}/sheet", data={"round": "1"}))
    assert hand_in(pavel, address, line_0="29990") == 303
    shown = text_of(pavel.get(address))
    assert "differs from the book" in shown
    assert "30,000 pcs" in shown
    assert "-10 pcs" in shown or "−10 pcs" in shown
    assert "counted a second time first" in text_of(polina.get(f"{address}/lines/1"))
    for client in (polina, pavel):
        assert hand_in(client, address, 2, line_0="29990") == 303
    page = text_of(polina.get(f"{address}/lines/1"))
    assert "residue that cannot be given out" in page
    assert "measured otherwise: more" not in page
    case = {"cause": "residue", "explanation": "spilt on 27 February", "occurred_on": "03.03.2025"}
    refused = polina.post(f"{address}/lines/1", data=case | {"explanation": "patient 12345678901234"})
    assert refused.status_code == 422
    assert polina.post(f"{address}/lines/1", data=case).status_code == 303
    done = polina.get(address)
    assert "E-PH1-20250228-C1-1" in text_of(done)
    assert "closed" in text_of(done)
    entry = text_of(polina.get("/stock/movements/E-PH1-20250228-C1-1"))
    assert "shortage found by a count" in entry
    listed = text_of(office.browser("asel").get("/counts/"))
    assert "E-PH1-20250228-C1" in listed
    assert office.browser("maksat").get(address).status_code == 404
    assert "E-PH1" not in text_of(office.browser("maksat").get("/counts/"))


def test_what_is_found_beside_the_book_goes_on_the_sheet(pharmacy: tuple[Office, FlaskClient, FlaskClient]) -> None:
    _, polina, pavel = pharmacy
    address = opened(polina, products="MOR10")
    wrong = polina.post(
        f"{address}/sheet", data={"round": "1", "line-0": "30000", "product-0": "MOR11", "quantity-0": "5"}
    )
    assert wrong.status_code == 422
    assert "there is no product with the code “MOR11”" in text_of(wrong)
    for client in (polina, pavel):
        assert hand_in(client, address, line_0="30000", product_0="FEN01", batch_0="Q7", quantity_0="5") == 303
    shown = text_of(polina.get(address))
    assert "FEN01" in shown
    assert "second count" in shown


def test_a_count_is_opened_of_own_sites_and_known_products_and_withdrawn(
    pharmacy: tuple[Office, FlaskClient, FlaskClient],
) -> None:
    office, polina, _ = pharmacy
    for sent, said in (
        ({"site": "E-WHO"}, "choose one of your sites"),
        ({"products": "MOR10, NIX"}, "there is no product with the code “NIX”"),
        ({"frozen_on": "04.03.2025"}, "this day has not come yet"),
    ):
        answer = polina.post("/counts/new", data={"site": "E-PH1", "frozen_on": "28.02.2025"} | sent)
        assert answer.status_code == 422
        assert said in text_of(answer)
    address = opened(polina)
    assert polina.post(f"{address}/withdrawal", data={"reason": ""}).status_code == 422
    assert polina.post(f"{address}/withdrawal", data={"reason": "wrong day"}).status_code == 303
    assert "Opened by mistake: wrong day" in text_of(polina.get(address))
    assert office.statements(polina, "/counts/") <= 25
