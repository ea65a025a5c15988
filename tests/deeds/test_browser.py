"""What was recorded in error is mended in a real browser without script: a permit, a licence, a line of a quota."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser, follow, in_a_browser, serving
from tests.databases import Databases
from tests.pages import PASSWORD, Office, build, cheap_hashes, close

__all__ = ["browser", "cheap_hashes"]
pytestmark = in_a_browser


@pytest.fixture
def address(all_databases: dict[str, Databases], tmp_path: Path, cheap_hashes: None) -> Iterator[str]:
    databases = all_databases["sqlite"]
    app = build(databases.copy_of(databases.stocked()), tmp_path)
    Office(app).hire("asel", "bakyt")
    with serving(app) as served:
        yield served
    close(app)


def sign_in(browser: Browser, address: str, username: str) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    follow(page.locator("main button[type=submit]"))
    return page


def fits(page: Page) -> None:
    """The page is no wider than a telephone."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"


def propose(page: Page, link: str, **mends: str) -> None:
    """Follow the link of a record that was entered in error, say why, and propose."""
    follow(page.locator(f"main a:has-text('{link}')").first)
    page.fill("#reason", "typed from another paper")
    for name, value in mends.items():
        page.fill(f"[name='{name}']", value)
    fits(page)
    follow(page.locator("main button[type=submit]").last)
    assert "govuk-error-summary" not in page.content(), page.inner_text("main")


def approve(page: Page, address: str) -> None:
    page.goto(f"{address}/deeds")
    fits(page)
    follow(page.locator("main button[value=approve]").first)


def test_three_errors_are_mended_and_stay_visible(address: str, browser: Browser) -> None:
    officer, approver = sign_in(browser, address, "asel"), sign_in(browser, address, "bakyt")
    officer.goto(f"{address}/permits/P-6")
    propose(officer, "end what was recorded in error", partner="Other supplier")
    approve(approver, address)
    assert "recorded in error" in approver.inner_text("main")
    officer.goto(f"{address}/licences/LIC-E-HOS")
    propose(officer, "ecorded in error")
    approve(approver, address)
    assert "recorded in error" in approver.inner_text("main")
    officer.goto(f"{address}/quotas/2024/NM 009")
    follow(officer.locator("main tr:has-text('state quota') a").first)
    propose(officer, "Recorded in error?", quantity_g="2600")
    approve(approver, address)
    fits(approver)
    assert "2,800" in approver.locator("main h1 s").inner_text()
    follow(approver.locator("main a:has-text('Another line stands in its place')"))
    assert "2,600" in approver.locator("main h1").inner_text()
    for place in ("/turn/2024", "/deputies", "/mergers/site/E-PH2", "/organisations/E-PH2"):
        officer.goto(address + place)
        fits(officer)
