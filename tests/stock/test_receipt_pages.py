"""Pages of what was sent: the receiver confirms in one press or says what differs, either side sees it, the authority rules."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from registry.parties.queries import organisations_by_codes
from registry.stock.domain.receipts import LineState
from registry.stock.queries.receipts import count_disputed, count_unconfirmed, lines_named
from tests.pages import PEOPLE, Office, cheap_hashes, office, text_of
from tests.world import answer, move

__all__ = ["cheap_hashes", "office"]

SENT = [f"S-{n},2024-06-{3 + n:02d},supply,E-WHO,E-PH1,MOR10,A0,10,,,D-{n},,2027-01-01" for n in (1, 2, 3)]


@pytest.fixture
def country(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A pharmacy to which three lines were sent."""
    monkeypatch.setitem(PEOPLE, "wanda", ("wholesaler", "E-WHO"))
    with office.rows() as session:
        assert move(
            session, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,", *SENT, clock=office.clock
        ).written
    return office


def states(country: Office) -> list[str]:
    with country.rows() as session:
        found = lines_named(session, ["S-1", "S-2", "S-3"])
        return [found[reference].state.value for reference in sorted(found)]


def differ(pharmacy: FlaskClient, **cells: str) -> object:
    return pharmacy.post("/stock/receipts/S-1", data={"received_on": "05.06.2024"} | cells)


def test_one_press_confirms_what_was_ticked_and_nothing_is_ticked_beforehand(country: Office) -> None:
    pharmacy = country.browser("polina")
    page = pharmacy.get("/stock/arriving")
    assert page.text.count("checked") == 0
    assert page.text.index("S-1") < page.text.index("S-2") < page.text.index("S-3"), "the oldest first"
    sent = pharmacy.post("/stock/arriving", data={"received_on": "06.06.2024", "reference": ["S-1", "S-2"]})
    assert sent.status_code == 303
    assert "2 lines are confirmed as sent." in text_of(pharmacy.get(sent.headers["Location"]))
    assert states(country) == ["confirmed", "confirmed", "unconfirmed"]


def test_without_a_day_each_line_came_on_the_day_it_was_sent(country: Office) -> None:
    pharmacy = country.browser("polina")
    assert pharmacy.post("/stock/arriving", data={"received_on": "", "reference": ["S-1", "S-3"]}).status_code == 303
    with country.rows() as session:
        found = lines_named(session, ["S-1", "S-2", "S-3"]).values()
        came = {each.reference: each.received_on == each.occurred_on for each in found}
    assert came == {"S-1": True, "S-2": False, "S-3": True}


def test_what_cannot_be_confirmed_is_said_and_nothing_is_kept(country: Office) -> None:
    pharmacy = country.browser("polina")
    early = pharmacy.post("/stock/arriving", data={"received_on": "04.06.2024", "reference": ["S-1", "S-3"]})
    assert early.status_code == 422
    assert "S-3: nothing arrives before it was sent" in text_of(early)
    nothing = pharmacy.post("/stock/arriving", data={"received_on": "06.06.2024"})
    assert nothing.status_code == 422
    assert "checked" not in nothing.text
    assert states(country) == ["unconfirmed"] * 3


def test_a_difference_is_told_seen_by_both_and_by_the_authority_and_ruled_on(country: Office) -> None:
    pharmacy, sender, officer = country.browser("polina"), country.browser("wanda"), country.browser("asel")
    assert differ(pharmacy, short="2", other_batch="3", batch="A9", note="box open").status_code == 303
    said = "missing: 2 pcs"
    assert said in text_of(pharmacy.get("/stock/receipts/S-1"))
    assert said in text_of(sender.get("/stock/sent?show=different"))
    assert said in text_of(officer.get("/stock/arriving?show=different"))
    assert "Rule on it" not in officer.get("/stock/receipts/S-1").text
    assert "Say what differs" not in sender.get("/stock/receipts/S-1").text
    approver = country.browser("bakyt")
    ruling = {"reason": "short", "text": "The count was wrong.", "document": "No. 7"}
    assert approver.post("/stock/rulings/S-1", data=ruling | {"text": ""}).status_code == 422
    assert approver.post("/stock/rulings/S-1", data=ruling).status_code == 303
    assert "The authority ruled, document No. 7: The count was wrong." in text_of(sender.get("/stock/receipts/S-1"))
    assert approver.post("/stock/rulings/S-1", data=ruling).status_code == 422
    assert states(country)[0] == LineState.DIFFERENT.value, "another batch is still open"


def test_only_what_lies_there_is_sent_back_and_another_answer_is_folded(country: Office) -> None:
    pharmacy = country.browser("polina")
    address = "/stock/receipts/S-1"
    assert "Say something else" not in pharmacy.get(address).text
    differ(pharmacy, short="5")
    told = pharmacy.get(address).text
    assert "return_supply" not in told
    assert "Say something else" in told
    differ(pharmacy, damaged="5")
    assert "return_supply" in pharmacy.get(address).text


def test_a_letter_is_promised_only_where_somebody_reads_one(country: Office) -> None:
    address = "/stock/receipts/S-1"
    assert "has no address for letters" in text_of(country.browser("polina").get(address))


def test_either_side_names_the_entry_that_puts_it_right(country: Office) -> None:
    pharmacy = country.browser("polina")
    assert differ(pharmacy, damaged="2").status_code == 303
    assert "This entry puts it right" not in pharmacy.get("/stock/receipts/S-1").text
    with country.rows() as session:
        assert move(session, "R-1,2024-06-07,return_supply,E-PH1,E-WHO,MOR10,A0,2,,,,,", clock=country.clock).written
    assert "R-1, return to the supplier" in text_of(pharmacy.get("/stock/receipts/S-1"))
    wrong = pharmacy.post("/stock/settlements/S-1", data={"reason": "damaged", "entry": "S-2"})
    assert wrong.status_code == 422
    assert "does not correct this difference" in text_of(wrong)
    right = country.browser("wanda").post("/stock/settlements/S-1", data={"reason": "damaged", "entry": "R-1"})
    assert right.status_code == 303
    assert states(country)[0] == "settled"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({}, "Say what differs: a quantity beside at least one reason."),
        ({"short": "many"}, "is not a number"),
        ({"short": "11"}, "more is said to differ than was sent at all"),
        ({"other_batch": "1"}, "This field is required."),
        ({"short": "1", "received_on": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(country: Office, cells: dict[str, str], said: str) -> None:
    answer = differ(country.browser("polina"), **cells)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert states(country) == ["unconfirmed"] * 3


def test_the_sender_does_not_answer_and_strangers_learn_nothing(country: Office) -> None:
    assert differ(country.browser("wanda"), short="1").status_code == 403
    stranger = country.browser("maksat")
    assert stranger.get("/stock/receipts/S-1").status_code == 404
    assert differ(stranger, short="1").status_code == 404
    assert "S-1" not in stranger.get("/stock/arriving").text
    assert stranger.post("/stock/arriving", data={"received_on": "06.06.2024", "reference": "S-1"}).status_code == 422
    assert states(country) == ["unconfirmed"] * 3


def test_the_start_pages_count_what_waits(country: Office) -> None:
    pharmacy, officer = country.browser("polina"), country.browser("asel")
    assert differ(pharmacy, short="1").status_code == 303
    with country.rows() as session:
        numbers = (
            count_unconfirmed(session, organisations_by_codes(session, ["E-PH1"])["E-PH1"]),
            count_disputed(session),
        )
    assert numbers == (2, 1)
    assert "Lines to be confirmed as received" in text_of(pharmacy.get("/"))
    assert "/stock/arriving?show=different" in officer.get("/").text
    assert "S-1" in officer.get("/stock/arriving?show=different").text


def test_balances_say_what_is_unconfirmed(country: Office) -> None:
    assert "of these unconfirmed: 30 pcs" in text_of(country.browser("polina").get("/stock/"))
    with country.rows() as session:
        assert move(
            session,
            "U-1,2024-06-08,dispense,E-PH1,,MOR10,A0,18,,,,R-1,",
            "U-2,2024-06-09,supply,E-WHO,E-PH1,MOR10,A0,50,,,,,",
            clock=country.clock,
        ).written
        assert answer(session, "U-2,2024-06-09,,,,", clock=country.clock).written
    page = text_of(country.browser("polina").get("/stock/"))
    assert "of these unconfirmed: 12 pcs" in page
    assert "may still lie there" in page


def test_the_lists_take_the_same_statements_for_few_and_for_many(country: Office) -> None:
    officer = country.browser("asel")
    few = country.statements(officer, "/stock/arriving?size=1")
    assert country.statements(officer, "/stock/arriving?size=50") == few


def test_a_place_no_row_can_bear_starts_the_lists_at_the_top(country: Office) -> None:
    pharmacy = country.browser("polina")
    for number in ("9" * 40, "\u0663", "-1"):
        for page in ("arriving", "sent?show=all", "movements"):
            mark = "&" if "?" in page else "?"
            assert pharmacy.get(f"/stock/{page}{mark}after=2024-01-01.{number}").status_code == 200
