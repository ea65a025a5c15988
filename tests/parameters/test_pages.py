"""Pages and command of parameters: what is in force, two persons, refusals beside their fields."""

from __future__ import annotations

import json
from datetime import date

from registry.kernel.actor import Actor
from registry.parameters import queries, service
from registry.parameters.catalogue import parameter_named
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "office"]
BACK = "/parameters/stock.back_dating_days"
NEW = {"value": "3", "effective_on": "01.07.2024", "act": "No. 12", "act_date": "10.06.2024", "note": "holidays"}
"""The office's day is 15 June 2024."""


def days(office: Office, on: date) -> int:
    with office.rows() as session:
        return queries.parameters_on(session, on).number(parameter_named("stock.back_dating_days"))


def test_two_persons_set_a_parameter_on_the_pages(office: Office) -> None:
    asel, bakyt = office.browser("asel"), office.browser("bakyt")
    answer = asel.post(BACK, data=NEW)
    assert answer.status_code == 303
    mine = text_of(asel.get("/parameters/proposals"))
    assert "This value waits for a second person, not you." in mine
    assert "Approve" not in mine
    assert days(office, date(2024, 7, 1)) == 1
    assert "1 proposed value waits for a second person." in text_of(bakyt.get("/parameters"))
    assert bakyt.post("/parameters/proposals/1/approve").status_code == 303
    assert (days(office, date(2024, 6, 30)), days(office, date(2024, 7, 1))) == (1, 3)
    shown = text_of(bakyt.get(BACK))
    for words in ("No. 12, 10 Jun 2024", "holidays", "approved: Bakyt (approver)", "Asel (officer)", "0 – 250"):
        assert words in shown
    listed = text_of(bakyt.get("/parameters?q=back_dating"))
    assert "3, 1 Jul 2024" in listed
    office.later(days=20)
    row = office.browser("bakyt").get("/parameters?q=back_dating").text.split("<tbody")[1]
    assert [word in row for word in ("No. 12", "1 Jul 2024", "holidays")] == [True, True, False]


def test_whoever_proposed_is_refused_and_it_is_recorded(office: Office) -> None:
    """The seeded fault: the button is not shown, so the address is asked by hand."""
    dinara, bakyt = office.browser("dinara"), office.browser("bakyt")
    dinara.post(BACK, data=NEW)
    assert dinara.post("/parameters/proposals/1/approve").status_code == 403
    assert dinara.post("/parameters/proposals/1/reject", data={"note": "x"}).status_code == 403
    assert bakyt.post("/parameters/proposals/1/withdraw").status_code == 403
    assert ("dinara", "parameters.approve") in office.refusals()
    assert dinara.post("/parameters/proposals/1/withdraw").status_code == 303
    assert days(office, date(2024, 7, 1)) == 1
    assert "withdrawn: Dinara" in text_of(dinara.get(BACK))


def test_what_is_wrong_stands_beside_its_field(office: Office) -> None:
    asel = office.browser("asel")
    bad = asel.post(BACK, data=NEW | {"value": "251", "effective_on": "14.06.2024"})
    assert bad.status_code == 422
    shown = text_of(bad)
    assert "New value: 251 is more than 250" in shown
    assert "Counts from: a change never reaches back: choose today or a later day" in shown
    empty = asel.post(BACK, data={})
    assert empty.text.count("This field is required.") == 6, "three fields, in the summary and beside each"
    mixed = text_of(asel.post(BACK, data=NEW | {"value": "251", "effective_on": "someday", "act": ""}))
    for words in (
        "New value: 251 is more than 250",
        "“someday” is not a day",
        "Number of the act: This field is required.",
    ):
        assert words in mixed


def test_rejecting_needs_a_reason(office: Office) -> None:
    asel, bakyt = office.browser("asel"), office.browser("bakyt")
    asel.post(BACK, data=NEW)
    bad = bakyt.post("/parameters/proposals/1/reject", data={"note": ""})
    assert bad.status_code == 422
    assert "say why the value is rejected" in text_of(bad)
    assert bakyt.post("/parameters/proposals/1/reject", data={"note": "no ground"}).status_code == 303
    assert "no ground" in text_of(bakyt.get(BACK))


def test_the_weight_of_a_rule_is_chosen_from_words(office: Office) -> None:
    asel = office.browser("asel")
    page = text_of(asel.get("/parameters/severity.STK-10"))
    assert "STK-10: A movement is entered" in page
    assert '<option value="flag" selected>' in asel.get("/parameters/severity.STK-10").text, "what is in force"
    assert asel.post("/parameters/severity.STK-10", data=NEW | {"value": "refuse"}).status_code == 303
    assert asel.post("/parameters/severity.STK-10", data=NEW | {"value": "never"}).status_code == 422
    assert asel.get("/parameters/severity.STK-03").status_code == 404, "the balance below zero is fixed"


def test_firms_do_not_see_parameters(office: Office) -> None:
    imran = office.browser("imran")
    assert imran.get("/parameters").status_code == 403
    assert imran.post(BACK, data=NEW).status_code == 403


def test_the_list_takes_the_same_statements_however_much_was_set(office: Office) -> None:
    asel = office.browser("asel")
    few = office.statements(asel, "/parameters")
    with office.work() as session:
        for day in range(1, 29):
            command = service.NewValue(parameter_named("stock.back_dating_days"), str(day + 1), date(2024, 7, day), "x")
            service.propose(session, _actor("asel"), office.clock, command)
    with office.work() as session:
        for fact in queries.waiting_values(session)[:14]:
            service.approve(session, _actor("bakyt"), office.clock, fact.id)
    assert office.statements(asel, "/parameters") == few
    many = office.statements(asel, BACK)
    with office.work() as session:
        command = service.NewValue(parameter_named("quotas.reserve"), "5", date(2024, 7, 1), "x")
        service.propose(session, _actor("asel"), office.clock, command)
    assert office.statements(asel, "/parameters/quotas.reserve") == many


def test_the_pages_speak_russian_and_kyrgyz(office: Office) -> None:
    asel = office.browser("asel")
    asel.post("/profile/language", data={"language": "ru"})
    assert "Строгость правил" in text_of(asel.get("/parameters"))
    asel.post("/profile/language", data={"language": "ky"})
    assert "Эрежелердин катаалдыгы" in text_of(asel.get("/parameters"))


def _actor(username: str) -> Actor:
    from_names = {"asel": 1, "bakyt": 2}
    return Actor(from_names[username], username)


def test_the_administrator_sets_by_command(office: Office) -> None:
    run = office.app.test_cli_runner().invoke
    done = run(args=["parameter", "set", "quotas.reserve", "12,5", "--act", "No. 3", "--from", "2023-01-01", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"code": "quotas.reserve", "value": "12.5", "since": "2023-01-01", "act": "No. 3"}
    listed = json.loads(run(args=["parameter", "list", "--json"]).stdout)
    reserve = next(one for one in listed if one["code"] == "quotas.reserve")
    assert (reserve["value"], reserve["default"], reserve["since"], reserve["act"]) == (
        "12.5",
        "10",
        "2023-01-01",
        "No. 3",
    )
    before = json.loads(run(args=["parameter", "list", "--as-of", "2022-12-31", "--json"]).stdout)
    assert next(one for one in before if one["code"] == "quotas.reserve")["value"] == "10"


def test_a_command_that_cannot_be_done_is_exit_1_and_recorded(office: Office) -> None:
    run = office.app.test_cli_runner().invoke
    office.hire("asel")
    for args in (
        ["quotas.reserv", "5", "--act", "x"],
        ["quotas.reserve", "101", "--act", "x"],
        ["quotas.reserve", "5", "--act", "x", "--as", "asel"],
    ):
        refused = run(args=["parameter", "set", *args])
        assert refused.exit_code == 1, refused.output
    assert [action for _, action in office.refusals()] == ["parameters.set"] * 3
    assert run(args=["parameter", "set", "quotas.reserve", "5"]).exit_code == 2
