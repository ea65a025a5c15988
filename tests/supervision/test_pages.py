"""Positions, flags, audit log and search with the example year on them."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import update

from registry.accounts.domain import FIRM_ROLES
from registry.db import db, unit_of_work
from registry.flags.service import raise_flags
from registry.kernel.rules import Finding, Severity
from registry.kernel.text import Message
from registry.quotas.domain.rules import STATE_QUOTA_SET
from tests.supervision.conftest import Site, counted, organisation
from tests.world import table_of, take_in

MORPHINE = "NM 009"


def heading(name: str) -> str:
    """Return how a group of hits is headed."""
    return f'<h2 class="govuk-heading-m">{name}</h2>'


def test_every_position_of_the_year_is_shown_with_its_figures(country: Site) -> None:
    answer = country.browser("officer").get("/positions?year=2024")
    assert answer.status_code == 200
    assert "morphine" in answer.text
    assert "What makes up this figure" in answer.text


def test_positions_as_a_file_hold_the_exact_headroom(country: Site) -> None:
    answer = country.browser("officer").get("/positions.csv?year=2024")
    assert answer.headers["Content-Disposition"] == "attachment; filename=positions-2024.csv"
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    head = next(number for number, row in enumerate(rows) if "Code" in row)
    morphine = dict(zip(rows[head], next(row for row in rows if MORPHINE in row), strict=True))
    assert "400" in morphine.values()


def test_the_kind_of_substance_narrows_the_list(country: Site) -> None:
    page = country.browser("officer").get("/positions?year=2024&treaty=1971").text
    assert "morphine" not in page


def test_one_position_is_explained(country: Site) -> None:
    page = country.browser("officer").get(f"/positions/{MORPHINE}/2024").text
    assert ">P-6<" in page, "still open on 31 December, its last day"
    assert ">P-1<" not in page, "its goods have arrived"
    assert "M-002" in page
    assert "What is free: headroom" in page


@pytest.mark.parametrize("address", ["/positions?year=zwei", "/positions/XX 999/2024", "/positions.doc", "/flags/77"])
def test_what_is_not_there_is_said(country: Site, address: str) -> None:
    assert country.browser("officer").get(address).status_code == 404


@pytest.mark.parametrize("role", sorted(FIRM_ROLES))
def test_firms_see_no_positions_flags_or_audit(site: Site, role: str) -> None:
    browser = site.browser(role, 7)
    for address in ("/positions", f"/positions/{MORPHINE}/2024", "/positions.csv", "/flags", "/audit"):
        assert browser.get(address).status_code == 403


def test_the_list_of_positions_takes_the_same_statements_for_few_and_many(country: Site) -> None:
    browser = country.browser("officer")
    browser.get("/positions?year=2024")
    with counted(country.app) as few:
        browser.get("/positions?year=2024")
    codes = ("NF 001", "NO 002", "NM 003", "NH 002", "NP 003", "NA 002", "PD 005", "PP 005", "PB 006")
    with country.app.app_context():
        lines = [f"2024,{code},state_quota,,{number + 1}00,Act,2024-01-01" for number, code in enumerate(codes)]
        report = take_in(
            db.session(), "quotas", table_of("year,substance,kind,item,quantity_g,act,act_date", *lines), source="more"
        )
        assert report.written, report.as_json()
        db.session.remove()
    with counted(country.app) as many:
        browser.get("/positions?year=2024")
    assert len(many) == len(few)


def flagged(site: Site, subject: str = "quota 2024 NM 009") -> None:
    finding = Finding(STATE_QUOTA_SET, Message("no state quota for %(what)s", {"what": subject}), Severity.FLAG)
    with site.app.app_context(), unit_of_work(db.session()) as session:
        raise_flags(session, site.clock, [Finding(finding.rule, finding.message, finding.severity, subject=subject)])


def test_a_flag_is_found_read_and_closed_with_a_note(site: Site) -> None:
    flagged(site)
    flagged(site, "quota 2025 50%_off")
    browser = site.browser("officer")
    assert "quota 2024 NM 009; and alike: 1" in browser.get("/flags").text, "two alike stand in one row"
    assert "no state quota for quota 2024 NM 009" in browser.get("/flags?rule=QTA-02").text
    assert "NM 009" not in browser.get("/flags?subject=%25_").text
    assert "50%_off" in browser.get("/flags?subject=%25_").text
    assert "No flag fits" in browser.get("/flags?rule=QTA-01").text
    page = browser.get("/flags/1").text
    assert STATE_QUOTA_SET.text in page
    assert STATE_QUOTA_SET.legal_ground in page
    assert browser.post("/flags/1/close", data={"note": " "}).status_code == 422
    assert browser.post("/flags/1/close", data={"note": "set by act 12"}).status_code == 303
    assert "set by act 12" in browser.get("/flags/1").text
    assert "NM 009" not in browser.get("/flags").text
    assert "NM 009" in browser.get("/flags?state=closed").text
    again = browser.post("/flags/1/close", data={"note": "too late"})
    assert again.status_code == 409
    assert "set by act 12" in again.text


def test_an_auditor_reads_flags_and_closes_none(site: Site) -> None:
    flagged(site)
    browser = site.browser("auditor")
    assert "Close the flag" not in browser.get("/flags/1").text
    assert browser.post("/flags/1/close", data={"note": "mine"}).status_code == 403


def test_the_audit_log_page_by_page_and_its_chain(site: Site) -> None:
    for number in range(3):
        flagged(site, f"subject {number}")
    browser = site.browser("auditor")
    officer = site.browser("officer")
    for number in range(3):
        officer.post(f"/flags/{number + 1}/close", data={"note": f"note {number}"})
    page = browser.get("/audit?subject=flag&size=2").text
    assert "note 2" in page
    assert "note 1" in page
    assert "note 0" not in page
    events = [line for line in page.split('"') if "after=" in line]
    assert events
    assert "note 0" in browser.get(events[0].replace("&amp;", "&")).text
    assert "No event fits" in browser.get("/audit?actor=nobody").text
    assert "The chain holds" in browser.post("/audit/verify").text
    with site.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(_without_guard(connection.dialect.name))
        connection.exec_driver_sql("UPDATE audit_event SET actor = 'somebody' WHERE sequence = 2")
    assert "The chain is broken" in browser.post("/audit/verify").text


def _without_guard(kind: str) -> str:
    """Return what only the owner of the database can do: take the guard off the table."""
    names = {"sqlite": "append_only_audit_event_update", "postgresql": "append_only ON audit_event"}
    return f"DROP TRIGGER {names[kind]}"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("P-1", "Permits"),
        ("in-p-1", "Permits"),
        ("morph", "Substances"),
        ("nm009", "Substances"),
        ("57-27-2", "Substances"),
        ("MOR10", "Products"),
        ("A1", "Batches"),
        ("Ала-Тоо", "Organisations and sites"),
        ("LIC-E", "Licences"),
        ("m-00", "Entries of the ledger"),
    ],
)
def test_search_finds(country: Site, words: str, found: str) -> None:
    answer = country.browser("officer").get("/search", query_string={"q": words})
    assert answer.status_code == 200
    assert heading(found) in answer.text


def test_signs_of_like_stand_for_themselves(country: Site) -> None:
    browser = country.browser("officer")
    for words in ("%", "_", "\\", "P%1", "' OR 1=1 --"):
        assert "Nothing was found" in browser.get("/search", query_string={"q": words}).text, words


def test_a_firm_finds_its_own_only(country: Site) -> None:
    importer = country.browser("importer", organisation(country, "E-IMP"))
    other = country.browser("wholesaler", organisation(country, "E-WHO"))
    assert "LIC-E-IMP" in importer.get("/search?q=LIC-E").text
    assert "LIC-E-WHO" not in importer.get("/search?q=LIC-E").text
    assert heading("Permits") in importer.get("/search?q=P-1").text
    assert heading("Permits") not in other.get("/search?q=P-1").text
    assert heading("Entries of the ledger") in importer.get("/search?q=M-002").text
    assert heading("Entries of the ledger") not in other.get("/search?q=M-002").text
    assert "Ала-Тоо" not in other.get("/search?q=E-").text


def test_a_statistician_finds_no_single_line(country: Site) -> None:
    assert "Entries of the ledger" not in country.browser("statistician").get("/search?q=M-0").text


def test_search_takes_the_same_statements_whatever_it_finds(country: Site) -> None:
    browser = country.browser("officer")
    browser.get("/search?q=x")
    counts = []
    for words in ("M-0", "zzzz-nothing", "e"):
        with counted(country.app) as sent:
            browser.get("/search", query_string={"q": words})
        counts.append(len(sent))
    assert len(set(counts)) == 1, counts


def test_home_of_the_officer_shows_the_positions_of_the_year(country: Site) -> None:
    page = country.browser("officer").get("/").text
    assert "Cases to take up" in page
    assert "Open flags" in page


def test_home_of_an_importer_counts_its_own_shelves(country: Site) -> None:
    page = country.browser("importer", organisation(country, "E-IMP")).get("/").text
    assert "Ала-Тоо Импорт" in page


def test_the_badge_writes_shares_as_the_reader_does(country: Site) -> None:
    browser = country.browser("officer")
    assert "12.5 % instead of 50 %" in browser.get("/positions?year=2024").text
    browser.set_cookie("registry_language", "ru")
    with country.app.app_context(), unit_of_work(db.session()) as session:
        session.execute(update(db.metadata.tables["account"]).values(language="ru"))
    assert "12,5" in browser.get("/positions?year=2024").text
