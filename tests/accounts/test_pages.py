"""The pages: links, profile, administration; in three languages and without JavaScript."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from registry.accounts import queries, service
from registry.accounts.domain import LinkPurpose
from registry.db import db
from registry.kernel.actor import SYSTEM
from tests.accounts.conftest import GOOD, OTHER, Site, is_signed_in

LINK = re.compile(r"http://localhost(/link\?token=[A-Za-z0-9_\-]+)")


@pytest.fixture
def administrator(site: Site) -> FlaskClient:
    site.create("dinara", "administrator")
    return site.browser("dinara")


def fact(site: Site, username: str) -> queries.AccountFact:
    with site.app.app_context():
        return queries.account_named(db.session(), username)


def new_account(**change: object) -> dict[str, object]:
    return {"username": "asel", "name": "Asel", "roles": ["officer"], "organisation": "", "language": "ky"} | change


def test_from_nothing_to_a_working_office(site: Site) -> None:
    link = site.do(service.issue_link, SYSTEM, site.clock, LinkPurpose.FIRST_ADMINISTRATOR)
    form = {"username": "dinara", "name": "Dinara", "password": GOOD, "again": GOOD}
    address = f"/link?token={link.token}"
    assert "First administrator" in site.browser().get(address).text
    assert site.browser().post(address, data=form).status_code == 303
    assert site.browser().get(address).status_code == 404
    client = site.browser("dinara")
    page = client.post("/accounts/new", data=new_account()).text
    handed = LINK.search(page)
    assert handed
    assert site.sign_in(site.browser(), "asel", OTHER).status_code == 422
    person = site.browser()
    assert "asel" in person.get(handed[1]).text
    assert person.post(handed[1], data={"password": OTHER, "again": OTHER}).status_code == 303
    assert is_signed_in(site.browser("asel", OTHER))
    assert fact(site, "asel").language == "ky"


def test_two_passwords_that_differ_are_refused(site: Site) -> None:
    number = site.create("asel", "officer")
    link = site.do(service.issue_link, SYSTEM, site.clock, LinkPurpose.PASSWORD_RESET, number)
    answer = site.browser().post(f"/link?token={link.token}", data={"password": OTHER, "again": GOOD})
    assert (answer.status_code, "The two differ." in answer.text) == (422, True)
    answer = site.browser().post(f"/link?token={link.token}", data={"password": "short", "again": "short"})
    assert (answer.status_code, "at least 12 characters" in answer.text) == (422, True)
    assert site.sign_in(site.browser(), "asel").status_code == 303


def test_a_wrong_link_says_what_to_do(site: Site) -> None:
    answer = site.browser().get("/link?token=wrong")
    assert answer.status_code == 404
    assert "ask for a new one" in answer.text
    assert site.events() == [("anonymous", "accounts.use_link", "link", "refused")]


def test_the_token_of_a_link_is_not_logged(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    number = site.create("asel", "officer")
    link = site.do(service.issue_link, SYSTEM, site.clock, LinkPurpose.PASSWORD_RESET, number)
    site.browser().get(f"/link?token={link.token}")
    site.sign_in(site.browser(), "asel", "canary canary canary")
    written = "".join(capsys.readouterr())
    assert "/link" in written
    assert link.token not in written
    assert "canary" not in written


def test_an_unknown_organisation_creates_nothing(site: Site, administrator: FlaskClient) -> None:
    form = new_account(username="firm", roles=["pharmacy"], organisation="XX")
    answer = administrator.post("/accounts/new", data=form)
    assert answer.status_code == 422
    assert "there is no organisation with the code “XX”" in unescape(answer.text)
    assert 'value="firm"' in answer.text
    assert administrator.post("/accounts/new", data=form | {"organisation": "PH-02"}).status_code == 200
    assert fact(site, "firm").organisation_id == 12
    assert "PH-02" in administrator.get("/accounts").text


def test_roles_are_edited_and_end_sessions(site: Site, administrator: FlaskClient) -> None:
    number = site.create("asel", "officer")
    client = site.browser("asel")
    page = administrator.get(f"/accounts/{number}").text
    assert re.search(r'value="officer"[^>]* checked', page)
    form = {"name": "Asel", "roles": ["importer"], "organisation": "IMP-01", "language": "ru"}
    assert administrator.post(f"/accounts/{number}", data=form).status_code == 303
    changed = fact(site, "asel")
    assert (changed.roles, changed.organisation_id) == ({"importer"}, 11)
    assert not is_signed_in(client)


def test_the_own_rights_stay(site: Site, administrator: FlaskClient) -> None:
    me = fact(site, "dinara")
    page = administrator.get(f"/accounts/{me.id}").text
    assert f"/accounts/{me.id}/active" not in page
    form = {"name": "Dinara", "roles": ["approver"], "language": "en"}
    answer = administrator.post(f"/accounts/{me.id}", data=form)
    assert (answer.status_code, "ask another administrator" in answer.text) == (422, True)
    assert administrator.post(f"/accounts/{me.id}/active", data={}).status_code == 403
    assert fact(site, "dinara").roles == {"administrator"}


def test_disable_and_enable(site: Site, administrator: FlaskClient) -> None:
    number = site.create("asel", "officer")
    client = site.browser("asel")
    assert administrator.post(f"/accounts/{number}/active", data={}).status_code == 303
    assert not is_signed_in(client)
    assert not fact(site, "asel").active
    assert administrator.post(f"/accounts/{number}/link").status_code == 409
    assert administrator.post(f"/accounts/{number}/active", data={"active": "y"}).status_code == 303
    assert is_signed_in(site.browser("asel"))


def test_a_reset_link_is_shown_once(site: Site, administrator: FlaskClient) -> None:
    number = site.create("asel", "officer")
    shown = LINK.search(administrator.post(f"/accounts/{number}/link").text)
    assert shown
    assert not LINK.search(administrator.get(f"/accounts/{number}").text)
    site.browser().post(shown[1], data={"password": OTHER, "again": OTHER})
    assert is_signed_in(site.browser("asel", OTHER))


@pytest.mark.parametrize("path", ["/accounts", "/accounts/new", "/accounts/1"])
def test_only_administrators_keep_accounts(site: Site, path: str) -> None:
    site.create("asel", "officer", "approver", "statistician", "auditor")
    client = site.browser("asel")
    assert client.get(path).status_code == 403
    assert "/accounts" not in client.get("/profile").text


def test_changing_the_own_password(site: Site) -> None:
    site.create("asel", "officer")
    here, there = site.browser("asel"), site.browser("asel")
    wrong = {"current": OTHER, "password": OTHER, "again": OTHER}
    answer = here.post("/profile/password", data=wrong)
    assert (answer.status_code, "present password is not right" in answer.text) == (422, True)
    weak = {"current": GOOD, "password": "registry2026", "again": "registry2026"}
    assert here.post("/profile/password", data=weak).status_code == 422
    assert here.post("/profile/password", data=wrong | {"current": GOOD}).status_code == 303
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_a_stolen_session_cannot_guess_the_password(site: Site) -> None:
    site.create("asel", "officer")
    client = site.browser("asel")
    form = {"current": OTHER, "password": OTHER, "again": OTHER}
    statuses = [client.post("/profile/password", data=form).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_the_language_is_kept_in_the_profile(site: Site) -> None:
    site.create("asel", "officer")
    client = site.browser("asel")
    assert client.post("/profile/language", data={"language": "ru"}).status_code == 303
    assert '<html lang="ru"' in client.get("/profile").text
    client.get("/language/ky?next=/profile")
    assert fact(site, "asel").language == "ky"
    assert '<html lang="ky"' in site.browser("asel").get("/profile").text
    assert client.post("/profile/language", data={"language": "de"}).status_code == 303
    assert fact(site, "asel").language == "ky"


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("path", ["/sign-in", "/profile", "/profile/password", "/accounts", "/accounts/new"])
def test_pages_show_in_every_language(site: Site, path: str, language: str) -> None:
    site.create("dinara", "administrator", language=language)
    client = site.browser("dinara") if path != "/sign-in" else site.browser()
    client.get(f"/language/{language}")
    page = client.get(path)
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert page.text.count("<h1") == 1


def test_sign_out_needs_a_post(site: Site) -> None:
    site.create("asel", "officer")
    client = site.browser("asel")
    assert client.get("/sign-out").status_code == 405
    assert is_signed_in(client)
    answer = client.post("/sign-out")
    assert urlsplit(answer.location).path == "/sign-in"
    assert site.events("accounts.sign_out") == [("asel", "accounts.sign_out", "account asel", "done")]


def test_hostile_names_are_shown_as_text(site: Site, administrator: FlaskClient) -> None:
    site.create("asel", "officer")
    number = fact(site, "asel").id
    form = {"name": "<script>alert(1)</script>{{7*7}}", "roles": ["officer"], "organisation": "", "language": "en"}
    assert administrator.post(f"/accounts/{number}", data=form).status_code == 303
    page = administrator.get("/accounts").text
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
