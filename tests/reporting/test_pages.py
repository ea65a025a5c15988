"""Pages of reports: the site sees what is due and reports it in one press, the authority sees who has not."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from sqlalchemy import text

from registry.db import unit_of_work
from registry.kernel.actor import SYSTEM
from registry.mail.models import OutgoingLetter
from registry.parties.service.organisations import set_contact
from registry.reporting.models import ReportReminder
from registry.reporting.service import chase
from tests.pages import Office, cheap_hashes, office, text_of
from tests.reporting.world import STOCK, dispense, on, pharmacies_report, shown, site, state
from tests.world import move

__all__ = ["cheap_hashes", "office"]
OFFICERS = text("UPDATE account SET email = username || '@example.kg' WHERE username = 'asel'")
MAY = "/reports/report?site=E-PH1&period=2024-05"


@pytest.fixture
def country(office: Office) -> Office:
    """Pharmacies report from April on; today is 15 June 2024."""
    with office.rows() as session:
        pharmacies_report(session, since=on(2024, 4, 1).today())
        assert move(session, STOCK, clock=office.clock).written
        dispense(session, "D-1", "2024-04-10")
    return office


def test_a_site_reports_in_one_press_what_its_start_page_says_is_due(country: Office) -> None:
    pharmacy = country.browser("polina")
    start = text_of(pharmacy.get("/"))
    assert "Report for 04.2024" in start
    assert "Report for 05.2024" in start
    page = pharmacy.get(MAY)
    assert "10 days late" in text_of(page)
    with country.rows() as session:
        seen = shown(session, country.clock, "2024-05")
    assert seen in page.text
    wrong = pharmacy.post(MAY, data={"what": "complete", "seen": seen})
    assert wrong.status_code == 422
    assert "RPT-01" in wrong.text
    assert pharmacy.post(MAY, data={"what": "nil", "seen": seen}).status_code == 303
    after = text_of(pharmacy.get(MAY))
    assert "nothing moved" in after
    assert "Nothing moved in these days" not in after, "no button is left"
    assert "Report for 05.2024" not in text_of(pharmacy.get("/"))
    assert ("polina", "reports.state") in country.refusals()


def test_a_sheet_seen_before_is_refused_with_the_new_one_shown(country: Office) -> None:
    pharmacy = country.browser("polina")
    answer = pharmacy.post(MAY, data={"what": "nil", "seen": "0" * 64})
    assert answer.status_code == 422
    assert "the sheet has changed since you saw it" in text_of(answer)


def words(answer: object) -> str:
    """Return a page without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split())


def test_the_authority_sees_who_has_not_reported(country: Office) -> None:
    with country.rows() as session:
        state(session, country.clock, "2024-05", nil=True)
    officer = country.browser("asel")
    page = words(officer.get("/reports/"))
    assert page.count("E-PH1") == 1, "April of E-PH1 alone is open"
    assert page.count("E-PH2") == 2
    assert "05.2024 2 1 1 1" in page
    one = words(officer.get("/reports/?period=2024-05&state=all&q=ph1"))
    assert "reported" in one
    assert "E-PH2" not in one
    assert officer.post(MAY, data={"what": "nil"}).status_code == 403
    book = openpyxl.load_workbook(io.BytesIO(officer.get("/reports/list.xlsx?state=late").data))
    rows = list(book.active.iter_rows(values_only=True))
    sites = [row[0] for row in rows if row[0] in ("E-PH1", "E-PH2")]
    assert sites == ["E-PH1", "E-PH2", "E-PH2"]


def test_a_firm_sees_its_own_reports_only(country: Office) -> None:
    pharmacy = country.browser("polina")
    assert "E-PH2" not in pharmacy.get("/reports/?state=all").text
    assert pharmacy.get("/reports/report?site=E-PH2&period=2024-05").status_code == 404
    assert country.browser("imran").get(MAY).status_code == 404


def test_where_nobody_is_asked_the_page_says_so(office: Office) -> None:
    assert "Nobody owes reports yet" in text_of(office.browser("asel").get("/reports/"))
    assert "Report for" not in office.browser("polina").get("/").text


def test_late_reports_are_asked_for_in_steps_and_each_step_once(country: Office) -> None:
    with country.work() as session:
        set_contact(session, SYSTEM, country.clock, site(session).organisation_id, "ph1@example.kg", "ru")
    officer = country.browser("asel")
    done = officer.post("/reports/chase")
    assert done.headers["Location"].endswith("sent=1"), "E-PH2 has no address; April has passed all steps already"
    with country.rows() as session:
        assert [(row.period, row.step) for row in session.query(ReportReminder)] == [("2024-05", 2)]
        [letter] = session.query(OutgoingLetter)
        assert letter.recipient == "ph1@example.kg"
        assert "E-PH1" in letter.body
        assert "05.2024" in letter.body
    assert officer.post("/reports/chase").headers["Location"].endswith("sent=0")


@pytest.mark.parametrize(
    ("day", "step"), [((2024, 6, 5), 0), ((2024, 6, 6), 1), ((2024, 6, 9), 1), ((2024, 6, 10), 2), ((2024, 6, 19), 2)]
)
def test_the_step_of_a_day(country: Office, day: tuple[int, int, int], step: int) -> None:
    """Due on 5 June: a reminder the day after, a second five days late, the authority fifteen days late."""
    with country.work() as session:
        set_contact(session, SYSTEM, country.clock, site(session).organisation_id, "ph1@example.kg", "ru")
    with country.rows() as session:
        state(session, on(*day), "2024-04")
        with unit_of_work(session):
            done = chase(session, SYSTEM, on(*day), "Authority")
    assert [one.number for one in done.steps] == ([step] if step else [])


def test_the_last_step_is_told_to_the_officers(country: Office) -> None:
    country.hire("asel")
    with country.work() as session:
        session.execute(OFFICERS)
    with country.rows() as session, unit_of_work(session):
        done = chase(session, SYSTEM, on(2024, 6, 20), "Authority")
        assert {(one.owed.site.code, one.owed.duty.span.code, one.number) for one in done.steps} == {
            (code, period, 3) for code in ("E-PH1", "E-PH2") for period in ("2024-04", "2024-05")
        }
        [letter] = done.letters
    assert letter.recipient == "asel@example.kg"
    assert letter.body.count("E-PH") == 4
    with country.rows() as session, unit_of_work(session):
        assert chase(session, SYSTEM, on(2024, 6, 21), "Authority").steps == ()
