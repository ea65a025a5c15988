"""What one prescription may be for, what patients bring back, and where nothing controlled is released: on both sides of every boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.intake.check import Report
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.parties.queries import sites_by_codes
from registry.stock.queries.held import shelf_units
from registry.stock.queries.returned import returned
from registry.stock.service.returned import Destruction, record_destruction
from registry.substances.queries.products import revisions_for_products
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.stock.test_rules import severities
from tests.world import CLOCK, enter, move, table_of, take_in

__all__ = ["cheap_hashes", "office"]

DAY = "2024-03-01"
LIMITS = "effective_on,act,substance,product,most"


@pytest.fixture
def pharmacy(stocked: Session) -> Session:
    """A pharmacy with 1,000 tablets of 10 mg and a second product of the same substance."""
    new = table_of("code,name,form,unit", "MOR30,Morphine sulfate 30 mg tablets,tablet,piece")
    assert take_in(stocked, "products", new).written
    held = table_of("product,substance,salt,amount_mg", "MOR30,NM 009,sulfate pentahydrate,30")
    assert take_in(stocked, "components", held).written
    opened = ("T-1,2024-01-01,opening_stock,E-PH1,,MOR10,A0,1000,,,,,", "T-2,2024-01-01,opening_stock,E-PH1,,MOR30,A0,1000,,,,,")  # fmt: skip
    assert move(stocked, *opened).written
    return stocked


def limit(session: Session, *rows: str) -> Report:
    return take_in(session, "prescription_limits", table_of(LIMITS, *rows))


def give(session: Session, number: int, quantity: int, on: str = DAY, product: str = "MOR10", slip: str = "R-1") -> list[str]:  # fmt: skip
    """Release something on a prescription; return how DSP-02 weighs."""
    return severities(enter(session, f"D-{number},{on},dispense,E-PH1,,{product},A0,{quantity},,,,{slip},"), "DSP-02")


def test_dsp_02_most_per_prescription_of_a_product(pharmacy: Session) -> None:
    assert give(pharmacy, 1, 500) == [], "nothing is limited until an act says so"
    assert limit(pharmacy, f"{DAY},No. 1,,MOR10,20").written
    assert give(pharmacy, 2, 20, slip="R-2") == []
    assert give(pharmacy, 3, 21, slip="R-3") == ["refuse"]
    assert give(pharmacy, 4, 1, slip="R-2") == ["refuse"], "in several times too"
    assert give(pharmacy, 5, 21, on="2024-02-29", slip="R-5") == [], "the day before it counts"
    assert limit(pharmacy, "2024-04-01,No. 2,,MOR10,").written
    assert give(pharmacy, 6, 21, on="2024-04-01", slip="R-6") == [], "lifted"


def test_dsp_02_most_per_prescription_of_a_substance_over_its_products(pharmacy: Session) -> None:
    """10 mg of the sulfate pentahydrate hold 7.5 mg of base: 40 tablets of 10 mg, or 10 of 10 and 10 of 30, are 0.3 g."""
    assert limit(pharmacy, f"{DAY},No. 1,NM 009,,0.3").written
    assert give(pharmacy, 1, 40) == []
    assert give(pharmacy, 2, 41, slip="R-2") == ["refuse"]
    assert give(pharmacy, 3, 10, slip="R-3") == []
    assert give(pharmacy, 4, 10, product="MOR30", slip="R-3") == []
    over = enter(pharmacy, f"D-5,{DAY},dispense,E-PH1,,MOR10,A0,1,,,,R-3,")
    [finding] = [each for each in over.findings if each.rule.code == "DSP-02"]
    assert (finding.observed, finding.limit, finding.unit, finding.largest_quantity) == ("0.3075", "0.3", "g", "0")


def test_dsp_02_lines_of_one_file_count_together_and_what_is_taken_back_does_not(pharmacy: Session) -> None:
    assert limit(pharmacy, f"{DAY},No. 1,,MOR10,20").written
    assert give(pharmacy, 1, 20) == []
    mended = move(
        pharmacy,
        f"R-9,{DAY},reverse,E-PH1,,MOR10,A0,20,,,D-1,,",
        f"D-2,{DAY},dispense,E-PH1,,MOR10,A0,15,,,,R-1,",
        f"D-3,{DAY},dispense,E-PH1,,MOR10,A0,5,,,,R-1,",
    )
    assert severities(mended, "DSP-02") == []
    more = move(pharmacy, f"D-4,{DAY},dispense,E-PH1,,MOR10,A0,1,,,,R-1,")
    assert (more.written, severities(more, "DSP-02")) == (True, ["flag"]), "a file reports a fact"


def test_dsp_02_a_daily_sheet_is_no_prescription(pharmacy: Session) -> None:
    assert limit(pharmacy, f"{DAY},No. 1,,MOR10,20").written
    assert give(pharmacy, 1, 300, slip="daily-sheet") == []


def test_limits_come_in_once(pharmacy: Session) -> None:
    first = f"{DAY},No. 1,,MOR10,20"
    assert limit(pharmacy, first).accepted == 1
    assert limit(pharmacy, first).duplicates == 1
    wrong = limit(pharmacy, f"{DAY},No. 2,,MOR10,30", f"{DAY},No. 1,NM 009,MOR10,1", f"{DAY},No. 1,,,1", f"{DAY},No. 1,,NONE,1", f"{DAY},No. 1,,MOR10,1.5")  # fmt: skip
    assert [(problem.row, problem.code) for problem in wrong.problems] == [
        (2, "limit-set"), (3, "one-of-both"), (4, "one-of-both"), (5, "unknown-product"), (6, "too-many-decimals"),
    ]  # fmt: skip


def test_the_statements_do_not_grow_with_the_prescriptions(pharmacy: Session) -> None:
    assert limit(pharmacy, f"{DAY},No. 1,NM 009,,1").written

    def statements(*rows: str) -> int:
        with counted(pharmacy) as seen:
            assert move(pharmacy, *rows).written
        return len(seen)

    lines = [f"D-{n},{DAY},dispense,E-PH1,,MOR10,A0,1,,,,R-{n},".replace("R-", "S-") for n in range(12)]
    assert move(pharmacy, lines[0]).written
    assert statements(*lines[2:]) <= statements(lines[1])


def test_dsp_01_distance_selling(pharmacy: Session) -> None:
    day = CLOCK.today().isoformat()
    licence = table_of(
        "number,organisation,acts,substances,valid_from,valid_to",
        "L-PH1,E-PH1,acquisition;storage;dispensing,narcotic;psychotropic,2026-01-01,2027-12-31",
    )
    assert take_in(pharmacy, "licences", licence).written
    row = f"D-1,{day},dispense,E-PH1,,MOR10,A0,1,,,,R-1,"
    columns = "code,name,kind,region,distance_selling"
    sends = table_of(columns, "E-PH1,Дарыкана № 1,pharmacy,KG-GB,yes")
    assert take_in(pharmacy, "organisations", sends).written
    assert severities(enter(pharmacy, row), "DSP-01") == ["refuse"]
    assert severities(move(pharmacy, row.replace("D-1", "D-2")), "DSP-01") == ["flag"], "a file reports a fact"
    before = "D-3,2024-03-01,dispense,E-PH1,,MOR10,A0,1,,,,R-3,"
    assert severities(enter(pharmacy, before), "DSP-01") == [], "it did not sell at a distance then"
    other = f"D-4,{day},destroy,E-PH1,,MOR10,A0,1,,,,,"
    assert severities(enter(pharmacy, other), "DSP-01") == [], "only release is closed"


BACK = "B-1,2024-03-02,patient_return,E-PH1,,MOR10,A0,7,,,,,"
ENDED = Destruction(date(2024, 3, 5), "ACT-1", "dissolved")


def test_what_a_patient_brought_back_moves_no_shelf_and_is_destroyed_once(pharmacy: Session) -> None:
    assert move(
        pharmacy, BACK, BACK.replace("B-1", "B-2"), BACK.replace("B-1", "B-3").replace("E-PH1", "E-PH2")
    ).written
    assert move(pharmacy, "R-2,2024-03-03,reverse,E-PH1,,MOR10,A0,7,,,B-2,,").written
    ids = {code: site.id for code, site in sites_by_codes(pharmacy, ["E-PH1", "E-PH2"]).items()}
    listed, total = returned(pharmacy, [ids["E-PH1"]], 50, 0)
    assert ([one.reference for one in listed], total) == (["B-1"], 1), "what was reversed was not brought back"
    for day in (date(2024, 3, 1), date(2026, 11, 23)):
        with pytest.raises(Invalid):
            end(pharmacy, replace(ENDED, destroyed_on=day))
    stranger = Actor(
        1, "stranger", frozenset({"pharmacy"}), sites_by_codes(pharmacy, ["E-PH2"])["E-PH2"].organisation_id
    )
    for reference, actor in (("B-1", stranger), ("B-2", SYSTEM), ("T-1", SYSTEM)):
        with pytest.raises(NotFound):
            end(pharmacy, ENDED, reference, actor)
    product = revisions_for_products(pharmacy, ["MOR10"], CLOCK.today())["MOR10"][0].product_id
    end(pharmacy, ENDED)
    with pytest.raises(Conflict):
        end(pharmacy, ENDED)
    everywhere, total = returned(pharmacy, None, 50, 0)
    assert [(one.reference, one.destroyed_on, one.act) for one in everywhere] == [
        ("B-3", None, None),
        ("B-1", date(2024, 3, 5), "ACT-1"),
    ]
    assert total == 2
    assert shelf_units(pharmacy, ids["E-PH1"], product, "A0") == 1000


def end(session: Session, command: Destruction, reference: str = "B-1", actor: Actor = SYSTEM) -> None:
    with unit_of_work(session):
        record_destruction(session, actor, CLOCK, reference, command)


def test_the_register_of_returns_on_the_page(office: Office) -> None:
    with office.rows() as session:
        assert move(session, BACK).written
    polina = office.browser("polina")
    assert "lies apart" in text_of(polina.get("/stock/patient-returns"))
    place = "/stock/patient-returns/B-1"
    wrong = polina.post(place, data={"destroyed_on": "05.03.2024", "document": "", "note": "21212199012345"})
    assert wrong.status_code == 422
    assert "personal number" in text_of(wrong)
    sent = polina.post(place, data={"destroyed_on": "05.03.2024", "document": "ACT-1"})
    assert sent.status_code == 303, text_of(sent)
    assert "ACT-1" in text_of(polina.get("/stock/patient-returns"))
    assert office.browser("imran").get(place).status_code == 404
    assert "B-1" in text_of(office.browser("asel").get("/stock/patient-returns"))
