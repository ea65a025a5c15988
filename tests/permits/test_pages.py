"""Pages of applications, cases and permits: from the importer's try to the issued permit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.orm import Session

from registry.kernel.rules import Finding, Severity
from registry.kernel.text import Message
from registry.licences.domain import LICENCE_COVERS
from registry.permits import queries
from registry.permits.domain.checks import CheckLine, frozen
from tests.pages import Office, build, cheap_hashes, close, office, text_of

__all__ = ["cheap_hashes", "office"]

# On 15 June 2024 the state quota of morphine leaves 2800 g minus P-1 and P-6, all still open: 2800 - 1500 - 900 = 400 g.
FITS, TOO_MUCH = "53333", "53334"
ASKED = {
    "reference": "A-1",
    "kind": "import",
    "product": "MOR10",
    "quantity": "1000",
    "partner_country": "IN",
    "partner": "Supplier",
    "planned_on": "01.08.2024",
    "counterpart_number": "IN-77",
    "purpose": "medical",
    "justification": "need of hospitals",
}


def submit(client: FlaskClient, **change: str) -> int:
    """Send an application, with its warnings all the same; return its id."""
    answer = client.post("/applications/new", data=ASKED | change)
    if asked := re.search(r'name="all_the_same" value="([^"]+)"', answer.text):
        answer = client.post("/applications/new", data=ASKED | change | {"all_the_same": asked[1]})
    assert answer.status_code == 303, text_of(answer)
    return int(re.fullmatch(r"/applications/(\d+)/submitted", answer.location)[1])


def step(client: FlaskClient, case_id: int, name: str, version: int, **typed: str) -> object:
    return client.post(f"/cases/{case_id}/steps/{name}", data={"version": str(version), **typed})


def state(office: Office, case_id: int) -> tuple[str, int]:
    with office.rows() as session:
        row = queries.application_by_id(session, case_id)
        return row.state, row.version


def proposed(office: Office) -> int:
    """Bring a case as far as the approver's desk."""
    case_id = submit(office.browser("imran"))
    officer = office.browser("asel")
    assert step(officer, case_id, "take_up", 1).status_code == 303
    assert step(officer, case_id, "propose", 2).status_code == 303
    return case_id


def test_from_application_to_permit(office: Office) -> None:
    case_id = submit(office.browser("imran"))
    officer = office.browser("asel")
    assert "A-1" in text_of(officer.get("/cases"))
    page = text_of(officer.get(f"/cases/{case_id}"))
    for part in ("LIC-01", "QTA-01", "passed", "7.5 g", "Take up", "Waits for: officer"):
        assert part in page
    step(officer, case_id, "take_up", 1)
    step(officer, case_id, "propose", 2, note="all in order")
    approver = office.browser("bakyt")
    assert "A-1" in text_of(approver.get("/cases"))
    issued = step(approver, case_id, "issue", 3)
    assert "No letter goes out: no address is known." in text_of(approver.get(issued.location))
    assert state(office, case_id) == ("issued", 4)
    page = text_of(approver.get(f"/cases/{case_id}"))
    number = re.search(r"KG-I-2024-\d{6}", page)[0]
    permit = text_of(approver.get(f"/permits/{number}"))
    for part in ("valid", "7.5 g", "1,000 pcs", "India", "Supplier", "The permit was issued"):
        assert part in permit
    own = text_of(office.browser("imran").get(f"/permits/{number}"))
    assert "1,000 pcs" in own
    if "stock.enter" in office.app.view_functions:
        assert f"/stock/enter?permit={number}" in own
    assert "/stock/enter?" not in permit
    assert number in text_of(office.browser("imran").get("/permits"))


def test_over_the_quota_the_page_says_what_would_fit(office: Office) -> None:
    client = office.browser("imran")
    answer = client.post("/applications/new", data=ASKED | {"quantity": TOO_MUCH})
    page = text_of(answer)
    assert answer.status_code == 422
    for part in ("QTA-01", FITS, 'name="take_over"', 'value="need of hospitals"', "need of hospitals"):
        assert part in page or part.startswith("value")
    assert f'value="{TOO_MUCH}"' in answer.text
    taken = client.post("/applications/new", data=ASKED | {"quantity": TOO_MUCH, "take_over": FITS})
    assert taken.status_code == 200
    assert f'value="{FITS}"' in taken.text
    assert "Nothing is submitted yet" in text_of(taken)
    assert "No application here yet" in text_of(client.get("/applications"))
    assert state(office, submit(client, quantity=FITS)) == ("submitted", 1)


def test_all_problems_at_once_and_the_draft_is_kept(office: Office) -> None:
    wrong = ASKED | {"quantity": "1e400", "planned_on": "32.13.2024", "partner": "", "product": "NONE"}
    answer = office.browser("imran").post("/applications/new", data=wrong)
    page = text_of(answer)
    assert answer.status_code == 422
    for part in ("is not a day", "not a number we can hold exactly", "This field is required", "32.13.2024", "IN-77"):
        assert part in page


def test_checking_first_writes_nothing(office: Office) -> None:
    client = office.browser("imran")
    answer = client.post("/applications/new", data=ASKED | {"check": "1"})
    assert "Nothing is submitted yet" in text_of(answer)
    assert "No application here yet" in text_of(client.get("/applications"))


def test_a_submission_with_warnings_asks_once(office: Office) -> None:
    client = office.browser("imran")
    late = ASKED | {"planned_on": "01.06.2024", "counterpart_number": ""}
    answer = client.post("/applications/new", data=late)
    page = text_of(answer)
    for part in (
        "Nothing is submitted yet",
        "PRM-05",
        "Submit all the same",
        'value="01.06.2024"',
        "need of hospitals",
    ):
        assert part in page
    assert "Submit the application" not in page
    assert "No application here yet" in text_of(client.get("/applications"))
    # What was agreed to was another warning: it asks again.
    assert client.post("/applications/new", data=late | {"all_the_same": "PRM-18"}).status_code == 200
    assert client.post("/applications/new", data=late | {"all_the_same": "PRM-05"}).status_code == 303


def test_a_reference_is_used_once(office: Office) -> None:
    client = office.browser("imran")
    submit(client)
    again = client.post("/applications/new", data=ASKED)
    assert again.status_code == 422
    assert "is taken" in text_of(again)
    other = client.post("/applications/new", data=ASKED | {"quantity": "5"})
    assert "recorded already with other content" in text_of(other)


def test_nobody_decides_on_the_own_proposal(office: Office) -> None:
    """The person who proposed is offered no decision, and refused when one is sent all the same."""
    with office.work() as session:
        from registry.accounts import service
        from registry.kernel.actor import SYSTEM
        from tests.pages import PASSWORD

        both = service.NewAccount(
            "erkin", "Erkin", frozenset({"officer", "approver"}), None, language="en", password=PASSWORD
        )
        service.create_account(session, SYSTEM, office.clock, both)
    person = office.app.test_client()
    person.post("/sign-in", data={"username": "erkin", "password": PASSWORD})
    case_id = submit(office.browser("imran"))
    step(person, case_id, "take_up", 1)
    step(person, case_id, "propose", 2)
    page = text_of(person.get(f"/cases/{case_id}"))
    assert "waits for a second person, not you" in page
    assert f"/cases/{case_id}/steps/issue" not in page
    answer = step(person, case_id, "issue", 3)
    assert answer.status_code == 422
    assert "PRM-12" in text_of(answer)
    assert state(office, case_id) == ("proposed", 3)
    assert ("erkin", "permits.issue") in office.refusals()


def test_two_officers_on_one_case(office: Office) -> None:
    case_id = proposed(office)
    approver = office.browser("bakyt")
    step(approver, case_id, "send_back", 3, note="the purpose is not clear")
    step(office.browser("asel"), case_id, "propose", 4)
    late = step(office.browser("bakyt"), case_id, "issue", 3, note="typed before")
    page = text_of(late)
    assert late.status_code == 409
    for part in ("Somebody changed this case", "the purpose is not clear", "nothing was overwritten", "typed before"):
        assert part in page
    assert state(office, case_id) == ("proposed", 5)
    assert 'name="version" value="5"' in page.replace('id="issue-version" ', "") or 'value="5"' in page


def test_a_firm_reads_what_has_changed_since_though_not_the_words_between_officers(office: Office) -> None:
    case_id, officer, firm = proposed(office), office.browser("asel"), office.browser("imran")
    step(office.browser("bakyt"), case_id, "send_back", 3, note="the purpose is not clear")
    step(officer, case_id, "request_information", 4, note="what for?")
    step(firm, case_id, "answer", 5, note="for a colleague")
    late = step(firm, case_id, "withdraw", 5)
    assert late.status_code == 409
    changed = text_of(late).partition("Somebody changed this case")[2][:300]
    assert "The applicant answered: for a colleague" in changed
    assert "the purpose is not clear" not in text_of(late)


def test_information_is_requested_and_answered(office: Office) -> None:
    importer, officer = office.browser("imran"), office.browser("asel")
    case_id = submit(importer)
    step(officer, case_id, "take_up", 1)
    missing = step(officer, case_id, "request_information", 2)
    assert missing.status_code == 422
    assert "a text is needed" in text_of(missing)
    step(officer, case_id, "request_information", 2, note="which hospitals?")
    page = text_of(importer.get(f"/applications/{case_id}"))
    assert "which hospitals?" in page
    assert "Waits for: importer" in page
    answer = step(importer, case_id, "answer", 3, note="the children's hospital")
    assert answer.location == f"/applications/{case_id}?done=answer#done"
    assert "the children's hospital" in text_of(officer.get(f"/cases/{case_id}"))


def test_a_refusal_says_why_and_how_to_appeal(office: Office) -> None:
    case_id = proposed(office)
    approver = office.browser("bakyt")
    without = step(approver, case_id, "refuse", 3, ground="quota_exhausted", note="the need is covered")
    assert without.status_code == 422
    assert "where and by when the refusal can be appealed" in text_of(without)
    assert "the need is covered" in text_of(without)
    typed = {"ground": "quota_exhausted", "note": "the need is covered", "appeal": "to the court within the term"}
    form = approver.get(f"/cases/{case_id}").text.partition("steps/refuse")[2]
    assert re.search(r'<select[^>]*name="ground"[^>]*>\s*<option value="">choose</option>', form)
    without = step(approver, case_id, "refuse", 3, **typed | {"ground": ""})
    assert without.status_code == 422
    assert "choose the ground of refusal" in text_of(without)
    assert step(approver, case_id, "refuse", 3, **typed).status_code == 303
    page = text_of(office.browser("imran").get(f"/applications/{case_id}"))
    for part in ("quota exhausted", "the need is covered", "to the court within the term"):
        assert part in page


def test_the_applicant_withdraws_and_reads_no_position(office: Office) -> None:
    importer = office.browser("imran")
    case_id = submit(importer)
    page = text_of(importer.get(f"/applications/{case_id}"))
    assert "Position with this application" not in page
    assert step(importer, case_id, "withdraw", 1).status_code == 303
    assert state(office, case_id) == ("withdrawn", 2)


def test_the_case_is_told_in_a_sentence_and_passed_checks_are_folded(office: Office) -> None:
    case_id = submit(office.browser("imran"))
    page = office.browser("asel").get(f"/cases/{case_id}").text
    told = text_of(office.browser("asel").get(f"/cases/{case_id}"))
    assert "– 1,000 pcs from Supplier, India, on 1 Aug 2024." in told
    folded = "".join(re.findall(r"<details.*?</details>", page, re.DOTALL))
    assert "checks passed" in folded
    assert "LIC-01" in folded
    assert page.index("What is unusual") < page.index("What you can do now") < page.index("The application in full")
    assert "Nothing stands against it" in told
    assert "things to know" in told


def test_what_a_rule_refuses_stands_open_with_the_place_to_mend_it(office: Office) -> None:
    case_id = submit(office.browser("imran"), quantity=FITS)
    other = submit(office.browser("imran"), reference="A-2", counterpart_number="IN-78", quantity="1000")
    officer, approver = office.browser("asel"), office.browser("bakyt")
    for each in (case_id, other):
        step(officer, each, "take_up", 1)
    step(officer, other, "propose", 2)
    assert "No check has come out otherwise" in text_of(approver.get(f"/cases/{other}"))
    step(officer, case_id, "propose", 2)
    step(approver, case_id, "issue", 3)
    page = approver.get(f"/cases/{other}")
    assert "QTA-01 NM 009: passed (7.5 g / 400 g) → not allowed" in " ".join(
        re.sub(r"<[^>]+>", "", text_of(page)).split()
    )
    assert "As it stands a rule refuses the permit" not in text_of(page)
    step(approver, other, "send_back", 3, note="look again")
    page = officer.get(f"/cases/{other}")
    assert "As it stands a rule refuses the permit" in text_of(page)
    open_part = re.sub(r"<details class=\"govuk-details\">.*?</details>", "", page.text, flags=re.DOTALL)
    assert 'href="/positions/NM%20009/2024"' in open_part


def test_whoever_decides_on_a_refusal_reads_and_may_change_what_was_proposed(office: Office) -> None:
    case_id = submit(office.browser("imran"))
    officer, approver = office.browser("asel"), office.browser("bakyt")
    step(officer, case_id, "take_up", 1)
    typed = {"ground": "false_data", "note": "the seal is false", "appeal": "to the court"}
    done = step(officer, case_id, "propose_refusal", 2, **typed)
    assert "The application was proposed for refusal. Now it waits for: approver" in re.sub(
        r"</?strong>", "", text_of(officer.get(done.location))
    )
    page = approver.get(f"/cases/{case_id}").text
    form = page[page.index("steps/refuse") :]
    assert re.search(r'<option value="false_data" selected', form)
    assert "the seal is false</textarea>" in form
    assert "to the court</textarea>" in form


def test_the_start_page_leads_to_what_is_due_first_of_ones_own(office: Office) -> None:
    first, second = (submit(office.browser("imran"), reference=f"A-{n}", counterpart_number=f"IN-{n}") for n in (1, 2))
    officer, approver = office.browser("asel"), office.browser("bakyt")
    assert "2 cases wait for you" in text_of(officer.get("/"))
    assert f'href="/cases/{first}"' in officer.get("/").text
    assert "for you" not in text_of(approver.get("/"))
    step(officer, first, "take_up", 1)
    done = step(officer, first, "propose", 2)
    assert f'href="/cases/{second}"' in officer.get(done.location).text
    assert "1 case waits for you" in text_of(approver.get("/"))
    step(officer, second, "take_up", 1)
    with office.work() as session:
        session.execute(text("UPDATE application SET officer = 'colleague' WHERE id = :id"), {"id": second})
    assert "for you" not in text_of(officer.get("/"))


def test_what_the_address_says_was_done_is_believed_of_the_case_only(office: Office) -> None:
    case_id = submit(office.browser("imran"))
    assert 'id="done"' not in office.browser("asel").get(f"/cases/{case_id}?done=issue").text
    assert 'id="done"' not in office.browser("asel").get(f"/cases/{case_id}?done=submit").text


def test_what_officers_say_to_each_other_stays_inside(office: Office) -> None:
    case_id = submit(office.browser("imran"))
    officer = office.browser("asel")
    step(officer, case_id, "take_up", 1)
    step(officer, case_id, "propose", 2, note="between us")
    inside, outside = officer.get(f"/cases/{case_id}"), office.browser("imran").get(f"/applications/{case_id}")
    assert "between us" in text_of(inside)
    assert "between us" not in text_of(outside)
    assert "· asel" not in text_of(outside)


@pytest.mark.parametrize("username", ["maksat", "polina"])
def test_a_firm_sees_nothing_of_another(office: Office, username: str) -> None:
    case_id = submit(office.browser("imran"))
    other = office.browser(username)
    assert other.get(f"/cases/{case_id}").status_code == 403
    assert other.get(f"/applications/{case_id}").status_code == 403
    assert other.get("/applications/999").status_code == 403
    assert step(other, case_id, "withdraw", 1).status_code == 403
    assert other.get("/permits/P-1").status_code == 403
    assert other.get("/permits/NO-SUCH").status_code == 403
    assert "P-1" not in text_of(other.get("/permits")).replace("IN-P-1", "")
    assert state(office, case_id) == ("submitted", 1)


@pytest.mark.parametrize("username", ["asel", "chinara", "dinara"])
def test_only_importers_apply(office: Office, username: str) -> None:
    client = office.browser(username)
    assert client.get("/applications/new").status_code == 403
    assert client.post("/applications/new", data=ASKED).status_code == 403


def test_the_auditor_reads_and_takes_no_step(office: Office) -> None:
    case_id = submit(office.browser("imran"))
    auditor = office.browser("chinara")
    page = text_of(auditor.get(f"/cases/{case_id}"))
    assert "QTA-01" in page
    assert "What you can do now" not in page
    assert step(auditor, case_id, "take_up", 1).status_code == 403
    assert state(office, case_id) == ("submitted", 1)
    assert auditor.post(f"/cases/{case_id}/steps/nonsense").status_code == 404


def test_permits_by_state_on_the_day(office: Office) -> None:
    client = office.browser("asel")
    assert "P-6" in text_of(client.get("/permits?state=valid"))
    empty = text_of(client.get("/permits?state=expired"))
    assert "No permit fits" in empty
    assert "Rows 0" not in empty
    office.later(days=200)
    client = office.browser("asel")
    assert "P-6" in text_of(client.get("/permits?state=expired"))
    assert "No permit fits" in text_of(client.get("/permits?state=valid"))


def test_permits_of_one_organisation(office: Office) -> None:
    client = office.browser("asel")
    page = text_of(client.get("/permits?organisation=E-MAK"))
    assert "P-4" in page
    assert "P-6" not in page
    assert "P-6" in text_of(client.get("/organisations/E-IMP"))
    assert "P-6" in text_of(client.get("/permits?q=in-p-6"))
    for address in ("/permits/NO-SUCH", "/cases/999", "/cases/99999999999999999999"):
        assert client.get(address).status_code == 404


def test_long_lists_take_no_more_statements(office: Office) -> None:
    importer = office.browser("imran")
    for number in range(4):
        submit(importer, reference=f"B-{number}", counterpart_number=f"IN-{number}")
    officer = office.browser("asel")
    for client, address in ((officer, "/permits?size={}"), (officer, "/cases?state=submitted&size={}")):
        assert office.statements(client, address.format(1)) == office.statements(client, address.format(100))
    few, many = (office.statements(importer, f"/applications?size={size}") for size in (1, 100))
    assert few == many


def test_the_history_tells_what_was_done_and_by_whom(office: Office) -> None:
    case_id = proposed(office)
    page = text_of(office.browser("bakyt").get(f"/cases/{case_id}"))
    for part in (
        "The application was submitted",
        "· Imran (importer)",
        "The application was taken up for examination",
        "The permit was proposed for issue",
        "· Asel (officer)",
    ):
        assert part in page
    assert "asel" not in page
    assert "imran" not in page
    with office.work() as session:
        session.execute(text("UPDATE account SET language = 'ru' WHERE username = 'bakyt'"))
    page = text_of(office.browser("bakyt").get(f"/cases/{case_id}"))
    assert "Заявление принято к рассмотрению" in page
    assert "· Asel (специалист)" in page


def test_an_account_that_is_gone_keeps_its_user_name(office: Office) -> None:
    case_id = submit(office.browser("imran"))
    with office.work() as session:
        kept = {"id": case_id, "at": office.clock.now(), "actor": "longgone"}
        keep_event(session, **kept, transition="take_up")
        session.execute(text("UPDATE application SET submitted_by = 'system'"))
    page = text_of(office.browser("asel").get(f"/cases/{case_id}"))
    assert "· longgone" in page
    assert ", the registry" in page


def keep_event(session: Session, **values: object) -> None:
    """Add a step to a case as an earlier version of the registry left it."""
    event = {"checks": None, **values}
    session.execute(
        text(
            "INSERT INTO case_event (application_id, at, actor, transition, checks)"
            " VALUES (:id, :at, :actor, :transition, :checks)"
        ).bindparams(bindparam("at", type_=DateTime(timezone=True))),
        event,
    )


@pytest.mark.parametrize("kind", ["import permit", Message("import permit")])
def test_kept_checks_speak_the_reader_s_language(office: Office, kind: object) -> None:
    """Sentences inside sentences are kept as such; rows of before this was so hold English words."""
    case_id = submit(office.browser("imran"))
    broken = Message("no licence of %(organisation)s covers the %(kind)s of %(product)s on %(day)s",
                     {"organisation": "E-IMP", "kind": kind, "product": "MOR10", "day": "2024-08-01"})  # fmt: skip
    line = CheckLine(LICENCE_COVERS, passed=False, finding=Finding(LICENCE_COVERS, broken, Severity.REFUSE))
    kept = json.dumps(frozen([line]), ensure_ascii=False)
    office.browser("asel")
    with office.work() as session:
        keep_event(session, id=case_id, at=office.clock.now(), actor="asel", transition="propose", checks=kept)
        session.execute(text("UPDATE application SET state = 'withdrawn'"))
        session.execute(text("UPDATE account SET language = 'ky' WHERE username = 'asel'"))
    page = text_of(office.browser("asel").get(f"/cases/{case_id}"))
    assert "ташып келүүгө уруксат" in page
    assert "import permit" not in page
    assert "01.08.2024" in page


def test_numbers_begin_with_the_country_of_the_settings(stocked_url: str, tmp_path: Path, cheap_hashes: None) -> None:
    app = build(stocked_url, tmp_path, country="UZ")
    abroad = Office(app)
    case_id = proposed(abroad)
    approver = abroad.browser("bakyt")
    assert step(approver, case_id, "issue", 3).status_code == 303
    assert "UZ-I-2024-000001" in text_of(approver.get(f"/cases/{case_id}"))
    close(app)


def test_a_submission_is_confirmed(office: Office) -> None:
    client = office.browser("imran")
    case_id = submit(client)
    answer = client.get(f"/applications/{case_id}/submitted")
    page = text_of(answer)
    # 15 June 2024 is a Saturday: ten working days later it is Friday the 28th.
    for part in ("Application submitted", "A-1", "What happens next", "due by 28 Jun 2024"):
        assert part in page
    assert f'href="/applications/{case_id}"' in answer.text
    assert 'class="govuk-panel govuk-panel--confirmation"' in answer.text
    assert office.browser("maksat").get(f"/applications/{case_id}/submitted").status_code == 403
    step(client, case_id, "withdraw", 1)
    assert "due by" not in text_of(client.get(f"/applications/{case_id}/submitted"))
