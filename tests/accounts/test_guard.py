"""The guard: sign-in, policy, refusals on record, and nothing unmarked answers."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.accounts import guard, policy, service
from registry.accounts.guard import asks, current_actor, public
from registry.kernel.actor import SYSTEM
from registry.kernel.errors import Conflict, NotFound
from registry.kernel.text import Message
from tests.accounts.conftest import GOOD, OTHER, Site, is_signed_in

OWN, FOREIGN = 11, 12


@asks("audit.read")
def log() -> str:
    return "the log"


@asks("stock.read")
def balance(organisation_id: int) -> str:
    policy.require(current_actor(), "stock.read", organisation_id)
    return "the balance"


@asks("quotas.propose")
def propose() -> str:
    raise Conflict(Message("already proposed"))


@asks("quotas.propose")
def lost() -> str:
    raise NotFound(Message("nothing here"))


@public
def open_view() -> str:
    return current_actor().username


def unmarked() -> str:
    return "forgotten"


@pytest.fixture
def marked(site: Site) -> Site:
    rules = {
        "/log": log,
        "/api/v1/log": log,
        "/balance/<int:organisation_id>": balance,
        "/propose": propose,
        "/lost": lost,
        "/open": open_view,
        "/unmarked": unmarked,
    }
    for rule, view in rules.items():
        site.app.add_url_rule(rule, rule, view, methods=["GET", "POST"])
    return site


def refused(site: Site) -> list[tuple[str, str, str, str]]:
    return [event for event in site.events() if event[3] == "refused"]


def test_marks_can_be_read(marked: Site) -> None:
    views = marked.app.view_functions
    assert views["/log"].registry_action == "audit.read"
    assert views["/open"].registry_action == guard.PUBLIC
    assert guard.action_of(marked.app, "/unmarked") is None
    assert views["accounts.sign_in"].registry_action == guard.PUBLIC


def test_a_page_leads_to_the_sign_in_and_back(marked: Site) -> None:
    answer = marked.browser().get("/log?before=7")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/log?before%3D7")
    assert "next" not in marked.browser().post("/log").location


def test_an_api_address_answers_401(marked: Site) -> None:
    answer = marked.browser().get("/api/v1/log")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_role_without_the_action_is_refused_and_recorded(marked: Site) -> None:
    marked.create("asel", "officer")
    marked.create("dinara", "auditor")
    assert marked.browser("asel").get("/log").status_code == 403
    assert refused(marked) == [("asel", "audit.read", "/log", "refused")]
    assert marked.browser("dinara").get("/log").text == "the log"
    assert len(refused(marked)) == 1


def test_a_foreign_object_is_refused_and_recorded(marked: Site) -> None:
    marked.create("firm", "pharmacy", organisation_id=OWN)
    client = marked.browser("firm")
    assert client.get(f"/balance/{OWN}").text == "the balance"
    assert refused(marked) == []
    assert client.get(f"/balance/{FOREIGN}").status_code == 403
    assert refused(marked) == [("firm", "stock.read", f"/balance/{FOREIGN}", "refused")]


def test_other_refusals_are_recorded_for_writes_only(marked: Site) -> None:
    marked.create("asel", "officer")
    client = marked.browser("asel")
    assert client.get("/propose").status_code == 409
    assert client.post("/lost").status_code == 404
    assert refused(marked) == []
    assert client.post("/propose").status_code == 409
    assert refused(marked) == [("asel", "quotas.propose", "/propose", "refused")]


def test_a_refusal_is_recorded_once(marked: Site) -> None:
    error = Conflict(Message("again"))
    with marked.app.test_request_context("/somewhere"):
        guard.record_refused(error, "quotas.propose", "quota 7")
        guard.record_refused(error, "quotas.propose", "quota 7")
    assert refused(marked) == [("anonymous", "quotas.propose", "quota 7", "refused")]


def test_what_nobody_marked_is_closed(marked: Site) -> None:
    marked.create("asel", "administrator")
    assert marked.browser("asel").get("/unmarked").status_code == 403
    assert marked.browser().get("/unmarked").status_code == 403
    assert marked.browser().get("/open").text == "anonymous"
    assert marked.browser().get("/no-such-page").status_code == 404


def test_changed_roles_act_at_once(marked: Site) -> None:
    number = marked.create("dinara", "auditor")
    client = marked.browser("dinara")
    assert client.get("/log").status_code == 200
    change = service.AccountChange("Dinara", frozenset({"officer"}), None, "en")
    marked.do(service.change_account, SYSTEM, marked.clock, number, change)
    assert client.get("/log").status_code == 303
    assert marked.browser("dinara").get("/log").status_code == 403


def test_a_password_to_be_changed_comes_first(marked: Site) -> None:
    marked.create("dinara", "auditor", must_change_password=True)
    client = marked.browser("dinara")
    assert client.get("/log").location == "/profile/password"
    assert client.get("/api/v1/log").status_code == 401
    form = {"current": GOOD, "password": OTHER, "again": OTHER}
    assert client.post("/profile/password", data=form).status_code == 303
    assert is_signed_in(client)
    assert client.get("/log").text == "the log"


def test_an_unknown_action_fails_at_import() -> None:
    with pytest.raises(KeyError):
        asks("no.such.action")


def test_every_route_of_accounts_is_marked(site: Site) -> None:
    app: Flask = site.app
    own = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("accounts.")}
    assert {name for name in own if guard.action_of(app, name) == guard.PUBLIC} == {
        "accounts.sign_in",
        "accounts.use_link",
    }
    assert all(guard.action_of(app, name) for name in own)
