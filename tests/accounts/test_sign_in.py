"""Signing in: the limit on tries from both sides, one answer for every failure, demo accounts."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from registry.accounts import passwords, service
from registry.accounts.models import SignInAttempt
from registry.accounts.sessions import limits_of
from registry.db import db
from registry.kernel.actor import SYSTEM
from registry.kernel.errors import Invalid
from tests.accounts.conftest import GOOD, OTHER, Site, is_signed_in

WRONG = "not the right password"


def wrong(site: Site, times: int, username: str = "asel", address: str = "10.0.0.1") -> list[int]:
    client = site.browser(address=address)
    return [site.sign_in(client, username, WRONG).status_code for _ in range(times)]


def test_right_password_leads_to_the_page_asked_for(site: Site) -> None:
    site.create("asel", "officer")
    client = site.browser()
    away = client.get("/profile?x=1")
    assert away.status_code == 303
    answer = client.post(away.location, data={"username": " Asel ", "password": GOOD})
    assert (answer.status_code, answer.location) == (303, "/profile?x=1")
    assert is_signed_in(client)
    assert site.events("accounts.sign_in") == [("asel", "accounts.sign_in", "account asel", "done")]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(site: Site, target: str) -> None:
    site.create("asel", "officer")
    answer = site.browser().post("/sign-in", query_string={"next": target}, data={"username": "asel", "password": GOOD})
    assert answer.location == "/"


def failing(site: Site) -> dict[str, tuple[str, str]]:
    disabled = site.create("disabled", "officer")
    site.create("invited", "officer", password=None)
    site.create("asel", "officer")
    site.do(service.set_active, SYSTEM, site.clock, disabled, active=False)
    return {
        "wrong password": ("asel", WRONG),
        "unknown": ("nobody", GOOD),
        "disabled": ("disabled", GOOD),
        "no password yet": ("invited", GOOD),
    }


def test_every_failure_looks_the_same(site: Site) -> None:
    pages = set()
    for username, password in failing(site).values():
        answer = site.sign_in(site.browser(), username, password)
        pages.add((answer.status_code, answer.text.replace(f'value="{username}"', "").split("<code>")[0]))
    assert len({status for status, _ in pages}) == 1
    assert len({text[text.index("<main") : text.index("</main>")] for _, text in pages}) == 1


def test_every_failure_costs_the_same_work(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = failing(site)
    passwords.matches(None, WRONG)  # makes the hash nobody has the password of
    verified: list[str] = []
    real = passwords.HASHER

    class Counting:
        def verify(self, password_hash: str, password: str) -> bool:
            verified.append(password_hash)
            return real.verify(password_hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting())
    for number, (username, password) in enumerate(tries.values(), start=1):
        site.sign_in(site.browser(), username, password)
        assert len(verified) == number
    assert all(hashed.split("$")[3] == verified[0].split("$")[3] for hashed in verified)


def test_names_typed_wrong_are_not_written_down(site: Site) -> None:
    site.sign_in(site.browser(), "my-secret-password", "x" * 12)
    assert site.events() == [("anonymous", "accounts.sign_in", "account unknown", "refused")]
    with site.app.app_context():
        assert all("secret" not in row.key_digest for row in db.session().scalars(select(SignInAttempt)))


def test_account_throttle_from_both_sides(site: Site) -> None:
    site.create("asel", "officer")
    assert wrong(site, 5) == [422] * 5
    client = site.browser()
    assert site.sign_in(client, "asel").status_code == 429
    site.later(seconds=29)
    assert site.sign_in(client, "asel").status_code == 429
    site.later(seconds=1)
    assert site.sign_in(client, "asel").status_code == 303


def test_four_wrong_tries_do_not_hold_anybody_up(site: Site) -> None:
    site.create("asel", "officer")
    assert wrong(site, 4) == [422] * 4
    assert site.sign_in(site.browser(), "asel").status_code == 303
    assert wrong(site, 4) == [422] * 4  # the count began anew


def test_waits_grow(site: Site) -> None:
    site.create("asel", "officer")
    wrong(site, 5)
    site.later(seconds=30)
    assert wrong(site, 1) == [422]
    site.later(seconds=59)
    assert wrong(site, 1) == [429]
    site.later(seconds=1)
    assert wrong(site, 1) == [422]


def test_the_account_is_held_from_every_address_and_unknown_names_too(site: Site) -> None:
    wrong(site, 5, username="nobody")
    assert wrong(site, 1, username="nobody", address="10.0.0.2") == [429]


def test_spraying_many_names_from_one_address_is_held(site: Site) -> None:
    site.create("asel", "officer")
    for number in range(30):
        assert wrong(site, 1, username=f"name{number}") == [422]
    assert site.sign_in(site.browser(), "asel").status_code == 429
    assert site.sign_in(site.browser(address="10.0.0.2"), "asel").status_code == 303


def test_one_known_password_does_not_open_an_address(site: Site) -> None:
    site.create("asel", "officer")
    for number in range(29):
        wrong(site, 1, username=f"name{number}")
    site.browser("asel")
    assert wrong(site, 1, username="last") == [422]
    assert site.sign_in(site.browser(), "asel").status_code == 429


def test_everything_is_forgotten_after_a_day(site: Site) -> None:
    site.create("asel", "officer")
    wrong(site, 5)
    site.later(hours=24)
    assert wrong(site, 5) == [422] * 5


def test_counters_that_count_nothing_are_cleared_away(site: Site) -> None:
    site.create("asel", "officer")
    wrong(site, 1, username="nobody", address="10.0.0.2")
    site.later(hours=23, minutes=59)
    site.browser("asel")
    assert counters(site) == 4
    site.later(minutes=1)
    site.browser("asel")
    assert counters(site) == 2


def counters(site: Site) -> int:
    with site.app.app_context():
        return len(db.session().scalars(select(SignInAttempt)).all())


def test_tries_at_once_cannot_slip_past(site: Site) -> None:
    """A try is counted before it is checked: five open tries leave no sixth."""
    site.create("asel", "officer")
    place = service.Place("10.0.0.9", "")
    for _ in range(5):
        site.do(service.begin_sign_in, site.clock, "asel", place)
    with pytest.raises(service.TooManyTries):
        site.do(service.begin_sign_in, site.clock, "asel", place)


def test_held_tries_are_recorded(site: Site) -> None:
    wrong(site, 6)
    assert site.events("accounts.sign_in")[-1] == ("anonymous", "accounts.sign_in", "sign-in", "refused")


def test_a_password_changed_during_the_check_no_longer_opens(site: Site) -> None:
    number = site.create("asel", "officer")
    place = service.Place("10.0.0.9", "")
    attempt = site.do(service.begin_sign_in, site.clock, "asel", place)
    site.do(service.set_password, SYSTEM, site.clock, number, OTHER)
    outcome = site.do(service.finish_sign_in, site.clock, attempt, place, limits_of(site.app), verified=True)
    assert outcome.token is None


def test_weaker_hashes_are_replaced_on_the_way(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.create("asel", "officer")
    monkeypatch.setattr(passwords, "HASHER", type(passwords.HASHER)(time_cost=2, memory_cost=8, parallelism=1))
    site.browser("asel")
    attempt = site.do(service.begin_sign_in, site.clock, "asel", service.Place("", ""))
    assert "t=2" in attempt.password_hash
    assert is_signed_in(site.browser("asel"))


def test_a_guess_is_dear_enough() -> None:
    """OWASP's least for argon2id: 19 MiB and two passes."""
    assert passwords.MEMORY_KIB >= 19 * 1024
    assert passwords.PASSES >= 2


def demo_site(site: Site) -> FlaskClient:
    site.create("demo-officer", "officer", is_demo=True)
    return site.browser("demo-officer")


def test_demo_accounts_are_closed_by_the_first_real_account(site: Site) -> None:
    client = demo_site(site)
    assert is_signed_in(client)
    site.create("asel", "administrator")
    assert not is_signed_in(client)
    answer = site.sign_in(site.browser(), "demo-officer")
    assert answer.status_code == 422
    assert "demo accounts are closed" in answer.text
    assert is_signed_in(site.browser("asel"))
    assert ("system", "accounts.close_demo", "demo accounts", "done") in site.events()


def test_the_first_real_account_is_an_administrators_where_demo_accounts_would_be_closed(site: Site) -> None:
    client = demo_site(site)
    with pytest.raises(Invalid) as refused:
        site.create("asel", "officer")
    assert [problem.code for problem in refused.value.problems] == ["nobody-left"]
    assert is_signed_in(client)
    site.create("dinara", "administrator")
    site.create("asel", "officer")
    assert is_signed_in(site.browser("asel"))


def test_with_the_wrong_password_a_demo_account_tells_nothing(site: Site) -> None:
    demo_site(site)
    site.create("asel", "administrator")
    assert "demo accounts are closed" not in site.sign_in(site.browser(), "demo-officer", WRONG).text


def test_another_demo_account_closes_nothing(site: Site) -> None:
    client = demo_site(site)
    site.create("demo-approver", "approver", is_demo=True)
    assert is_signed_in(client)
    assert is_signed_in(site.browser("demo-approver"))


def test_a_disabled_real_account_still_keeps_demo_accounts_closed(site: Site) -> None:
    demo_site(site)
    number = site.create("asel", "administrator")
    site.do(service.set_active, SYSTEM, site.clock, number, active=False)
    assert site.sign_in(site.browser(), "demo-officer").status_code == 422
