"""Every route of the application says which action it asks; only these few are open."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from registry.accounts import guard, policy
from registry.app import create_app
from registry.settings import Settings

# Open to anybody: signing in, links handed over, language, health, style sheets, verifying a permit,
# the description of the HTTP interface; the published state quotas, where a parameter opens them;
# what installs the journal without a connection, which the browser asks for without saying whose it is.
OPEN_PAGES_OF_ROOMS = {
    "accounts.sign_in",
    "accounts.use_link",
    "api.description",
    "quotas.open_list",
    "quotas.open_file",
    "stock.offline_manifest",
    "stock.offline_worker",
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("routes")
    app = create_app(Settings(database_url="sqlite://", instance=str(folder), secret_key="tests"))
    if "accounts" not in app.blueprints:
        pytest.skip("accounts are not wired yet")
    return app


def test_every_route_asks_the_policy(application: Flask) -> None:
    unmarked = [endpoint for endpoint, action in guard.marks(application).items() if action is None]
    assert unmarked == []


def test_every_mark_is_an_action_of_the_policy(application: Flask) -> None:
    marks = set(guard.marks(application).values()) - {guard.PUBLIC, None}
    assert marks <= set(policy.ACTIONS)


def test_only_these_are_open(application: Flask) -> None:
    opened = {endpoint for endpoint, action in guard.marks(application).items() if action == guard.PUBLIC}
    rooms = {endpoint for endpoint in opened if endpoint.partition(".")[0] not in guard.OPEN_BLUEPRINTS | {"static"}}
    assert {endpoint for endpoint in rooms if not endpoint.endswith(".verify")} <= OPEN_PAGES_OF_ROOMS


def test_an_unmarked_route_is_seen(application: Flask) -> None:
    """The seeded fault: a view nobody marked."""
    probe = Flask("probe")
    probe.add_url_rule("/forgotten", "forgotten", lambda: "")
    assert guard.marks(probe)["forgotten"] is None
