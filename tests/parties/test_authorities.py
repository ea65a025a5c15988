"""Authorities of other countries: a later row follows from its day, none is lost; who answers for what; the pages."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.intake.check import Report
from registry.parties.domain import AuthorityFact, responsible
from registry.parties.queries import authority_of, find_authorities
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import table_of, take_in

__all__ = ["cheap_hashes", "office"]

COLUMNS = "country,name,valid_from,subject,email,language"
OLD = "DE,Old office,2024-01-01,,old@de.example,en"
NEW = "DE,New office,2024-07-01,,new@de.example,en"


def authorities(session: Session, *rows: str) -> Report:
    return take_in(session, "authorities", table_of(COLUMNS, *rows))


def test_a_later_row_counts_from_its_day_and_the_earlier_until_the_day_before(session: Session) -> None:
    assert authorities(session, NEW, OLD).accepted == 2

    def name_on(*day: int) -> str | None:
        found = authority_of(session, "DE", date(*day))
        return found.name if found else None

    assert name_on(2023, 12, 31) is None
    assert name_on(2024, 1, 1) == name_on(2024, 6, 30) == "Old office"
    assert name_on(2024, 7, 1) == "New office"
    assert authority_of(session, "FR", date(2024, 7, 1)) is None
    listed, total = find_authorities(session, date(2024, 8, 1))
    assert ([one.name for one in listed], total) == (["New office"], 1)
    assert find_authorities(session, date(2024, 8, 1), "old")[1] == 0


def test_the_same_again_is_a_duplicate_and_other_words_of_the_day_an_error(session: Session) -> None:
    assert authorities(session, OLD).written
    again = authorities(session, OLD, "XX,Nowhere,2024-01-01,,,", "FR,Bureau,2024-01-01,,nobody,en")
    assert (again.duplicates, again.written) == (1, False)
    other = authorities(session, OLD.replace("old@", "other@"))
    assert [(problem.column, problem.code) for problem in other.problems] == [("valid_from", "reference-reused")]
    assert [(problem.row, problem.column) for problem in again.problems] == [(3, "country"), (4, "email")]


def test_rows_are_never_changed(session: Session) -> None:
    assert authorities(session, OLD).written
    for deed in ("UPDATE competent_authority SET name = 'x'", "DELETE FROM competent_authority"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(deed))


def test_who_answers_for_one_class_comes_before_who_answers_for_all() -> None:
    drugs, all_of_them = (
        AuthorityFact(number, "IN", subject, date(2024, 1, 1), subject)
        for number, subject in enumerate(("narcotic", "all"))
    )
    both = {("IN", "narcotic"): drugs, ("IN", "all"): all_of_them}
    only_drugs = {("IN", "narcotic"): drugs}
    assert responsible(both, "IN", "narcotic") is drugs
    assert responsible(both, "IN", "precursor") is all_of_them
    assert responsible(both, "IN") is all_of_them
    assert responsible(only_drugs, "IN") is drugs
    assert responsible(only_drugs, "IN", "precursor") is None


def test_an_officer_records_what_has_changed_and_the_earlier_row_stays(office: Office) -> None:
    client = office.browser("asel")
    assert "No authority fits" in text_of(client.get("/authorities"))
    typed = {"country": "DE", "subject": "all", "name": "Old office", "email": "old@de.example", "language": "en"}
    assert client.post("/authorities/new", data=typed | {"valid_from": "01.01.2024"}).status_code == 303
    assert 'value="old@de.example"' in client.get("/authorities/new?country=DE").text
    changed = typed | {"name": "New office", "email": "broken", "valid_from": "01.06.2024"}
    refused = client.post("/authorities/new", data=changed)
    assert refused.status_code == 422
    assert "is not an e-mail address" in text_of(refused)
    assert client.post("/authorities/new", data=changed | {"email": "new@de.example"}).status_code == 303
    page = text_of(client.get("/authorities/DE"))
    assert "Today: <strong>New office" in page
    assert "Old office" in page
    listed = text_of(client.get("/authorities?q=new&country=DE"))
    assert "New office" in listed
    assert "Old office" not in listed
    again = client.post("/authorities/new", data=changed | {"email": "other@de.example"})
    assert "is recorded from this day already" in text_of(again)


def test_firms_do_not_see_them_and_the_approver_only_reads(office: Office) -> None:
    assert office.browser("imran").get("/authorities").status_code == 403
    approver = office.browser("bakyt")
    assert "Record an authority" not in text_of(approver.get("/authorities"))
    assert approver.get("/authorities/new").status_code == 403
