"""Files of counts: every cell at once, nothing twice, two people, nothing left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from registry.counts.queries.courses import count_ids, courses
from tests.counts.acting import FREEZE, at, reported
from tests.counts.test_counts import BOOK, OPEN, stock
from tests.intake.tables import counted

__all__ = ["stock"]

GOOD = f"K-1,E-WHO,2024-06-30,MOR10,A1,{BOOK},Ann,Ben"


def found(session: Session) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the counts: reference and, of each line, counted and what came of it."""
    ids, _ = count_ids(session, None, 50, 0)
    return [
        (each.fact.reference, [(one.counted, one.outcome.value) for one in each.results])
        for each in courses(session, sorted(ids)).values()
    ]


def test_a_file_is_compared_at_once_and_taken_in_once(stock: Session) -> None:
    report = reported(stock, GOOD, clock=OPEN)
    assert (report.written, report.accepted, report.findings) == (True, 1, [])
    assert found(stock) == [("E-WHO-20240630-C1", [(BOOK, "agreed")])]
    again = reported(stock, GOOD, clock=OPEN)
    assert (again.written, again.accepted, again.duplicates) == (True, 0, 1)
    other = reported(stock, GOOD.replace(str(BOOK), "1"), clock=OPEN)
    assert [(each.row, each.code) for each in other.problems] == [(2, "reference-reused")]
    assert len(found(stock)) == 1


def test_every_wrong_cell_comes_back_at_once(stock: Session) -> None:
    report = reported(
        stock,
        "K-1,E-WHOM,2024-06-30,MOR10,A1,1,Ann,Ben",
        "K-2,E-WHO,2024-07-02,MOR1,A1,1,Ann,Ben",
        "K-3,E-WHO,2024-06-30,MOR10,A1,1.5,Ann,Ben",
        "K-4,E-WHO,2024-06-30,MOR10,A1,1,Ann,Ben",
        "K-4,E-WHO,2024-06-30,MOR10,A2,1,Ann,Ben",
        "K-5,E-WHO,2024-06-30,MOR10,A1,1,Ann,Ben",
        "K-6,E-WHO,2024-06-30,MOR10,A3,-1,Ann,12345678901234",
        clock=OPEN,
    )
    assert not report.written
    assert sorted((each.row, each.column, each.code) for each in report.problems) == [
        (2, "site", "unknown-site"),
        (3, "counted_on", "in-the-future"),
        (3, "product", "unknown-product"),
        (4, "quantity", "too-many-decimals"),
        (6, "reference", "reference-repeated"),
        (7, "batch", "line-repeated"),
        (8, "quantity", "not-a-quantity"),
        (8, "witness", "personal-number"),
    ]


def test_cnt_01_a_file_that_names_one_person_twice_is_flagged(stock: Session) -> None:
    report = reported(stock, GOOD.replace("Ben", "ANN"), clock=OPEN)
    assert report.written
    assert [(each.rule.code, each.severity.value) for each in report.findings] == [("CNT-01", "flag")]


@pytest.mark.parametrize(("counted_on", "left_out"), [("2024-05-31", 1), ("2024-02-19", 0)])
def test_cnt_04_a_batch_left_out_is_flagged(stock: Session, counted_on: str, left_out: int) -> None:
    """On the day before the batch came there was nothing to leave out."""
    report = reported(stock, f"K-1,E-WHO,{counted_on},MOR10,B7,0,Ann,Ben", clock=OPEN)
    assert report.written
    assert [each.rule.code for each in report.findings] == ["CNT-04"] * left_out


def test_rows_of_a_site_day_and_people_are_one_count_in_a_few_statements(stock: Session) -> None:
    few = [f"K-{number},E-WHO,2024-06-30,MOR10,Z{number},1,Ann,Ben" for number in range(5)]
    many = [
        f"M-{number},{site},2024-06-30,MOR10,Z{number},1,Ann,Ben"
        for number in range(200)
        for site in (("E-WHO", "E-PH1")[number % 2],)
    ]
    with counted(stock) as small:
        assert reported(stock, *few, clock=OPEN).written
    with counted(stock) as large:
        report = reported(stock, *many, clock=at(FREEZE + timedelta(days=2)))
    assert report.written
    assert len(large) <= len(small) + 1, "executemany of the wholesale and the retail site in one"
    assert {each.rule.code for each in report.findings} == {"CNT-02", "CNT-04"}
    assert [reference for reference, _ in found(stock)] == [
        "E-WHO-20240630-C1", "E-WHO-20240630-C2", "E-PH1-20240630-C1",
    ]  # fmt: skip


def test_a_firm_counts_its_own_sites_only(stock: Session) -> None:
    from tests.counts.acting import hired

    (eve,) = hired(stock, "eve", code="E-PH1", role="pharmacy")
    report = reported(stock, GOOD, actor=eve, clock=OPEN)
    assert [(each.row, each.code) for each in report.problems] == [(2, "not-your-site")]


def test_norms_are_one_for_a_product_and_day(stock: Session) -> None:
    from tests.world import table_of, take_in

    def norms(*rows: str):
        return take_in(stock, "natural_losses", table_of("product,percent,effective_on,act", *rows))

    assert norms("MOR10,0.5,2024-01-01,No. 1", "MOR10,0.25,2024-02-01,No. 2").accepted == 2
    assert norms("MOR10,0.5,2024-01-01,No. 1").duplicates == 1
    bad = norms("MOR10,0.6,2024-01-01,No. 3", "MOR1,1,2024-01-01,No. 3", "FEN01,100.0001,2024-01-01,No. 3")
    assert [(each.row, each.code) for each in bad.problems] == [
        (2, "recorded-otherwise"), (3, "unknown-product"), (4, "too-large"),
    ]  # fmt: skip
    assert norms("FEN01,100,2024-01-01,No. 3").written
