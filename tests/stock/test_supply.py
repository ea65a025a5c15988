"""How long what lies at a site lasts, and what its start page says of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM
from registry.kernel.parameters import ON
from registry.parameters.service import NewValue, set_value
from registry.parties.queries import sites_by_codes
from registry.stock.domain.parameters import CONFIRMED_BEFORE_USE, IMPORT_QUARANTINE, USE_DAYS
from registry.stock.domain.supply import Lying, days_of_supply
from registry.stock.queries.outlook import Outlook, outlook
from registry.substances.queries.products import revisions_by_ids
from tests.intake.tables import counted
from tests.world import CLOCK, answer, move

DAY = date(2024, 6, 15)
LONG_AGO = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("usable", "used", "first_on", "days"),
    [
        pytest.param(100, 0, LONG_AGO, None, id="no use"),
        pytest.param(0, 0, LONG_AGO, None, id="no use and nothing there"),
        pytest.param(10, 45, LONG_AGO, 20, id="half a unit a day"),
        pytest.param(0, 45, LONG_AGO, 0, id="nothing left"),
        pytest.param(30, 5, DAY, 6, id="used only today, the first day of all"),
        pytest.param(30, 5, DAY - timedelta(days=1), 6, id="first entry yesterday"),
        pytest.param(30, 5, DAY - timedelta(days=2), 12, id="two days of history"),
        pytest.param(30, 5, DAY - timedelta(days=89), 534, id="a day less than the window"),
        pytest.param(30, 5, DAY - timedelta(days=90), 540, id="just the window"),
        pytest.param(30, 5, DAY - timedelta(days=91), 540, id="more than the window"),
        pytest.param(29, 90, LONG_AGO, 29, id="whole"),
        pytest.param(89, 91, LONG_AGO, 88, id="floored"),
        pytest.param(1, 91, LONG_AGO, 0, id="less than a day"),
    ],
)
def test_days_of_supply(usable: int, used: int, first_on: date, days: int | None) -> None:
    assert days_of_supply(usable, used, first_on, DAY, 90) == days


@pytest.mark.parametrize(("days", "runs_out"), [(None, False), (0, True), (30, True), (31, False)])
def test_it_runs_out_from_the_parameter_downward(days: int | None, *, runs_out: bool) -> None:
    assert Lying(1, 1, 5, 5, 0, 0, 0, 1, days).runs_out(30) is runs_out


def of(session: Session, code: str, day: date = DAY) -> Outlook:
    site = sites_by_codes(session, [code])[code].id
    return outlook(session, [site], day)[site]


def lying(session: Session, code: str, day: date = DAY) -> dict[str, Lying]:
    found = of(session, code, day).products
    revisions = revisions_by_ids(session, {one.revision_id for one in found}, day)
    return {revisions[one.revision_id].code: one for one in found}


def ask(session: Session, parameter, value: str = ON) -> None:
    with unit_of_work(session):
        set_value(session, SYSTEM, CLOCK, NewValue(parameter, value, date(2024, 1, 1), "No. 1"))


@pytest.fixture
def used(stocked: Session) -> Session:
    """A wholesaler that supplied a pharmacy, which dispenses; the last day of the window is 18 March."""
    assert move(
        stocked,
        "T-1,2023-12-01,opening_stock,E-WHO,,MOR10,A1,1000,,,,,2024-06-14",
        "T-2,2023-12-01,opening_stock,E-WHO,,MOR10,A2,1000,,,,,2024-06-15",
        "T-3,2024-03-17,supply,E-WHO,E-PH1,MOR10,A2,50,,,,,",
        "T-4,2024-03-18,supply,E-WHO,E-PH1,MOR10,A2,60,,,,,",
        "T-5,2024-06-15,supply,E-WHO,E-PH1,MOR10,A2,30,,,,,",
        "T-6,2024-06-01,supply,E-WHO,E-PH1,MOR10,A1,7,,,,,",
        "T-8,2024-06-05,lose,E-WHO,,MOR10,A2,5,,,,,",
        "T-9,2024-06-05,dispense,E-PH1,,MOR10,A2,40,,,,RX-1,",
    ).written
    assert move(stocked, "T-7,2024-06-02,reverse,E-WHO,E-PH1,MOR10,A1,7,,,T-6,,").written
    return stocked


def test_use_is_what_left_for_use_in_the_window_and_was_not_reversed(used: Session) -> None:
    one = lying(used, "E-WHO")["MOR10"]
    assert (one.units, one.expired, one.usable, one.used) == (1855, 1000, 855, 90)
    assert one.days == 855
    pharmacy = lying(used, "E-PH1")["MOR10"]
    assert (pharmacy.units, pharmacy.used) == (100, 40)
    assert pharmacy.days == 100 * 90 // 40, "its first entry is of 17 March, just the window"
    ask(used, USE_DAYS, "10")
    assert lying(used, "E-WHO")["MOR10"].used == 30


def test_what_came_lately_is_divided_by_the_days_since(used: Session) -> None:
    assert lying(used, "E-PH1", date(2024, 6, 6))["MOR10"].days == 100 * 81 // 40


def test_a_product_that_is_gone_but_used_is_told_and_an_unused_one_has_no_days(used: Session) -> None:
    assert move(
        used,
        "U-1,2024-06-15,dispense,E-PH1,,MOR10,A2,100,,,,RX-2,",
        "U-2,2024-06-15,opening_stock,E-PH1,,FEN01,F1,10,,,,,",
    ).written
    found = lying(used, "E-PH1")
    assert (found["MOR10"].units, found["MOR10"].days) == (0, 0)
    assert (found["FEN01"].units, found["FEN01"].days) == (10, None)
    assert "MOR10" not in lying(used, "E-PH1", date(2024, 12, 31)), "neither there nor used"


def test_unconfirmed_goods_are_usable_unless_the_country_asks_for_confirmation(used: Session) -> None:
    one = lying(used, "E-PH1")["MOR10"]
    assert (one.unconfirmed, one.usable) == (100, 100)
    ask(used, CONFIRMED_BEFORE_USE)
    assert answer(used, "T-3,2024-03-18,,,,").written
    one = lying(used, "E-PH1")["MOR10"]
    assert (one.unconfirmed, one.usable) == (90, 10)


def test_what_is_due_and_waits(used: Session) -> None:
    due = of(used, "E-PH1").due
    assert due is not None
    assert (due.lines, due.oldest) == (3, date(2024, 3, 17))
    assert answer(used, "T-3,2024-03-18,short,5,,", "T-4,2024-03-19,,,,").written
    pharmacy, wholesaler = of(used, "E-PH1"), of(used, "E-WHO")
    assert pharmacy.due is not None
    assert (pharmacy.due.lines, pharmacy.received, pharmacy.sent) == (1, 1, 0)
    assert (wholesaler.due, wholesaler.received, wholesaler.sent) == (None, 0, 1)
    assert answer(used, "T-3,2024-03-18,,,,").written
    assert of(used, "E-PH1").received == 0, "the last answer counts"


def test_an_imported_lot_waits_and_is_not_usable(stocked: Session) -> None:
    ask(stocked, IMPORT_QUARANTINE)
    assert move(stocked, "T-1,2024-02-10,import,E-IMP,,MOR10,A1,1000,P-1,IN,,,").written
    assert of(stocked, "E-IMP").lots == 1
    one = lying(stocked, "E-IMP")["MOR10"]
    assert (one.units, one.quarantined, one.usable) == (1000, 1000, 0)


def test_batches_expire_soonest_first_up_to_the_parameter(stocked: Session) -> None:
    days = {"GONE": "2024-06-14", "LAST": "2024-09-13", "LATER": "2024-09-14", "TODAY": "2024-06-15", "NONE": ""}
    rows = [f"T-{n},2024-01-01,opening_stock,E-WHO,,MOR10,{one},10,,,,,{days[one]}" for n, one in enumerate(days)]
    assert move(stocked, *rows).written
    found = of(stocked, "E-WHO").expiring
    assert [one.label for one in found] == ["GONE", "TODAY", "LAST"]
    assert [one.has_expired(DAY) for one in found] == [True, False, False]


def test_the_statements_grow_with_nothing(used: Session) -> None:
    sites = [site.id for site in sites_by_codes(used, ["E-WHO", "E-PH1", "E-PH2", "E-IMP"]).values()]
    rows = [f"X-{n},2024-06-10,opening_stock,E-WHO,,MOR10,X{n},10,,,,,2024-07-01" for n in range(60)]
    counts = []
    for asked in (sites[:1], sites):
        with counted(used) as seen:
            outlook(used, asked, DAY)
        counts.append(len(seen))
        assert move(used, *(row.replace("X", "XY"[len(counts) - 1]) for row in rows)).written
    with counted(used) as seen:
        assert len(outlook(used, sites, DAY)) == 4
    assert [*counts, len(seen)] == [6, 6, 6], "quarantine, which nobody ever asked for, would be the seventh"
