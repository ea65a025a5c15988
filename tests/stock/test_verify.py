"""The verification of the ledger finds every sort of fault, each alone, with its place and figures."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.kernel.actor import SYSTEM
from registry.stock.domain.lines import Line
from registry.stock.queries.verify import SAMPLE, verify
from registry.stock.service.write import write_movements, write_posting
from tests.intake.tables import counted
from tests.world import CLOCK, move

OPENED = "O-1,2024-01-02,opening_stock,E-WHO,,MOR10,B1,100,,,,,"
SUPPLIED = "S-1,2024-02-01,supply,E-WHO,E-PH1,MOR10,B1,40,,,D-1,,"


@pytest.fixture
def kept(stocked: Session) -> Session:
    report = move(stocked, OPENED, SUPPLIED)
    assert report.written, report.as_json()
    assert verify(stocked).faults == ()
    return stocked


def _shelf(session: Session) -> tuple[int, int, int]:
    """Return the site, the batch and the product of the pharmacy's shelf."""
    row = session.execute(
        text(
            "SELECT m.counterparty_id, m.batch_id, b.product_id FROM movement m JOIN batch b ON b.id = m.batch_id"
            " WHERE m.reference = 'S-1'"
        )
    ).one()
    return row[0], row[1], row[2]


def _written(session: Session, *changes: tuple[str, date, int]) -> None:
    """Write entries of the pharmacy's shelf past every rule, and move no balance."""
    site, batch, product = _shelf(session)
    posting = write_posting(session, SYSTEM, CLOCK, "past the rules", "0" * 64, len(changes))
    lines = [
        Line(0, reference, day, "lose" if delta < 0 else "count_gain", site, product, "B1", "", abs(delta), delta,
             None, 0, "", None, None, None, None, None, None)
        for reference, day, delta in changes
    ]  # fmt: skip
    write_movements(session, lines, {(product, "B1"): batch}, {}, posting)


def test_a_day_below_zero_is_found_though_the_balance_is_right(kept: Session) -> None:
    site, batch, _ = _shelf(kept)
    _written(kept, ("X-1", date(2024, 3, 1), -41), ("X-2", date(2024, 3, 2), 41))
    [fault] = verify(kept).faults
    assert (fault.what, fault.place, fault.stored) == ("negative", f"site {site}, batch {batch}, 2024-03-01", -1)


def test_a_shelf_emptied_within_a_day_or_to_zero_is_none(kept: Session) -> None:
    _written(kept, ("X-1", date(2024, 3, 1), -41), ("X-2", date(2024, 3, 1), 41))
    _written(kept, ("X-3", date(2025, 3, 1), -40), ("X-4", date(2026, 1, 2), 40))
    assert verify(kept).faults == ()


def test_a_balance_that_is_not_the_sum_of_its_entries_is_found(kept: Session) -> None:
    site, batch, _ = _shelf(kept)
    kept.execute(text("UPDATE balance SET units = units + 3 WHERE site_id = :site"), {"site": site})
    [fault] = verify(kept).faults
    assert (fault.what, fault.place, fault.stored, fault.recomputed) == (
        "balance", f"site {site}, batch {batch}", 43, 40,
    )  # fmt: skip


def test_a_balance_without_any_entry_is_found(kept: Session) -> None:
    _, batch, _ = _shelf(kept)
    other = kept.execute(text("SELECT id FROM site WHERE code = 'E-PH2'")).scalar_one()
    row = {"site": other, "batch": batch}
    kept.execute(text("INSERT INTO balance (site_id, batch_id, units) VALUES (:site, :batch, 7)"), row)
    [fault] = verify(kept).faults
    assert (fault.what, fault.stored, fault.recomputed) == ("balance", 7, 0)


def test_a_total_that_the_entries_do_not_give_is_found(kept: Session) -> None:
    kept.execute(text("UPDATE national_total SET units = units + 2 WHERE column_name = 'consumed'"))
    [fault] = verify(kept).faults
    assert (fault.what, fault.stored - fault.recomputed) == ("total", 2)


def test_a_national_stock_that_no_shelf_holds_is_found(kept: Session) -> None:
    kept.execute(text("UPDATE national_total SET units = units + 2 WHERE column_name = 'stock' AND units > 0"))
    assert {(fault.what, fault.stored - fault.recomputed) for fault in verify(kept).faults} == {
        ("total", 2), ("national", 2),
    }  # fmt: skip


def test_of_many_faults_a_sample_is_told_by_the_same_statements(kept: Session) -> None:
    with counted(kept) as few:
        assert verify(kept).faults == ()
    site, _, product = _shelf(kept)
    batches = [{"product": product, "label": f"F{number}"} for number in range(SAMPLE + 5)]
    kept.execute(
        text(
            "INSERT INTO batch (product_id, label, revision_id)"
            " SELECT :product, :label, MIN(revision_id) FROM batch WHERE product_id = :product"
        ),
        batches,
    )
    kept.execute(
        text("INSERT INTO balance (site_id, batch_id, units) SELECT :site, id, 1 FROM batch WHERE label LIKE 'F%'"),
        {"site": site},
    )
    with counted(kept) as many:
        assert len(verify(kept).faults) == SAMPLE
    assert len(few) == len(many)
