"""The rules of the ledger, each on both sides of its boundary and exactly on it."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.kernel.clock import FixedClock
from tests import world
from tests.world import enter, move

OPEN = "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,"


def severities(report: Report, code: str) -> list[str]:
    return [finding.severity.value for finding in report.findings if finding.rule.code == code]


def at(day: str) -> FixedClock:
    return FixedClock(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=world.BISHKEK), world.BISHKEK)


@pytest.fixture
def ledger(stocked: Session) -> Session:
    assert move(stocked, OPEN).written
    return stocked


def test_stk_03_balance(ledger: Session) -> None:
    exact = move(ledger, "T-2,2024-03-01,supply,E-WHO,E-PH1,MOR10,A0,1000,,,,,")
    assert exact.written
    over = move(ledger, "T-3,2024-03-02,supply,E-WHO,E-PH1,MOR10,A0,1,,,,,")
    assert not over.written
    assert severities(over, "STK-03") == ["refuse"]
    [finding] = [f for f in over.findings if f.rule.code == "STK-03"]
    assert (finding.observed, finding.limit, finding.row) == ("1", "0", 2)


def test_stk_03_back_dated_entry_breaks_a_later_day(ledger: Session) -> None:
    assert move(ledger, "T-2,2024-03-01,supply,E-WHO,E-PH1,MOR10,A0,900,,,,,").written
    assert move(ledger, "T-3,2024-04-01,return_supply,E-PH1,E-WHO,MOR10,A0,500,,,,,").written
    late = move(ledger, "T-4,2024-02-01,supply,E-WHO,E-PH2,MOR10,A0,101,,,,,")
    assert not late.written, "on 1 March only 99 would be left for 900 - 101"
    [finding] = [f for f in late.findings if f.rule.code == "STK-03"]
    assert (finding.observed, finding.limit) == ("101", "100")
    assert move(ledger, "T-5,2024-02-01,supply,E-WHO,E-PH2,MOR10,A0,100,,,,,").written


def test_stk_03_lines_of_one_day_count_together_in_any_order(ledger: Session) -> None:
    together = move(
        ledger,
        "T-2,2024-05-01,supply,E-WHO,E-PH1,MOR10,A0,1500,,,,,",
        "T-3,2024-05-01,supply,E-IMP,E-WHO,MOR10,A0,500,,,,,",
        "T-4,2024-05-01,opening_stock,E-IMP,,MOR10,A0,500,,,,,",
    )
    assert together.written


def test_stk_04_permit_needed(stocked: Session) -> None:
    none = move(stocked, "T-1,2024-02-10,import,E-IMP,,MOR10,A1,10,,IN,,,")
    assert severities(none, "STK-04") == ["refuse"]
    assert severities(move(stocked, "T-1,2024-02-10,import,E-IMP,,MOR10,A1,10,P-2,IN,,,"), "STK-04") == ["refuse"], (
        "other product"
    )
    assert severities(move(stocked, "T-1,2024-02-10,import,E-MAK,,MOR10,A1,10,P-1,IN,,,"), "STK-04") == ["refuse"], (
        "other holder"
    )
    assert move(stocked, "T-1,2024-02-10,import,E-IMP,,MOR10,A1,10,P-1,IN,,,").written
    assert move(stocked, "T-2,2024-02-10,import,E-IMP,,CODPAR,K9,10,,DE,,,").written, "Schedule III needs none"


def test_stk_05_opening_once(ledger: Session) -> None:
    again = move(ledger, "T-2,2024-01-02,opening_stock,E-WHO,,MOR10,A0,5,,,,,")
    assert severities(again, "STK-05") == ["refuse"]
    twice = move(
        ledger,
        "T-3,2024-01-02,opening_stock,E-WHO,,MOR10,A7,5,,,,,",
        "T-4,2024-01-02,opening_stock,E-WHO,,MOR10,A7,5,,,,,",
    )
    assert [f.row for f in twice.findings if f.rule.code == "STK-05"] == [3]
    assert move(ledger, "T-5,2024-01-02,opening_stock,E-IMP,,MOR10,A0,5,,,,,").written, "another site"
    assert move(ledger, "T-6,2024-01-03,reverse,E-IMP,,MOR10,A0,5,,,T-5,,").written
    assert move(ledger, "T-7,2024-01-03,opening_stock,E-IMP,,MOR10,A0,6,,,,,").written, "the first was reversed"


@pytest.mark.parametrize(
    ("day", "found"), [("2024-05-31", ["flag"]), ("2024-06-01", []), ("2024-12-31", []), ("2025-01-01", ["flag"])]
)
def test_stk_06_permit_valid(stocked: Session, day: str, found: list[str]) -> None:
    row = f"T-1,{day},import,E-IMP,,MOR10,A1,10,P-6,IN,,,"
    assert severities(move(stocked, row), "STK-06") == found
    assert severities(enter(stocked, row.replace("T-1", "T-2")), "STK-06") == ["refuse" for _ in found]


@pytest.mark.parametrize(("quantity", "found"), [(119_999, []), (120_000, []), (120_001, ["flag"])])
def test_stk_07_permit_quantity(stocked: Session, quantity: int, found: list[str]) -> None:
    report = move(stocked, f"T-1,2024-07-01,import,E-IMP,,MOR10,A1,{quantity},P-6,IN,,,")
    assert report.written, "what arrived has arrived"
    assert severities(report, "STK-07") == found


def test_stk_08_permit_country(stocked: Session) -> None:
    assert severities(move(stocked, "T-1,2024-07-01,import,E-IMP,,MOR10,A1,5,P-6,IN,,,"), "STK-08") == []
    assert severities(move(stocked, "T-2,2024-07-01,import,E-IMP,,MOR10,A1,5,P-6,DE,,,"), "STK-08") == ["flag"]


def test_stk_09_one_consignment(stocked: Session) -> None:
    assert severities(move(stocked, "T-1,2024-07-01,import,E-IMP,,MOR10,A1,5,P-6,IN,,,"), "STK-09") == []
    assert severities(move(stocked, "T-2,2024-07-01,import,E-IMP,,MOR10,A1,5,P-6,IN,,,"), "STK-09") == [], "same day"
    assert severities(move(stocked, "T-3,2024-07-02,import,E-IMP,,MOR10,A1,5,P-6,IN,,,"), "STK-09") == ["flag"]


@pytest.mark.parametrize(("today", "found"), [("2024-03-04", []), ("2024-03-05", ["flag"])])
def test_stk_10_back_dating(stocked: Session, today: str, found: list[str]) -> None:
    """Friday 1 March 2024: Monday the 4th is the next working day, Tuesday is late."""
    report = move(stocked, "T-1,2024-03-01,opening_stock,E-WHO,,MOR10,A0,5,,,,,", clock=at(today))
    assert report.written
    assert severities(report, "STK-10") == found


@pytest.mark.parametrize(("day", "found"), [("2024-06-29", []), ("2024-06-30", []), ("2024-07-01", ["flag"])])
def test_stk_12_expired(stocked: Session, day: str, found: list[str]) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-PH1,,MOR10,A0,50,,,,,2024-06-30").written
    assert severities(move(stocked, f"T-2,{day},dispense,E-PH1,,MOR10,A0,5,,,,R-1,"), "STK-12") == found
    assert severities(enter(stocked, f"T-3,{day},dispense,E-PH1,,MOR10,A0,5,,,,R-1,"), "STK-12") == [
        "refuse" for _ in found
    ]
    assert move(stocked, f"T-4,{day},spoil,E-PH1,,MOR10,A0,5,,,,,").written, "expired stock may still be written off"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("T-2,2024-07-01,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,", ["refuse"]),
        ("T-2,2024-07-01,process_out,E-WHO,,MOR10,A0,5,,,D-1,,", ["refuse"]),
        ("T-2,2024-07-01,special_acquire,E-WHO,,MOR10,A0,5,,,,,", ["refuse"]),
        ("T-2,2024-06-30,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,", []),
        ("T-2,2024-07-01,transfer,E-WHO,E-PH1,MOR10,A0,5,,,,,", []),
        ("T-2,2024-07-01,return_supply,E-WHO,E-IMP,MOR10,A0,5,,,,,", []),
        ("T-2,2024-07-01,destroy,E-WHO,,MOR10,A0,5,,,,,", []),
        ("T-2,2024-07-01,lose,E-WHO,,MOR10,A0,5,,,,,", []),
        ("T-2,2024-07-01,sample,E-WHO,,MOR10,A0,5,,,,,", []),
    ],
)
def test_stk_12_what_has_expired_goes_to_no_use_but_back_or_away(stocked: Session, row: str, found: list[str]) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,50,,,,,2024-06-30").written
    assert severities(enter(stocked, row), "STK-12") == found


def test_stk_13_prescription(stocked: Session) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-PH1,,MOR10,A0,50,,,,,").written
    assert severities(move(stocked, "T-2,2024-02-01,dispense,E-PH1,,MOR10,A0,5,,,,R-1,"), "STK-13") == []
    assert severities(move(stocked, "T-3,2024-02-01,dispense,E-PH1,,MOR10,A0,5,,,,,"), "STK-13") == ["flag"]
    assert not enter(stocked, "T-4,2024-02-01,dispense,E-PH1,,MOR10,A0,5,,,,,").written


def test_stk_15_made_preparation(stocked: Session) -> None:
    assert severities(move(stocked, "T-1,2024-02-01,manufacture,E-MAK,,CODRAW,C1,5,,,,,"), "STK-15") == []
    assert severities(move(stocked, "T-2,2024-02-01,manufacture,E-MAK,,CODPAR,K1,5,,,,,"), "STK-15") == [], (
        "Schedule III"
    )
    assert severities(move(stocked, "T-3,2024-02-01,manufacture,E-MAK,,MOR10,M1,5,,,,,"), "STK-15") == ["flag"]


@pytest.mark.parametrize(("made", "found"), [(124_999, []), (125_000, []), (125_001, ["flag"])])
def test_stk_16_process_balance(stocked: Session, made: int, found: list[str]) -> None:
    """1 kg of codeine phosphate hemihydrate holds 740 g of base: 125,000 tablets of 8 mg at 5.92 mg of base each."""
    assert move(stocked, "T-1,2024-02-01,opening_stock,E-MAK,,CODRAW,C1,1000,,,,,").written
    report = move(
        stocked,
        "T-2,2024-02-02,process_out,E-MAK,,CODRAW,C1,1000,,,BATCH-1,,",
        f"T-3,2024-02-02,process_in,E-MAK,,CODPAR,K1,{made},,,BATCH-1,,",
    )
    assert report.written
    assert severities(report, "STK-16") == found


def test_stk_16_counts_by_the_revision_the_batch_keeps(stocked: Session) -> None:
    """A later revision with half the codeine must not make an old batch look lighter, or a good yield look false."""
    assert move(stocked, "T-1,2024-02-01,opening_stock,E-MAK,,CODRAW,C1,1000,,,,,").written
    assert move(stocked, "T-2,2024-02-01,opening_stock,E-MAK,,CODPAR,K1,5,,,,,").written
    table = world.table_of("product,substance,salt,amount_mg", "CODPAR,NC 005,phosphate hemihydrate,16")
    assert world.take_in(stocked, "components", table, clock=at("2024-06-01")).written
    report = move(
        stocked,
        "T-3,2024-07-02,process_out,E-MAK,,CODRAW,C1,1000,,,BATCH-1,,",
        "T-4,2024-07-02,process_in,E-MAK,,CODPAR,K1,125000,,,BATCH-1,,",
    )
    assert report.written
    assert severities(report, "STK-16") == []


def test_stk_04_is_judged_by_the_revision_of_each_day(stocked: Session) -> None:
    """One file, two days, between them the product is stated as not controlled: only the earlier entry needs a permit."""
    free = world.table_of("code,name,form,unit,control", "MOR10,Morphine sulfate 10 mg tablets,tablet,piece,none")
    assert world.take_in(stocked, "products", free, clock=at("2024-03-01")).written
    both = move(
        stocked,
        "T-1,2024-02-10,import,E-IMP,,MOR10,A1,10,,IN,,,",
        "T-2,2024-03-10,import,E-IMP,,MOR10,A2,10,,IN,,,",
    )
    assert [f.row for f in both.findings if f.rule.code == "STK-04"] == [2]


def test_stk_17_wrong_way(stocked: Session) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-PH1,,MOR10,A0,50,,,,,").written
    assert severities(move(stocked, "T-2,2024-02-01,supply,E-PH1,E-WHO,MOR10,A0,5,,,,,"), "STK-17") == ["refuse"]
    assert move(stocked, "T-3,2024-02-01,return_supply,E-PH1,E-WHO,MOR10,A0,5,,,,,").written


def test_stk_18_own_sites(stocked: Session) -> None:
    added = world.take_in(
        stocked, "organisations", world.table_of("code,name,kind,parent", "E-WHO-2,Second store,wholesaler,E-WHO")
    )
    assert added.written, added.as_json()
    assert move(stocked, OPEN).written
    assert severities(move(stocked, "T-2,2024-02-01,transfer,E-WHO,E-WHO-2,MOR10,A0,5,,,,,"), "STK-18") == []
    assert severities(move(stocked, "T-3,2024-02-01,transfer,E-WHO,E-IMP,MOR10,A0,5,,,,,"), "STK-18") == ["flag"]


def test_stk_19_batch_expiry(stocked: Session) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,50,,,,,2025-06-30").written
    assert severities(move(stocked, "T-2,2024-02-01,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,2025-06-30"), "STK-19") == []
    assert severities(move(stocked, "T-3,2024-02-01,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,2025-07-31"), "STK-19") == [
        "flag"
    ]


def test_stk_20_revised_product(stocked: Session) -> None:
    assert move(
        stocked,
        "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,,50,,,,,",
        "T-2,2024-01-01,opening_stock,E-WHO,,MOR10,A0,50,,,,,",
    ).written
    table = world.table_of("product,substance,salt,amount_mg", "MOR10,NM 009,sulfate pentahydrate,11")
    assert world.take_in(stocked, "components", table, clock=at("2024-06-01")).written
    assert severities(move(stocked, "T-3,2024-05-31,supply,E-WHO,E-PH1,MOR10,,5,,,,,"), "STK-20") == []
    assert severities(move(stocked, "T-4,2024-06-01,supply,E-WHO,E-PH1,MOR10,,5,,,,,"), "STK-20") == ["flag"]
    assert severities(move(stocked, "T-5,2024-06-01,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,"), "STK-20") == []


@pytest.mark.parametrize(
    ("row", "covered"),
    [
        ("T-9,2025-12-31,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,", True),
        ("T-9,2026-01-01,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,", False),
        ("T-9,2024-05-01,destroy,E-WHO,,MOR10,A0,5,,,,,", True),
        ("T-9,2024-05-01,dispense,E-WHO,,MOR10,A0,5,,,,R-1,", False),
        ("T-9,2024-05-01,use_other_drug,E-WHO,,MOR10,A0,5,,,,,", False),
        ("T-9,2024-05-01,lose,E-WHO,,MOR10,A0,5,,,,,", True),
    ],
)
def test_lic_01_in_the_ledger(ledger: Session, row: str, covered: bool) -> None:
    report = move(ledger, row)
    assert set(severities(report, "LIC-01")) == (set() if covered else {"refuse"})
