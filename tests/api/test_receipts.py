"""Receivers answer by program: as sent or otherwise, once, again, and never for others."""

from __future__ import annotations

import pytest

from tests.api.programs import program
from tests.pages import PEOPLE, Office, cheap_hashes, office
from tests.world import move

__all__ = ["cheap_hashes", "office"]

SENT = [f"S-{n},2024-06-0{n},supply,E-WHO,E-PH1,MOR10,A0,10,,,D-{n},," for n in (1, 2, 3)]


@pytest.fixture
def country(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A pharmacy to which three lines were sent."""
    monkeypatch.setitem(PEOPLE, "wanda", ("wholesaler", "E-WHO"))
    with office.rows() as session:
        assert move(
            session, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,", *SENT, clock=office.clock
        ).written
    return office


def test_lines_are_listed_answered_and_answered_once(country: Office) -> None:
    receiving = program(country, "polina")
    first = receiving.read("/receipts?limit=2")
    assert [one["reference"] for one in first["items"]] == ["S-1", "S-2"]
    assert receiving.read(f"/receipts?limit=2&cursor={first['next']}")["items"][0]["reference"] == "S-3"
    day = {"received_on": "2024-06-05"}
    said = {"receipts": [{"reference": "S-1"} | day, {"reference": "S-2", "reason": "short", "quantity": "2"} | day]}
    told = receiving.post("/receipts", said)
    assert told.status_code == 201, told.text
    assert (told.get_json()["kind"], told.get_json()["accepted"], told.get_json()["findings"][0]["rule"]) == (
        "receipts",
        2,
        "STK-22",
    )
    again = receiving.post("/receipts", said)
    assert (again.get_json()["accepted"], again.get_json()["duplicates"]) == (0, 2)
    assert [one["reference"] for one in receiving.read("/receipts")["items"]] == ["S-3"]
    [line] = program(country, "wanda").read("/receipts?side=sent&show=different")["items"]
    assert (line["state"], line["received_on"]) == ("different", "2024-06-05")
    assert line["differences"] == [{"reason": "short", "quantity": "2", "batch": None, "open": True}]


def test_nobody_answers_for_others_and_a_trial_keeps_nothing(country: Office) -> None:
    said = {"receipts": [{"reference": "S-1", "received_on": "2024-06-05"}]}
    assert program(country, "maksat").post("/receipts", said).get_json()["errors"][0]["code"] == "unknown-reference"
    assert program(country, "maksat").read("/receipts")["items"] == []
    receiving = program(country, "polina")
    assert receiving.post("/receipts?dry_run=true", said).get_json()["written"] is False
    assert len(receiving.read("/receipts")["items"]) == 3
