"""Posting: statements that do not grow, duplicates, reversals, the fold of movements, racing writers."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from registry.kernel.clock import FixedClock
from registry.stock.domain.kinds import MOVEMENT_KINDS
from registry.stock.domain.national import STOCK, national_effect, read_effect, reversed_effect, write_effect
from registry.stock.queries.verify import verify
from tests import world
from tests.databases import engine_for
from tests.depth import EXAMPLES
from tests.performance import ingest
from tests.world import answer, move

OPEN = "T-1,2024-01-01,opening_stock,E-WHO,,MOR10,A0,1000,,,,,"


def balances(session: Session) -> dict[tuple[str, str], int]:
    rows = session.execute(
        text(
            "SELECT s.code, b.label, x.units FROM balance x JOIN site s ON s.id = x.site_id JOIN batch b ON b.id = x.batch_id"
        )
    )
    return {(site, label): units for site, label, units in rows if units}


def test_statements_do_not_grow_with_the_lines(stocked: Session) -> None:
    ingest.open_stock(stocked)
    counts = []
    for number, rows in ((1, 100), (2, 10_000)):
        seen: list[str] = []
        listener = lambda c, cur, statement, *rest: seen.append(statement)  # noqa: E731, B023
        engine = stocked.get_bind()
        event.listen(engine, "before_cursor_execute", listener)
        ingest.post_file(stocked, ingest.file_of(number, rows))
        event.remove(engine, "before_cursor_execute", listener)
        counts.append(len(seen))
    assert counts[0] == counts[1] > 0
    assert verify(stocked).faults == ()


def test_same_reference_same_content_is_a_duplicate_other_content_an_error(stocked: Session) -> None:
    assert move(stocked, OPEN).written
    again = move(stocked, OPEN)
    assert (again.accepted, again.duplicates, again.problems) == (0, 1, [])
    other = move(stocked, OPEN.replace(",1000,", ",1001,"))
    assert [(p.row, p.column, p.code) for p in other.problems] == [(2, "reference", "reference-reused")]


def test_a_reversal_restores_shelves_totals_and_permit(stocked: Session) -> None:
    before = balances(stocked)
    assert move(stocked, "T-1,2024-02-10,import,E-IMP,,MOR10,A1,200000,P-1,IN,,,").written
    assert stocked.execute(text("SELECT arrived_on FROM permit WHERE number = 'P-1'")).scalar_one() is not None
    assert move(stocked, "T-2,2024-02-11,reverse,E-IMP,,MOR10,A1,200000,,,T-1,,").written
    assert balances(stocked) == before
    totals = stocked.execute(text("SELECT column_name, SUM(units) FROM national_total GROUP BY 1")).all()
    assert {column: int(units) for column, units in totals} == {"imported": 0, "stock": 0}
    assert stocked.execute(text("SELECT arrived_on FROM permit WHERE number = 'P-1'")).scalar_one() is None
    assert verify(stocked).faults == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("T-9,2024-02-11,reverse,E-WHO,,MOR10,A0,1000,,,NOPE,,", "unknown-reference"),
        ("T-9,2024-02-11,reverse,E-WHO,,MOR10,A0,999,,,T-1,,", "not-the-same"),
        ("T-9,2024-02-11,reverse,E-IMP,,MOR10,A0,1000,,,T-1,,", "not-the-same"),
        ("T-9,2023-12-31,reverse,E-WHO,,MOR10,A0,1000,,,T-1,,", "before-the-entry"),
        ("T-9,2024-02-11,reverse,E-WHO,,MOR10,A0,1000,,,T-3,,", "reversal-of-reversal"),
        ("T-9,2024-02-11,reverse,E-WHO,,MOR10,A0,5,,,T-2,,", "already-reversed"),
    ],
)
def test_reversals_that_are_refused(stocked: Session, row: str, code: str) -> None:
    assert move(stocked, OPEN, "T-2,2024-02-01,lose,E-WHO,,MOR10,A0,5,,,,,").written
    assert move(stocked, "T-3,2024-02-02,reverse,E-WHO,,MOR10,A0,5,,,T-2,,").written
    assert [problem.code for problem in move(stocked, row).problems] == [code]


def test_near_codes_of_products_are_offered_of_sites_none(stocked: Session) -> None:
    """A firm may read every product, but learns nothing of the codes of others."""
    report = move(stocked, "T-1,2024-02-01,supply,E-WHO,E-PH9,MOR11,A0,5,,,,,")
    said = {problem.column: str(problem.message) for problem in report.problems}
    assert said["product"].startswith("there is no product with the code “MOR11”. Near to it: MOR10")
    assert said["counterparty"] == "there is no site or organisation with the code “E-PH9”"


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("quantity", "1e400", "not-a-quantity"),
        ("quantity", "1_000", "not-a-quantity"),
        ("quantity", "-5", "not-a-quantity"),
        ("quantity", "12.5", "too-many-decimals"),
        ("quantity", "0.0000001", "too-many-decimals"),
        ("quantity", "0", "not-positive"),
        ("quantity", "", "missing"),
        ("occurred_on", "2024-13-01", "not-a-date"),
        ("occurred_on", "2098-01-01", "in-the-future"),
        ("kind", "teleport", "unknown-value"),
        ("site", "E-NOWHERE", "unknown-site"),
        ("product", "NOPE", "unknown-product"),
        ("counterparty", "", "missing"),
        ("counterparty", "E-WHO", "same-site"),
        ("permit", "P-404", "unknown-permit"),
        ("country", "XX", "unknown-country"),
        ("document", "21203199012345", "personal-number"),
        ("prescription", "=1+1", "formula"),
        ("prescription", "Иванов Иван Иванович", "not-a-number"),
    ],
)
def test_a_damaged_cell_is_named_by_row_and_column(stocked: Session, cell: str, value: str, code: str) -> None:
    assert move(stocked, OPEN).written
    good = "T-8,2024-02-01,supply,E-WHO,E-PH1,MOR10,A0,1,,,,,"
    names = world.MOVEMENTS.split(",")
    cells = "T-9,2024-02-01,supply,E-WHO,E-PH1,MOR10,A0,5,,,,,".split(",")
    cells[names.index(cell)] = value
    report = move(stocked, good, ",".join(cells))
    assert not report.written
    assert [(p.row, p.column, p.code) for p in report.problems] == [(3, cell, code)]
    assert str(report.problems[0].message)
    assert ("E-PH1", "A0") not in balances(stocked), "nothing of the file is written, not even its good row"


def test_the_day_boundary_is_that_of_the_country(stocked: Session) -> None:
    """23:30 on 31 December in Bishkek is still the old year, although UTC says 17:30 and Tokyo the new year."""
    late = FixedClock(datetime(2025, 12, 31, 23, 30, tzinfo=world.BISHKEK), world.BISHKEK)
    assert move(stocked, OPEN, clock=late).written
    assert move(stocked, "T-2,2025-12-31,lose,E-WHO,,MOR10,A0,5,,,,,", clock=late).written
    tomorrow = move(stocked, "T-3,2026-01-01,lose,E-WHO,,MOR10,A0,5,,,,,", clock=late)
    assert [problem.code for problem in tomorrow.problems] == ["in-the-future"]
    months = stocked.execute(text("SELECT month FROM national_total WHERE column_name = 'lost'")).scalars().all()
    assert months == [202512]


@pytest.mark.parametrize("kind", MOVEMENT_KINDS.values(), ids=lambda kind: kind.code)
@pytest.mark.parametrize("wholesale", [True, False])
@pytest.mark.parametrize("counter", [True, False])
def test_every_effect_keeps_the_balance_of_the_year(kind, wholesale: bool, counter: bool) -> None:  # type: ignore[no-untyped-def]
    """C-02 as an identity of the table: what enters the national stock leaves it by a column, for every kind."""
    receipts = {"taken_on", "manufactured", "imported", "seized_released", "special_withdrawn"}
    effect = national_effect(kind, wholesale=wholesale, counter_wholesale=counter if kind.two_sided else None)
    stock = sum(sign for column, sign in effect if column == STOCK)
    flows = sum(sign if column in receipts else -sign for column, sign in effect if column != STOCK)
    assert stock == flows
    assert read_effect(write_effect(effect)) == effect
    assert read_effect(reversed_effect(write_effect(effect))) == tuple((column, -sign) for column, sign in effect)


STEPS = st.lists(
    st.tuples(
        st.integers(1, 28),
        st.sampled_from(["supply E-WHO E-PH1", "supply E-WHO E-HOS", "return_supply E-PH1 E-WHO", "lose E-WHO", "dispense E-PH1",
                         "count_gain E-WHO", "sample E-HOS", "supply E-IMP E-WHO"]),
        st.integers(1, 60),
        st.booleans(),
        st.sampled_from([",,,", "damaged,1,,", "over,5,,", "never_sent,,,"]),
    ),
    max_size=50,
)  # fmt: skip


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_the_fold_of_movements_is_the_balance_on_every_day(
    stocked: Session, steps: list[tuple[int, str, int, bool, str]]
) -> None:
    """Whatever is posted in whatever order, back-dated, answered by the receiver or reversed: a model in a few lines agrees."""
    point = stocked.get_bind().begin_nested()  # type: ignore[union-attr]
    model: dict[tuple[str, int], int] = defaultdict(int)  # (site, day) -> net
    opening = [
        "T-1,2024-01-31,opening_stock,E-WHO,,MOR10,A0,100,,,,,",
        "T-2,2024-01-31,opening_stock,E-IMP,,MOR10,A0,100,,,,,",
    ]
    assert move(stocked, *opening).written
    model["E-WHO", 0] += 100
    model["E-IMP", 0] += 100
    for number, (day, what, units, undo, said) in enumerate(steps):
        kind, site, *other = what.split()
        counter = other[0] if other else ""
        legs = [(site, units if kind == "count_gain" else -units)] + ([(counter, units)] if counter else [])
        row = f"S-{number},2024-02-{day:02d},{kind},{site},{counter},MOR10,A0,{units},,,,R-1,"
        report = move(stocked, row)
        for place, change in legs:
            model[place, day] += change
        possible = all(held >= 0 for held in walk(model))
        assert report.written == possible, row
        said_so = f"S-{number},2024-02-{day:02d},{said}"
        assert not counter or answer(stocked, said_so).written == possible
        if not possible:
            for place, change in legs:
                model[place, day] -= change
        elif undo:
            back = move(stocked, f"B-{number},2024-02-28,reverse,{site},,MOR10,A0,{units},,,S-{number},,")
            for place, change in legs:
                model[place, 28] -= change
            assert back.written == all(held >= 0 for held in walk(model)), back.as_json()
            if not back.written:
                for place, change in legs:
                    model[place, 28] += change
    totals: dict[str, int] = defaultdict(int)
    for (place, _), change in model.items():
        totals[place] += change
    assert {site: units for (site, _), units in balances(stocked).items()} == {p: u for p, u in totals.items() if u}
    assert verify(stocked).faults == ()
    stocked.rollback()
    point.rollback()


def walk(model: dict[tuple[str, int], int]) -> list[int]:
    held: dict[str, int] = defaultdict(int)
    seen = []
    for (place, _), change in sorted(model.items(), key=lambda item: item[0][1]):
        held[place] += change
        seen.append(held[place])
    return seen


def test_sixteen_writers_never_take_more_than_there_is(stocked_url: str) -> None:
    """Sixteen people take 100 of 1,000 at once: ten get it, the shelf ends at zero."""
    engine = engine_for(stocked_url)
    with Session(engine) as session:
        assert move(session, OPEN).written
    barrier, written = threading.Barrier(16), []

    def take(number: int) -> None:
        with Session(engine) as session:
            barrier.wait()
            report = move(session, f"W-{number},2024-02-01,supply,E-WHO,E-PH1,MOR10,A0,100,,,,,")
            written.append(report.written)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert sum(written) == 10
        assert balances(session) == {("E-PH1", "A0"): 1000}
        assert verify(session).faults == ()
    engine.dispose()


def test_the_same_file_sent_twice_at_once_is_posted_once(stocked_url: str) -> None:
    """Four sends of one file race: one writes, the others find its entries as duplicates."""
    engine = engine_for(stocked_url)
    barrier, outcomes = threading.Barrier(4), []

    def send() -> None:
        with Session(engine) as session:
            barrier.wait()
            report = move(session, OPEN, "T-2,2024-02-01,lose,E-WHO,,MOR10,A0,5,,,,,")
            outcomes.append((report.accepted, report.duplicates))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert sorted(outcomes) == [(0, 2), (0, 2), (0, 2), (2, 0)]
        assert balances(session) == {("E-WHO", "A0"): 995}
        assert verify(session).faults == ()
    engine.dispose()
