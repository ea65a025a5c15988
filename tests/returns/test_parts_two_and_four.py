"""Form C Parts II and IV from the ledger of makers and the register of seizures, and what explains them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from forms.figures import as_json
from registry.db import unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.clock import FixedClock
from registry.kernel.period import Period
from registry.returns.service.explain import explain
from registry.returns.service.make import make_return
from registry.seizures.service import withdraw_seizure
from registry.settings import Settings
from tests.world import BISHKEK, CLOCK, move, table_of, take_in

YEAR = Period(2024)
SEIZURES = "reference,seized_on,substance,quantity_g,origin_country,place,disposal,disposed_on"
OFFICER = Actor(1, "asel", frozenset({"officer"}))


@pytest.fixture
def maker(stocked: Session) -> Session:
    """The example's manufacturer with raw morphine on its shelf, and what can be made of it."""
    products = (
        "MORRAW,Morphine base,substance,g",
        "CODBASE,Codeine base,substance,g",
        "CODBASE2,Codeine phosphate,substance,g",
        "THEBASE,Thebaine base,substance,g",
        "BUPRAW,Buprenorphine,substance,g",
    )
    components = (
        "MORRAW,NM 009,base,1000",
        "CODBASE,NC 005,base,1000",
        "CODBASE2,NC 005,phosphate hemihydrate,1000",
        "THEBASE,NT 002,base,1000",
        "BUPRAW,PB 006,base,1000",
    )
    assert take_in(stocked, "products", table_of("code,name,form,unit", *products)).written
    assert take_in(stocked, "components", table_of("product,substance,salt,amount_mg", *components)).written
    licence = "L-MAKER,E-MAK,manufacture;processing;acquisition;storage,narcotic;psychotropic,2010-01-01,2030-12-31"
    head = "number,organisation,acts,substances,valid_from,valid_to"
    assert take_in(stocked, "licences", table_of(head, licence)).written
    work(stocked, "O-1,2024-01-01,opening_stock,MORRAW,1000,")
    return stocked


def work(session: Session, *rows: str, clock: FixedClock = CLOCK) -> None:
    """Post entries of the maker: reference, day, kind, product, quantity, document."""
    columns = "reference,occurred_on,kind,site,product,quantity,document"
    spread = [",".join((*cells[:3], "E-MAK", *cells[3:])) for cells in (row.split(",") for row in rows)]
    report = move(session, *spread, columns=columns, clock=clock)
    assert report.written, report.as_json()


def seize(session: Session, *rows: str, clock: FixedClock = CLOCK) -> None:
    assert take_in(session, "seizures", table_of(SEIZURES, *rows), clock=clock).written


def part(session: Session, code: str, period: Period = YEAR, **asked: object) -> set[tuple[str, str, str | None, str]]:
    document = as_json(make_return(session, CLOCK, Settings(), "C", period, **asked))  # type: ignore[arg-type]
    figures: Iterable[dict[str, str]] = document["figures"]  # type: ignore[assignment]
    return {(f["substance"], f["column"], f["partner"], f["exact_g"]) for f in figures if f["part"] == code}


def test_use_is_attributed_to_what_was_made_under_the_same_document(maker: Session) -> None:
    work(
        maker,
        "U-1,2024-03-01,use_other_drug,MORRAW,100,JOB-1",
        "M-1,2024-03-04,manufacture,CODBASE,90,JOB-1",
        "U-2,2024-04-01,use_other_drug,MORRAW,20,JOB-2",
        "M-2,2024-04-04,manufacture,CODBASE2,18,JOB-2",
        "M-3,2024-04-05,manufacture,CODBASE,1,JOB-2",
        "U-3,2024-05-01,use_not_covered,MORRAW,7,JOB-3",
        "M-4,2024-05-04,manufacture,BUPRAW,5,JOB-3",
    )
    # Two products of the same substance are one product made; buprenorphine is outside the Convention of 1961.
    assert part(maker, "II") == {("NM 009", "used", "NC 005", "120"), ("NM 009", "used", "PB 006", "7")}


def test_what_nobody_can_tell_is_not_attributed(maker: Session) -> None:
    work(
        maker,
        "U-1,2024-03-01,use_other_drug,MORRAW,1,",
        "U-2,2024-03-01,use_other_drug,MORRAW,2,JOB-ALONE",
        "U-3,2024-03-01,use_other_drug,MORRAW,4,JOB-TWO",
        "M-3,2024-03-02,manufacture,CODBASE,1,JOB-TWO",
        "M-4,2024-03-02,manufacture,THEBASE,1,JOB-TWO",
        "U-4,2024-12-31,use_other_drug,MORRAW,8,JOB-LATE",
        "M-5,2025-01-01,manufacture,CODBASE,1,JOB-LATE",
        "M-6,2024-03-02,manufacture,CODBASE,1,",
        "U-5,2024-03-01,use_other_drug,MORRAW,16,JOB-UNDONE",
        "M-7,2024-03-02,manufacture,CODBASE,1,JOB-UNDONE",
    )
    work(maker, "R-7,2024-03-03,reverse,CODBASE,1,M-7")
    assert part(maker, "II") == {("NM 009", "used", "not_attributed", "31")}


def test_the_document_of_another_site_attributes_nothing(maker: Session) -> None:
    licence = "L-IMPMAKER,E-IMP,manufacture;processing,narcotic,2010-01-01,2030-12-31"
    head = "number,organisation,acts,substances,valid_from,valid_to"
    assert take_in(maker, "licences", table_of(head, licence)).written
    work(maker, "U-1,2024-03-01,use_other_drug,MORRAW,1,JOB-1")
    columns = "reference,occurred_on,kind,site,product,quantity,document"
    assert move(maker, "M-1,2024-03-02,manufacture,E-IMP,CODBASE,1,JOB-1", columns=columns).written
    assert part(maker, "II") == {("NM 009", "used", "not_attributed", "1")}


def test_a_reversed_use_leaves_its_product(maker: Session) -> None:
    work(
        maker,
        "U-1,2024-03-01,use_other_drug,MORRAW,100,JOB-1",
        "U-2,2024-03-01,use_other_drug,MORRAW,10,JOB-1",
        "M-1,2024-03-04,manufacture,CODBASE,90,JOB-1",
    )
    work(maker, "R-1,2024-03-05,reverse,MORRAW,10,U-2")
    assert part(maker, "II") == {("NM 009", "used", "NC 005", "100")}
    behind = explain(maker, CLOCK, "C", YEAR, "NM 009", "used", "NC 005")
    assert [entry.reference for entry in behind.entries] == ["U-1", "U-2", "R-1"]


def test_the_parts_add_up_to_part_one_and_other_use_stands_there_alone(maker: Session) -> None:
    work(
        maker,
        "U-1,2024-03-01,use_other_drug,MORRAW,100,JOB-1",
        "M-1,2024-03-04,manufacture,CODBASE,90,JOB-1",
        "U-2,2024-03-01,use_schedule_iii,MORRAW,3,JOB-2",
        "U-3,2024-03-01,use_industry,MORRAW,5,JOB-3",
        "U-4,2024-03-01,use_other_drug,MORRAW,0.5,",
    )
    one = {column: quantity for substance, column, _, quantity in part(maker, "I") if substance == "NM 009"}
    assert (one["used_other_drugs"], one["used_schedule_iii"], one["used_industry"]) == ("100.5", "3", "5")
    assert part(maker, "II") == {("NM 009", "used", "NC 005", "100"), ("NM 009", "used", "not_attributed", "0.5")}


@pytest.mark.parametrize(("partner", "references"), [("NC 005", ["U-1"]), ("nc-005", ["U-1"]), ("PB 006", ["U-2"]), ("not_attributed", ["U-3"]), (None, ["U-1", "U-2", "U-3"]), ("NT 002", [])])  # fmt: skip
def test_what_was_used_is_explained_by_product_made(maker: Session, partner: str | None, references: list[str]) -> None:
    work(
        maker,
        "U-1,2024-03-01,use_other_drug,MORRAW,100,JOB-1",
        "M-1,2024-03-04,manufacture,CODBASE,90,JOB-1",
        "U-2,2024-03-02,use_not_covered,MORRAW,10,JOB-2",
        "M-2,2024-03-04,manufacture,BUPRAW,9,JOB-2",
        "U-3,2024-03-03,use_not_covered,MORRAW,1,JOB-3",
    )
    behind = explain(maker, CLOCK, "C", YEAR, "NM 009", "used", partner)
    assert [entry.reference for entry in behind.entries] == references
    told = {figure[2]: figure[3] for figure in part(maker, "II")}
    if partner in told:
        assert behind.as_json()["exact_g"] == told[partner]


def test_the_edition_of_2012_breaks_down_use_for_other_drugs_only(maker: Session) -> None:
    work(
        maker,
        "O-2,2013-01-01,opening_stock,CODBASE,50,",
        "U-1,2024-01-02,use_other_drug,CODBASE,4,JOB-1",
        "U-2,2024-01-02,use_not_covered,CODBASE,2,JOB-2",
    )
    assert {figure[3] for figure in part(maker, "II")} == {"6"}
    work(
        maker,
        "U-3,2013-03-01,use_other_drug,CODBASE,4,JOB-3",
        "M-3,2013-03-01,manufacture,THEBASE,3,JOB-3",
        "U-4,2013-03-01,use_not_covered,CODBASE,2,JOB-4",
    )
    assert part(maker, "II", Period(2013)) == {("NC 005", "used", "NT 002", "4")}
    behind = explain(maker, CLOCK, "C", Period(2013), "NC 005", "used")
    assert [entry.reference for entry in behind.entries] == ["U-3"]


def test_seizures_and_disposals_of_narcotic_drugs_stand_in_part_four(maker: Session) -> None:
    seize(
        maker,
        "S-1,2023-05-05,NH 001,1000,TJ,Batken,destroyed,2024-02-01",
        "S-2,2024-05-05,NH 001,250.5,TJ,Osh,,",
        "S-3,2024-06-05,NH 001,0.000001,,,destroyed,2024-06-05",
        "S-4,2024-06-05,NC 001,12,,,,",
        "S-5,2024-06-05,PA 003,7,,,,",
    )
    assert part(maker, "IV") == {
        ("NH 001", "seized", None, "250.500001"),
        ("NH 001", "disposed", None, "1000.000001"),
        ("NC 001", "seized", None, "12"),
    }
    assert part(maker, "IV", Period(2023)) == {("NH 001", "seized", None, "1000")}
    # Seized goods are no stock: nothing of them stands in any other part.
    assert {substance for code in ("I", "II", "-") for substance, *_ in part(maker, code)} == {"NM 009"}


def test_seizures_explain_their_figures(maker: Session) -> None:
    seize(
        maker,
        "S-1,2023-05-05,NH 001,1000,TJ,Batken,destroyed,2024-02-01",
        "S-2,2024-05-05,NH 001,250.5,,,,",
        "S-5,2024-06-05,PA 003,7,,,,",
    )
    assert explain(maker, CLOCK, "C", YEAR, "NH 001", "seized").as_json() | {"period": ""} == {
        "form": "C",
        "period": "",
        "substance": "NH 001",
        "column": "seized",
        "partner": None,
        "exact_g": "250.5",
        "entries": [
            {
                "reference": "S-2",
                "occurred_on": "2024-05-05",
                "kind": "seized",
                "origin_country": None,
                "place": None,
                "disposal": None,
                "exact_g": "250.5",
            }
        ],
        "steps": [],
    }
    [entry] = explain(maker, CLOCK, "C", YEAR, "NH 001", "disposed").seizures
    assert (entry.reference, entry.occurred_on.isoformat(), entry.disposal) == ("S-1", "2024-02-01", "destroyed")
    assert explain(maker, CLOCK, "C", YEAR, "PA 003", "seized").seizures == ()


def test_both_parts_as_known_on_an_earlier_day(maker: Session) -> None:
    later = FixedClock(CLOCK.moment + timedelta(days=2), BISHKEK)
    seize(maker, "S-1,2024-05-05,NH 001,1,,,,")
    seize(maker, "S-1,2024-05-05,NH 001,1,,,destroyed,2024-06-01", clock=later)
    work(maker, "U-1,2024-03-01,use_other_drug,MORRAW,100,JOB-1")
    work(maker, "M-1,2024-03-04,manufacture,CODBASE,90,JOB-1", clock=later)

    def known(on: FixedClock, code: str) -> set[tuple[str, str, str | None, str]]:
        made = make_return(maker, FixedClock(later.moment + timedelta(days=9), BISHKEK), Settings(), "C", YEAR, on.today())  # fmt: skip
        figures: Iterable[dict[str, str]] = as_json(made)["figures"]  # type: ignore[assignment]
        return {(f["substance"], f["column"], f["partner"], f["exact_g"]) for f in figures if f["part"] == code}

    assert known(CLOCK, "IV") == {("NH 001", "seized", None, "1")}
    assert known(later, "IV") == {("NH 001", "seized", None, "1"), ("NH 001", "disposed", None, "1")}
    assert known(CLOCK, "II") == {("NM 009", "used", "not_attributed", "100")}
    assert known(later, "II") == {("NM 009", "used", "NC 005", "100")}
    with unit_of_work(maker):
        withdraw_seizure(maker, OFFICER, FixedClock(later.moment + timedelta(days=2), BISHKEK), "S-1", "twice")
    assert part(maker, "IV") == set()
    assert known(later, "IV") == {("NH 001", "seized", None, "1"), ("NH 001", "disposed", None, "1")}
