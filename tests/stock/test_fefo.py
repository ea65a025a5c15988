"""What expires first is suggested first; what has expired is never suggested, but led to its destruction."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.parties.queries import sites_by_codes
from registry.stock.domain.fefo import picked
from registry.stock.queries.held import ShelfFact, first_to_expire
from registry.substances.queries.products import revisions_for_products
from tests.api.programs import program
from tests.intake.tables import counted
from tests.pages import PEOPLE, Office, cheap_hashes, office, text_of
from tests.world import move

__all__ = ["cheap_hashes", "office"]

DAY = date(2024, 6, 15)
LYING = [
    "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,LATE,10,,,,,2025-12-31",
    "T-2,2024-01-01,opening_stock,E-WHO,,MOR10,SOON,20,,,,,2024-06-15",
    "T-3,2024-01-01,opening_stock,E-WHO,,MOR10,GONE,30,,,,,2024-06-14",
    "T-4,2024-01-01,opening_stock,E-WHO,,MOR10,NONE,40,,,,,",
    "T-5,2024-01-01,opening_stock,E-WHO,,MOR10,ALSO,50,,,,,2025-12-31",
]


def test_the_first_to_expire_come_first_and_the_expired_never(stocked: Session) -> None:
    assert move(stocked, *LYING).written
    site = sites_by_codes(stocked, ["E-WHO"])["E-WHO"].id
    products = [each[0].product_id for each in revisions_for_products(stocked, ["MOR10", "FEN01"], DAY).values()]
    with counted(stocked) as seen:
        found = first_to_expire(stocked, [(site, product) for product in products], DAY)
    assert [one.label for one in found] == ["SOON", "ALSO", "LATE", "NONE"]
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("wanted", "taken"), [(None, [5, 7]), (0, []), (4, [4]), (5, [5]), (6, [5, 1]), (12, [5, 7]), (13, [5, 7])]
)
def test_no_more_is_picked_than_is_wanted_or_there(wanted: int | None, taken: list[int]) -> None:
    shelves = [ShelfFact(1, 1, 1, label, None, units, n) for n, (label, units) in enumerate((("A", 5), ("B", 7)))]
    assert [units for _, units in picked(shelves, wanted)] == taken


@pytest.fixture
def country(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A wholesaler with batches of every age."""
    monkeypatch.setitem(PEOPLE, "wanda", ("wholesaler", "E-WHO"))
    with office.rows() as session:
        assert move(session, *LYING, clock=office.clock).written
    return office


def test_programs_are_told_how_much_to_take_of_what(country: Office) -> None:
    asking = program(country, "wanda")
    told = asking.read("/suggestions?product=MOR10&quantity=75")
    assert [(one["batch"], one["quantity"]) for one in told["take"]] == [("SOON", "20"), ("ALSO", "50"), ("LATE", "5")]
    assert told["missing"] == "0"
    assert asking.read("/suggestions?product=MOR10&quantity=130")["missing"] == "10"
    assert len(asking.read("/suggestions?product=MOR10")["take"]) == 4
    assert asking.get("/suggestions?product=MOR10&quantity=1.5").status_code == 422
    assert asking.get("/suggestions?product=NOPE").status_code == 404
    assert asking.get("/suggestions?product=MOR10&site=E-IMP").status_code == 404


def test_the_entry_page_shows_what_to_take_first_and_the_entry_what_was_passed_over(country: Office) -> None:
    person = country.browser("wanda")
    page = text_of(person.get("/stock/enter?kind=supply&site=E-WHO&product=MOR10"))
    assert "take this first" in page[page.index(">SOON</span>") : page.index(">ALSO</span>")]
    assert page.index(">NONE</span>") < page.index(">GONE</span>")
    cells = {"kind": "supply", "site": "E-WHO", "product": "MOR10", "counterparty": "E-PH1", "quantity": "1"}
    more = {"occurred_on": "14.06.2024", "batch": "LATE", "reference": "W-1"}
    entered = person.post("/stock/enter", data=cells | more)
    assert entered.status_code == 303, entered.text
    told = text_of(person.get(entered.headers["Location"]))
    assert "expire before the one that was taken" in told
    assert ">SOON</span>" in told
    assert ">ALSO</span>" not in told
    receiver = country.browser("polina").get("/stock/movements/W-1?entered=yes")
    assert ">SOON</span>" not in receiver.text, "what lies on the sender's shelf is nobody else's business"


def test_expired_goods_are_listed_and_led_to_their_destruction(country: Office) -> None:
    page = text_of(country.browser("wanda").get("/stock/?expired=y"))
    assert ">GONE<" in page
    assert ">SOON<" not in page
    assert "/counts/acts/new?site=E-WHO&product=MOR10&batch=GONE" in page
