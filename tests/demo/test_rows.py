"""The invented country without a database: same rows each time, shelves that never lack, names that say what they are."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from registry.accounts.domain import ROLES, USERNAME
from registry.accounts.passwords import require_acceptable
from registry.demo.domain import sheets
from registry.demo.domain.accounts import demo_accounts
from registry.demo.domain.demand import Demand
from registry.demo.domain.entry import Entry
from registry.demo.domain.world import FIRST_DAY, sizes, table, world_of
from registry.demo.service import files_of_movements
from registry.kernel.fields import Column
from registry.licences.domain import ACTS
from registry.parties.domain import ORGANISATION_KINDS
from registry.stock.domain.kinds import MOVEMENT_KINDS, REVERSE
from registry.stock.domain.lines import COLUMNS

TODAY = date(2026, 11, 22)
BOTH = pytest.mark.parametrize("size", ["small", "country"])


def played(size: str, today: date = TODAY) -> list[Entry]:
    return [entry for sheet in files_of_movements(world_of(size), today) for entry in sheet.rows]


@BOTH
def test_same_day_and_size_give_the_same_rows(size):
    assert played(size) == played(size)


def test_an_earlier_day_of_the_month_gives_the_first_of_the_later_rows():
    # A load interrupted on one day goes on with the same rows on the next.
    day = date(2026, 11, 9)
    earlier = played("country", day)
    assert earlier == [entry for entry in played("country") if entry.occurred_on < day.isoformat()]
    assert earlier


def test_movements_end_the_day_before_today():
    days = {entry.occurred_on for entry in played("country")}
    assert min(days) == FIRST_DAY.isoformat()
    assert max(days) == (TODAY - timedelta(days=1)).isoformat()


def test_before_the_first_day_nothing_moved():
    assert played("small", FIRST_DAY) == []
    assert {entry.occurred_on for entry in played("small", FIRST_DAY + timedelta(days=1))} == {FIRST_DAY.isoformat()}


@BOTH
def test_no_shelf_is_below_zero_on_any_day(size):
    nets: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    before: dict[str, Entry] = {}
    for entry in played(size):
        assert int(entry.quantity) > 0
        before[entry.reference] = entry
        kind = MOVEMENT_KINDS[entry.kind]
        sign = -MOVEMENT_KINDS[before[entry.document].kind].shelf if kind is REVERSE else kind.shelf
        nets[entry.site, entry.product, entry.batch][entry.occurred_on] += sign * int(entry.quantity)
        if kind.two_sided:
            nets[entry.counterparty, entry.product, entry.batch][entry.occurred_on] += int(entry.quantity)
    for shelf, days in nets.items():
        held = 0
        for day in sorted(days):
            held += days[day]
            assert held >= 0, (shelf, day)


@BOTH
def test_references_are_used_once_and_stories_are_told(size):
    references = Counter(entry.reference for entry in played(size))
    assert max(references.values()) == 1
    told = {f"X-{row['id']}" for row in world_of(size).tables["stories"]}
    assert told
    assert told <= references.keys()


def test_a_reversal_stands_in_a_later_file_than_what_it_reverses():
    place = {
        entry.reference: (number, entry)
        for number, sheet in enumerate(files_of_movements(world_of("country"), TODAY))
        for entry in sheet.rows
    }
    reversals = [(number, entry) for number, entry in place.values() if entry.kind == REVERSE.code]
    assert reversals
    assert all(place[entry.document][0] < number for number, entry in reversals)


def test_sizes_are_what_they_promise():
    assert list(sizes()) == ["small", "country", "large"]
    small, country = world_of("small"), world_of("country")
    assert 10 <= len(small.sites) <= 15
    assert 10 <= len(small.products) <= 14
    assert 58 <= len(country.sites) <= 66
    assert 40 <= len(country.products) <= 44
    assert 500 <= len(played("small")) <= 2_000
    assert 15_000 <= len(played("country")) <= 25_000


def test_kinds_of_sites_are_all_there():
    counts = Counter(site.kind for site in world_of("country").sites.values())
    expected = {
        "importer": 3, "wholesaler": 4, "manufacturer": 1, "pharmacy": 22, "hospital": 12, "ost_site": 14,
        "prison_medical_unit": 2, "clinic": 1, "veterinary": 1, "laboratory": 1, "precursor_operator": 1,
        "customs": 1, "authority": 1,
    }  # fmt: skip
    assert counts == expected
    assert counts.keys() <= ORGANISATION_KINDS.keys()


def test_every_name_says_that_it_is_invented():
    word = re.compile(r"демо|учебн|пример|образец|эталон", re.IGNORECASE)
    assert all(word.search(row["name"]) for row in table("sites"))
    assert all("(demo)" in row["partner"] for row in table("supplies") if row["partner"])
    assert all("демо" in row["name"] for row in table("accounts"))


def test_sites_name_what_exists():
    sites = world_of("country").sites
    regions = {f"KG-{letters}" for letters in ("GB", "GO", "C", "T", "N", "Y", "J", "O", "B")}
    for site in sites.values():
        assert site.region in regions
        assert not site.parent or not sites[site.parent].parent
        assert not site.wholesaler or sites[site.wholesaler].kind == "wholesaler"


def test_licences_name_acts_and_end_soon_where_said():
    rows = sheets.licences(world_of("country"), TODAY).rows
    assert all(set(row[2].split(";")) <= ACTS.keys() for row in rows)
    ends = {row[0]: row[5] for row in rows}
    assert ends["DEMO-L-PH-03"] == "2026-12-12"
    assert ends["DEMO-L-PH-04"] > "2027"


def test_goods_arrive_while_the_permit_is_valid_and_one_arrives_short():
    demand = Demand(world_of("country"), TODAY)
    assert all(one.issued_on < one.arrives_on <= one.valid_until for one in demand.consignments)
    assert all(one.valid_until - one.issued_on <= timedelta(days=90) for one in demand.consignments)
    short = {(one.supply, one.permit) for one in demand.consignments if one.arriving < one.permitted}
    assert short == {("FEN", "DEMO-I-2026-FEN-2")}


def test_permits_hold_no_product_that_needs_none():
    rows = sheets.permits(world_of("country"), Demand(world_of("country"), TODAY)).rows
    assert {row[7] for row in rows}.isdisjoint({"COD-TER", "COD-PAR", "PHB-C7"})
    assert max(row[5] for row in rows) <= TODAY.isoformat()


def test_one_batch_expires_soon():
    soon = [one for one in Demand(world_of("small"), TODAY).consignments if one.expires_on < TODAY + timedelta(days=60)]
    assert [(one.product, one.expires_on - TODAY) for one in soon] == [("DIA-A10", timedelta(days=24))]
    assert soon[0].arrives_on < TODAY


@pytest.mark.parametrize(
    ("site", "first", "last"),
    [
        ("PH-19", date(2026, 9, 2), date(2026, 11, 21)),
        ("OST-13", date(2026, 9, 12), date(2026, 11, 21)),
        ("PH-05", date(2026, 8, 23), date(2026, 10, 17)),
    ],
)
def test_reporting_gaps(site, first, last):
    days = {entry.occurred_on for entry in played("country") if site in (entry.site, entry.counterparty)}
    assert any(day < first.isoformat() for day in days)
    assert not any(first.isoformat() <= day <= last.isoformat() for day in days)


def test_applications_are_planned_for_the_year_of_the_day():
    world = world_of("country")
    late = sheets.applications(world, Demand(world, date(2026, 12, 20))).rows
    assert len(late) == 5
    assert {row[7] for row in late} == {"2026-12-31"}
    assert sheets.applications(world, Demand(world, date(2027, 1, 1))).rows == []
    assert sheets.applications(world, Demand(world, date(2025, 12, 31))).rows == []


def test_accounts_cover_every_role_with_one_password_that_is_good_enough():
    accounts = demo_accounts()
    assert {account.role for account in accounts} == {role.value for role in ROLES}
    for account in accounts:
        assert USERNAME.fullmatch(account.username)
        require_acceptable(account.password, account.username)


def test_entries_have_the_columns_of_the_contract():
    names: list[str] = [column.name for column in COLUMNS if isinstance(column, Column)]
    assert list(Entry._fields) == names
