"""Less than was asked for, with its reason, and the conditions of a permit: proposed, seen, issued, never more."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from registry.documents.contents import PermitSource, permit_content
from registry.documents.domain import Named
from registry.kernel.errors import Invalid
from registry.parties.queries import main_sites
from registry.permits.domain.checks import run_checks
from registry.permits.domain.proposals import Cut, Proposal, conditions_in
from registry.permits.domain.rules import PENDING_FIT
from registry.permits.models import CaseCut
from registry.permits.queries import permits_by_numbers
from registry.permits.service import (
    Submission,
    case_of,
    issue,
    preview,
    propose,
    send_back,
    submit_application,
    take_up,
)
from registry.substances.queries.products import revisions_by_ids
from tests.api.programs import program
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import APPROVER, JUNE, OFFICER, apply, case, importer, row
from tests.permits.test_cases import reserved

__all__ = ["cheap_hashes", "office"]

WHY = ("need_not_shown", "three months are enough")


def words(answer: object) -> str:
    """Return a page without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", text_of(answer)).split())


def less(quantity: str, product: str = "MOR10") -> Proposal:
    return Proposal((Cut(product, quantity, *WHY),))


def taken_up(session: Session, reference: str = "A-1", quantity: int = 40_000) -> int:
    assert apply(session, row(reference, quantity)).written
    number = case(session, reference).id
    take_up(session, OFFICER, JUNE, number, 1)
    return number


def test_the_permit_is_issued_for_what_was_proposed(stocked: Session) -> None:
    number = taken_up(stocked)
    before = reserved(stocked, JUNE.today())
    propose(stocked, OFFICER, JUNE, number, 2, proposal=less("10000"))
    found = case(stocked, "A-1")
    assert dict(found.asked.lines) != dict(found.granted.lines)
    permit = permits_by_numbers(stocked, [named := issue(stocked, APPROVER, JUNE, number, 3)])[named]
    assert [line.units for line in permit.lines.values()] == [10_000]
    # 40,000 would take 300 g; 10,000 take 75 g.
    assert reserved(stocked, JUNE.today()) - before == 75_000_000_000  # type: ignore[operator]


@pytest.mark.parametrize(
    ("cut", "column", "code"),
    [
        (Cut("MOR10", "40001", "", ""), "cuts.0.quantity", "over-asked"),
        (Cut("MOR10", "-1", *WHY), "cuts.0.quantity", "not-a-quantity"),
        (Cut("MOR10", "40000", *WHY), "cuts.0.quantity", "not-less"),
        (Cut("MOR10", "0", *WHY), "cuts", "nothing-left"),
        (Cut("FEN", "1", *WHY), "cuts.0.product", "unknown-value"),
        (Cut("MOR10", "1", "mood", "so"), "cuts.0.reason", "unknown-value"),
        (Cut("MOR10", "1", "need_not_shown", " "), "cuts.0.text", "missing"),
    ],
)
def test_a_cut_is_less_and_says_why(stocked: Session, cut: Cut, column: str, code: str) -> None:
    number = taken_up(stocked)
    with pytest.raises(Invalid) as refused:
        propose(stocked, OFFICER, JUNE, number, 2, proposal=Proposal((cut,)))
    assert [(problem.column, problem.code) for problem in refused.value.problems] == [(column, code)]
    assert (case(stocked, "A-1").state, stocked.scalar(select(CaseCut.id))) == ("under_review", None)


def test_all_that_was_asked_is_no_cut_and_a_line_may_be_left_out(stocked: Session) -> None:
    lines = (("MOR10", "100"), ("FEN01", "10"))
    command = Submission("A-2", "import", "E-IMP", "IN", "S", lines, date(2024, 7, 1), purpose="medical")
    number = submit_application(stocked, importer(stocked), JUNE, command)
    take_up(stocked, OFFICER, JUNE, number, 1)
    whole = Cut("MOR10", "100", "", "")
    propose(stocked, OFFICER, JUNE, number, 2, proposal=Proposal((whole, Cut("FEN01", "0", *WHY))))
    permit = permits_by_numbers(stocked, [named := issue(stocked, APPROVER, JUNE, number, 3)])[named]
    assert [line.units for line in permit.lines.values()] == [100]


def test_what_others_ask_counts_with_the_cuts_proposed(stocked: Session) -> None:
    number = taken_up(stocked)
    asked = Submission("A-9", "import", "E-IMP", "IN", "S", (("MOR10", "20000"),), date(2024, 7, 1), purpose="medical")
    broken = [line for line in preview(stocked, importer(stocked), JUNE, asked) if not line.passed]
    assert PENDING_FIT in [line.rule for line in broken]
    propose(stocked, OFFICER, JUNE, number, 2, proposal=less("30000"))
    assert PENDING_FIT not in [
        line.rule for line in preview(stocked, importer(stocked), JUNE, asked) if not line.passed
    ]


def test_a_proposal_sent_back_leaves_its_cut_in_the_history_only(stocked: Session) -> None:
    number = taken_up(stocked)
    propose(stocked, OFFICER, JUNE, number, 2, proposal=less("10000"))
    send_back(stocked, APPROVER, JUNE, number, 3, "give more")
    assert case(stocked, "A-1").cuts == {}
    [line] = [one for one in run_checks(case_of(stocked, JUNE, case(stocked, "A-1"))) if one.rule.code == "QTA-01"]
    assert line.observed == "300"
    propose(stocked, OFFICER, JUNE, number, 4, proposal=less("20000"))
    assert [cut.units for cut in case(stocked, "A-1").cuts.values()] == [20_000]
    stocked.commit()
    with pytest.raises(DatabaseError):
        stocked.execute(text("UPDATE case_cut SET units = 1"))
    stocked.rollback()


def test_conditions_go_to_the_permit_and_its_paper(stocked: Session) -> None:
    number = taken_up(stocked)
    said = {"ky": "Муздаткычта сакталсын", "ru": "Хранить в холодильнике"}
    propose(stocked, OFFICER, JUNE, number, 2, proposal=Proposal(conditions=said))
    permit = permits_by_numbers(stocked, [named := issue(stocked, APPROVER, JUNE, number, 3)])[named]
    assert dict(permit.conditions) == said
    assert conditions_in("en", permit.conditions) == said["ky"]
    source = PermitSource(
        permit,
        main_sites(stocked, [permit.organisation_id])[permit.organisation_id],
        revisions_by_ids(stocked, [line.revision_id for line in permit.lines.values()], JUNE.today()),
        (),
        "Authority",
        90,
    )
    [part] = [one for one in permit_content(source).parts if one.heading == "Conditions of the permit"]
    [entry] = part.entries  # type: ignore[union-attr]
    named_text = entry.value
    assert isinstance(named_text, Named)
    assert [named_text.in_language(each) for each in ("ky", "ru", "en")] == [said["ky"], said["ru"], said["ky"]]


def test_the_officer_cuts_on_the_page_and_the_applicant_reads_why(office: Office) -> None:
    applicant, officer, approver = (office.browser(name) for name in ("imran", "asel", "bakyt"))
    with office.work() as session:
        session.execute(text("UPDATE account SET email = 'imran@example.org' WHERE username = 'imran'"))
    asked = {
        "reference": "A-1", "kind": "import", "product": "MOR10", "quantity": "1000", "partner_country": "IN",
        "partner": "Supplier", "planned_on": "01.08.2024", "purpose": "medical",
    }  # fmt: skip
    place = applicant.post("/applications/new", data=asked).location
    case_id = int(place.split("/")[2])
    officer.post(f"/cases/{case_id}/steps/take_up", data={"version": "1"})
    typed = {
        "version": "2",
        "quantity-1": "1001",
        "reason-1": "stock_suffices",
        "text-1": "",
        "conditions-ru": "В сейфе",
    }
    wrong = officer.post(f"/cases/{case_id}/steps/propose", data=typed)
    assert wrong.status_code == 422
    assert "1000 pcs were asked for: more is never given" in text_of(wrong)
    assert "why less is given" not in text_of(wrong)
    assert 'value="1001"' in wrong.text
    typed |= {"quantity-1": "600", "text-1": "400 lie on the shelf"}
    assert officer.post(f"/cases/{case_id}/steps/propose", data=typed).status_code == 303
    read = words(approver.get(f"/cases/{case_id}"))
    assert "Quantity asked for 1,000 pcs Quantity proposed 600 pcs" in read
    for page in (f"/applications/{case_id}", "/applications"):
        kept_back = words(applicant.get(page))
        assert "400 lie on the shelf" not in kept_back
        assert "600 pcs" not in kept_back
    done = words(approver.get(approver.post(f"/cases/{case_id}/steps/issue", data={"version": "3"}).location))
    assert "A letter to the applicant waits for sending." in done
    read = words(applicant.get(f"/applications/{case_id}"))
    assert "Quantity asked for 1,000 pcs Quantity given 600 pcs" in read
    assert "was permitted to bring in" in read
    for page in (read, words(applicant.get("/applications")), words(approver.get("/cases?state=issued"))):
        assert "600 pcs (of 1,000 pcs asked for)" in page
    assert "the stock on hand covers the rest. 400 lie on the shelf" in read
    permit = words(applicant.get("/permits/KG-I-2024-000001"))
    assert "600 pcs" in permit
    assert "Conditions of the permit В сейфе" in permit
    with office.rows() as session:
        [body] = session.scalars(text("SELECT body FROM letter WHERE subject LIKE '%A-1%'")).all()
    assert "600 of 1000 pcs are given: the stock on hand covers the rest. 400 lie on the shelf" in body


def test_a_program_proposes_less(office: Office) -> None:
    firm, officer, approver = (program(office, name) for name in ("imran", "asel", "bakyt"))
    body = {
        "reference": "A-1", "kind": "import", "organisation": "E-IMP", "partner_country": "IN", "partner": "S",
        "planned_on": "2024-08-01", "purpose": "medical", "lines": [{"product": "MOR10", "quantity": "1000"}],
    }  # fmt: skip
    assert firm.post("/applications", body).status_code == 201
    steps = "/applications/A-1/steps/"
    assert officer.post(steps + "take_up", {}, If_Match='"1"').status_code == 200
    cut = {"product": "MOR10", "quantity": "1001", "reason": "share", "text": "your share ends there"}
    refused = officer.post(steps + "propose", {"cuts": [cut]}, If_Match='"2"')
    assert refused.status_code == 422
    assert [one["column"] for one in refused.get_json()["errors"]] == ["cuts.0.quantity"]
    sent = {"cuts": [cut | {"quantity": "600"}], "conditions": {"ru": "В сейфе"}}
    answer = officer.post(steps + "propose", sent, If_Match='"2"').get_json()
    [line] = answer["lines"]
    assert (line["quantity"], line["given"], line["cut_reason"]) == ("1000", "600", "share")
    assert firm.read("/applications/A-1")["lines"][0]["given"] is None
    approver.post(steps + "issue", {}, If_Match='"3"')
    permit = firm.read("/permits/KG-I-2024-000001")
    assert [one["quantity"] for one in permit["lines"]] == ["600"]
    assert permit["conditions"] == [{"language": "ru", "text": "В сейфе"}]
    assert firm.read("/applications/A-1")["lines"][0]["cut_text"] == "your share ends there"
