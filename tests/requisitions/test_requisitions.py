"""A ward asks, its pharmacy issues or refuses; nothing is consumed by it, and no stranger sees it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Conflict, Invalid, NotFound, RuleRefused
from registry.parties.queries import organisations_by_codes, sites_by_codes
from registry.requisitions.domain import DONE, OPEN, PART, REFUSED
from registry.requisitions.queries import requisition_named, requisitions
from registry.requisitions.service import Asked, ask, issue, refuse
from registry.stock.queries.held import shelf_units
from registry.stock.queries.verify import verify
from registry.substances.queries.products import revisions_for_products
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import CLOCK, move, table_of, take_in

__all__ = ["cheap_hashes", "office"]

DAY = "2024-06-14"
ASKED = Asked("RQ-1", "E-HOS-W1", "E-HOS", "MOR10", "100", date(2024, 6, 14), "after operations")


def open_ward(session: Session) -> None:
    ward = table_of("code,name,kind,region,parent", "E-HOS-W1,Ward 1,hospital,KG-GB,E-HOS")
    assert take_in(session, "organisations", ward).written
    assert move(session, "O-1,2024-01-01,opening_stock,E-HOS,,MOR10,A0,150,,,,,").written


@pytest.fixture
def hospital(stocked: Session) -> Session:
    """A hospital with a ward and 150 tablets in its pharmacy, of which the ward asked for 100."""
    open_ward(stocked)
    with unit_of_work(stocked):
        ask(stocked, SYSTEM, CLOCK, ASKED)
    return stocked


def give(session: Session, quantity: str, batch: str = "A0", actor: Actor = SYSTEM) -> None:
    with unit_of_work(session):
        issue(session, actor, CLOCK, "RQ-1", {"quantity": quantity, "batch": batch, "occurred_on": DAY})


def held(session: Session, site: str) -> int:
    product = revisions_for_products(session, ["MOR10"], CLOCK.today())["MOR10"][0].product_id
    return shelf_units(session, sites_by_codes(session, [site])[site].id, product, "A0")


def state(session: Session) -> tuple[str, int, int]:
    found = requisition_named(session, "RQ-1")
    assert found is not None
    return found.state, found.issued_units, found.left_units


def test_it_is_issued_in_parts_and_moves_from_shelf_to_shelf(hospital: Session) -> None:
    totals = hospital.execute(text("SELECT COUNT(*), SUM(units) FROM national_total")).one()
    assert state(hospital) == (OPEN, 0, 100)
    give(hospital, "60")
    assert state(hospital) == (PART, 60, 40)
    give(hospital, "40")
    assert state(hospital) == (DONE, 100, 0)
    assert (held(hospital, "E-HOS"), held(hospital, "E-HOS-W1")) == (50, 100)
    assert hospital.execute(text("SELECT COUNT(*), SUM(units) FROM national_total")).one() == totals, "nothing consumed"
    with pytest.raises(Conflict):
        give(hospital, "1")
    used = "U-1,2024-06-14,dispense,E-HOS-W1,,MOR10,A0,30,,,,daily-sheet,"
    back = "U-2,2024-06-14,transfer,E-HOS-W1,E-HOS,MOR10,A0,70,,,RQ-1,,"
    assert move(hospital, used, back).written
    assert (held(hospital, "E-HOS"), held(hospital, "E-HOS-W1")) == (120, 0)
    assert not verify(hospital).faults


def test_what_is_taken_back_may_be_issued_again(hospital: Session) -> None:
    give(hospital, "60")
    assert move(hospital, f"R-1,{DAY},reverse,E-HOS,E-HOS-W1,MOR10,A0,60,,,RQ-1/1,,").written
    assert state(hospital) == (OPEN, 0, 100)
    give(hospital, "100")
    assert state(hospital) == (DONE, 100, 0)


def test_dsp_03_no_more_is_issued_than_was_asked_for(hospital: Session) -> None:
    with pytest.raises(RuleRefused) as refused:
        give(hospital, "101")
    [finding] = refused.value.findings
    assert (finding.rule.code, finding.observed, finding.limit) == ("DSP-03", "101", "100")
    give(hospital, "99")
    with pytest.raises(RuleRefused):
        give(hospital, "2")
    give(hospital, "1")
    assert state(hospital) == (DONE, 100, 0)


def test_what_the_ledger_refuses_is_not_issued(hospital: Session) -> None:
    with pytest.raises(RuleRefused) as refused:
        give(hospital, "10", batch="NONE")
    assert [finding.rule.code for finding in refused.value.findings if finding.severity == "refuse"] == ["STK-03"]
    hospital.rollback()
    assert state(hospital) == (OPEN, 0, 100)
    with pytest.raises(Invalid):
        give(hospital, "1.5")


def test_the_rest_is_refused_with_a_reason_that_names_nobody(hospital: Session) -> None:
    for reason in ("", "for 21212199012345"):
        with pytest.raises(Invalid), unit_of_work(hospital):
            refuse(hospital, SYSTEM, CLOCK, "RQ-1", reason)
    give(hospital, "60")
    with unit_of_work(hospital):
        refuse(hospital, SYSTEM, CLOCK, "RQ-1", "not enough in store")
    assert state(hospital) == (PART, 60, 0)
    with pytest.raises(Conflict):
        give(hospital, "1")
    with unit_of_work(hospital):
        ask(hospital, SYSTEM, CLOCK, Asked("RQ-2", "E-HOS-W1", "E-HOS", "MOR10", "1", date(2024, 6, 14)))
        refuse(hospital, SYSTEM, CLOCK, "RQ-2", "no")
    found = requisition_named(hospital, "RQ-2")
    assert found is not None
    assert found.state == REFUSED


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (Asked("RQ-1", "E-HOS-W1", "E-HOS", "MOR10", "1", date(2024, 6, 14)), "reference"),
        (Asked("RQ-3", "E-HOS", "E-HOS", "MOR10", "1", date(2024, 6, 14)), "pharmacy"),
        (Asked("RQ-3", "E-HOS-W1", "E-PH1", "MOR10", "1", date(2024, 6, 14)), "pharmacy"),
        (Asked("RQ-3", "E-HOS-W1", "E-HOS", "NONE", "1", date(2024, 6, 14)), "product"),
        (Asked("RQ-3", "E-HOS-W1", "E-HOS", "MOR10", "0", date(2024, 6, 14)), "quantity"),
        (Asked("RQ-3", "E-HOS-W1", "E-HOS", "MOR10", "1", date(2027, 6, 14)), "asked_on"),
        (Asked("R" * 57, "E-HOS-W1", "E-HOS", "MOR10", "1", date(2024, 6, 14)), "reference"),
        (Asked("RQ-3", "E-HOS-W1", "E-HOS", "MOR10", "1", date(2024, 6, 14), "for 21212199012345"), "purpose"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_field(hospital: Session, command: Asked, wrong: str) -> None:
    with pytest.raises(Invalid) as refused, unit_of_work(hospital):
        ask(hospital, SYSTEM, CLOCK, command)
    assert [problem.column for problem in refused.value.problems] == [wrong]


def test_a_stranger_neither_sees_nor_answers_it(hospital: Session) -> None:
    number = organisations_by_codes(hospital, ["E-PH1"])["E-PH1"]
    polina = Actor(1, "polina", frozenset({"pharmacy"}), number)
    with pytest.raises(NotFound):
        give(hospital, "1", actor=polina)
    with pytest.raises(Invalid) as refused, unit_of_work(hospital):
        ask(hospital, polina, CLOCK, Asked("RQ-9", "E-HOS-W1", "E-HOS", "MOR10", "1", date(2024, 6, 14)))
    assert {problem.code for problem in refused.value.problems} == {"not-your-site"}
    own = [site.id for site in sites_by_codes(hospital, ["E-PH1"]).values()]
    assert requisitions(hospital, own, 50, 0) == ([], 0)
    with counted(hospital) as seen:
        assert requisitions(hospital, None, 50, 0)[1] == 1
    assert len(seen) <= 4


def test_the_pages_from_asking_to_refusing(office: Office) -> None:
    with office.rows() as session:
        open_ward(session)
    hos = office.browser("hana")
    form = {"ward": "E-HOS-W1", "pharmacy": "E-HOS", "product": "MOR10", "quantity": "100", "asked_on": "14.06.2024"}
    bad = hos.post("/requisitions/new", data=form | {"reference": "RQ-7", "purpose": "21212199012345"})
    assert bad.status_code == 422
    assert "personal number" in text_of(bad)
    asked = hos.post("/requisitions/new", data=form | {"reference": "RQ-7"})
    assert asked.status_code == 303, text_of(asked)
    page = hos.get("/requisitions/RQ-7")
    assert 'value="A0"' in page.text
    more = hos.post("/requisitions/RQ-7/issue", data={"quantity": "101", "batch": "A0", "occurred_on": "14.06.2024"})
    assert more.status_code == 422
    assert "DSP-03" in text_of(more)
    given = hos.post("/requisitions/RQ-7/issue", data={"quantity": "60", "batch": "A0", "occurred_on": "14.06.2024"})
    assert given.status_code == 303, text_of(given)
    assert hos.post("/requisitions/RQ-7/refusal", data={"reason": "not enough"}).status_code == 303
    assert "issued in part" in text_of(hos.get("/requisitions/"))
    assert "not enough" in text_of(office.browser("asel").get("/requisitions/RQ-7"))
    assert office.browser("polina").get("/requisitions/RQ-7").status_code == 404
