"""Pages of quotas: what was decided, and lines proposed by one person and approved by another."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from registry.kernel.actor import SYSTEM
from registry.parameters import service as parameters
from registry.quotas.domain.parameters import OPEN_LIST
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
    for part in ("morphine, 2024", "2,800 g", "800 g", "the registry"):
        assert part in page
    for address in ("/quotas/2024/NX 999", "/quotas/0000/NM 009", "/quotas/99999", "/quotas/proposals/x"):
        assert client.get(address).status_code == 404


def test_two_persons_make_a_line(office: Office) -> None:
    officer, approver = office.browser("asel"), office.browser("bakyt")
    sent = officer.post("/quotas/new", data=ASKED)
    [line] = waiting(office)
    assert (sent.status_code, sent.location) == (303, f"/quotas/lines/{line}")
    own = text_of(officer.get(f"/quotas/lines/{line}"))
    assert "waits for a second person, not you" in own
    assert f"/quotas/lines/{line}/approve" not in own
    assert f"/quotas/lines/{line}/withdraw" in own
    assert "1 proposed line waits" in text_of(officer.get("/quotas/2024"))
    assert f"/quotas/lines/{line}" in approver.get("/quotas/proposals").text
    page = text_of(approver.get(f"/quotas/lines/{line}"))
    for part in ("250.5 g", "need of the new hospital", "The line was proposed", "Asel (officer)"):
        assert part in page
    assert officer.post(f"/quotas/lines/{line}/approve").status_code == 403
    assert approver.post(f"/quotas/lines/{line}/approve", data={"version": "1"}).status_code == 303
    assert "3,250.5 g" in text_of(officer.get("/quotas/2024/NM 009"))
    assert "The line was approved" in text_of(officer.get(f"/quotas/lines/{line}"))
    again = approver.post(f"/quotas/lines/{line}/approve")
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
    assert f"/quotas/lines/{line}/approve" not in person.get(f"/quotas/lines/{line}").text
    answer = person.post(f"/quotas/lines/{line}/approve")
    assert answer.status_code == 422
    assert "another person approves it" in text_of(answer)
    assert waiting(office) == [line]
    assert ("erkin", "quotas.approve") in office.refusals()


def test_reject_and_withdraw(office: Office) -> None:
    officer, approver = office.browser("asel"), office.browser("bakyt")
    officer.post("/quotas/new", data=ASKED)
    [line] = waiting(office)
    mute = approver.post(f"/quotas/lines/{line}/reject", data={"version": "1"})
    assert mute.status_code == 422
    assert "say why: whoever proposed the line reads it" in text_of(mute)
    said = {"version": "1", "note": "no beds are planned there"}
    assert approver.post(f"/quotas/lines/{line}/reject", data=said).status_code == 303
    assert waiting(office) == []
    page = text_of(officer.get(f"/quotas/lines/{line}"))
    assert "The line was rejected" in page
    assert "no beds are planned there" in page
    officer.post("/quotas/new", data=ASKED | {"act": "INCB-18"})
    [line] = waiting(office)
    assert approver.post(f"/quotas/lines/{line}/withdraw").status_code == 403
    assert officer.post(f"/quotas/lines/{line}/withdraw").status_code == 303
    assert waiting(office) == []
    history = text_of(officer.get("/quotas/2024/NM 009"))
    assert (history.count("rejected"), history.count("withdrawn")) == (1, 1)


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
    ("language", "word"), [("en", "Morphine"), ("ru", "морфин"), ("ky", "морфин"), ("en", "nm009")]
)
def test_a_whole_name_or_code_needs_no_choice(office: Office, language: str, word: str) -> None:
    office.browser("asel")
    with office.work() as session:
        session.execute(text("UPDATE account SET language = :language"), {"language": language})
    answer = office.browser("asel").post("/quotas/new", data=ASKED | {"substance": word})
    assert answer.status_code == 303, text_of(answer)
    assert len(waiting(office)) == 1


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
        ({"note": ""}, "a change of what was decided needs its circumstances"),
        ({"note": "for 12345678901234"}, "seems to hold a personal number"),
    ],
)
def test_what_cannot_be_proposed(office: Office, change: dict[str, str], said: str) -> None:
    answer = office.browser("asel").post("/quotas/new", data=ASKED | change)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert change.get("note", "need of the new hospital") in answer.text
    assert waiting(office) == []


@pytest.mark.parametrize("username", ["imran", "polina"])
def test_quotas_are_no_business_of_a_firm(office: Office, username: str) -> None:
    client = office.browser(username)
    for address in ("/quotas", "/quotas/2024", "/quotas/2024/NM 009", "/quotas/proposals", "/quotas/new",
                    "/quotas/lines/1", "/quotas/published/2024", "/quotas/published/2024.csv"):  # fmt: skip
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


def quota(office: Office, **change: str) -> int:
    """Propose a state quota of 2025 as an officer does; return the line."""
    asked = {"year": "2025", "substance": "NM 009", "kind": "state_quota", "item": "", "quantity_g": "900"} | change
    assert office.browser("asel").post("/quotas/new", data=asked).status_code == 303
    [line] = waiting(office)
    return line


def test_a_state_quota_is_approved_with_its_act_and_published(office: Office) -> None:
    approver, line = office.browser("bakyt"), quota(office)
    bare = approver.post(f"/quotas/lines/{line}/approve", data={"version": "1"})
    assert bare.status_code == 422
    assert "a state quota rests on an act" in text_of(bare)
    assert "write the day of the act" in text_of(bare)
    unread = approver.post(
        f"/quotas/lines/{line}/approve", data={"version": "1", "act": "77", "act_date": "32.12.2024"}
    )
    assert "is not a day" in text_of(unread)
    act = {"version": "1", "act": "77", "act_date": "20.12.2024"}
    assert approver.post(f"/quotas/lines/{line}/approve", data=act).status_code == 303
    assert "Act: 77" in text_of(approver.get(f"/quotas/lines/{line}"))
    listed = text_of(approver.get("/quotas/published/2025"))
    assert "Nothing is published" in listed
    assert "1 approved state quota is not published yet" in listed
    assert office.browser("asel").post("/quotas/published/2025").status_code == 403
    assert approver.post("/quotas/published/2025").status_code == 303
    page = text_of(approver.get("/quotas/published/2025"))
    for part in ("NM 009", "900 g", "77", "20 Dec 2024"):
        assert part in page
    told = approver.get("/quotas/published/2025.csv")
    assert told.data.decode("utf-8-sig").splitlines()[-1].startswith("NM 009")
    assert "900" in told.text
    assert approver.get("/quotas/published/2025.xlsx").status_code == 200
    assert approver.get("/quotas/published/2025.doc").status_code == 404
    assert approver.get("/quotas/published").location == "/quotas/published/2025"


def test_the_list_is_open_to_everybody_only_where_a_parameter_says_so(office: Office) -> None:
    approver, line = office.browser("bakyt"), quota(office, act="77", act_date="20.12.2024")
    approver.post(f"/quotas/lines/{line}/approve")
    assert approver.post(f"/quotas/lines/{line}/publish").status_code == 303
    anybody = office.app.test_client()
    assert anybody.get("/state-quotas/2025").status_code == 404
    assert anybody.get("/state-quotas/2025.csv").status_code == 404
    with office.work() as session:
        parameters.set_value(
            session, SYSTEM, office.clock, parameters.NewValue(OPEN_LIST, "on", date(2024, 1, 1), "order 5")
        )
    page = text_of(anybody.get("/state-quotas/2025"))
    assert "900 g" in page
    assert "Asel" not in page
    assert anybody.get("/state-quotas/2025.csv").status_code == 200
    assert "Nothing is published" in text_of(anybody.get("/state-quotas/2024"))


def test_a_draft_is_changed_until_it_is_proposed(office: Office) -> None:
    officer = office.browser("asel")
    sent = officer.post("/quotas/new", data=ASKED | {"note": "", "keep": "y"})
    assert sent.status_code == 303
    assert waiting(office) == []
    assert sent.location in officer.get("/quotas/proposals").text
    form = officer.get(sent.location + "/revise")
    assert 'value="250.5"' in form.text
    change = ASKED | {"note": "", "quantity_g": "251", "version": "1"}
    assert officer.post(sent.location + "/revise", data=change).status_code == 303
    late = officer.post(sent.location + "/revise", data=change | {"quantity_g": "252"})
    assert late.status_code == 422
    assert "somebody has changed this line since you looked at it" in text_of(late)
    page = text_of(officer.get(sent.location))
    for part in ("251 g", "The draft was changed", "Quantity before: 250.5 g"):
        assert part in page
    mute = officer.post(sent.location + "/propose", data={"version": "2"})
    assert "needs its circumstances" in text_of(mute)
    officer.post(sent.location + "/revise", data=change | {"note": "a new hospital", "version": "2"})
    assert officer.post(sent.location + "/propose", data={"version": "3"}).status_code == 303
    assert len(waiting(office)) == 1
    assert officer.get(sent.location + "/revise").location == sent.location
    assert officer.post(sent.location + "/revise", data=change).status_code == 409
