"""Pages of quotas: what was decided, and lines proposed by one person and approved by another."""

from __future__ import annotations

import pytest

from registry.quotas.queries import proposed_lines
from tests.pages import Office, cheap_hashes, office, text_of
from tests.world import table_of, take_in

__all__ = ["cheap_hashes", "office"]

ASKED = {
    "year": "2024",
    "substance": "NM 009",
    "kind": "supplement",
    "item": "consumption",
    "quantity_g": "250,5",
    "act": "INCB-17",
    "act_date": "10.06.2024",
    "note": "need of the new hospital",
}


def waiting(office: Office) -> list[int]:
    with office.rows() as session:
        return [line.id for line in proposed_lines(session)]


def test_the_lines_of_a_year(office: Office) -> None:
    client = office.browser("asel")
    assert client.get("/quotas").location == "/quotas/2024"
    page = text_of(client.get("/quotas/2024"))
    for part in (
        "NM 009 morphine",
        "a) medical and scientific consumption",
        "3,000 g",
        "state quota",
        "100, 20 Dec 2023",
    ):
        assert part in page
    narrowed = text_of(client.get("/quotas/2024?q=diazepam&kind=assessment"))
    assert "50,000 g" in narrowed
    assert "NM 009" not in narrowed
    assert "Nothing is decided" in text_of(client.get("/quotas/2023"))


def test_an_assessment_stands_in_later_years(office: Office) -> None:
    page = text_of(office.browser("asel").get("/quotas/2026"))
    assert "assessment of needs" in page
    assert "NM 009" not in page


def test_one_substance_with_its_history(office: Office) -> None:
    client = office.browser("bakyt")
    page = text_of(client.get("/quotas/2024/nm009"))
    for part in ("morphine, 2024", "2,800 g", "800 g", "system"):
        assert part in page
    for address in ("/quotas/2024/NX 999", "/quotas/0000/NM 009", "/quotas/99999", "/quotas/proposals/x"):
        assert client.get(address).status_code == 404


def test_two_persons_make_a_line(office: Office) -> None:
    officer, approver = office.browser("asel"), office.browser("bakyt")
    assert officer.post("/quotas/new", data=ASKED).status_code == 303
    [line] = waiting(office)
    own = text_of(officer.get("/quotas/proposals"))
    assert "waits for a second person, not you" in own
    assert f"/quotas/proposals/{line}/approve" not in own
    assert "1 proposed line waits" in text_of(officer.get("/quotas/2024"))
    page = text_of(approver.get("/quotas/proposals"))
    assert "250.5 g" in page
    assert "need of the new hospital" in page
    assert officer.post(f"/quotas/proposals/{line}/approve").status_code == 403
    assert approver.post(f"/quotas/proposals/{line}/approve").status_code == 303
    assert "3,250.5 g" in text_of(officer.get("/quotas/2024/NM 009"))
    again = approver.post(f"/quotas/proposals/{line}/approve")
    assert again.status_code == 422
    assert "somebody has decided on this line already" in text_of(again)


def test_a_proposal_does_not_count_before_it_is_approved(office: Office) -> None:
    officer = office.browser("asel")
    officer.post("/quotas/new", data=ASKED)
    assert "3,250.5 g" not in text_of(officer.get("/quotas/2024/NM 009"))


def test_nobody_approves_the_own_proposal(office: Office) -> None:
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
    person.post("/quotas/new", data=ASKED)
    [line] = waiting(office)
    answer = person.post(f"/quotas/proposals/{line}/approve")
    assert answer.status_code == 422
    assert "another person approves it" in text_of(answer)
    assert waiting(office) == [line]
    assert ("erkin", "quotas.approve") in office.refusals()


def test_reject_and_withdraw(office: Office) -> None:
    officer, approver = office.browser("asel"), office.browser("bakyt")
    officer.post("/quotas/new", data=ASKED)
    [line] = waiting(office)
    assert approver.post(f"/quotas/proposals/{line}/reject").status_code == 303
    assert waiting(office) == []
    officer.post("/quotas/new", data=ASKED | {"act": "INCB-18"})
    [line] = waiting(office)
    assert approver.post(f"/quotas/proposals/{line}/withdraw").status_code == 403
    assert officer.post(f"/quotas/proposals/{line}/withdraw").status_code == 303
    assert waiting(office) == []
    assert text_of(officer.get("/quotas/2024/NM 009")).count("withdrawn") == 2


def test_a_name_offers_what_it_may_mean(office: Office) -> None:
    client = office.browser("asel")
    answer = client.post("/quotas/new", data=ASKED | {"substance": "morphin"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "choose the substance that is meant" in page
    assert 'name="choose"' in page
    assert "250,5" in page
    chosen = client.post("/quotas/new", data=ASKED | {"substance": "morphin", "choose": "NM 009"})
    assert chosen.status_code == 200
    assert 'value="NM 009"' in chosen.text
    assert waiting(office) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quantity_g": "1e400"}, "not a number we can hold exactly"),
        ({"year": "26"}, "is not a year"),
        ({"act_date": "32.01.2024"}, "is not a day"),
        ({"item": ""}, "an estimate is of one item"),
        ({"kind": "assessment", "item": ""}, "is not set for NM 009"),
        ({"organisation": "E-IMP"}, "this line is of the whole country"),
        ({"substance": "xyzzy"}, "is in no list that is loaded"),
    ],
)
def test_what_cannot_be_proposed(office: Office, change: dict[str, str], said: str) -> None:
    answer = office.browser("asel").post("/quotas/new", data=ASKED | change)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "need of the new hospital" in answer.text
    assert waiting(office) == []


@pytest.mark.parametrize("username", ["imran", "polina"])
def test_quotas_are_no_business_of_a_firm(office: Office, username: str) -> None:
    client = office.browser(username)
    for address in ("/quotas", "/quotas/2024", "/quotas/2024/NM 009", "/quotas/proposals", "/quotas/new"):
        assert client.get(address).status_code == 403
    assert client.post("/quotas/new", data=ASKED).status_code == 403
    assert "/quotas" not in client.get("/organisations").text


@pytest.mark.parametrize("username", ["bakyt", "chinara", "dinara"])
def test_only_officers_propose(office: Office, username: str) -> None:
    assert office.browser(username).post("/quotas/new", data=ASKED).status_code == 403


def test_long_lists_take_no_more_statements(office: Office) -> None:
    client = office.browser("asel")
    few = office.statements(client, "/quotas/2024")
    rows = [f"2024,NM 009,supplement,consumption,{n},S-{n},2024-06-01" for n in range(1, 60)]
    with office.rows() as session:
        report = take_in(session, "quotas", table_of("year,substance,kind,item,quantity_g,act,act_date", *rows))
        assert report.written, report.as_json()
    assert office.statements(client, "/quotas/2024?size=200") == few
