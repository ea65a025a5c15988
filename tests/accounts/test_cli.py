"""``flask user``: data on standard output, refusals on standard error and exit 1."""

from __future__ import annotations

import json

import pytest
from click.testing import Result

from registry.accounts import queries
from registry.db import db
from tests.accounts.conftest import GOOD, OTHER, Site, is_signed_in

OFFICER = ("create", "asel", "--name", "Asel", "--role", "officer")


def run(site: Site, *arguments: str, typed: str | None = None) -> Result:
    return site.app.test_cli_runner().invoke(args=["user", *arguments], input=typed)


def test_create_with_a_password(site: Site) -> None:
    result = run(site, *OFFICER, "--password-stdin", "--json", typed=GOOD + "\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "username": "asel",
        "name": "Asel",
        "roles": ["officer"],
        "organisation": None,
        "link": None,
        "expires_at": None,
    }
    assert is_signed_in(site.browser("asel"))


def test_create_prints_a_link(site: Site) -> None:
    result = run(site, *OFFICER, "--role", "approver")
    assert result.exit_code == 0, result.output
    path = result.stdout.splitlines()[1]
    assert path.startswith("/link?token=")
    assert site.browser().post(path, data={"password": OTHER, "again": OTHER}).status_code == 303
    assert is_signed_in(site.browser("asel", OTHER))


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        ((*OFFICER, "--organisation", "IMP-01"), None),
        ((*OFFICER, "--organisation", "XX"), None),
        (("create", "firm", "--name", "Firm", "--role", "pharmacy"), None),
        ((*OFFICER, "--password-stdin"), "short\n"),
        ((*OFFICER, "--password-stdin"), ""),
        ((*OFFICER, "--as", "nobody"), None),
        (("link", "nobody"), None),
    ],
)
def test_refusals_write_nothing(site: Site, arguments: tuple[str, ...], typed: str | None) -> None:
    result = run(site, *arguments, typed=typed)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr != ""
    with site.app.app_context():
        assert queries.accounts(db.session()) == []
    assert [event[3] for event in site.events()] == ["refused"]


@pytest.mark.parametrize(
    "arguments", [("create", "asel"), ("create", "asel", "--name", "A", "--role", "system"), ("x",)]
)
def test_wrong_usage(site: Site, arguments: tuple[str, ...]) -> None:
    assert run(site, *arguments).exit_code == 2


def test_as_asks_the_policy_and_is_audited(site: Site) -> None:
    site.create("dinara", "administrator")
    site.create("bakyt", "officer")
    assert run(site, *OFFICER, "--as", "bakyt").exit_code == 1
    assert site.events()[-1] == ("bakyt", "accounts.manage", "account asel", "refused")
    assert run(site, *OFFICER, "--as", "dinara").exit_code == 0
    assert ("dinara", "accounts.create", "account asel", "done") in site.events()


def test_list(site: Site) -> None:
    site.create("firm", "pharmacy", organisation_id=12)
    site.create("asel", "officer", is_demo=True)
    result = run(site, "list", "--json")
    shown = json.loads(result.stdout)
    assert [(one["username"], one["organisation"], one["demo"]) for one in shown] == [
        ("asel", None, True),
        ("firm", "PH-02", False),
    ]
    assert run(site, "list").stdout.splitlines()[0].split("\t")[:2] == ["asel", "officer"]


def test_first_administrator(site: Site) -> None:
    result = run(site, "first-administrator", "--json")
    path = json.loads(result.stdout)["link"]
    form = {"username": "dinara", "name": "Dinara", "password": GOOD, "again": GOOD}
    assert site.browser().post(path, data=form).status_code == 303
    assert run(site, "first-administrator").exit_code == 1


def test_link_for_somebody_who_has_forgotten(site: Site) -> None:
    site.create("asel", "officer")
    path = run(site, "link", "asel").stdout.splitlines()[0]
    assert site.browser().post(path, data={"password": OTHER, "again": OTHER}).status_code == 303
    assert is_signed_in(site.browser("asel", OTHER))
