"""The whole set of estimates of a year, what it takes over from the year before, and how late postings move that."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from registry.kernel.clock import FixedClock
from registry.quotas.domain.estimates import carry_over, excess, excess_pieces, sum_of
from registry.quotas.domain.lines import LineFact, ceilings_of, counted_lines
from registry.quotas.queries import late_changes
from registry.quotas.service import record_ledger_years
from registry.substances.queries import substance_by_codes
from tests.intake.tables import counted
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import BISHKEK, CLOCK, table_of, take_file, take_in

__all__ = ["cheap_hashes", "office"]

G = 10**9
COLUMNS = "year,substance,kind,item,quantity_g,organisation,act,effective_on"


def line(number: int, kind: str, quantity: int, item: str | None = None, **more: object) -> LineFact:
    given = {"year": 2030, "effective_on": date(2030, 1, 1)} | more
    return LineFact(number, given.pop("year"), 1, kind, item, None, quantity * G, given.pop("effective_on"), **given)  # type: ignore[arg-type]


ESTIMATES = (
    line(1, "estimate", 100, "consumption"),
    line(2, "estimate", 90, "consumption", effective_on=date(2030, 2, 1)),
    line(3, "supplement", 5, "consumption", effective_on=date(2030, 3, 1)),
    line(4, "estimate", 40, "stocks"),
    line(5, "estimate", 7, "consumption", year=2029, effective_on=date(2029, 1, 1)),
    line(6, "state_quota", 80),
)
ASSESSED = (
    line(1, "assessment", 50, year=2028, effective_on=date(2028, 1, 1)),
    line(2, "supplement", 3, year=2028, effective_on=date(2028, 5, 1)),
    line(3, "assessment", 60),
    line(4, "supplement", 2, effective_on=date(2030, 2, 1)),
)


@pytest.mark.parametrize(
    ("treaty", "lines", "day", "found"),
    [
        ("1961", ESTIMATES, date(2030, 12, 31), [4, 6, 2, 3]),
        ("1961", ESTIMATES, date(2030, 1, 15), [1, 4, 6]),
        ("1971", ASSESSED, date(2030, 12, 31), [3, 4]),
        ("1971", ASSESSED[:2], date(2030, 12, 31), [1, 2]),
    ],
)
def test_the_lines_behind_what_counts(treaty: str, lines: tuple[LineFact, ...], day: date, found: list[int]) -> None:
    chosen = counted_lines(treaty, 2030, lines, day)
    assert [one.id for one in chosen] == found
    now = ceilings_of(treaty, 2030, lines, day)
    ahead = sum(one.quantity_ng for one in chosen if one.kind != "state_quota")
    assert ahead == (now.ceiling if treaty == "1971" else sum(now.items.values()))


@pytest.mark.parametrize("imported", [0, 95, 135, 136, 500])
def test_the_parts_of_the_excess_add_up_to_it(imported: int) -> None:
    now = ceilings_of("1961", 2030, ESTIMATES, date(2030, 12, 31))
    figures = {
        "imported": Fraction(imported * G),
        "consumed": Fraction(95 * G),
        "closing_stock": Fraction(40 * G),
    }
    assert max(Fraction(0), sum_of(excess_pieces(now, figures))) == excess(now, figures)
    carried = carry_over(now, figures)
    assert (carried.excess, carried.stock) == (max(0, imported - 135) * G, 40 * G)


def test_a_late_posting_moves_what_is_carried_over_and_the_change_is_kept(stocked: Session) -> None:
    rows = ["2025,NM 009,estimate,consumption,100,,,", "2025,PD 006,assessment,,100,,,"]
    assert take_in(stocked, "quotas", table_of(COLUMNS, *rows)).written
    facts = substance_by_codes(stocked, ["NM 009", "PD 006"], CLOCK.today())
    morphine, diazepam = facts["NM 009"].id, facts["PD 006"].id
    in_time = FixedClock(datetime(2025, 12, 31, 23, 0, tzinfo=BISHKEK), BISHKEK)
    told = {"imported": Fraction(120 * G), "consumed": Fraction(110 * G), "closing_stock": Fraction(10 * G)}
    record_ledger_years(stocked, in_time, {(2025, morphine): told, (2025, diazepam): told})
    assert late_changes(stocked, 2026, morphine) == []
    later = {**told, "consumed": Fraction(90 * G), "closing_stock": Fraction(30 * G)}
    for _ in range(2):
        record_ledger_years(stocked, CLOCK, {(2025, morphine): later, (2025, diazepam): later})
    [moved] = late_changes(stocked, 2026, morphine)
    assert (moved.excess_before, moved.excess_after) == (20 * G, 30 * G)
    assert (moved.stock_before, moved.stock_after) == (10 * G, 30 * G)
    assert late_changes(stocked, 2026, diazepam) == []


def test_late_changes_take_as_many_statements_for_many_as_for_few(stocked: Session) -> None:
    facts = substance_by_codes(stocked, ["NM 009", "NF 001", "NM 002", "NC 005"], CLOCK.today())
    ids = [fact.id for fact in facts.values()]
    counts = []
    for step, chosen in enumerate((ids[:1], ids), 1):
        with counted(stocked) as sent:
            record_ledger_years(
                stocked,
                CLOCK,
                {(2025, each): {"imported": Fraction(step), "closing_stock": Fraction(step)} for each in chosen},
            )
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_page_of_a_years_estimates(office: Office) -> None:
    office.at(office.clock.moment.replace(year=2025))
    officer = office.browser("asel")
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
        row = "2024,NM 009,supplement,consumption,20,,s1,2024-05-01"
        assert take_in(session, "quotas", table_of(COLUMNS, row)).written
    asked = {"year": "2024", "substance": "NM 009", "kind": "supplement", "item": "special", "quantity_g": "7"}
    assert officer.post("/quotas/new", data=asked | {"note": "exercise"}).status_code == 303
    page = text_of(officer.get("/quotas/estimates/2024/NM 009"))
    for part in (
        "a) medical and scientific consumption", "3,000 g", "20 g", "3,020 g", "d) addition to special stocks",
        "(c) stocks to be held, less stock on 1 January", "650 g", "3,670 g", "3,677 g", "exercise",
        "Stock on 1 January, with stock first taken on in the year: 150 g",
    ):  # fmt: skip
        assert part in page, part
    page = text_of(officer.get("/quotas/estimates/2025/NM 009"))
    assert "Excess of 2024, carried over (art. 21)" in page
    assert "100 g" in page
    assert "50,000 g" in text_of(officer.get("/quotas/estimates/2024/PD 006"))
    office.at(office.clock.moment.replace(year=2027))
    officer = office.browser("asel")
    assert "QTA-03" in text_of(officer.get("/quotas/estimates/2027/PD 006"))
    assert officer.get("/quotas/estimates/2024/NX 9").status_code == 404


def test_the_position_says_that_late_postings_moved_it(office: Office) -> None:
    office.at(office.clock.moment.replace(year=2025))
    officer = office.browser("asel")
    before = text_of(officer.get("/positions/NM 009/2025"))
    assert "Moved by late postings" not in before
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
    page = text_of(officer.get("/positions/NM 009/2025"))
    for part in ("Moved by late postings since 15 Jun 2025", "from 0 g to 100 g", "from 0 g to 896.25 g", "imported"):
        assert part in page, part


def test_the_allocations_of_a_year(office: Office) -> None:
    office.at(office.clock.moment.replace(year=2025))
    officer = office.browser("asel")
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
        rows = ["2024,NM 009,allocation,,2000,E-IMP,,", "2024,NM 009,allocation,,400,E-MAK,,"]
        assert take_in(session, "quotas", table_of(COLUMNS, *rows)).written
    page = text_of(officer.get("/positions/NM 009/2024/allocations"))
    for part in (
        "Allocations are indicative",
        "2,800 g",
        "280 g",
        "2,400 g",
        "120 g",
        "E-IMP",
        "1,500 g",
        "900 g",
        "-400 g",
    ):
        assert part in page.replace("\u2212", "-"), part
    assert "beyond the allocation" in page
    assert "/positions/NM%20009/2024/allocations" in officer.get("/positions/NM 009/2024").text.replace(
        "NM 009", "NM%20009"
    )
    assert "No state quota is set" in text_of(officer.get("/positions/NM 009/2023/allocations"))
    assert office.browser("imran").get("/positions/NM 009/2024/allocations").status_code == 403
