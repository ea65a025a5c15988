"""A count from its opening to the entry it leads to: blind, two people, rounds, comparison, cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.counts.domain.causes import CAUSES, fits
from registry.counts.domain.counts import Book, Key, Outcome, Stage, compared
from registry.counts.service.counting import withdraw_count
from registry.counts.watches import late, unexplained
from registry.db import unit_of_work
from registry.kernel.actor import Actor
from registry.kernel.errors import Conflict, Invalid, NotFound, RuleRefused
from tests.counts.acting import FREEZE, at, closed, course, hired, lying, opened, product_id, sheet
from tests.world import move, table_of, take_in

OPEN = at(FREEZE + timedelta(days=1))
BOOK = 80_000
"""Of MOR10 A1 lies at the wholesaler at the close of 30 June: 180,000 came, 100,000 went."""


@dataclass
class Shop:
    """The wholesaler: two people who count, a count that was opened, its one line."""

    session: Session
    ann: Actor
    ben: Actor
    count_id: int
    line: Key

    def both(self, ann: int, ben: int, number: int = 1, clock=OPEN) -> Stage:
        sheet(self.session, self.ann, clock, self.count_id, {self.line: ann}, number)
        return sheet(self.session, self.ben, clock, self.count_id, {self.line: ben}, number).stage


@pytest.fixture
def stock(stocked: Session) -> Session:
    """The example year until the end of June."""
    from tests.world import EXAMPLE

    rows = (EXAMPLE / "07-movements.csv").read_text().splitlines()
    assert take_in(
        stocked,
        "movements",
        table_of(rows[0], *(row for row in rows[1:] if row.split(",")[1] < "2024-07")),
        clock=at(FREEZE),
    ).written
    return stocked


@pytest.fixture
def shop(stock: Session) -> Shop:
    ann, ben = hired(stock, "ann", "ben")
    return Shop(stock, ann, ben, opened(stock, ann, OPEN), (product_id(stock), "A1"))


def test_what_both_find_and_the_book_says_is_recorded_as_counted(shop: Shop) -> None:
    asked = course(shop.session, shop.count_id)
    assert (asked.stage, asked.rounds[0].asked) == (Stage.COUNTING, (shop.line,))
    assert shop.both(BOOK, BOOK) is Stage.CLOSED
    (result,) = course(shop.session, shop.count_id).results
    assert (result.outcome, result.counted, result.book, result.due_on) == (Outcome.AGREED, BOOK, BOOK, None)
    assert lying(shop.session) == BOOK


def test_cnt_01_nobody_is_both_people(shop: Shop) -> None:
    sheet(shop.session, shop.ann, OPEN, shop.count_id, {shop.line: BOOK})
    with pytest.raises(RuleRefused) as refused:
        sheet(shop.session, shop.ann, OPEN, shop.count_id, {shop.line: BOOK})
    assert [each.rule.code for each in refused.value.findings] == ["CNT-01"]
    (waiting,) = course(shop.session, shop.count_id).rounds
    assert len(waiting.sheets) == 1


def test_two_who_differ_count_these_lines_again(shop: Shop) -> None:
    assert shop.both(BOOK, BOOK - 1) is Stage.RECOUNTING
    assert course(shop.session, shop.count_id).rounds[-1].asked == (shop.line,)
    assert shop.both(BOOK, BOOK, 2) is Stage.CLOSED


def test_a_sheet_has_every_line_and_only_the_first_round_takes_more(shop: Shop) -> None:
    found = (shop.line[0], "X9")
    with pytest.raises(Invalid):
        sheet(shop.session, shop.ann, OPEN, shop.count_id, {})
    sheet(shop.session, shop.ann, OPEN, shop.count_id, {shop.line: BOOK, found: 5})
    sheet(shop.session, shop.ben, OPEN, shop.count_id, {shop.line: BOOK})
    assert course(shop.session, shop.count_id).rounds[-1].asked == (found,)
    with pytest.raises(Invalid):
        sheet(shop.session, shop.ann, OPEN, shop.count_id, {found: 5, shop.line: BOOK}, 2)
    with pytest.raises(Conflict):
        sheet(shop.session, shop.ann, OPEN, shop.count_id, {found: 5}, 1)
    for who in (shop.ann, shop.ben):
        sheet(shop.session, who, OPEN, shop.count_id, {found: 5}, 2)
    assert [one.outcome for one in course(shop.session, shop.count_id).results] == [Outcome.AGREED, Outcome.DIFFERS]
    for who in (shop.ann, shop.ben):
        sheet(shop.session, who, OPEN, shop.count_id, {found: 5}, 3)
    closed(shop.session, shop.ann, OPEN, shop.count_id, "surplus", place=2)
    assert lying(shop.session, label="X9") == 5


def test_cnt_02_a_difference_is_counted_again_before_it_is_closed_by_an_entry(shop: Shop) -> None:
    assert shop.both(BOOK - 7, BOOK - 7) is Stage.SECOND_COUNT
    assert lying(shop.session) == BOOK, "nothing is adjusted silently"
    (finding,) = unexplained(shop.session, OPEN)
    assert (finding.rule.code, finding.observed) == ("CNT-02", "1")
    with pytest.raises(Conflict):
        closed(shop.session, shop.ann, OPEN, shop.count_id, "residue")
    assert shop.both(BOOK - 7, BOOK - 7, 2) is Stage.OPEN_CASES
    entry = closed(shop.session, shop.ann, OPEN, shop.count_id, "residue")
    assert (lying(shop.session), course(shop.session, shop.count_id).stage) == (BOOK - 7, Stage.CLOSED)
    kind, document = shop.session.execute(
        text("SELECT kind, document FROM movement WHERE reference = :entry"), {"entry": entry}
    ).one()
    assert (kind, document) == ("count_loss", course(shop.session, shop.count_id).fact.reference)
    assert unexplained(shop.session, OPEN) == []
    with pytest.raises(Conflict):
        closed(shop.session, shop.ann, OPEN, shop.count_id, "residue")


@pytest.mark.parametrize(("days", "flagged"), [(3, False), (4, True)])
def test_cnt_03_is_late_only_after_the_last_working_day(shop: Shop, days: int, flagged: bool) -> None:
    shop.both(0, 0)
    (result,) = course(shop.session, shop.count_id).results
    assert result.due_on == date(2024, 7, 4), "three working days after Monday 1 July"
    assert [each.rule.code for each in late(shop.session, at(FREEZE + timedelta(days=1 + days)))] == [
        "CNT-03"
    ] * flagged


def test_a_case_whose_book_was_corrected_meanwhile_ends_without_an_entry(shop: Shop) -> None:
    shop.both(BOOK - 500, BOOK - 500)
    later = at(FREEZE + timedelta(days=2))
    assert move(shop.session, "L-1,2024-06-29,destroy,E-WHO,,MOR10,A1,500,,,,,", clock=later).written
    shop.both(BOOK - 500, BOOK - 500, 2, later)
    with pytest.raises(Invalid):
        closed(shop.session, shop.ben, later, shop.count_id, "lost")
    assert closed(shop.session, shop.ben, later, shop.count_id, "entries_corrected") is None
    assert lying(shop.session) == BOOK - 500


def test_a_second_count_is_compared_with_the_book_of_its_own_day(shop: Shop) -> None:
    shop.both(BOOK - 2, BOOK - 2)
    wednesday = at(FREEZE + timedelta(days=3))
    assert move(shop.session, "L-1,2024-07-02,supply,E-WHO,E-HOS,MOR10,A1,100,,,,,", clock=wednesday).written
    shop.both(BOOK - 102, BOOK - 102, 2, wednesday)
    closed(shop.session, shop.ann, wednesday, shop.count_id, "stolen")
    assert lying(shop.session) == BOOK - 102


@pytest.mark.parametrize(
    ("row", "counted", "outcome"),
    [
        ("L-1,2024-06-30,supply,E-WHO,E-HOS,MOR10,A1,100,,,,,", BOOK - 100, Outcome.AGREED),
        ("L-1,2024-06-30,supply,E-WHO,E-HOS,MOR10,A1,100,,,,,", BOOK, Outcome.MOVED),
        ("L-1,2024-07-01,supply,E-WHO,E-HOS,MOR10,A1,100,,,,,", BOOK, Outcome.AGREED),
        ("L-1,2024-07-01,supply,E-WHO,E-HOS,MOR10,A1,100,,,,,", BOOK - 100, Outcome.MOVED),
        ("L-1,2024-07-01,supply,E-WHO,E-HOS,MOR10,A1,100,,,,,", BOOK - 99, Outcome.DIFFERS),
    ],
)
def test_movements_during_the_count_are_recognised(shop: Shop, row: str, counted: int, outcome: Outcome) -> None:
    """On both sides of the freeze line: what happened by its day belongs to the book, what came later does not."""
    assert move(shop.session, row, clock=at(FREEZE + timedelta(days=1), 12)).written
    shop.both(counted, counted, clock=at(FREEZE + timedelta(days=1), 15))
    assert [one.outcome for one in course(shop.session, shop.count_id).results] == [outcome]


def test_a_norm_of_natural_loss_is_proposed_within_and_a_case_beyond(stock: Session) -> None:
    norm = "product,percent,effective_on,act"
    assert take_in(stock, "natural_losses", table_of(norm, "MOR10,0.01,2024-06-30,No. 1")).written
    ann, ben = hired(stock, "ann", "ben")
    line, allowed = (product_id(stock), "A1"), 10
    for found, outcome in ((BOOK - allowed, Outcome.NATURAL), (BOOK - allowed - 1, Outcome.DIFFERS)):
        shop = Shop(stock, ann, ben, opened(stock, ann, OPEN), line)
        shop.both(found, found)
        assert [one.outcome for one in course(stock, shop.count_id).results] == [outcome]
        if outcome is Outcome.NATURAL:
            assert lying(stock) == BOOK
            withdraw_nothing(shop)
    earlier = Shop(stock, ann, ben, opened(stock, ann, OPEN, FREEZE - timedelta(days=1)), line)
    earlier.both(BOOK - 1, BOOK - 1)
    assert [one.outcome for one in course(stock, earlier.count_id).results] == [Outcome.DIFFERS], "no norm yet that day"


def withdraw_nothing(shop: Shop) -> None:
    """A count that is compared stays; its natural loss is taken into the book by a person."""
    with pytest.raises(Conflict), unit_of_work(shop.session):
        withdraw_count(shop.session, shop.ann, OPEN, shop.count_id, "by mistake")


def test_a_natural_loss_is_closed_by_its_cause_without_a_second_count(stock: Session) -> None:
    assert take_in(
        stock, "natural_losses", table_of("product,percent,effective_on,act", "MOR10,1,2024-01-01,No. 1")
    ).written
    ann, ben = hired(stock, "ann", "ben")
    shop = Shop(stock, ann, ben, opened(stock, ann, OPEN), (product_id(stock), "A1"))
    assert shop.both(BOOK - 3, BOOK - 3) is Stage.OPEN_CASES
    assert closed(stock, ann, OPEN, shop.count_id, "natural_loss") is not None
    assert (lying(stock), course(stock, shop.count_id).stage) == (BOOK - 3, Stage.CLOSED)


def test_what_is_withdrawn_waits_for_nobody_and_others_learn_nothing(shop: Shop) -> None:
    (stranger,) = hired(shop.session, "eve", code="E-PH1", role="pharmacy")
    with pytest.raises(NotFound):
        sheet(shop.session, stranger, OPEN, shop.count_id, {shop.line: 1})
    with unit_of_work(shop.session):
        withdraw_count(shop.session, shop.ann, OPEN, shop.count_id, "wrong day")
    assert course(shop.session, shop.count_id).stage is Stage.WITHDRAWN
    with pytest.raises(Conflict):
        sheet(shop.session, shop.ann, OPEN, shop.count_id, {shop.line: 1})


def test_a_count_is_of_a_day_that_has_come_and_of_the_products_chosen(shop: Shop) -> None:
    with pytest.raises(Invalid):
        opened(shop.session, shop.ann, OPEN, OPEN.today() + timedelta(days=1))
    other = opened(shop.session, shop.ann, OPEN, FREEZE, "FEN01")
    assert course(shop.session, other).rounds[0].asked == ()
    assert course(shop.session, other).fact.reference == "E-WHO-20240630-C2"


def test_the_book_explains_only_what_lay_there_at_some_moment() -> None:
    days = [(date(2024, 7, 1), -5), (date(2024, 7, 2), 10)]
    book = Book(100, learned=-3, later=days)
    assert [found for found in range(90, 110) if compared(found, book) is Outcome.MOVED] == [95, 103, 105]
    assert compared(100, book, norm=3) is Outcome.AGREED
    assert [compared(each, Book(100), norm=3) for each in (97, 96, 101)] == [
        Outcome.NATURAL, Outcome.DIFFERS, Outcome.DIFFERS,
    ]  # fmt: skip


def test_every_cause_fits_one_way_only() -> None:
    for cause in CAUSES.values():
        ways = [left for left in (-1, 0, 1) if fits(cause, left, natural=True)]
        assert len(ways) == 1, cause.code
    assert not fits(CAUSES["natural_loss"], -1, natural=False)
