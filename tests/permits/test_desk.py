"""The desk of the authority: what is due first, whose it is, what officers note, what goes to the applicant."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.accounts.models import Account
from registry.kernel.clock import FixedClock
from registry.kernel.errors import Forbidden, Invalid, Stale, TransitionRefused
from registry.mail.models import OutgoingLetter
from registry.parties.queries import organisations_by_codes
from registry.permits.domain.rules import ANSWER_IN_TIME, DECIDED_IN_TIME
from registry.permits.domain.term import decision_due
from registry.permits.models import CaseNote
from registry.permits.queries.desk import case_notes, waiting_cases
from registry.permits.service import answer, request_information, take_up, withdraw
from registry.permits.service.desk import add_note, hand_over
from registry.permits.watches import overdue
from tests.api.programs import Program, token_of
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import JUNE, OFFICER, apply, case, importer, row
from tests.permits.test_pages import step, submit
from tests.world import BISHKEK

__all__ = ["cheap_hashes", "office"]

MONDAY = date(2024, 6, 17)


def on(day: int, month: int = 6) -> FixedClock:
    return FixedClock(datetime(2024, month, day, 9, 0, tzinfo=BISHKEK), BISHKEK)


@pytest.mark.parametrize(
    ("rests", "due"),
    [
        ((), date(2024, 7, 1)),
        # Asked on Wednesday, answered the Monday after: Thursday, Friday, Monday do not count.
        (((date(2024, 6, 19), date(2024, 6, 24)),), date(2024, 7, 4)),
        (((date(2024, 6, 19), date(2024, 6, 19)),), date(2024, 7, 1)),
        (((date(2024, 6, 19), None),), None),
        # Asked when it was overdue already: the delay stays.
        (((date(2024, 7, 5), None),), date(2024, 7, 1)),
        (((date(2024, 6, 19), date(2024, 6, 20)), (date(2024, 6, 25), date(2024, 6, 26))), date(2024, 7, 3)),
    ],
)
def test_the_clock_rests_while_the_applicant_is_asked(
    rests: tuple[tuple[date, date | None], ...], due: date | None
) -> None:
    assert decision_due(MONDAY, 10, rests) == due


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_a_term_ends_on_a_working_day_and_holds_as_many(start: date, days: int) -> None:
    due = decision_due(start, days)
    assert due is not None
    assert due.weekday() < 5
    between = [date.fromordinal(number) for number in range(start.toordinal() + 1, due.toordinal() + 1)]
    assert sum(day.weekday() < 5 for day in between) == days


def submitted(session: Session, *references: str) -> None:
    report = apply(session, *(row(reference, 10, counterpart=f"IN-{reference}") for reference in references))
    assert report.written, report.as_json()


def test_what_is_due_first_stands_in_front(stocked: Session) -> None:
    submitted(stocked, "A-1", "A-2")
    take_up(stocked, OFFICER, on(17), case(stocked, "A-1").id, 1)
    request_information(stocked, OFFICER, on(18), case(stocked, "A-1").id, 2, "which hospitals?")
    found = waiting_cases(stocked, BISHKEK, 10)
    assert [(one.row.asked.reference, one.due_on) for one in found] == [("A-2", date(2024, 6, 28)), ("A-1", None)]
    answer(stocked, importer(stocked), on(25), case(stocked, "A-1").id, 3, "these")
    found = waiting_cases(stocked, BISHKEK, 10)
    assert [one.due_on for one in found] == [date(2024, 6, 28), date(2024, 7, 5)]
    assert [one.is_overdue(date(2024, 7, 1)) for one in found] == [True, False]
    assert [one.row.asked.reference for one in waiting_cases(stocked, BISHKEK, 10, officer="officer")] == ["A-1"]
    assert waiting_cases(stocked, BISHKEK, 10, kind="export") == []
    maker = organisations_by_codes(stocked, ["E-MAK"])["E-MAK"]
    assert waiting_cases(stocked, BISHKEK, 10, organisation_id=maker) == []


def test_prm_34_a_decision_that_is_late_is_watched(stocked: Session) -> None:
    submitted(stocked, "A-1")
    assert overdue(stocked, on(28)) == []
    found = overdue(stocked, on(1, 7))
    assert [(one.rule, one.subject, one.limit) for one in found] == [(DECIDED_IN_TIME, "application A-1", "2024-06-28")]
    withdraw(stocked, importer(stocked), on(1, 7), case(stocked, "A-1").id, 1)
    assert overdue(stocked, on(1, 7)) == []


def test_prm_24_an_answer_that_is_late_is_watched(stocked: Session) -> None:
    submitted(stocked, "A-1")
    take_up(stocked, OFFICER, on(17), case(stocked, "A-1").id, 1)
    request_information(stocked, OFFICER, on(17), case(stocked, "A-1").id, 2, "which hospitals?")
    assert overdue(stocked, on(1, 7)) == []
    assert [one.rule for one in overdue(stocked, on(2, 7))] == [ANSWER_IN_TIME]
    answer(stocked, importer(stocked), on(2, 7), case(stocked, "A-1").id, 3, "these")
    assert overdue(stocked, on(2, 7)) == []


def colleague(session: Session, username: str, *, active: bool = True) -> None:
    """Make an account of an officer."""
    from registry.accounts import service
    from registry.kernel.actor import SYSTEM

    person = service.NewAccount(username, username.title(), frozenset({"officer"}), None, language="en")
    service.create_account(session, SYSTEM, JUNE, person)
    session.query(Account).filter(Account.username == username).update({"active": active})


def test_a_case_is_handed_over(stocked: Session) -> None:
    submitted(stocked, "A-1")
    number = case(stocked, "A-1").id
    take_up(stocked, OFFICER, JUNE, number, 1)
    colleague(stocked, "erkin")
    colleague(stocked, "gone", active=False)
    for nobody in ("gone", "nosuch", ""):
        with pytest.raises(Invalid):
            hand_over(stocked, OFFICER, JUNE, number, 2, nobody)
    with pytest.raises(Forbidden):
        hand_over(stocked, importer(stocked), JUNE, number, 2, "erkin")
    with pytest.raises(Stale):
        hand_over(stocked, OFFICER, JUNE, number, 1, "erkin")
    assert hand_over(stocked, OFFICER, JUNE, number, 2, "erkin") == 3
    assert (case(stocked, "A-1").officer, case(stocked, "A-1").state) == ("erkin", "under_review")
    withdraw(stocked, importer(stocked), JUNE, number, 3)
    with pytest.raises(TransitionRefused):
        hand_over(stocked, OFFICER, JUNE, number, 4, "erkin")


def test_notes_are_kept_and_never_changed(stocked: Session) -> None:
    submitted(stocked, "A-1")
    number = case(stocked, "A-1").id
    add_note(stocked, OFFICER, JUNE, number, " call the hospital ")
    with pytest.raises(Forbidden):
        add_note(stocked, importer(stocked), JUNE, number, "mine")
    with pytest.raises(Invalid):
        add_note(stocked, OFFICER, JUNE, number, "  ")
    assert [(one.actor, one.text) for one in case_notes(stocked, number)] == [("officer", "call the hospital")]
    assert case(stocked, "A-1").version == 1
    stocked.commit()
    for deed in ("UPDATE case_note SET text = 'x'", "DELETE FROM case_note"):
        with pytest.raises(DBAPIError):
            stocked.execute(text(deed))
        stocked.rollback()
    assert stocked.query(CaseNote).count() == 1


def test_the_desk_on_its_page(office: Office) -> None:
    importer_page, officer = office.browser("imran"), office.browser("asel")
    case_id = submit(importer_page)
    office.hire("bakyt")
    with office.work() as session:
        colleague(session, "erkin")
    page = text_of(officer.get("/cases"))
    assert "by 28 Jun 2024" in page
    assert step(officer, case_id, "take_up", 1).status_code == 303
    assert "A-1" in text_of(officer.get("/cases?whose=mine"))
    assert "A-1" not in text_of(officer.get("/cases?organisation=E-MAK"))
    assert "A-1" not in text_of(officer.get("/cases?organisation=NO-SUCH"))
    assert "A-1" not in text_of(officer.get("/cases?kind=export"))
    note = officer.post(f"/cases/{case_id}/notes", data={"note": "ask the ministry"})
    assert note.status_code == 303
    assert officer.post(f"/cases/{case_id}/notes", data={"note": " "}).status_code == 422
    given = officer.post(f"/cases/{case_id}/hand-over", data={"version": "2", "colleague": "erkin"})
    assert given.status_code == 303
    late = officer.post(f"/cases/{case_id}/hand-over", data={"version": "2", "colleague": "erkin"})
    assert late.status_code == 409
    inside = text_of(officer.get(f"/cases/{case_id}"))
    for part in ("ask the ministry", "handed over to another officer: Erkin (officer)", "Taken up by: Erkin (officer)"):
        assert part in inside
    for part in (
        "Erkin (officer) has this case. To go on with it, take it over first.",
        "Take over from Erkin (officer)",
    ):
        assert part in inside
    assert "/steps/propose" not in inside
    taken = officer.post(f"/cases/{case_id}/hand-over", data={"version": "3", "colleague": "asel"})
    own = text_of(officer.get(taken.location))
    for part in ("You have taken the case over", "Taken up by: Asel (officer)", "/steps/propose"):
        assert part in own
    assert "Take over from" not in own
    outside = text_of(importer_page.get(f"/applications/{case_id}"))
    for part in ("ask the ministry", "Erkin", "Take over from", "Keep the note", "Hand over"):
        assert part not in outside
    assert importer_page.post(f"/cases/{case_id}/notes", data={"note": "mine"}).status_code == 403
    office.later(days=20)
    assert "overdue since 28 Jun 2024" in text_of(office.browser("asel").get("/cases"))


def test_the_applicant_has_letters(office: Office) -> None:
    importer_page, officer = office.browser("imran"), office.browser("asel")
    with office.work() as session:
        session.query(Account).filter(Account.username == "imran").update({"email": "i@example.org", "language": "ru"})
    case_id = submit(importer_page)
    step(officer, case_id, "take_up", 1)
    step(officer, case_id, "request_information", 2, note="which hospitals?")
    step(office.browser("imran"), case_id, "answer", 3, note="these")
    typed = {"ground": "quota_exhausted", "note": "the need is covered", "appeal": "to the court"}
    assert step(officer, case_id, "propose_refusal", 4, **typed).status_code == 303
    assert step(office.browser("bakyt"), case_id, "refuse", 5, **typed).status_code == 303
    with office.rows() as session:
        letters = session.query(OutgoingLetter).order_by(OutgoingLetter.id).all()
        assert [letter.recipient for letter in letters] == ["i@example.org"] * 2
        asked, refused = (letter.body for letter in letters)
        assert "which hospitals?" in asked
        assert "28.06.2024" in asked
        assert "to the court" in refused
        assert "квота исчерпана" in refused


def test_a_refusal_is_told_the_firm_once_it_is_decided(office: Office) -> None:
    firm, officer, approver = office.browser("imran"), office.browser("asel"), office.browser("bakyt")
    case_id = submit(firm)
    step(officer, case_id, "take_up", 1)
    typed = {"ground": "quota_exhausted", "note": "the need is covered", "appeal": "to the court"}
    assert step(officer, case_id, "propose_refusal", 2, **typed).status_code == 303
    place, program = f"/cases/{case_id}", Program(office, token_of(office, "imran"))
    reference = program.read("/applications")["items"][0]["reference"]

    def told() -> tuple[bool, bool, str | None]:
        pages = (text_of(each.get(place)) for each in (firm, officer))
        outside, inside = ("the need is covered" in page for page in pages)
        return outside, inside, program.read(f"/applications/{reference}")["refusal_text"]

    assert told() == (False, True, None)
    assert "Refusal proposed, not decided" in text_of(officer.get(place))
    assert "Documents" not in text_of(officer.get(place))
    assert re.search(r">\s*1\s*<[^>]*>\s*(<[^>]*>\s*)*Cases proposed for refusal", text_of(approver.get("/")))
    step(approver, case_id, "send_back", 3, note="look again")
    assert told()[0::2] == (False, None)
    assert "Refusal proposed, not decided" not in text_of(officer.get(place))
    step(officer, case_id, "propose_refusal", 4, **typed)
    assert step(approver, case_id, "refuse", 5, **typed).status_code == 303
    outside, inside, by_program = told()
    assert outside
    assert inside
    assert "the need is covered" in str(by_program)


def test_the_permit_of_a_case_handed_over_has_its_page(office: Office) -> None:
    firm, officer, approver = office.browser("imran"), office.browser("asel"), office.browser("bakyt")
    case_id = submit(firm)
    with office.work() as session:
        colleague(session, "erkin")
    step(officer, case_id, "take_up", 1)
    assert officer.post(f"/cases/{case_id}/hand-over", data={"version": "2", "colleague": "erkin"}).status_code == 303
    assert step(officer, case_id, "propose", 3).status_code == 303
    assert step(approver, case_id, "issue", 4).status_code == 303
    for reader in (firm, officer):
        page = reader.get("/permits/KG-I-2024-000001")
        assert page.status_code == 200
        assert "handed over to another officer" in text_of(page)
