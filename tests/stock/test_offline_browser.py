"""The journal without a connection in a real browser: opened, written and queued offline, sent once, cleared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.db import db
from tests.browsing import browser, follow, in_a_browser, serving
from tests.databases import Databases
from tests.stock.page_site import GOOD, Site, moved_url, use_cheap_hashes
from tests.stock.test_axe_browser import violations
from tests.stock.test_pages_browser import fits, signed_in

__all__ = ["browser"]

pytestmark = in_a_browser
QUEUE = (
    "() => new Promise((done) => { const asked = indexedDB.open('registry-offline', 1); asked.onsuccess = () => {"
    " const all = asked.result.transaction('pages').objectStore('pages').getAll();"
    " all.onsuccess = () => { asked.result.close(); done(JSON.stringify(all.result)); }; }; })"
)
KEPT = "() => caches.open('registry-offline-page').then((kept) => kept.keys()).then((all) => all.map((one) => new URL(one.url).pathname))"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(all_databases: dict[str, Databases], tmp_path: Path) -> Iterator[Site]:
    made = Site(moved_url(all_databases["sqlite"]), tmp_path)
    made.app.config["WTF_CSRF_ENABLED"] = True
    yield made
    made.close()


def dispensed(site: Site) -> list[int]:
    with site.app.app_context():
        found = db.session().connection().exec_driver_sql("SELECT units FROM movement WHERE reference LIKE 'E-PH1-2026%' ORDER BY id")  # fmt: skip
        return [units for (units,) in found]


def write(page: Page, quantity: str) -> None:
    page.locator("#cell-1-product").fill("MOR10")
    page.locator("#cell-1-quantity").fill(quantity)
    page.locator("#cell-1-prescription").fill("R-1")
    page.locator("#cell-1-batch").fill("A1")
    page.keyboard.press("Control+Enter")


def test_what_is_written_without_a_connection_is_kept_and_sent_once(site: Site, browser: Browser) -> None:
    with serving(site.app) as address:
        page = signed_in(browser, address, site.account("pharmacy", "E-PH1"), width=360)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}/stock/offline/")
        page.wait_for_selector("#cell-1-product:focus")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        assert violations(page) == []
        # The page keeps itself alone: codes and names of products, and nobody's name.
        assert {path for path in page.evaluate(KEPT) if not path.startswith("/assets/")} == {"/stock/offline/"}
        assert "Pharmacy-E-Ph1" not in page.content()

        page.context.set_offline(True)
        page.reload()
        assert page.locator("h1").is_visible()
        assert fits(page, 360)
        for quantity in ("2", "3", "1,5"):
            write(page, quantity)
            page.wait_for_selector("#cell-1-product:focus")
            expect(page.locator("#cell-1-quantity")).to_have_value("")
        expect(page.locator("#queue li[data-state=waiting]")).to_have_count(3)
        assert dispensed(site) == []
        page.reload()
        expect(page.locator("#queue li[data-state=waiting]")).to_have_count(3)

        page.context.set_offline(False)
        page.wait_for_selector("#queue li[data-state=refused]")
        expect(page.locator("#queue li")).to_have_count(1)
        assert dispensed(site) == [2, 3]
        # What was refused stays with its reason, and is put right.
        assert page.locator("#queue .govuk-error-message").count() >= 1
        page.locator("#queue button").first.click()
        assert page.locator("#cell-1-quantity").input_value() == "1,5"
        page.locator("#cell-1-quantity").fill("4")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".registry-queue", state="hidden")
        assert dispensed(site) == [2, 3, 4]
        assert page.evaluate(QUEUE) == "[]"
        assert faults == []

        # Nothing is left behind by who signs out, and nobody signs out with pages that were not sent unasked.
        page.context.route("**/stock/offline/pass", lambda route: route.abort())
        page.context.set_offline(True)
        write(page, "9")
        page.wait_for_selector("#queue li[data-state=waiting]")
        page.context.set_offline(False)
        asked: list[str] = []
        page.goto(f"{address}/profile")
        page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.get_by_role("button", name="Выйти").click()
        page.wait_for_timeout(200)
        assert len(asked) == 1
        page.once("dialog", lambda dialog: dialog.accept())
        follow(page.get_by_role("button", name="Выйти"))
        assert page.evaluate("() => indexedDB.databases().then((all) => all.length)") == 0
        assert dispensed(site) == [2, 3, 4]
        page.context.close()


def sign_in_as(page: Page, address: str, name: str) -> None:
    """Go on under another account without signing out, as on a device that two people share."""
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(GOOD)
    follow(page.locator("main button[type=submit]:not([aria-controls])"))


def test_a_page_is_sent_only_under_the_account_that_wrote_it(site: Site, browser: Browser) -> None:
    with serving(site.app) as address:
        writer, other = site.account("pharmacy", "E-PH1"), site.account("importer", "E-PH1")
        page = signed_in(browser, address, writer)
        page.goto(f"{address}/stock/offline/")
        page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        page.context.set_offline(True)
        write(page, "2")
        expect(page.locator("#queue li[data-state=waiting]")).to_have_count(1)
        page.goto("about:blank")
        page.context.set_offline(False)

        sign_in_as(page, address, other)
        page.goto(f"{address}/stock/offline/")
        expect(page.locator("#queue li[data-state=waiting]")).to_contain_text("written under another account")
        page.locator("[name=send]").click()
        assert page.locator("#queue button").count() == 0
        assert dispensed(site) == []

        sign_in_as(page, address, writer)
        page.goto(f"{address}/stock/offline/")
        page.wait_for_selector(".registry-queue", state="hidden")
        expect(page.locator("#line")).to_have_text("Отправлено и записано.")
        assert dispensed(site) == [2]
        page.context.close()
