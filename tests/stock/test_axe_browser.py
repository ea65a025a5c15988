"""What a machine can see of accessibility: axe finds nothing on the pages of stock, in Russian, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser, in_a_browser, serving
from tests.databases import Databases
from tests.stock.page_site import Site, moved_url, use_cheap_hashes
from tests.stock.test_pages_browser import signed_in

__all__ = ["browser"]

pytestmark = in_a_browser
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_FIRM = (
    "/",
    "/stock/",
    "/stock/movements",
    "/stock/movements/M-002",
    "/stock/enter",
    "/stock/enter?kind=import&site=E-IMP&product=MOR10",
    "/stock/journal",
    "/stock/reverse?document=M-001",
    "/stock/arriving?show=all",
    "/stock/sent",
    "/stock/quarantine",
    "/stock/month?month=2024-02",
)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(all_databases: dict[str, Databases], tmp_path: Path) -> Iterator[Site]:
    made = Site(moved_url(all_databases["sqlite"]), tmp_path)
    yield made
    made.close()


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands: rule and place."""
    page.evaluate(AXE)
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES)
    return [f"{one['id']}: {node['target']}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_on_the_pages_of_stock(site: Site, browser: Browser, width: int) -> None:
    with serving(site.app) as address:
        page = signed_in(browser, address, site.account("importer", "E-IMP"), width=width)
        found = {}
        for path in OF_THE_FIRM:
            page.goto(address + path, wait_until="load")
            found[path] = violations(page)
        # A refused page: its errors are marked as such.
        page.goto(f"{address}/stock/journal")
        page.locator("#cell-1-quantity").fill("x")
        page.locator("[name=step][value=record]").click()
        page.wait_for_selector("#cell-1-quantity-error")
        found["refused"] = violations(page)
        assert {path: faults for path, faults in found.items() if faults} == {}
        # What would be found is found.
        page.locator("#cell-1-quantity").evaluate("(one) => one.removeAttribute('aria-labelledby')")
        assert any(fault.startswith("label") for fault in violations(page))
        page.context.close()
