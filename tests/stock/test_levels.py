"""A site changes its level while it holds stock: the national stock stays what the wholesale level holds, on every day."""

from __future__ import annotations

import json
import threading
from datetime import date, datetime
from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from registry.flags.queries import worklist
from registry.intake.check import Report
from registry.kernel.clock import FixedClock
from registry.kernel.mass import NG_PER_G
from registry.kernel.period import Period
from registry.parties.domain import KIND_CHANGED, Level, LevelChange, SiteFact, SiteRevisionFact
from registry.parties.queries import sites_by_codes
from registry.returns.service.explain import explain
from registry.stock.domain.kinds import LEVEL_CHANGE
from registry.stock.domain.lines import OWN_REFERENCE
from registry.stock.queries.journal import JournalEntry, JournalFilter, journal
from registry.stock.queries.verify import verify
from tests.databases import engine_for
from tests.depth import EXAMPLES
from tests.stock.test_adversary import figures
from tests.world import BISHKEK, CLOCK, move, table_of, take_file, take_in

TODAY = CLOCK.today()
JUNE = date(2024, 6, 1)
BASE = Fraction(75, 10_000)
"""Grams of anhydrous morphine in one MOR10."""


def change(session: Session, code: str, kind: str, day: date = TODAY) -> Report:
    """Record on `day` that a site is of another kind; entries of later days may stand in the ledger already."""
    clock = FixedClock(datetime(day.year, day.month, day.day, 12, 0, tzinfo=BISHKEK), BISHKEK)
    report = take_in(
        session, "organisations", table_of("code,name,kind", f"{code},{code} as {kind},{kind}"), clock=clock
    )
    assert report.written, report.as_json()
    return report


def own_entries(session: Session) -> list[JournalEntry]:
    """Return the registry's own entries, the oldest day first."""
    return journal(session, JournalFilter(kind=LEVEL_CHANGE.code), 1000)[::-1]


def moved(before: dict[str, Fraction], after: dict[str, Fraction]) -> dict[str, Fraction]:
    """Return by how much each figure of a year changed."""
    columns = before.keys() | after.keys()
    changes = {column: after.get(column, Fraction(0)) - before.get(column, Fraction(0)) for column in columns}
    return {column: by for column, by in changes.items() if by and column not in {"excess", "limit"}}


def held_flat(session: Session) -> None:
    assert verify(session).faults == ()


@pytest.mark.parametrize(
    ("code", "kind", "units", "sign"), [("E-WHO", "pharmacy", 79_500, 1), ("E-PH1", "wholesaler", 30_000, -1)]
)
def test_what_the_shelves_hold_crosses_on_the_day(
    stocked: Session, code: str, kind: str, units: int, sign: int
) -> None:
    take_file(stocked, "07-movements")
    past, present = figures(stocked, 2024), figures(stocked, 2026)
    report = change(stocked, code, kind)
    assert figures(stocked, 2024) == past
    grams = sign * units * BASE
    assert moved(present, figures(stocked, 2026)) == {"consumed": grams, "closing_stock": -grams}
    [entry] = own_entries(stocked)
    assert (entry.occurred_on, entry.units, entry.site_delta, entry.label) == (TODAY, units, 0, "A1")
    assert entry.effect == ("consumed+ stock-" if sign > 0 else "consumed- stock+")
    held_flat(stocked)
    [finding] = report.findings
    assert finding.rule is KIND_CHANGED
    assert f"entries posted: 1, the first “{entry.reference}”" in str(finding.message)
    assert [str(flag.message) for flag in worklist(stocked) if flag.rule == KIND_CHANGED.code] == [str(finding.message)]
    # There and back again on one day: the country stands as it stood.
    change(stocked, code, "wholesaler" if kind == "pharmacy" else "pharmacy")
    assert figures(stocked, 2026) == present
    held_flat(stocked)


def test_a_site_with_empty_shelves_says_that_nothing_was_posted(stocked: Session) -> None:
    [finding] = change(stocked, "E-PH1", "wholesaler").findings
    assert str(finding.message).endswith("Nothing had to be posted: its shelves were empty")
    assert own_entries(stocked) == []
    [other] = change(stocked, "E-PH1", "importer").findings
    assert "posted" not in str(other.message), "the level stays: there is nothing to post"


def test_quotas_are_told_in_the_same_transaction(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    change(stocked, "E-WHO", "pharmacy", JUNE)
    rows = stocked.execute(
        text(
            "SELECT y.figures FROM ledger_year y JOIN substance s ON s.id = y.substance_id"
            " WHERE y.year = 2024 AND s.code = 'NM 009'"
        )
    )
    told = json.loads(rows.scalar_one())
    form = figures(stocked, 2024)
    assert {column: Fraction(told[column]) / NG_PER_G for column in ("consumed", "closing_stock")} == {
        column: form[column] for column in ("consumed", "closing_stock")
    }


def test_entries_after_the_day_count_by_the_new_level_although_they_came_first(stocked: Session) -> None:
    """E-WHO held 80,000 on 1 June and destroyed 500 in July: of a pharmacy that is no loss of the country."""
    take_file(stocked, "07-movements")
    before = figures(stocked, 2024)
    change(stocked, "E-WHO", "pharmacy", JUNE)
    assert moved(before, figures(stocked, 2024)) == {
        "consumed": 80_000 * BASE,
        "lost": -500 * BASE,
        "closing_stock": -79_500 * BASE,
    }
    crossed, corrected = own_entries(stocked)
    assert (crossed.occurred_on, crossed.units, crossed.document) == (JUNE, 80_000, None)
    assert (corrected.occurred_on, corrected.document) == (date(2024, 7, 1), "M-014")
    assert corrected.effect == "lost- stock+"
    held_flat(stocked)
    # The reversal takes back what the entry counts for now: nothing.
    assert move(stocked, "R-1,2024-08-01,reverse,E-WHO,,MOR10,A1,500,,,M-014,,").written
    assert figures(stocked, 2024).get("lost", 0) == 0
    assert figures(stocked, 2024)["consumed"] == before["consumed"] + 80_000 * BASE
    held_flat(stocked)


def test_a_supply_is_a_transfer_when_the_receiver_turns_out_to_be_wholesale(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    before = figures(stocked, 2024)
    change(stocked, "E-PH1", "wholesaler", date(2024, 2, 1))
    # 60,000 supplied are no consumption any more; the 30,000 released on prescription now are.
    assert moved(before, figures(stocked, 2024)) == {
        "consumed": (30_000 - 60_000) * BASE,
        "closing_stock": 30_000 * BASE,
    }
    held_flat(stocked)


@pytest.mark.parametrize(
    ("day", "in_2024", "in_2026"),
    [
        ("2024-05-31", 100, -100),  # by the old level, and the goods crossed with the others afterwards
        ("2026-11-21", 0, 0),
        ("2026-11-22", 0, 0),  # the day itself: a transfer within the wholesale level
    ],
)
def test_what_comes_late_counts_by_the_level_of_its_day(stocked: Session, day: str, in_2024: int, in_2026: int) -> None:
    take_file(stocked, "07-movements")
    licence = "code,LIC,E-IMP,distribution;acquisition,narcotic,2023-01-01,2027-12-31"
    columns = "number,organisation,acts,substances,valid_from,valid_to"
    rows = [licence.replace("code,LIC", "L-1"), licence.replace("code,LIC,E-IMP", "L-2,E-PH1")]
    assert take_in(stocked, "licences", table_of(columns, *rows)).written
    change(stocked, "E-PH1", "wholesaler")
    before = {year: figures(stocked, year) for year in (2024, 2026)}
    assert move(stocked, f"T-1,{day},supply,E-IMP,E-PH1,MOR10,A0,100,,,,,").written
    after = {year: figures(stocked, year) for year in (2024, 2026)}
    assert after[2024]["consumed"] - before[2024]["consumed"] == in_2024 * BASE
    assert after[2026].get("consumed", 0) - before[2026]["consumed"] == in_2026 * BASE
    assert after[2026]["closing_stock"] == before[2026]["closing_stock"], "the goods only moved"
    held_flat(stocked)
    new = [entry for entry in own_entries(stocked) if entry.label == "A0"]
    assert [(entry.occurred_on, entry.units) for entry in new] == ([(TODAY, 100)] if day < "2026-11-22" else [])


def test_a_late_entry_that_takes_from_the_shelf_is_followed_the_other_way(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    change(stocked, "E-PH1", "wholesaler")
    assert move(stocked, "T-1,2024-05-31,dispense,E-PH1,,MOR10,A1,100,,,,R-9,").written
    first, later = own_entries(stocked)
    assert (first.effect, first.units) == ("consumed- stock+", 30_000)
    assert (later.effect, later.units) == ("consumed+ stock-", 100)
    held_flat(stocked)


def test_a_reversal_after_the_change_of_an_entry_before_it(stocked: Session) -> None:
    """30,000 released in April come back to a shelf that is national stock by now."""
    take_file(stocked, "07-movements")
    change(stocked, "E-PH1", "wholesaler", JUNE)
    before = figures(stocked, 2024)
    assert move(stocked, "R-1,2024-07-01,reverse,E-PH1,,MOR10,A1,30000,,,M-007,,").written
    assert moved(before, figures(stocked, 2024)) == {"consumed": -30_000 * BASE, "closing_stock": 30_000 * BASE}
    held_flat(stocked)
    # The other side of a reversal is looked up although the row does not name it.
    assert move(stocked, "R-2,2024-08-01,reverse,E-WHO,,MOR10,A1,60000,,,M-004,,").written
    assert figures(stocked, 2024)["closing_stock"] == before["closing_stock"] + 30_000 * BASE
    held_flat(stocked)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("T-9,2024-02-01,level_change,E-WHO,,MOR10,A1,5,,,,,", "kind", "unknown-value"),
        ("LEVEL:9:1,2024-02-01,lose,E-WHO,,MOR10,A1,5,,,,,", "reference", "reserved-reference"),
        ("T-9,2026-11-22,reverse,E-PH1,,MOR10,A1,30000,,,{own},,", "document", "own-entry"),
    ],
)
def test_nobody_writes_or_reverses_an_entry_of_the_registry(stocked: Session, row: str, column: str, code: str) -> None:
    take_file(stocked, "07-movements")
    change(stocked, "E-PH1", "wholesaler")
    own = own_entries(stocked)[0].reference
    assert own.startswith(OWN_REFERENCE)
    assert [(fault.column, fault.code) for fault in move(stocked, row.format(own=own)).problems] == [(column, code)]


def test_the_explanation_of_a_figure_shows_the_entries(stocked: Session) -> None:
    take_file(stocked, "07-movements")
    change(stocked, "E-PH1", "wholesaler")
    for column, year in (("consumed", 2026), ("closing_stock", 2026)):
        answer = explain(stocked, CLOCK, "C", Period(year), "NM 009", column)
        assert answer.total_ng == figures(stocked, year)[column] * NG_PER_G
        assert [(one.kind, one.site) for one in answer.entries if one.kind == LEVEL_CHANGE.code] == [
            (LEVEL_CHANGE.code, "E-PH1")
        ]


def test_verification_notices_a_level_that_nobody_followed(stocked: Session) -> None:
    """The fault this guards against: a revision written past the service, so that held stock is forgotten."""
    take_file(stocked, "07-movements")
    held_flat(stocked)
    stocked.execute(
        text(
            "INSERT INTO site_revision (site_id, number, effective_on, kind, name, search_key, recorded_at, recorded_by)"
            " SELECT id, 2, '2024-06-01', 'pharmacy', 'X', 'x', CURRENT_TIMESTAMP, 'x' FROM site WHERE code = 'E-WHO'"
        )
    )
    faults = verify(stocked).faults
    assert {fault.what for fault in faults} == {"national"}
    assert [(fault.place.split(", ")[1], fault.stored - fault.recomputed) for fault in faults] == [
        ("close of 2024", 79_500)
    ]


def test_verification_notices_totals_and_roll_up_wrong_alike(stocked: Session) -> None:
    """An effect frozen wrongly agrees with its roll-up; only the shelves tell."""
    take_file(stocked, "07-movements")
    change(stocked, "E-PH1", "wholesaler")
    stocked.execute(
        text(
            "INSERT INTO movement (reference, occurred_on, kind, site_id, batch_id, units, site_delta, counter_delta, effect,"
            " posting_id) SELECT 'LEVEL:x', occurred_on, kind, site_id, batch_id, 7, 0, 0, effect, posting_id FROM movement"
            " WHERE kind = 'level_change'"
        )
    )
    for column, by in (("consumed", -7), ("stock", 7)):
        stocked.execute(
            text(
                "UPDATE national_total SET units = units + :by WHERE month = 202611 AND column_name = :column"
                " AND units <> 0"
            ),
            {"by": by, "column": column},
        )
    assert [(fault.what, fault.stored - fault.recomputed) for fault in verify(stocked).faults] == [("national", 7)]


def test_statements_do_not_grow_with_the_shelves_and_the_sites(stocked: Session) -> None:
    counts = []
    for code, batches in (("E-PH1", 2), ("E-PH2", 300)):
        rows = [f"O-{code}-{n},2024-01-01,opening_stock,{code},,MOR10,B{n},10,,,,," for n in range(batches)]
        rows += [f"L-{code}-{n},2024-06-02,lose,{code},,MOR10,B{n},1,,,,," for n in range(batches)]
        assert move(stocked, *rows).written
        seen: list[str] = []
        listener = lambda c, cur, statement, *rest: seen.append(statement)  # noqa: E731, B023
        event.listen(stocked.get_bind(), "before_cursor_execute", listener)
        change(stocked, code, "wholesaler", JUNE)
        event.remove(stocked.get_bind(), "before_cursor_execute", listener)
        counts.append(len(seen))
    assert counts[0] == counts[1] > 0
    assert len(own_entries(stocked)) == 604
    held_flat(stocked)


STEPS = st.lists(
    st.tuples(
        st.integers(1, 28),
        st.sampled_from(
            ["transfer E-WHO E-PH1", "transfer E-PH1 E-WHO", "transfer E-WHO E-HOS", "transfer E-HOS E-PH1",
             "lose E-WHO", "lose E-PH1", "dispense E-PH1", "count_gain E-PH1", "count_gain E-WHO", "sample E-HOS"]
        ),
        st.integers(1, 60),
        st.integers(0, 28),
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip
CHANGES = st.lists(
    st.tuples(st.integers(1, 28), st.sampled_from(["E-PH1 wholesaler", "E-WHO pharmacy"]), st.integers(0, 10)),
    max_size=2,
    unique_by=lambda step: step[1],
)


def totals(session: Session) -> dict[tuple[int, int, str], int]:
    rows = session.execute(
        text("SELECT month, revision_id, column_name, SUM(units) FROM national_total GROUP BY 1, 2, 3")
    )
    return {(month, revision, column): int(units) for month, revision, column, units in rows if units}


@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, changes=CHANGES)
def test_it_does_not_matter_when_a_change_of_level_is_recorded(
    stocked: Session, steps: list[tuple[int, str, int, int]], changes: list[tuple[int, str, int]]
) -> None:
    """Recorded before all entries, between them or after: the country's figures come out the same, and verify."""
    outcomes = []
    for known_first in (True, False):
        point = stocked.get_bind().begin_nested()  # type: ignore[union-attr]
        opening = [
            f"T-{n},2024-01-31,opening_stock,{site},,MOR10,A0,{units},,,,,"
            for n, (site, units) in enumerate((("E-WHO", 200), ("E-PH1", 100), ("E-HOS", 50)))
        ]
        assert move(stocked, *opening).written
        written = []
        for number in range(len(steps) + 1):
            for on, which, after in changes:
                if number == (0 if known_first else min(after, len(steps))):
                    code, became = which.split()
                    change(stocked, code, became, date(2024, 2, on))
            for day, what, units, undo in steps[number : number + 1]:
                kind, site, *other = what.split()
                row = f"S-{number},2024-02-{day:02d},{kind},{site},{''.join(other)},MOR10,A0,{units},,,,R-1,"
                written.append(move(stocked, row).written)
                if written[-1] and undo >= day:
                    back = f"B-{number},2024-02-{undo:02d},reverse,{site},,MOR10,A0,{units},,,S-{number},,"
                    written.append(move(stocked, back).written)
        assert verify(stocked).faults == ()
        outcomes.append((written, totals(stocked)))
        stocked.rollback()
        point.rollback()
    assert outcomes[0] == outcomes[1]


def test_a_change_races_with_postings_and_nothing_is_lost(stocked_url: str) -> None:
    """Eight supplies to a pharmacy while it becomes a wholesaler: each is judged by what is known when it is written."""
    engine = engine_for(stocked_url)
    with Session(engine) as session:
        assert move(session, "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,").written
    barrier, outcomes = threading.Barrier(9), []

    def supply(number: int) -> None:
        with Session(engine) as session:
            barrier.wait()
            outcomes.append(move(session, f"W-{number},2024-06-03,supply,E-WHO,E-PH1,MOR10,A0,10,,,,,").written)

    def become() -> None:
        with Session(engine) as session:
            barrier.wait()
            outcomes.append(change(session, "E-PH1", "wholesaler", JUNE).written)

    threads = [threading.Thread(target=supply, args=(number,)) for number in range(8)]
    threads.append(threading.Thread(target=become))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 9
    with Session(engine) as session:
        assert verify(session).faults == ()
        assert figures(session, 2024).get("consumed", 0) == 0
        site = sites_by_codes(session, ["E-PH1"])["E-PH1"]
        assert [level for _, level in site.level_changes] == [Level.WHOLESALE]
    engine.dispose()


def site_of(*revisions: tuple[date, str]) -> SiteFact:
    return SiteFact(1, "X", 1, "X", True, tuple(SiteRevisionFact(day, kind, "X") for day, kind in revisions))


def test_the_steps_of_a_change_are_where_the_two_differ_otherwise() -> None:
    first, second, third = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
    before = site_of((first, "pharmacy"), (third, "importer"))
    assert before.level_changes == ((third, Level.WHOLESALE),)
    # Recorded late, counting from February: from March on it is as it was.
    late = LevelChange(before, site_of((first, "pharmacy"), (third, "importer"), (second, "wholesaler")))
    assert late.steps == ((second, 1), (third, -1))
    # The last one recorded holds from its day on, over later days too.
    over = LevelChange(before, site_of((first, "pharmacy"), (third, "importer"), (second, "clinic")))
    assert over.steps == ((third, -1),)
    assert LevelChange(before, before).steps == ()
