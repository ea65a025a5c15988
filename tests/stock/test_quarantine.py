"""Imported lots wait for their release where the country asks for it; nothing of them is used before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kernel.parameters import OFF, ON
from registry.parameters.queries import course
from registry.parameters.service import NewValue, set_value
from registry.parties.queries import organisations_by_codes
from registry.stock.domain.parameters import IMPORT_QUARANTINE
from registry.stock.queries.quarantine import lots_waiting
from registry.stock.service.quarantine import LotDecision, decide_lot
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.stock.test_rules import at, severities
from tests.world import CLOCK, enter, move

__all__ = ["cheap_hashes", "office"]

ARRIVED = "T-1,2024-02-10,import,E-IMP,,MOR10,A1,1000,P-1,IN,,,"
USES = {
    "supply": "E-WHO,MOR10,A1,10,,,,,",
    "special_acquire": ",MOR10,A1,10,,,,,",
    "transfer": "E-WHO,MOR10,A1,10,,,,,",
    "export": ",MOR10,A1,10,,IN,,,",
}
FREE = ("destroy", "lose", "sample", "spoil")
YES = LotDecision(released=True, decided_on=date(2024, 2, 15), document="Q-1")


def ask_for(session: Session, value: str = ON, since: date = date(2024, 1, 1)) -> None:
    """Let the country ask for quarantine from a day on, or no longer."""
    with unit_of_work(session):
        set_value(session, SYSTEM, CLOCK, NewValue(IMPORT_QUARANTINE, value, since, "No. 1"))


def decide(session: Session, decision: LotDecision = YES, actor: Actor = SYSTEM, reference: str = "T-1") -> None:
    with unit_of_work(session):
        decide_lot(session, actor, CLOCK, reference, decision)


def found(session: Session, kind: str, number: int = 2) -> list[str]:
    row = f"T-{number},2024-02-20,{kind},E-IMP,{USES.get(kind, ',MOR10,A1,10,,,,,')}"
    return severities(enter(session, row, clock=at("2024-02-20")), "STK-25")


@pytest.fixture
def arrived(stocked: Session) -> Session:
    """A country that asks for quarantine, and a lot that has arrived."""
    ask_for(stocked)
    assert move(stocked, ARRIVED).written
    return stocked


@pytest.mark.parametrize("kind", [*USES, *FREE])
def test_stk_25_in_quarantine(arrived: Session, kind: str) -> None:
    assert found(arrived, kind) == (["refuse"] if kind in USES else [])


@pytest.mark.parametrize("kind", [*USES, *FREE])
def test_stk_25_released_goods_are_free(arrived: Session, kind: str) -> None:
    decide(arrived)
    assert found(arrived, kind) == []


@pytest.mark.parametrize("kind", [*USES, *FREE])
def test_stk_25_refused_goods_go_back_abroad_or_away(arrived: Session, kind: str) -> None:
    decide(arrived, replace(YES, released=False))
    assert found(arrived, kind) == (["refuse"] if kind in {"supply", "special_acquire", "transfer"} else [])


def test_stk_25_a_file_reports_it_as_a_fact(arrived: Session) -> None:
    report = move(arrived, "T-2,2024-02-20,supply,E-IMP,E-WHO,MOR10,A1,10,,,,,")
    assert report.written
    assert severities(report, "STK-25") == ["flag"]
    together = move(
        arrived, ARRIVED.replace("T-1", "T-3").replace("A1", "A2"), "T-4,2024-02-20,supply,E-IMP,E-WHO,MOR10,A2,1,,,,,"
    )
    assert severities(together, "STK-25") == ["flag"], "what arrives in the same file waits too"


def test_stk_25_counts_from_the_day_it_is_asked_for_and_only_until_it_is_not(stocked: Session) -> None:
    ask_for(stocked, ON, date(2024, 2, 11))
    assert move(stocked, ARRIVED).written
    assert found(stocked, "supply") == []
    ask_for(stocked, ON, date(2024, 2, 10))
    assert found(stocked, "supply", 3) == ["refuse"]
    ask_for(stocked, OFF, date(2024, 2, 10))
    assert found(stocked, "supply", 4) == []


def test_lots_are_listed_by_age_and_a_reversed_one_is_none(arrived: Session) -> None:
    assert move(arrived, ARRIVED.replace("T-1", "T-0").replace("2024-02-10", "2024-02-09").replace("A1", "A0")).written
    with counted(arrived) as seen:
        listed = lots_waiting(arrived, course(arrived), None)
    assert [lot.reference for lot in listed] == ["T-0", "T-1"]
    assert len(seen) == 2
    decide(arrived, reference="T-0")
    assert move(arrived, "T-9,2024-02-12,reverse,E-IMP,,MOR10,A1,1000,,,T-1,,").written
    assert lots_waiting(arrived, course(arrived), None) == []


def test_a_lot_is_decided_once_by_its_firm_or_the_authority_on_a_day_that_can_be(arrived: Session) -> None:
    ids = organisations_by_codes(arrived, ["E-IMP", "E-MAK"])
    firm = {code: Actor(1, code, frozenset({"importer"}), number) for code, number in ids.items()}
    for day in (date(2024, 2, 9), date(2026, 11, 23)):
        with pytest.raises(Invalid):
            decide(arrived, replace(YES, decided_on=day))
    with pytest.raises(NotFound):
        decide(arrived, actor=firm["E-MAK"])
    with pytest.raises(Forbidden):
        decide(arrived, actor=Actor(1, "polina", frozenset({"pharmacy"}), ids["E-IMP"]))
    decide(arrived, actor=firm["E-IMP"])
    with pytest.raises(Conflict):
        decide(arrived, replace(YES, released=False))
    kept = arrived.execute(text("SELECT document, recorded_by FROM quarantine_decision")).one()
    assert tuple(kept) == ("Q-1", "E-IMP")


def test_pages_list_and_decide(office: Office) -> None:
    with office.rows() as session:
        ask_for(session)
        assert move(session, ARRIVED, clock=office.clock).written
    importer = office.browser("imran")
    listed = text_of(importer.get("/stock/quarantine"))
    assert "T-1" in listed
    assert "126" in listed, "days from 10 February to 15 June"
    assert "T-1" not in office.browser("maksat").get("/stock/quarantine").text
    assert office.browser("maksat").get("/stock/quarantine/T-1").status_code == 404
    assert "in quarantine" in text_of(importer.get("/stock/"))
    page = importer.get("/stock/quarantine/T-1")
    assert page.status_code == 200
    said = {"decision": "release", "decided_on": "15.02.2024", "document": "Q-1"}
    for wrong in ({"document": ""}, {"decision": ""}, {"decided_on": "01.01.2024"}):
        assert importer.post("/stock/quarantine/T-1", data=said | wrong).status_code == 422
    assert importer.post("/stock/quarantine/T-1", data=said).status_code == 303
    assert "T-1" not in importer.get("/stock/quarantine").text
    assert "This lot was released." in text_of(importer.get("/stock/quarantine/T-1"))
