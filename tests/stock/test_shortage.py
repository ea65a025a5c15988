"""Below zero: the first row that takes the shelf there, what would fit instead, and which batches do lie there."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from registry.kernel.rules import Finding
from registry.stock.domain.lines import Line
from registry.stock.domain.shortage import Fault, shortage
from tests.intake.tables import counted
from tests.world import enter, move

OPEN = "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,"
DAY, NEXT = date(2024, 3, 1), date(2024, 3, 2)


@pytest.fixture
def ledger(stocked: Session) -> Session:
    assert move(stocked, OPEN).written
    return stocked


def supply(number: int, quantity: int, day: str = "2024-03-01", batch: str = "A0", to: str = "E-PH1") -> str:
    return f"S-{number},{day},supply,E-WHO,{to},MOR10,{batch},{quantity},,,,,"


def short(report: object) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule.code == "STK-03"]  # type: ignore[attr-defined]


def line(row: int, units: int, day: date = DAY, kind: str = "supply") -> Line:
    return Line(
        row,
        f"R-{row}",
        day,
        kind,
        1,
        1,
        "A",
        str(units),
        units,
        -units,
        None,
        0,
        "",
        None,
        None,
        None,
        None,
        None,
        None,
    )


def test_the_first_row_is_named_not_the_last(ledger: Session) -> None:
    [finding] = short(move(ledger, *(supply(number, 300) for number in range(6))))
    # 300, 600, 900, and the fourth (row 5 of the file) would need 1200.
    assert finding.row == 5
    assert (finding.observed, finding.limit, finding.largest_quantity) == ("300", "100", None)


def test_the_largest_quantity_is_what_this_row_may_take_with_all_others_as_they_are(ledger: Session) -> None:
    [finding] = short(move(ledger, supply(1, 600), supply(2, 500)))
    assert (finding.row, finding.limit, finding.largest_quantity) == (3, "400", "400")
    assert not short(move(ledger, supply(1, 600), supply(2, 400)))


def test_a_smaller_quantity_must_help_on_later_days_too(ledger: Session) -> None:
    rows = [supply(1, 1100), supply(2, 50, "2024-03-02")]
    [finding] = short(move(ledger, *rows))
    assert (finding.row, finding.limit, finding.largest_quantity) == (2, "1000", "950")
    assert not short(move(ledger, supply(1, 950), supply(2, 50, "2024-03-02")))


def test_goods_that_come_on_the_day_count_before_those_that_go(ledger: Session) -> None:
    coming = [
        "T-5,2024-03-01,opening_stock,E-IMP,,MOR10,A0,500,,,,,",
        "T-6,2024-03-01,supply,E-IMP,E-WHO,MOR10,A0,500,,,,,",
    ]
    [finding] = short(move(ledger, supply(1, 900), supply(2, 700), *coming))
    assert (finding.row, finding.limit, finding.largest_quantity) == (3, "600", "600")


def test_an_earlier_row_that_breaks_a_recorded_later_day_is_named(ledger: Session) -> None:
    assert move(ledger, supply(1, 800, "2024-04-01")).written
    late = move(ledger, *(supply(number, 90, "2024-02-01") for number in (2, 3, 4)))
    [finding] = short(late)
    assert (finding.row, finding.limit, finding.largest_quantity) == (4, "20", "20")
    assert "2024-04-01" in str(finding.message)


@pytest.mark.parametrize(("missing", "row"), [(1, 4), (10, 4), (11, 3), (20, 3), (21, 2), (30, 2)])
def test_the_first_row_by_what_is_missing(missing: int, row: int) -> None:
    lines = [line(2, 10), line(3, 10), line(4, 10)]
    found = shortage(lines, 1, Fault(DAY, missing, missing))
    assert found.line.row == row
    assert found.available == (30 - missing) % 10
    assert found.largest == (10 - missing if missing < 10 else None)


def test_rows_after_the_day_are_not_to_blame() -> None:
    found = shortage([line(2, 10), line(3, 10, NEXT)], 1, Fault(DAY, 4, 14))
    assert (found.line.row, found.available, found.largest) == (2, 6, None)


def test_a_reversal_has_no_smaller_quantity() -> None:
    assert shortage([line(2, 10, kind="reverse")], 1, Fault(DAY, 4, 4)).largest is None


def test_a_batch_that_is_not_there_is_answered_with_those_that_are(ledger: Session) -> None:
    for number in range(7):
        batch = f"T-1{number},2024-01-01,opening_stock,E-WHO,,MOR10,B{number},10,,,,,2027-0{number + 1}-01"
        assert move(ledger, batch).written
    [finding] = short(enter(ledger, supply(1, 5, batch="X9")))
    assert str(finding.message) == (
        "batch “X9” of MOR10 is not on this shelf; on it lie the batches “B0”, “B1”, “B2”, “B3”, “B4”"
    )
    assert (finding.limit, finding.largest_quantity) == ("0", None)


def test_an_emptied_batch_is_not_there_any_more(ledger: Session) -> None:
    assert move(ledger, "T-2,2024-01-01,opening_stock,E-WHO,,MOR10,B1,10,,,,,", supply(1, 1000)).written
    [finding] = short(enter(ledger, supply(2, 1, "2024-03-02")))
    assert "“A0” of MOR10 is not on this shelf; on it lie the batches “B1”" in str(finding.message)


def test_no_batch_named_where_batches_lie(ledger: Session) -> None:
    [finding] = short(enter(ledger, supply(1, 5, batch="")))
    assert "has a batch number, name it: “A0”" in str(finding.message)


def test_nothing_of_the_product_there(ledger: Session) -> None:
    [finding] = short(move(ledger, "T-2,2024-03-01,supply,E-IMP,E-PH1,MOR10,A0,5,,,,,"))
    assert str(finding.message) == "there is nothing of MOR10 on this shelf, of batch “A0” or any other"


def test_stock_without_a_number_is_no_batch_to_name(stocked: Session) -> None:
    assert move(stocked, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,,1000,,,,,").written
    [finding] = short(enter(stocked, supply(1, 5, batch="A0")))
    assert "what lies there has no batch number" in str(finding.message)


def test_what_comes_in_the_same_file_is_there(ledger: Session) -> None:
    [finding] = short(move(ledger, "T-2,2024-03-01,opening_stock,E-WHO,,MOR10,N1,10,,,,,", supply(1, 15, batch="N1")))
    assert "would lack 5" in str(finding.message)
    assert (finding.limit, finding.largest_quantity) == ("10", "10")


def test_statements_do_not_grow_with_short_shelves(ledger: Session) -> None:
    taken = []
    for count in (1, 60):
        with counted(ledger) as seen:
            report = move(ledger, *(supply(number, 5, batch=f"X{count}-{number}") for number in range(count)))
        assert len(short(report)) == count
        taken.append(len(seen))
    assert taken[0] == taken[1]
