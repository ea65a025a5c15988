"""The turn of a year: what is open, what the new year takes over, what late postings move, who looked through what."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.flags.service import sweep
from registry.flags.watches import registered
from registry.kernel.actor import SYSTEM
from registry.kernel.clock import FixedClock
from registry.permits.queries import reserved
from registry.quotas.domain.turn import missing_lines, opening_moved, taken_over
from registry.quotas.service.turn import openings, takes_over
from registry.supervision.queries.turn import open_items
from tests.conftest import BISHKEK
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import apply, importer, row
from tests.world import move, table_of, take_file, take_in

__all__ = ["cheap_hashes", "office"]

PERMITS = "number,kind,organisation,partner_country,partner,issued_on,expires_on,product,quantity"
JANUARY = datetime(2025, 1, 10, 9, 0, tzinfo=BISHKEK)
LATE = "reference,occurred_on,kind,site,product,batch,quantity"


def closed(office: Office) -> FlaskClient:
    """Let the example year pass; return the officer in January."""
    office.at(JANUARY)
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
    return office.browser("asel")


def stock_of(session: Session, code: str) -> Fraction:
    return next(now.stock for fact, now in takes_over(session, JANUARY.date(), 2025).values() if fact.code == code)


def test_every_item_is_counted_and_leads_to_its_list(office: Office) -> None:
    with office.rows() as session:
        sent = apply(
            session,
            row("A-1", 10),
            actor=importer(session),
            clock=office.clock,
        )
        assert sent.written, sent.as_json()
        across = (
            "X-1,import,E-IMP,IN,Supplier,2024-06-01,2025-03-01,MOR10,10",
            "X-2,import,E-IMP,IN,Supplier,2024-06-01,2024-12-01,MOR10,10",
        )
        assert take_in(session, "permits", table_of(PERMITS, *across), clock=office.clock).written
        before = open_items(session, office.clock, 2024)
    assert (before["applications"], before["across"]) == (1, 1)
    assert before["permits"] >= 1
    assert (before["state_quotas"], before["estimates"]) == (5, 4)
    page = text_of(office.browser("asel").get("/turn/2024"))
    for href in (
        "/cases",
        "/permits?state=valid",
        "/waiting",
        "/quotas/proposals",
        "/quotas/2025",
        "/returns/",
    ):
        assert f'href="{href}"' in page, href
    assert office.browser("asel").get("/turn").location == "/turn/2023"


def test_returns_are_due_without_a_sweep_and_until_somebody_says_they_were_sent(office: Office) -> None:
    office.at(JANUARY)
    with office.rows() as session:
        due = open_items(session, office.clock, 2024)["returns"]
    assert due > 0
    with office.work() as session:
        sweep(session, SYSTEM, office.clock, registered(office.app))
        flags = "FROM flag WHERE rule = 'RET-01' AND state = 'open' AND subject LIKE 'return % 2024%'"
        assert session.execute(text(f"SELECT COUNT(*) {flags}")).scalar_one() == due
        assert open_items(session, office.clock, 2024)["returns"] == due
        session.execute(text(f"UPDATE flag SET state = 'closed' WHERE id = (SELECT MIN(id) {flags})"))
        assert open_items(session, office.clock, 2024)["returns"] == due - 1
    later = FixedClock(datetime(2027, 1, 10, tzinfo=BISHKEK), BISHKEK)
    with office.rows() as session:
        assert open_items(session, later, 2024)["returns"] == 0


def test_what_is_prepared_or_set_for_the_next_year_is_no_longer_missing(office: Office) -> None:
    with office.rows() as session:
        was = open_items(session, office.clock, 2024)
        rows = ("2025,NM 009,state_quota,,2500,,9,2024-06-01", "2025,NM 009,estimate,consumption,2600,,,")
        columns = "year,substance,kind,item,quantity_g,organisation,act,act_date"
        assert take_in(session, "quotas", table_of(columns, *rows), clock=office.clock).written
        now = open_items(session, office.clock, 2024)
    assert {name: was[name] - now[name] for name in was if was[name] != now[name]} == {
        "state_quotas": 1,
        "estimates": 1,
    }
    asked = {
        "year": "2025",
        "substance": "NF 001",
        "kind": "state_quota",
        "item": "",
        "quantity_g": "5",
        "note": "as last year",
    }
    told = office.browser("asel").post("/quotas/new", data=asked | {"act": "9", "act_date": "01.06.2024"})
    assert told.status_code == 303, text_of(told)
    with office.rows() as session:
        assert open_items(session, office.clock, 2024)["lines"] == was["lines"] + 1


def test_qta_12_a_year_is_opened_once_and_late_postings_are_told_beside_it(office: Office) -> None:
    officer = closed(office)
    with office.rows() as session:
        opening_stock = stock_of(session, "NM 009")
    assert opening_stock
    assert officer.post("/turn/2025/open").status_code == 422
    assert officer.post("/turn/2024/open").status_code == 303
    again = officer.post("/turn/2024/open")
    assert again.status_code == 422
    assert "2025 was opened already" in text_of(again)
    page = text_of(officer.get("/turn/2024"))
    assert "Opened by Asel (officer), 10 Jan 2025" in page
    assert "Late postings moved" not in page
    with office.rows() as session:
        late = "L-1,2024-12-30,lose,E-IMP,MOR10,A1,1000"
        told = move(session, late, columns=LATE, clock=office.clock)
        assert told.written, told.as_json()
        moved = stock_of(session, "NM 009") - opening_stock
        assert moved < 0
        kept = openings(session, (2025,))[2025]
        assert opening_stock in {line.stock for line in kept.lines.values()}
    page = text_of(officer.get("/turn/2024"))
    assert "Late postings moved the stock by" in page
    with office.work() as session:
        sweep(session, SYSTEM, office.clock, registered(office.app))
    with office.rows() as session:
        flags = session.execute(
            text("SELECT subject, observed FROM flag WHERE rule = 'QTA-12' AND state = 'open'")
        ).all()
    [(subject, observed)] = flags
    assert subject == "opening 2025 NM 009"
    assert Fraction(observed) < 0


def test_items_are_ticked_and_nothing_said_is_lost(office: Office) -> None:
    officer, approver = office.browser("asel"), office.browser("bakyt")
    said = {"item": "permits", "done": "y", "note": "all called"}
    assert officer.post("/turn/2024/tick", data=said).status_code == 303
    page = text_of(approver.get("/turn/2024"))
    assert "Asel (officer), 15 Jun 2024" in page
    assert "all called" in page
    assert approver.post("/turn/2024/tick", data={"item": "permits"}).status_code == 303
    assert "all called" not in text_of(approver.get("/turn/2024"))
    with office.rows() as session:
        rows = session.execute(text("SELECT item, done, ticked_by FROM year_tick ORDER BY id")).all()
    assert [(item, bool(done), who) for item, done, who in rows] == [
        ("permits", True, "asel"),
        ("permits", False, "bakyt"),
    ]
    assert officer.post("/turn/2024/tick", data={"item": "weather", "done": "y"}).status_code == 422
    auditor = office.browser("chinara")
    assert auditor.get("/turn/2024").status_code == 200
    assert auditor.post("/turn/2024/tick", data=said).status_code == 403
    assert office.browser("imran").get("/turn/2024").status_code == 403


def test_the_page_takes_as_many_statements_at_any_size(office: Office) -> None:
    office.at(JANUARY)
    officer = office.browser("asel")
    before = office.statements(officer, "/turn/2024")
    with office.rows() as session:
        many = (f"X-{n},import,E-IMP,IN,Supplier,2024-06-01,2024-12-01,MOR10,1" for n in range(20))
        assert take_in(session, "permits", table_of(PERMITS, *many), clock=office.clock).written
        take_file(session, "07-movements", office.clock)
    assert office.statements(officer, "/turn/2024") <= before + 2


def test_a_permit_across_31_december_counts_in_the_year_of_the_day_while_open(stocked: Session) -> None:
    across = "X-1,import,E-IMP,IN,Supplier,2024-11-01,2025-02-28,DIA5,1000"
    before = {
        day: reserved(stocked, day.year, day) for day in (date(2024, 12, 31), date(2025, 1, 10), date(2025, 3, 1))
    }
    assert take_in(stocked, "permits", table_of(PERMITS, across)).written
    gained = {day: sum(reserved(stocked, day.year, day).values()) - sum(was.values()) for day, was in before.items()}
    held = gained[date(2024, 12, 31)]
    assert held > 0
    assert gained == {date(2024, 12, 31): held, date(2025, 1, 10): held, date(2025, 3, 1): 0}


def test_what_comes_back_after_31_december_never_returns_to_the_quota_of_the_year(office: Office) -> None:
    with office.rows() as session:
        across = "X-1,import,E-IMP,IN,Supplier,2024-06-01,2025-02-28,DIA5,1000"
        assert take_in(session, "permits", table_of(PERMITS, across), clock=office.clock).written
    last, january, after = date(2024, 12, 31), date(2025, 1, 10), date(2025, 1, 20)

    def taken(day: date) -> Fraction:
        with office.rows() as session:
            return sum(reserved(session, day.year, day).values(), Fraction(0))

    office.at(datetime(2025, 1, 20, 9, 0, tzinfo=BISHKEK))
    was = {day: taken(day) for day in (last, january, after)}
    typed = {"reason": "not needed", "effective_on": "20.01.2025"}
    told = office.browser("asel").post("/permits/deeds/permits.return/X-1", data=typed)
    assert told.status_code == 303, text_of(told)
    assert {day: taken(day) for day in was} == {last: was[last], january: was[january], after: Fraction(0)}
    assert was[after] > 0


def test_nothing_moved_is_no_finding_and_lines_of_other_years_do_not_count() -> None:
    assert taken_over(2025, (), {}).is_empty
    assert missing_lines(2025, {}) == (0, 0)
    now = taken_over(2025, (), {2024: {"closing_stock": Fraction(5)}})
    assert now.stock == 5
    assert opening_moved(None, 2025, now, now, None) is None  # type: ignore[arg-type]
