"""What differs between customs, ledger and endorsements, and what is late: each rule on both sides of its limit."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.endorsements.watches import WATCHES
from registry.flags.service import Swept, sweep
from registry.kernel.actor import SYSTEM
from tests.endorsements.acting import arrive, asked, certify, found, leave, on, passed, stated, subjects
from tests.parameters.test_effects import put
from tests.permits.acting import JUNE

LINE = "permit P-6, product MOR10"


def test_end_01_no_more_is_endorsed_than_permitted_and_the_tolerance(stocked: Session) -> None:
    certify(stocked, asked("E-1", stated(120_001, "over_delivery")))
    [one] = found(stocked, JUNE, "END-01")
    assert (one.subject, one.observed, one.limit) == (LINE, "120001", "120000")
    put(stocked, "stock.arrival_tolerance", "1", date(2024, 6, 1))
    assert found(stocked, JUNE, "END-01") == []
    certify(stocked, asked("E-2", stated(121_200, "over_delivery"), replaces="E-1"))
    assert found(stocked, JUNE, "END-01") == []
    certify(stocked, asked("E-3", stated(121_201, "over_delivery"), replaces="E-2"))
    assert subjects(stocked, JUNE, "END-01") == [LINE]


def test_end_02_customs_and_ledger_agree_once_both_had_their_days(stocked: Session) -> None:
    passed(stocked, 1000)
    arrive(stocked, 1001)
    assert subjects(stocked, on(2024, 6, 22), "END-02") == []
    [one] = found(stocked, on(2024, 6, 23), "END-02")
    assert (one.subject, one.observed, one.limit) == (LINE, "1001", "1000")
    passed(stocked, 1, date(2024, 6, 12))
    assert subjects(stocked, on(2024, 6, 23), "END-02") == []


def test_end_03_what_passed_is_in_the_ledger_in_time(stocked: Session) -> None:
    passed(stocked, 1000)
    assert subjects(stocked, on(2024, 6, 21), "END-03") == []
    [one] = found(stocked, on(2024, 6, 22), "END-03")
    assert (one.subject, one.observed, one.limit) == ("permit P-6", "2024-06-22", "2024-06-21")
    arrive(stocked, 1000)
    assert subjects(stocked, on(2024, 6, 22), "END-03") == []


def test_end_04_what_moved_is_written_off_where_customs_writes_off_at_all(stocked: Session) -> None:
    arrive(stocked, 1000)
    assert subjects(stocked, on(2024, 7, 30), "END-04") == []
    passed(stocked, 5, date(2024, 6, 13), "P-1")
    assert subjects(stocked, on(2024, 7, 30), "END-04") == []
    passed(stocked, 5, date(2024, 6, 12), "P-1")
    assert subjects(stocked, on(2024, 6, 22), "END-04") == []
    assert subjects(stocked, on(2024, 6, 23), "END-04") == ["permit P-6"]
    passed(stocked, 1000, date(2024, 6, 12))
    assert subjects(stocked, on(2024, 6, 23), "END-04") == []


def test_end_05_we_endorse_in_time(stocked: Session) -> None:
    arrive(stocked, 120_000)
    assert subjects(stocked, on(2024, 6, 22), "END-05") == []
    assert subjects(stocked, on(2024, 6, 23), "END-05") == ["permit P-6"]
    certify(stocked, asked())
    assert subjects(stocked, on(2024, 6, 23), "END-05") == []


def test_end_06_the_importing_country_endorses_in_time(stocked: Session) -> None:
    leave(stocked, 1500)
    assert subjects(stocked, on(2024, 7, 12), "END-06") == []
    assert subjects(stocked, on(2024, 7, 13), "END-06") == ["permit X-1"]
    certify(stocked, asked("7/24", stated(1500), permit="X-1"))
    assert subjects(stocked, on(2024, 7, 13), "END-06") == []


def test_end_07_an_unused_permit_comes_back_in_time(stocked: Session) -> None:
    stocked.execute(text("UPDATE permit SET expires_on = '2024-06-30' WHERE number = 'P-6'"))
    assert "permit P-6" not in subjects(stocked, on(2024, 7, 10), "END-07")
    assert "permit P-6" in subjects(stocked, on(2024, 7, 11), "END-07")
    arrive(stocked, 1000)
    assert "permit P-6" not in subjects(stocked, on(2024, 7, 11), "END-07")


def test_end_08_what_we_certify_is_what_the_ledger_holds(stocked: Session) -> None:
    arrive(stocked, 119_000)
    certify(stocked, asked())
    [one] = found(stocked, JUNE, "END-08")
    assert (one.subject, one.observed, one.limit) == (LINE, "120000", "119000")
    certify(stocked, asked("E-2", stated(119_000, "short_shipment"), replaces="E-1"))
    assert found(stocked, JUNE, "END-08", "END-10") == []


def test_end_09_what_was_received_is_what_left(stocked: Session) -> None:
    leave(stocked, 1500)
    certify(stocked, asked("7/24", stated(1499, "short_shipment"), permit="X-1"))
    [one] = found(stocked, JUNE, "END-09", "END-10")
    assert (one.rule.code, one.observed, one.limit) == ("END-09", "1499", "1500")
    certify(stocked, asked("8/24", stated(1500), permit="X-1", replaces="7/24"))
    assert found(stocked, JUNE, "END-09", "END-10") == []


def test_end_10_a_loss_on_the_way_is_looked_into(stocked: Session) -> None:
    arrive(stocked, 119_000)
    certify(stocked, asked("E-1", stated(119_000, "short_shipment")))
    assert found(stocked, JUNE, "END-10") == []
    certify(stocked, asked("E-2", stated(119_000, "loss_in_transit"), replaces="E-1"))
    [one] = found(stocked, JUNE, "END-10")
    assert (one.subject, one.observed, one.limit) == (LINE, "119000", "120000")
    assert "lost on the way" in str(one.message)


def test_a_sweep_flags_once_and_closes_what_was_mended(stocked: Session) -> None:
    arrive(stocked, 119_000)
    certify(stocked, asked())

    def swept() -> Swept:
        with unit_of_work(stocked):
            return sweep(stocked, SYSTEM, JUNE, WATCHES)

    first, again = swept(), swept()
    assert (first.opened, again.opened, again.standing) == (1, 0, 1)
    certify(stocked, asked("E-2", stated(119_000, "short_shipment"), replaces="E-1"))
    assert swept().closed == 1
