"""Pages and commands of letters, and the addresses they go to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.accounts import queries as accounts
from registry.accounts.domain import Recipient
from registry.mail import queries
from registry.mail.domain import Letter, LetterState
from registry.mail.service import queue
from registry.parties.queries import organisations_by_codes, recipients_of_organisations
from registry.settings import MailSecurity
from tests.mail.peer import Peer, listening
from tests.pages import Office, build, cheap_hashes, close, office, text_of

__all__ = ["cheap_hashes", "office"]


def post(office: Office, *keys: str) -> None:
    with office.work() as session:
        queue(session, office.clock, *(Letter(key, "asel@example.kg", "ru", f"О деле {key}", "тайна") for key in keys))


def state(office: Office, number: int) -> LetterState:
    with office.rows() as session:
        fact = queries.letter_by_id(session, number)
        assert fact is not None
        return fact.state


@pytest.fixture
def connected(stocked_url: str, tmp_path: Path, cheap_hashes: None) -> Iterator[tuple[Office, Peer]]:
    """An office with a mail server."""
    with listening(Peer()) as peer:
        app = build(
            stocked_url, tmp_path, mail_server=peer.address, mail_from="r@authority.kg", mail_security=MailSecurity.NONE
        )
        yield Office(app), peer
        close(app)


def test_without_a_mail_server_letters_wait_and_pages_say_so(office: Office) -> None:
    post(office, "one", "two")
    page = text_of(office.browser("dinara").get("/mail"))
    assert "No mail server is set: letters wait here and none is sent." in page
    assert "О деле one" in page
    refused = office.app.test_cli_runner().invoke(args=["mail", "send"])
    assert refused.exit_code == 1
    assert "2 letters wait" in refused.stderr
    assert state(office, 1) is LetterState.QUEUED


def test_the_command_sends_what_is_due(connected: tuple[Office, Peer]) -> None:
    office, peer = connected
    post(office, "one", "two", "three")
    run = office.app.test_cli_runner().invoke
    first = run(args=["mail", "send", "--limit", "2", "--json"])
    assert json.loads(first.stdout) == {"sent": 2, "failed": 0, "given_up": 0}
    listed = json.loads(run(args=["mail", "list", "--json"]).stdout)
    assert listed["counts"] == {"queued": 1, "failed": 0, "sent": 2, "given_up": 0}
    assert [one["id"] for one in listed["letters"]] == [3]
    assert run(args=["mail", "try", "bakyt@example.kg"]).exit_code == 0
    assert run(args=["mail", "send"]).exit_code == 0
    assert [arrived["To"] for arrived in peer.letters] == ["asel@example.kg"] * 3 + ["bakyt@example.kg"]
    assert run(args=["mail", "try", "bakyt@example"]).exit_code == 1
    assert "No mail server" not in text_of(office.browser("dinara").get("/mail"))


def test_the_administrator_sends_a_failed_letter_again(connected: tuple[Office, Peer]) -> None:
    office, peer = connected
    peer.answer = lambda line: "451 busy" if line.lower().startswith("mail") else None
    post(office, "one")
    run = office.app.test_cli_runner().invoke
    assert json.loads(run(args=["mail", "send", "--json"]).stdout)["failed"] == 1
    dinara = office.browser("dinara")
    page = text_of(dinara.get("/mail/1"))
    assert "to be tried again" in page
    assert "451" in page
    assert "тайна" not in page, "what a letter says is its reader's"
    peer.answer = lambda line: None
    assert dinara.post("/mail/1/retry").status_code == 303
    assert dinara.post("/mail/1/retry").status_code == 409
    assert dinara.post("/mail/2/retry").status_code == 404
    assert run(args=["mail", "send"]).exit_code == 0
    assert state(office, 1) is LetterState.SENT
    assert run(args=["mail", "retry", "1"]).exit_code == 1


def test_only_the_administrator_sees_letters(office: Office) -> None:
    post(office, "one")
    for username in ("asel", "bakyt", "chinara", "imran"):
        browser = office.browser(username)
        assert browser.get("/mail").status_code == 403
        assert browser.get("/mail/1").status_code == 403
        assert browser.post("/mail/1/retry").status_code == 403


def test_the_list_is_paged_and_narrowed_with_constant_statements(office: Office) -> None:
    dinara = office.browser("dinara")
    post(office, "one")
    few = office.statements(dinara, "/mail")
    post(office, *(f"more {number}" for number in range(120)))
    assert office.statements(dinara, "/mail") == few
    assert "Rows 51 to 100 of 121" in text_of(dinara.get("/mail?page=2"))
    assert "There are no letters, or none fits." in text_of(dinara.get("/mail?state=sent"))


def test_people_keep_their_own_address(office: Office) -> None:
    asel = office.browser("asel")
    assert asel.post("/profile/email", data={"email": "asel@Example.KG"}).status_code == 303
    assert "asel@example.kg" in text_of(asel.get("/profile"))
    wrong = asel.post("/profile/email", data={"email": "asel@example"})
    assert wrong.status_code == 422
    assert "is not an e-mail address" in text_of(wrong)
    with office.rows() as session:
        assert accounts.recipients_with(session, ["officer", "approver"]) == [
            Recipient("asel@example.kg", "en", "Asel", None)
        ]
    assert asel.post("/profile/email", data={"email": ""}).status_code == 303
    with office.rows() as session:
        assert accounts.recipients_with(session, ["officer"]) == []


def test_the_administrator_keeps_the_addresses_of_others(office: Office) -> None:
    office.hire("bakyt")
    dinara, asel = office.browser("dinara"), office.browser("asel")
    with office.rows() as session:
        number = accounts.account_named(session, "bakyt").id
    assert dinara.post(f"/accounts/{number}/email", data={"email": "b@example.kg"}).status_code == 303
    assert "b@example.kg" in text_of(dinara.get(f"/accounts/{number}"))
    assert asel.post(f"/accounts/{number}/email", data={"email": "evil@example.kg"}).status_code == 403
    run = office.app.test_cli_runner().invoke
    assert run(args=["user", "email", "bakyt", "bakyt@example.kg"]).exit_code == 0
    listed = json.loads(run(args=["user", "list", "--json"]).stdout)
    assert {one["username"]: one["email"] for one in listed}["bakyt"] == "bakyt@example.kg"
    assert run(args=["user", "email", "bakyt", "x"]).exit_code == 1
    assert run(args=["user", "email", "bakyt"]).exit_code == 0
    with office.rows() as session:
        assert accounts.account_named(session, "bakyt").email is None


def test_letters_to_an_organisation_reach_its_people_and_its_contact(office: Office) -> None:
    imran, maksat = office.browser("imran"), office.browser("maksat")
    dinara = office.browser("dinara")
    imran.post("/profile/email", data={"email": "imran@example.kg"})
    maksat.post("/profile/email", data={"email": "maksat@example.kg"})
    contact = {"email": "office@example.kg", "language": "ky"}
    assert imran.post("/organisation-contacts/E-IMP", data=contact).status_code == 303
    assert "office@example.kg" in text_of(imran.get("/organisations/E-IMP"))
    assert maksat.post("/organisation-contacts/E-IMP", data=contact).status_code == 403
    assert maksat.get("/organisation-contacts/E-IMP").status_code == 403
    assert dinara.post("/organisation-contacts/E-NONE", data=contact).status_code == 404
    bad = imran.post("/organisation-contacts/E-IMP", data=contact | {"email": "a@b"})
    assert bad.status_code == 422
    with office.rows() as session:
        ids = organisations_by_codes(session, ["E-IMP", "E-MAK", "E-WHO"])
        found = recipients_of_organisations(session, ids.values())
    assert found == {
        ids["E-IMP"]: [
            Recipient("imran@example.kg", "en", "Imran", ids["E-IMP"]),
            Recipient("office@example.kg", "ky", "E-IMP", ids["E-IMP"]),
        ],
        ids["E-MAK"]: [Recipient("maksat@example.kg", "en", "Maksat", ids["E-MAK"])],
    }
    imran.post("/organisation-contacts/E-IMP", data=contact | {"email": "imran@example.kg"})
    with office.rows() as session:
        [once] = recipients_of_organisations(session, [ids["E-IMP"]])[ids["E-IMP"]]
    assert once.name == "Imran"


def test_a_disabled_account_gets_no_letters(office: Office) -> None:
    office.browser("imran").post("/profile/email", data={"email": "imran@example.kg"})
    dinara = office.browser("dinara")
    with office.rows() as session:
        number = accounts.account_named(session, "imran").id
    dinara.post(f"/accounts/{number}/active", data={})
    with office.rows() as session:
        organisation = organisations_by_codes(session, ["E-IMP"])["E-IMP"]
        assert recipients_of_organisations(session, [organisation]) == {}
