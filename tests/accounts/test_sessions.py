"""A session ends when it must, at once, and a copied cookie is worthless from then on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from registry.accounts import queries, service
from registry.accounts.models import WebSession
from registry.accounts.passwords import digest
from registry.accounts.sessions import COOKIE
from registry.db import db
from registry.kernel.actor import SYSTEM
from tests.accounts.conftest import GOOD, OTHER, Site, build, close, is_signed_in


def token_of(client: FlaskClient, name: str = COOKIE) -> str | None:
    cookie = client.get_cookie(name)
    return cookie.value if cookie else None


def replayed(site: Site, token: str) -> FlaskClient:
    client = site.app.test_client()
    client.set_cookie(COOKIE, token)
    return client


def rows(site: Site) -> list[WebSession]:
    with site.app.app_context():
        return list(db.session().scalars(select(WebSession).order_by(WebSession.id)))


def sign_out(site: Site, account_id: int, client: FlaskClient) -> None:
    assert client.post("/sign-out").status_code == 303


def change_password(site: Site, account_id: int, client: FlaskClient) -> None:
    form = {"current": GOOD, "password": OTHER, "again": OTHER}
    assert client.post("/profile/password", data=form).status_code == 303


def password_by_somebody_else(site: Site, account_id: int, client: FlaskClient) -> None:
    site.do(service.set_password, SYSTEM, site.clock, account_id, OTHER)


def change_roles(site: Site, account_id: int, client: FlaskClient) -> None:
    change = service.AccountChange("Asel", frozenset({"statistician"}), None, "en")
    site.do(service.change_account, SYSTEM, site.clock, account_id, change)


def disable(site: Site, account_id: int, client: FlaskClient) -> None:
    site.do(service.set_active, SYSTEM, site.clock, account_id, active=False)


def idle(site: Site, account_id: int, client: FlaskClient) -> None:
    site.later(minutes=30)


def absolute(site: Site, account_id: int, client: FlaskClient) -> None:
    for _ in range(12 * 3 - 1):
        site.later(minutes=20)
        assert is_signed_in(client)
    site.later(minutes=20)


ENDINGS: list[Callable[[Site, int, FlaskClient], None]] = [
    sign_out,
    change_password,
    password_by_somebody_else,
    change_roles,
    disable,
    idle,
    absolute,
]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_replay_after_an_ending_is_refused(site: Site, ending: Callable[[Site, int, FlaskClient], None]) -> None:
    account_id = site.create("asel", "officer")
    client = site.browser("asel")
    token = token_of(client)
    assert token
    assert is_signed_in(replayed(site, token))
    ending(site, account_id, client)
    assert not is_signed_in(replayed(site, token))


def test_the_replay_test_sees_a_session_that_goes_on(site: Site) -> None:
    """The seeded fault: were nothing ended, the replay would be accepted."""
    site.create("asel", "officer")
    token = token_of(site.browser("asel"))
    site.later(minutes=29, seconds=59)
    assert token
    assert is_signed_in(replayed(site, token))


def test_sign_in_takes_a_new_token_and_drops_what_was_planted(site: Site) -> None:
    site.create("asel", "officer")
    site.app.config["WTF_CSRF_ENABLED"] = True
    client = site.browser()
    page = client.get("/sign-in").text
    planted = token_of(client)
    assert planted
    csrf = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    answer = client.post("/sign-in", data={"username": "asel", "password": GOOD, "csrf_token": csrf})
    assert answer.status_code == 303
    assert token_of(client) not in {None, planted}
    assert not is_signed_in(replayed(site, planted))
    assert len(rows(site)) == 1


def test_a_token_of_ones_own_choice_is_not_taken(site: Site) -> None:
    client = replayed(site, "chosen-by-an-attacker")
    assert not is_signed_in(client)
    assert token_of(client) is None


def test_only_a_digest_is_kept(site: Site) -> None:
    site.create("asel", "officer")
    token = token_of(site.browser("asel"))
    assert token
    (row,) = rows(site)
    assert row.token_digest == digest(token) != token


def test_no_row_and_no_cookie_for_a_visitor_who_stores_nothing(site: Site) -> None:
    client = site.browser()
    answer = client.get("/sign-in")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert rows(site) == []


def test_without_the_form_token_nothing_happens(site: Site) -> None:
    site.create("asel", "officer")
    site.app.config["WTF_CSRF_ENABLED"] = True
    client = site.browser()
    client.get("/sign-in")
    assert site.sign_in(client, "asel").status_code == 400
    assert not is_signed_in(client)


def test_last_seen_is_written_now_and_then_only(site: Site) -> None:
    site.create("asel", "officer")
    client = site.browser("asel")
    assert is_signed_in(client)  # the first page keeps its form token
    first = rows(site)[0].last_seen_at
    site.later(seconds=59)
    assert is_signed_in(client)
    assert rows(site)[0].last_seen_at == first
    site.later(seconds=1)
    assert is_signed_in(client)
    assert rows(site)[0].last_seen_at == site.clock.now()


def test_one_statement_reads_the_session_however_many_roles_and_accounts(site: Site) -> None:
    site.create("asel", "officer")
    site.create("bakyt", "officer", "approver", "statistician", "auditor")

    def statements(username: str) -> int:
        client = site.browser(username)
        seen: list[str] = []

        def note(_c: object, _cursor: object, sql: str, *_rest: object) -> None:
            seen.append(sql)

        with site.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        client.get("/language/en")
        event.remove(engine, "before_cursor_execute", note)
        return len([sql for sql in seen if "web_session" in sql])

    assert statements("asel") == statements("bakyt") == 1


def test_a_session_ended_while_a_page_runs_stays_ended(site: Site) -> None:
    from flask import session as browser_session

    from registry.accounts.guard import asks

    account_id = site.create("asel", "officer")

    @asks("home")
    def slow() -> str:
        site.do(service.set_active, SYSTEM, site.clock, account_id, active=False)
        browser_session["kept"] = "value"
        return "done"

    site.app.add_url_rule("/slow", "slow", slow)
    client = site.browser("asel")
    assert client.get("/slow").text == "done"
    assert rows(site) == []
    assert token_of(client) is None


def test_values_come_back(site: Site) -> None:
    from flask import session as browser_session

    from registry.accounts.guard import public

    @public
    def count() -> str:
        browser_session["count"] = browser_session.get("count", 0) + 1
        return str(browser_session["count"])

    site.app.add_url_rule("/count", "count", count)
    client = site.browser()
    assert [client.get("/count").text for _ in range(3)] == ["1", "2", "3"]
    assert site.browser().get("/count").text == "1"


def test_ended_rows_are_cleared_away(site: Site) -> None:
    site.create("asel", "officer")
    site.browser("asel")
    site.later(hours=1)
    site.browser("asel")
    assert len(rows(site)) == 1


def test_i_see_my_sessions_and_end_one(site: Site) -> None:
    site.create("asel", "officer")
    site.create("bakyt", "officer")
    here, lost, strange = site.browser("asel"), site.browser("asel"), site.browser("bakyt")
    with site.app.app_context():
        mine = queries.sessions_of(db.session(), queries.account_named(db.session(), "asel").id)
        theirs = queries.sessions_of(db.session(), queries.account_named(db.session(), "bakyt").id)
    page = here.get("/profile").text
    assert page.count("/profile/sessions/") == 1
    assert here.post(f"/profile/sessions/{theirs[0].id}/end").status_code == 404
    assert is_signed_in(strange)
    other = min(mine, key=lambda one: f"/profile/sessions/{one.id}/end" not in page)
    assert here.post(f"/profile/sessions/{other.id}/end").status_code == 303
    assert is_signed_in(here)
    assert not is_signed_in(lost)


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_is_kept_from_scripts_and_other_sites(database_url: str, tmp_path: Path, secure: bool) -> None:
    app = build(database_url, tmp_path, secure_cookies=secure)
    site = Site(app)
    site.create("asel", "officer")
    header = site.sign_in(site.browser(), "asel").headers["Set-Cookie"]
    parts = [part.strip() for part in header.split(";")]
    assert parts[0].startswith("__Host-registry_session=" if secure else "registry_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert ("Secure" in parts) is secure
    assert not any(part.startswith(("Domain", "Expires", "Max-Age")) for part in parts)
    close(app)
