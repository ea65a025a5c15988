"""Tokens: made after the password was asked again, shown once, ended by hand, by time and with the rights of their person."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from registry.accounts import service
from registry.accounts.domain import TOKEN_PREFIX, LinkPurpose
from registry.accounts.service import AccountChange
from registry.db import db
from registry.kernel.actor import SYSTEM
from tests.accounts.conftest import GOOD, OTHER, Site

ASKED = {"name": "warehouse", "days": "90", "current": GOOD}


def secrets_in(page: str) -> list[str]:
    return re.findall(TOKEN_PREFIX + r"[A-Za-z0-9_-]{43}", page)


def made(client: FlaskClient, **changes: str) -> str:
    told = client.post("/profile/tokens", data=ASKED | changes)
    assert told.status_code == 200, told.text
    (secret,) = secrets_in(told.text)
    return secret


def status_with(site: Site, secret: str) -> int:
    return site.app.test_client().get("/api/v1/substances", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_token_is_shown_once_and_kept_as_a_digest(site: Site) -> None:
    site.create("aida", "officer")
    client = site.browser("aida")
    secret = made(client)
    assert status_with(site, secret) == 200
    page = client.get("/profile/tokens").text
    assert "warehouse" in page
    assert secrets_in(page) == []
    with site.app.app_context():
        kept = db.session().execute(text("SELECT * FROM api_token")).all()
    assert len(kept) == 1
    assert secret not in repr(kept)
    assert ("aida", "accounts.create_token", "account aida", "done") in site.events()


def test_the_password_is_asked_again_and_wrong_ones_are_counted(site: Site) -> None:
    site.create("aida", "officer")
    client = site.browser("aida")
    codes = [client.post("/profile/tokens", data=ASKED | {"current": OTHER}).status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]
    assert client.post("/profile/tokens", data=ASKED).status_code == 429
    site.later(minutes=1)
    assert secrets_in(client.post("/profile/tokens", data=ASKED).text)
    assert site.events("accounts.create_token")[-1][3] == "done"
    assert sum(outcome == "refused" for *_, outcome in site.events("accounts.create_token")) == 7


def test_a_token_needs_a_name_and_a_life_that_is_offered(site: Site) -> None:
    site.create("aida", "officer")
    client = site.browser("aida")
    for wrong in ({"name": ""}, {"name": "x" * 81}, {"days": "5000"}, {"days": "-1"}, {"current": ""}):
        assert client.post("/profile/tokens", data=ASKED | wrong).status_code == 422, wrong
    assert site.events("accounts.create_token") == []


def test_the_list_shows_when_a_token_was_used_and_ends_one(site: Site) -> None:
    site.create("aida", "officer")
    client = site.browser("aida")
    first, second = made(client), made(client, name="laboratory", read_only="y")
    assert "–" in client.get("/profile/tokens").text
    site.later(minutes=1)
    assert status_with(site, second) == 200
    page = client.get("/profile/tokens").text
    numbers = re.findall(r"/profile/tokens/(\d+)/revoke", page)
    assert len(numbers) == 2
    # The youngest stands first.
    assert client.post(f"/profile/tokens/{numbers[1]}/revoke").status_code == 303
    assert (status_with(site, first), status_with(site, second)) == (401, 200)
    assert client.post(f"/profile/tokens/{numbers[1]}/revoke").status_code == 404
    assert "warehouse" not in client.get("/profile/tokens").text


def test_nobody_ends_the_token_of_somebody_else(site: Site) -> None:
    site.create("aida", "officer")
    site.create("bolot", "officer")
    secret = made(site.browser("aida"))
    number = re.findall(r"/profile/tokens/(\d+)/revoke", site.browser("aida").get("/profile/tokens").text)[0]
    other = site.browser("bolot")
    assert other.post(f"/profile/tokens/{number}/revoke").status_code == 404
    assert "warehouse" not in other.get("/profile/tokens").text
    assert status_with(site, secret) == 200


ENDS = {
    "disabled": lambda site, number: site.do(service.set_active, SYSTEM, site.clock, number, active=False),
    "rights": lambda site, number: site.do(
        service.change_account, SYSTEM, site.clock, number, AccountChange("Aida", frozenset({"auditor"}), None, "en")
    ),
    "link": lambda site, number: site.do(
        service.set_password_by_link,
        site.clock,
        site.do(service.issue_link, SYSTEM, site.clock, LinkPurpose.PASSWORD_RESET, number).token,
        OTHER,
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_whatever_ends_the_sessions_of_a_person_ends_the_tokens(site: Site, how: str) -> None:
    number = site.create("aida", "officer")
    secret = made(site.browser("aida"))
    assert status_with(site, secret) == 200
    ENDS[how](site, number)
    assert status_with(site, secret) == 401
    site.do(service.set_active, SYSTEM, site.clock, number, active=True)
    assert status_with(site, secret) == 401


def test_the_own_change_of_the_password_leaves_the_programs_at_work(site: Site) -> None:
    site.create("aida", "officer")
    client = site.browser("aida")
    secret = made(client)
    told = client.post("/profile/password", data={"current": GOOD, "password": OTHER, "again": OTHER})
    assert told.status_code == 303
    assert status_with(site, secret) == 200


def test_tokens_of_demo_accounts_close_with_the_demo(site: Site) -> None:
    site.create("demo-officer", "officer", is_demo=True)
    secret = made(site.browser("demo-officer"))
    assert status_with(site, secret) == 200
    site.create("aida", "administrator")
    assert status_with(site, secret) == 401


def test_whoever_must_change_the_password_first_is_told_so(site: Site) -> None:
    site.create("aida", "officer", must_change_password=True)
    with site.app.app_context():
        number = db.session().execute(text("SELECT id FROM account")).scalar_one()
    issued = site.do(service.create_token, SYSTEM, site.clock, number, service.NewToken("t", 1))
    told = site.app.test_client().get("/api/v1/substances", headers={"Authorization": f"Bearer {issued.secret}"})
    assert (told.status_code, told.get_json()["detail"]) == (403, "choose a new password on the pages first")


def test_the_commands(site: Site) -> None:
    site.create("aida", "officer")
    runner = site.app.test_cli_runner()
    told = runner.invoke(args=["token", "create", "aida", "--name", "night", "--days", "10", "--read-only", "--json"])
    document = json.loads(told.stdout)
    assert (told.exit_code, document["username"], document["read_only"]) == (0, "aida", True)
    assert status_with(site, document["token"]) == 200
    listed = json.loads(runner.invoke(args=["token", "list", "aida", "--json"]).stdout)
    assert [(one["id"], one["name"]) for one in listed] == [(document["id"], "night")]
    assert document["token"] not in json.dumps(listed)
    plain = runner.invoke(args=["token", "create", "aida", "--name", "plain"])
    assert secrets_in(plain.stdout)
    assert len(runner.invoke(args=["token", "list"]).stdout.splitlines()) == 2
    assert runner.invoke(args=["token", "revoke", str(document["id"])]).exit_code == 0
    assert status_with(site, document["token"]) == 401
    for refused in (
        ["token", "revoke", str(document["id"])],
        ["token", "create", "nobody", "--name", "x"],
        ["token", "list", "nobody"],
        ["token", "create", "aida", "--name", "x", "--as", "aida"],
    ):
        assert runner.invoke(args=refused).exit_code == 1, refused
    assert runner.invoke(args=["token", "create", "aida", "--name", "x", "--days", "0"]).exit_code == 2
