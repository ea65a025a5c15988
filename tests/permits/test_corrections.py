"""An applicant that is asked something corrects its application: kept old and new, judged anew, seen as a difference."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from registry.kernel.errors import Invalid, RuleRefused, Stale, TransitionRefused
from registry.permits.domain.changes import Change
from registry.permits.models import CaseChange
from registry.permits.queries.cases import application_by_id, case_events, changes_of, known_at_decision
from registry.permits.service import (
    answer,
    case_of,
    issue,
    propose,
    request_information,
    submission_of,
    take_up,
)
from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import APPROVER, JUNE, OFFICER, apply, case, importer, row
from tests.permits.test_pages import step, submit

__all__ = ["cheap_hashes", "office"]


def asked(session: Session, reference: str = "A-1", quantity: int = 1000) -> int:
    """Bring a case to where the applicant is asked something; return its id."""
    assert apply(session, row(reference, quantity)).written
    number = case(session, reference).id
    take_up(session, OFFICER, JUNE, number, 1)
    request_information(session, OFFICER, JUNE, number, 2, "how much do you need?")
    return number


def test_what_is_corrected_stands_from_now_on_and_old_and_new_are_kept(stocked: Session) -> None:
    number = asked(stocked)
    stands = submission_of(stocked, JUNE, case(stocked, "A-1"))
    corrected = replace(
        stands,
        lines=(("MOR10", "600"), ("FEN01", "10")),
        partner="Other supplier",
        planned_on=date(2024, 7, 9),
        particulars={"contract_number": "C-9"},
    )
    before = case_of(stocked, JUNE, case(stocked, "A-1")).needs
    assert answer(stocked, importer(stocked), JUNE, number, 3, "less is enough", corrected) == 4
    now = case(stocked, "A-1")
    assert (now.state, now.version, now.reply_by) == ("under_review", 4, None)
    assert (now.asked.partner, now.asked.planned_on, now.asked.particulars["contract_number"]) == (
        "Other supplier", date(2024, 7, 9), "C-9",
    )  # fmt: skip
    assert changes_of(stocked, number) == {
        4: [
            Change("product:MOR10", "1000", "600"),
            Change("partner", "Supplier", "Other supplier"),
            Change("planned_on", "2024-07-01", "2024-07-09"),
            Change("product:FEN01", None, "10"),
            Change("contract_number", None, "C-9"),
        ]
    }
    assert case_events(stocked, number)[-1].checks
    # What others see waiting is what is asked now: 600 of 1000 tablets of the same product.
    needs = case_of(stocked, JUNE, now).needs
    [morphine] = before
    assert needs[morphine] * 10 == before[morphine] * 6
    propose(stocked, OFFICER, JUNE, number, 4)
    issue(stocked, APPROVER, JUNE, number, 5)
    kept = known_at_decision(stocked, number)
    assert kept is not None
    assert [line["asked"] for line in kept["lines"]] == ["600", "10"]


def test_changes_are_never_changed(stocked: Session) -> None:
    number = asked(stocked)
    corrected = replace(submission_of(stocked, JUNE, case(stocked, "A-1")), purpose=None)
    answer(stocked, importer(stocked), JUNE, number, 3, "no purpose", corrected)
    stocked.commit()
    for deed in ("UPDATE case_change SET after = 'x'", "DELETE FROM case_change"):
        with pytest.raises(DatabaseError):
            stocked.execute(text(deed))
        stocked.rollback()


def test_a_correction_is_judged_like_a_submission(stocked: Session) -> None:
    number = asked(stocked)
    stands = submission_of(stocked, JUNE, case(stocked, "A-1"))
    applicant = importer(stocked)
    with pytest.raises(RuleRefused) as refused:
        answer(stocked, applicant, JUNE, number, 3, "more", replace(stands, lines=(("MOR10", "60000"),)))
    assert "QTA-01" in [finding.rule.code for finding in refused.value.findings]
    for wrong, column in (
        (replace(stands, reference="A-2"), "reference"),
        (replace(stands, kind="export"), "kind"),
        (replace(stands, particulars={"exit_point": "Torugart"}), "exit_point"),
        (replace(stands, lines=(("NONE", "1"),)), "lines.0.product"),
        (replace(stands, organisation="E-MAK"), "organisation"),
    ):
        with pytest.raises(Invalid) as bad:
            answer(stocked, applicant, JUNE, number, 3, "so", wrong)
        assert [problem.column for problem in bad.value.problems] == [column]
    with pytest.raises(Invalid):
        answer(stocked, applicant, JUNE, number, 3, " ", replace(stands, partner="P"))
    with pytest.raises(Stale):
        answer(stocked, applicant, JUNE, number, 2, "so", replace(stands, partner="P"))
    assert (case(stocked, "A-1").version, stocked.scalar(select(CaseChange.id))) == (3, None)


def test_the_same_again_is_an_answer_in_words(stocked: Session) -> None:
    number = asked(stocked)
    answer(
        stocked, importer(stocked), JUNE, number, 3, "all is right", submission_of(stocked, JUNE, case(stocked, "A-1"))
    )
    assert changes_of(stocked, number) == {}
    with pytest.raises(TransitionRefused):
        answer(stocked, importer(stocked), JUNE, number, 4, "again", submission_of(stocked, JUNE, case(stocked, "A-1")))


def test_the_applicant_corrects_on_its_page_and_the_officer_reads_the_difference(office: Office) -> None:
    applicant, officer = office.browser("imran"), office.browser("asel")
    number = submit(applicant)
    page = f"/applications/{number}/correct"
    assert "Answer and correct" not in text_of(applicant.get(page))
    assert applicant.post(page, data={"version": "1"}).status_code == 409
    step(officer, number, "take_up", 1)
    step(officer, number, "request_information", 2, note="which day?")
    told = applicant.get(f"/applications/{number}")
    assert page in told.text
    for part in ("which day?", "The answer is due by"):
        assert part in text_of(told)
    home = text_of(applicant.get("/"))
    assert "1 case waits for you" in home
    assert "The answer is due by" in home
    assert f'href="/applications/{number}"' in home
    form = applicant.get(page)
    for part in ('value="1000"', 'value="01.08.2024"', 'value="IN-77"', 'value="Supplier"'):
        assert part in form.text
    typed = {
        "version": "3", "note": "the ship is late", "product": "MOR10", "quantity": "900", "partner_country": "KZ",
        "partner": "Supplier", "planned_on": "32.08.2024", "counterpart_number": "IN-77", "purpose": "medical",
        "transport": "air",
    }  # fmt: skip
    wrong = applicant.post(page, data=typed)
    assert wrong.status_code == 422
    assert "is not a day" in text_of(wrong)
    assert "the ship is late" in wrong.text
    past = typed | {"planned_on": "01.06.2024"}
    warned = applicant.post(page, data=past)
    for part in ("PRM-05", "Nothing is sent yet", "Send the answer all the same", 'value="01.06.2024"'):
        assert part in text_of(warned)
    agreed = {"all_the_same": re.search(r'name="all_the_same" value="([^"]+)"', warned.text)[1]}
    silent = applicant.post(page, data=past | agreed | {"note": " "})
    assert silent.status_code == 422
    assert "Send the answer all the same" in text_of(silent)
    done = applicant.post(page, data=past | agreed | {"planned_on": "20.08.2024"})
    assert done.location == f"/applications/{number}?done=answer#done"
    read = text_of(officer.get(f"/cases/{number}"))
    assert "What the applicant corrected" in read
    for before, after in (("1000", "900"), ("India", "Kazakhstan"), ("1 Aug 2024", "20 Aug 2024"), ("–", "by air")):
        assert f"<span>{before}</span>" in read
        assert f"<span>{after}</span>" in read
    assert office.browser("maksat").get(page).status_code == 403


def test_what_has_no_partner_abroad_keeps_its_own_name_whatever_the_language(office: Office) -> None:
    applicant, officer = office.browser("imran"), office.browser("asel")
    number = submit(applicant)
    step(officer, number, "take_up", 1)
    step(officer, number, "request_information", 2, note="is it so?")
    with office.work() as session:
        session.execute(
            text("UPDATE application SET kind = 'industrial_use', partner = 'Own plant', partner_country = 'KG',"
                 " counterpart_number = NULL, particulars = :particulars"),
            {"particulars": '{"process": "mixing", "product_made": "an ointment"}'},
        )  # fmt: skip
        stands = application_by_id(session, number)
    assert stands is not None
    typed = {
        "version": "3", "note": "it is", "product": "MOR10", "quantity": "1000", "planned_on": "01.08.2024",
        "process": "mixing", "product_made": "an ointment",
        "purpose": stands.asked.purpose or "", "justification": stands.asked.justification or "",
    }  # fmt: skip
    assert applicant.post(f"/applications/{number}/correct", data=typed).status_code == 303
    with office.rows() as session:
        assert changes_of(session, number) == {}


def test_a_program_corrects(office: Office) -> None:
    firm, officer = program(office, "imran"), program(office, "asel")
    body = {
        "reference": "A-1", "kind": "import", "organisation": "E-IMP", "partner_country": "IN", "partner": "S",
        "planned_on": "2024-06-01", "purpose": "medical", "lines": [{"product": "MOR10", "quantity": "1000"}],
        "particulars": {"transport": "air", "contract_number": "C-1"},
    }  # fmt: skip
    sent = firm.post("/applications", body)
    assert sent.status_code == 201
    warned = {one["rule"]: one["severity"] for one in sent.json["checks"] if not one["passed"]}
    assert warned["PRM-05"] == "flag"
    steps = "/applications/A-1/steps/"
    officer.post(steps + "take_up", {}, If_Match='"1"')
    officer.post(steps + "request_information", {"note": "which day?"}, If_Match='"2"')
    wrong = firm.post(steps + "answer", {"note": "so", "corrections": {"planned_on": ""}}, If_Match='"3"')
    assert wrong.status_code == 422
    corrections = {"planned_on": "2024-08-01", "purpose": None, "particulars": {"transport": None}}
    done = firm.post(steps + "answer", {"note": "so", "corrections": corrections}, If_Match='"3"')
    assert done.status_code == 200
    assert done.json["version"] == 4
    assert done.json["particulars"] == [{"code": "contract_number", "value": "C-1"}]
    assert done.json["lines"][0]["quantity"] == "1000"
    assert done.json["changes"] == [
        {"version": 4, "field": "planned_on", "before": "2024-06-01", "after": "2024-08-01"},
        {"version": 4, "field": "purpose", "before": "medical", "after": None},
        {"version": 4, "field": "transport", "before": "air", "after": None},
    ]
    assert "PRM-05" not in [one["rule"] for one in done.json["checks"] if not one["passed"]]
    with office.rows() as session:
        assert application_by_id(session, 1).asked.purpose is None  # type: ignore[union-attr]


def test_a_case_whose_cut_product_was_corrected_away_tells_what_was_proposed_then(office: Office) -> None:
    firm, officer, approver = (program(office, name) for name in ("imran", "asel", "bakyt"))
    body = {
        "reference": "A-1", "kind": "import", "organisation": "E-IMP", "partner_country": "IN", "partner": "S",
        "planned_on": "2024-08-01", "purpose": "medical", "lines": [{"product": "MOR10", "quantity": "1000"}],
    }  # fmt: skip
    assert firm.post("/applications", body).status_code == 201
    cut = {"product": "MOR10", "quantity": "600", "reason": "share", "text": "your share ends there"}
    other = {"lines": [{"product": "FEN01", "quantity": "10"}]}
    for version, (who, step_, sent) in enumerate(
        [
            (officer, "take_up", {}),
            (officer, "propose", {"cuts": [cut]}),
            (approver, "send_back", {"note": "which product?"}),
            (officer, "request_information", {"note": "which product?"}),
            (firm, "answer", {"note": "fentanyl", "corrections": other}),
        ],
        1,
    ):
        done = who.post(f"/applications/A-1/steps/{step_}", sent, If_Match=f'"{version}"')
        assert done.status_code == 200, done.text
    page = office.browser("asel").get("/cases/1")
    assert page.status_code == 200
    assert "Of MOR10, 600 of 1000 pcs are given" in text_of(page)
