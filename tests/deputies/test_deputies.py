"""An office of three, one away: named by one person, decided by another, in force in its days and never beyond."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from registry.accounts.queries import deputies
from registry.audit.models import AuditEvent
from registry.deeds.queries import waiting_deeds
from registry.deeds.service import withdraw
from registry.kernel.errors import NotFound
from registry.mergers.domain import MERGE
from registry.permits.queries import application_by_reference
from registry.supervision import running
from registry.supervision.service.doctor import examine
from tests.conftest import BISHKEK
from tests.live import actor_of
from tests.pages import Office, cheap_hashes, office, text_of
from tests.permits.acting import apply, row

__all__ = ["cheap_hashes", "office"]

TYPED = {
    "away": "bakyt",
    "deputy": "dinara",
    "act": "Order 12",
    "act_date": "10.06.2024",
    "from_on": "17.06.2024",
    "to_on": "20.06.2024",
    "reason": "yearly leave",
}


def propose(client: FlaskClient, **changes: str) -> object:
    return client.post("/deputies/new", data=TYPED | changes)


def name(office: Office, by: str = "dinara", decides: str = "bakyt", **changes: str) -> None:
    """Name a deputy by two persons, on the pages."""
    told = propose(office.browser(by), **changes)
    assert told.status_code == 303, told.text
    answer = office.browser(decides).post(f"/deeds/{waiting(office)}", data={"decision": "approve"})
    assert answer.status_code == 303, answer.text


def waiting(office: Office) -> int:
    with office.rows() as session:
        [deed] = waiting_deeds(session)
        return deed.id


def day(office: Office, number: int) -> None:
    office.at(datetime(2024, 6, number, 9, 0, tzinfo=BISHKEK))


def proposed_case(office: Office, reference: str) -> str:
    """Let the importer apply and the officer propose; return the address of the case."""
    person = actor_of(office, "imran")
    with office.rows() as session:
        assert apply(session, row(reference, 10), actor=person, clock=office.clock).written
        found = application_by_reference(session, reference)
        assert found is not None
        address = f"/cases/{found.id}"
    officer = office.browser("asel")
    assert officer.post(f"{address}/steps/take_up", data={"version": "1"}).status_code == 303
    told = officer.post(f"{address}/steps/propose", data={"version": "2"})
    assert told.status_code == 303, told.text
    return address


def issue(client: FlaskClient, address: str) -> int:
    return client.post(f"{address}/steps/issue", data={"version": "3"}).status_code


def test_two_people_keep_the_office_running_and_only_in_these_days(office: Office) -> None:
    office.hire("imran", "asel", "bakyt", "dinara")
    name(office)
    first, second = proposed_case(office, "A-1"), proposed_case(office, "A-2")
    banner = "In these days you also hold the roles of bakyt (Order 12), as a deputy."
    for number, status, address in ((16, 403, first), (17, 303, first), (20, 303, second), (21, 403, second)):
        day(office, number)
        deputy = office.browser("dinara")
        assert (banner in text_of(deputy.get("/profile"))) is (status == 303), number
        assert issue(office.browser("asel"), address) == 403
        assert issue(deputy, address) == status, number
    with office.rows() as session:
        events = session.query(AuditEvent).filter(AuditEvent.action == "permits.issue", AuditEvent.outcome == "done")
        told = [(event.actor, json.loads(event.detail)["deputy_for"]) for event in events]
    assert told == [("dinara", ["bakyt: Order 12"])] * 2


def test_what_needs_no_right_of_somebody_else_is_recorded_as_ones_own(office: Office) -> None:
    office.hire("asel", "bakyt", "dinara")
    name(office)
    day(office, 17)
    assert office.browser("dinara").post("/accounts/1/active", data={}).status_code == 303
    with office.rows() as session:
        own = session.query(AuditEvent).filter(AuditEvent.action == "accounts.disable").one()
        assert "deputy_for" not in json.loads(own.detail)


def test_nobody_takes_both_steps_whoevers_role_was_used(office: Office) -> None:
    office.hire("imran", "asel", "bakyt", "dinara")
    name(office, deputy="asel", decides="bakyt")
    day(office, 17)
    address = proposed_case(office, "A-BOTH")
    told = office.browser("asel").post(f"{address}/steps/issue", data={"version": "3"})
    assert told.status_code == 422
    assert "another person decides on it" in text_of(told)
    # The one who is away may be back early: the own rights never went.
    assert issue(office.browser("bakyt"), address) == 303


def test_what_was_proposed_is_not_decided_by_the_right_of_the_proposer(office: Office) -> None:
    office.hire("imran", "asel", "bakyt", "dinara")
    with office.work() as session:
        session.execute(
            text(
                "INSERT INTO account_role (account_id, role) SELECT id, 'approver' FROM account WHERE username = 'asel'"
            )
        )
    name(office, away="asel", decides="bakyt")
    day(office, 17)
    first, second = proposed_case(office, "A-LENT"), proposed_case(office, "A-OWN-RIGHT")
    told = office.browser("dinara").post(f"{first}/steps/issue", data={"version": "3"})
    assert told.status_code == 422
    assert "another person decides on it" in text_of(told)
    assert issue(office.browser("bakyt"), first) == 303
    with office.work() as session:
        session.execute(
            text(
                "INSERT INTO account_role (account_id, role) SELECT id, 'approver' FROM account WHERE username = 'dinara'"
            )
        )
    assert issue(office.browser("dinara"), second) == 303, "by a right of her own"


def test_the_page_of_deeds_offers_nothing_that_is_then_refused(office: Office) -> None:
    office.hire("asel", "bakyt", "dinara")
    with office.work() as session:
        session.execute(
            text(
                "INSERT INTO account_role (account_id, role) SELECT id, 'approver' FROM account WHERE username = 'asel'"
            )
        )
    name(office, away="asel", decides="bakyt")
    day(office, 17)
    typed = {"reason": "inspection of 14 June", "effective_on": "17.06.2024"}
    assert office.browser("asel").post("/licences/deeds/licences.withdraw/LIC-E-IMP", data=typed).status_code == 303
    deed = f'action="/deeds/{waiting(office)}"'
    offered = {who: 'value="approve"' in office.browser(who).get("/deeds").text for who in ("asel", "dinara", "bakyt")}
    assert offered == {"asel": False, "dinara": False, "bakyt": True}
    assert deed in office.browser("bakyt").get("/deeds").text
    told = office.browser("dinara").post(f"/deeds/{waiting(office)}", data={"decision": "approve"})
    assert told.status_code == 422
    assert office.browser("bakyt").post(f"/deeds/{waiting(office)}", data={"decision": "approve"}).status_code == 303


def test_the_deputy_and_the_one_away_are_told(office: Office) -> None:
    office.hire("bakyt", "dinara", "chinara")
    with office.work() as session:
        session.execute(text("UPDATE account SET email = username || '@example.org'"))
    name(office)
    number = the_deputy(office)
    day(office, 18)
    ended = office.browser("dinara").post(
        f"/deputies/{number}/end", data={"reason": "back early", "effective_on": "19.06.2024"}
    )
    assert ended.status_code == 303, ended.text
    with office.rows() as session:
        letters = [tuple(row) for row in session.execute(text("SELECT recipient, body FROM letter ORDER BY id"))]
    about = [(to, body) for to, body in letters if "stands in for bakyt" in body]
    assert [to for to, _ in about] == ["bakyt@example.org", "dinara@example.org"] * 2
    assert "Order 12" in about[0][1]
    assert "back early" in about[2][1]


def the_deputy(office: Office) -> int:
    with office.rows() as session:
        return deputies(session)[0].id


def test_dep_01_the_deputy_does_not_decide_on_it(office: Office) -> None:
    office.hire("asel", "dinara", "bakyt")
    told = propose(office.browser("dinara"), away="asel", deputy="bakyt")
    assert told.status_code == 303, told.text
    for username in ("bakyt", "dinara", "asel"):
        answer = office.browser(username).post(f"/deeds/{waiting(office)}", data={"decision": "approve"})
        assert answer.status_code in (403, 422), username
    page = text_of(office.browser("bakyt").get("/deeds"))
    assert re.findall(r"Order 12, ([^<]+)<", page) == ["10 Jun 2024"]
    with office.rows() as session:
        assert deputies(session) == []
    assert ("bakyt", "deputies.decide") in office.refusals()


def test_ended_before_its_time_it_gives_no_right(office: Office) -> None:
    office.hire("imran", "asel", "bakyt", "dinara")
    name(office)
    day(office, 18)
    address = proposed_case(office, "A-END")
    administrator = office.browser("dinara")
    form = {"reason": "back early", "effective_on": "17.06.2024"}
    assert administrator.post("/deputies/1/end", data=form).status_code == 422
    assert administrator.post("/deputies/1/end", data=form | {"effective_on": "19.06.2024"}).status_code == 303
    assert "as a deputy" in text_of(office.browser("dinara").get("/profile"))
    day(office, 19)
    assert issue(office.browser("dinara"), address) == 403
    assert "ended" in text_of(office.browser("bakyt").get("/deputies"))
    again = office.browser("dinara").post("/deputies/1/end", data=form | {"effective_on": "19.06.2024"})
    assert again.status_code == 422


def test_what_ends_from_a_later_day_may_end_sooner_but_not_later(office: Office) -> None:
    office.hire("asel", "bakyt", "dinara")
    name(office)
    day(office, 18)
    administrator = office.browser("dinara")

    def end(last: str) -> object:
        form = {"reason": "back early", "effective_on": f"{last}.06.2024"}
        return administrator.post("/deputies/1/end", data=form)

    beyond = end("21")
    assert beyond.status_code == 422
    assert "ends by itself after 20 Jun 2024" in text_of(beyond)
    assert end("20").status_code == 303
    link = "/deputies/1/end"
    assert link in text_of(administrator.get("/deputies"))
    assert end("19").status_code == 303
    for later in ("19", "20"):
        told = end(later)
        assert told.status_code == 422
        assert "has ended by that day already" in text_of(told)
    with office.rows() as session:
        [kept] = deputies(session)
    assert f"{kept.ended_on}" == "2024-06-19"
    assert end("18").status_code == 303
    assert link not in text_of(administrator.get("/deputies"))


def test_a_deed_of_another_kind_is_not_a_deputy(office: Office) -> None:
    office.hire("asel", "bakyt", "dinara")
    typed = {"reason": "an error of ours", "effective_on": "15.06.2024", "quantity:MOR10": "12000"}
    assert office.browser("asel").post("/permits/deeds/permits.correct/P-6", data=typed).status_code == 303
    number = waiting(office)
    run = office.app.test_cli_runner().invoke
    told = run(args=["deputy", "decide", str(number), "reject", "--note", "no", "--as", "bakyt"])
    assert told.exit_code == 1
    assert "there is no such deed" in told.stderr
    proposer = actor_of(office, "asel")
    with office.rows() as session, pytest.raises(NotFound, match="there is no such deed"):
        withdraw(session, proposer, office.clock, MERGE, number)
    assert waiting(office) == number


def test_every_mistake_is_told_at_once(office: Office) -> None:
    office.hire("imran", "bakyt")
    administrator = office.browser("dinara")
    told = text_of(propose(administrator, away="nobody", act="", act_date="", to_on="16.06.2024"))
    for sentence in ("there is no such account", "write the number of the act", "the last day is before the first"):
        assert sentence in told, sentence
    assert "nobody stands in for themselves" in text_of(propose(administrator, deputy="bakyt"))
    assert "of the same authority, service or firm" in text_of(propose(administrator, deputy="imran"))
    assert "these days are over" in text_of(propose(administrator, from_on="01.06.2024", to_on="14.06.2024"))


def test_an_account_that_is_disabled_or_changed_lends_nothing(office: Office) -> None:
    office.hire("bakyt", "dinara")
    name(office)
    day(office, 18)
    with office.work() as session:
        session.execute(text("UPDATE account SET active = false WHERE username = 'bakyt'"))
    assert not actor_of(office, "dinara").lent
    assert "as a deputy" not in text_of(office.browser("dinara").get("/profile"))


def test_the_command_line_and_the_doctor(office: Office) -> None:
    office.hire("asel", "bakyt", "dinara")
    run = office.app.test_cli_runner().invoke
    typed = ["--act", "Order 12", "--act-date", "2024-06-10", "--from", "2024-06-14", "--to", "2024-06-20"]
    named = run(args=["deputy", "name", "bakyt", "dinara", *typed, "--reason", "leave", "--json", "--as", "dinara"])
    deed = json.loads(named.stdout)["deed"]
    assert run(args=["deputy", "decide", str(deed), "approve", "--as", "dinara"]).exit_code == 1
    assert run(args=["deputy", "decide", str(deed), "approve"]).exit_code == 0
    [told] = json.loads(run(args=["deputy", "list", "--json"]).stdout)
    assert (told["away"], told["deputy"], told["to"], told["in_force"]) == ("bakyt", "dinara", "2024-06-20", True)
    with office.rows() as session:
        seen = [str(line.seen) for line in examine(session, running.place()) if line.name == "deputies"]
    assert seen == ["dinara holds the roles of bakyt until 2024-06-20 (Order 12)"]
    assert run(args=["deputy", "end", "1", "--reason", "back"]).exit_code == 0
    assert run(args=["deputy", "list"]).stdout.count("in force") == 0
