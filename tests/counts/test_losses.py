"""Notices of losses and thefts: tied to the ledger, their clocks, the letters, the pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.counts.domain.losses import LOSS, POLICE, REPORT, THEFT, Amount, Notice
from registry.counts.queries.losses import notices
from registry.counts.service.losses import NoticeAsked, follow_up, tell_loss, tie_entry
from registry.counts.service.reminders import remind
from registry.counts.watches import not_followed, not_told
from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM, Actor
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Conflict, Invalid, NotFound
from registry.parties.queries import sites_by_codes
from tests.counts.acting import FREEZE, at, hired, product_id
from tests.counts.test_counts import stock
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import BISHKEK, move

__all__ = ["cheap_hashes", "office", "stock"]

FRIDAY = date(2024, 7, 5)
STOLEN = "L-1,2024-07-04,steal,E-WHO,,MOR10,A1,50,,,,,"
NINE = datetime(2024, 7, 5, 9, tzinfo=BISHKEK)


def told(session: Session, actor: Actor, clock: FixedClock, sort: str = THEFT, *entries: str, **more: object) -> Notice:
    """Send a notice of something discovered on Friday at nine."""
    site = sites_by_codes(session, ["E-WHO"])["E-WHO"]
    amounts = () if entries else (Amount(product_id(session), "A1", 50),)
    values = {
        "sort": sort,
        "discovered_at": NINE,
        "happened_on": None,
        "what": "missing at the round",
        "entries": entries,
        "amounts": amounts,
    }
    with unit_of_work(session):
        return tell_loss(session, actor, clock, NoticeAsked(site, **(values | more)))  # type: ignore[arg-type]


@pytest.fixture
def ann(stock: Session) -> Actor:
    return hired(stock, "ann")[0]


def codes(findings: list) -> list[str]:
    return sorted(each.rule.code for each in findings)


def test_cnt_05_a_theft_in_the_ledger_is_flagged_until_a_notice_tells_of_it(stock: Session, ann: Actor) -> None:
    clock = at(FRIDAY)
    assert not_told(stock, clock) == []
    assert move(stock, STOLEN, STOLEN.replace("L-1", "L-2").replace("steal", "spoil"), clock=clock).written
    assert [each.subject for each in not_told(stock, clock)] == ["movement L-1"], "what broke is no loss to be told of"
    with pytest.raises(Invalid):
        told(stock, ann, clock, THEFT, "L-2")
    notice = told(stock, ann, clock, THEFT, "L-1")
    assert (notice.reference, notice.entries) == ("E-WHO-2024-L1", ("L-1",))
    assert not_told(stock, clock) == []
    with pytest.raises(Invalid):
        told(stock, ann, clock, THEFT, "L-1")


def test_cnt_05_what_is_reversed_or_was_recorded_before_is_not_asked_for(stock: Session, ann: Actor) -> None:
    clock = at(FRIDAY)
    assert move(stock, STOLEN, clock=clock).written
    assert move(stock, "L-9,2024-07-05,reverse,E-WHO,,MOR10,A1,50,,,L-1,,", clock=clock).written
    assert not_told(stock, clock) == []
    assert move(stock, STOLEN.replace("L-1", "L-3"), clock=clock).written
    with unit_of_work(stock):
        stock.execute(text("UPDATE loss_notice_start SET movement_id = (SELECT MAX(id) FROM movement)"))
    assert not_told(stock, clock) == []


@pytest.mark.parametrize(("minutes", "flagged"), [(24 * 60, 0), (24 * 60 + 1, 1)])
def test_cnt_06_is_late_only_after_the_last_hour(stock: Session, ann: Actor, minutes: int, flagged: int) -> None:
    told(stock, ann, FixedClock(NINE + timedelta(minutes=minutes), BISHKEK))
    found = stock.execute(text("SELECT COUNT(*) FROM flag WHERE rule = 'CNT-06'")).scalar_one()
    assert found == flagged


@pytest.mark.parametrize(
    ("day", "sort", "late"),
    [
        (date(2024, 7, 10), THEFT, []),
        (date(2024, 7, 11), THEFT, ["CNT-07"]),
        (date(2024, 7, 12), THEFT, ["CNT-07"]),
        (date(2024, 7, 13), THEFT, ["CNT-07", "CNT-08"]),
        (date(2024, 7, 13), LOSS, ["CNT-07"]),
    ],
)
def test_cnt_07_cnt_08_the_clocks_run_in_working_days_from_the_discovery(
    stock: Session, ann: Actor, day: date, sort: str, late: list[str]
) -> None:
    told(stock, ann, at(FRIDAY, 10), sort)
    assert codes(not_followed(stock, at(day))) == late


def test_cnt_07_a_report_ends_its_clock_once(stock: Session, ann: Actor) -> None:
    number = told(stock, ann, at(FRIDAY, 10)).id
    clock = at(date(2024, 7, 20))
    with pytest.raises(Invalid), unit_of_work(stock):
        follow_up(stock, ann, clock, number, REPORT, "R-1")
    with unit_of_work(stock):
        follow_up(stock, ann, clock, number, REPORT, "R-1", "the lock was broken")
    assert codes(not_followed(stock, clock)) == ["CNT-08"]
    with pytest.raises(Conflict), unit_of_work(stock):
        follow_up(stock, ann, clock, number, REPORT, "R-2", "again")
    with pytest.raises(Invalid), unit_of_work(stock):
        follow_up(stock, ann, clock, number, POLICE, "12345678901234")


def test_cnt_08_the_number_of_the_police_ends_its_clock(stock: Session, ann: Actor) -> None:
    number = told(stock, ann, at(FRIDAY, 10)).id
    with unit_of_work(stock):
        follow_up(stock, ann, at(FRIDAY, 11), number, POLICE, "KUI-7/24")
    assert codes(not_followed(stock, at(date(2024, 7, 20)))) == ["CNT-07"]


def test_a_notice_may_come_before_the_entry_which_is_named_later(stock: Session, ann: Actor) -> None:
    clock = at(FRIDAY, 10)
    notice = told(stock, ann, clock)
    assert notice.amounts == (Amount(product_id(stock), "A1", 50),)
    assert move(stock, STOLEN, clock=clock).written
    with unit_of_work(stock):
        tie_entry(stock, ann, clock, notice.id, "L-1")
    assert notices(stock, [notice.id])[notice.id].entries == ("L-1",)
    assert not_told(stock, clock) == []
    with pytest.raises(Invalid), unit_of_work(stock):
        tie_entry(stock, ann, clock, notice.id, "L-1")
    (eve,) = hired(stock, "eve", code="E-PH1", role="pharmacy")
    with pytest.raises(NotFound), unit_of_work(stock):
        tie_entry(stock, eve, clock, notice.id, "L-1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"discovered_at": NINE + timedelta(hours=2)},
        {"happened_on": FRIDAY + timedelta(days=1)},
        {"what": " "},
        {"what": "of 12345678901234"},
        {"amounts": ()},
        {"sort": "spoil"},
    ],
)
def test_what_cannot_be_is_refused(stock: Session, ann: Actor, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        told(stock, ann, at(FRIDAY, 10), **({"sort": THEFT} | wrong))  # type: ignore[arg-type]


def test_letters_go_to_the_authority_and_remind_the_firm_once(stock: Session, ann: Actor) -> None:
    with unit_of_work(stock):
        stock.execute(text("UPDATE account SET email = 'ann@example.kg' WHERE username = 'ann'"))
    told(stock, ann, at(FRIDAY, 10))
    assert move(stock, STOLEN, clock=at(FRIDAY)).written
    for day, letters in ((FRIDAY, 0), (FRIDAY + timedelta(days=1), 1), (FREEZE + timedelta(days=30), 3)):
        with unit_of_work(stock):
            assert remind(stock, at(day)) == letters
    subjects = stock.scalars(text("SELECT subject FROM letter ORDER BY id")).all()
    assert len(subjects) == 3, "each is queued once"
    assert any("L-1" in each for each in subjects)


def test_the_pages_of_losses(office: Office) -> None:
    office.at(datetime(2024, 7, 5, 12, tzinfo=BISHKEK))
    with office.rows() as session:
        rows = [
            row
            for row in (open("tests/data/year-2024/07-movements.csv").read().splitlines()[1:])
            if row.split(",")[1] < "2024-07"
        ]
        from tests.world import table_of, take_in

        header = open("tests/data/year-2024/07-movements.csv").read().splitlines()[0]
        assert take_in(session, "movements", table_of(header, *rows), SYSTEM, office.clock).written
        assert move(session, STOLEN.replace("E-WHO", "E-PH1"), clock=office.clock).written
    polina = office.browser("polina")
    page = polina.get("/counts/losses")
    assert "told in no notice" in text_of(page)
    assert "/counts/losses/new?entry=L-1" in page.text
    assert 'value="steal" checked' in polina.get("/counts/losses/new?entry=L-1").text
    notice = {
        "site": "E-PH1", "sort": "steal", "discovered_on": "05.07.2024", "discovered_time": "9:15",
        "what": "the safe was opened", "entries": "L-1",
    }  # fmt: skip
    for wrong, said in (
        ({"discovered_time": "25:00"}, "write the hour as 14:30"),
        ({"entries": "L-7"}, "is no loss or theft of this site"),
        ({"product": "MOR1", "quantity": "1"}, "there is no product with the code “MOR1”"),
        ({"site": "E-WHO"}, "choose one of your sites"),
    ):
        refused = polina.post("/counts/losses/new", data=notice | wrong)
        assert refused.status_code == 422
        assert said in text_of(refused)
    sent = polina.post("/counts/losses/new", data=notice | {"product": "MOR10", "batch": "A1", "quantity": "5"})
    assert sent.status_code == 303, text_of(sent)
    address = sent.headers["Location"]
    assert polina.post(f"{address}/report", data={"number": "R-1", "text": ""}).status_code == 422
    assert polina.post(f"{address}/police", data={"number": "KUI-7/24"}).status_code == 303
    assert polina.post(f"{address}/entries", data={"entry": "L-1"}).status_code == 422
    shown = text_of(office.browser("asel").get(address))
    for word in ("E-PH1-2024-L1", "KUI-7/24", "5 pcs", "L-1", "10 Jul"):
        assert word in shown, word
    assert office.browser("maksat").get(address).status_code == 404
    assert "E-PH1" not in text_of(office.browser("maksat").get("/counts/losses"))
