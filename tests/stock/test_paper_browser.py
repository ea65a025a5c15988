"""A page of the journal in a real browser, in Kyrgyz: a month of thirty lines without a mouse, on a phone, by paste and scanner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.db import db
from tests.browsing import browser, follow, in_a_browser, serving
from tests.databases import Databases
from tests.stock.page_site import GOOD, Site, moved_url, use_cheap_hashes
from tests.stock.test_pages_browser import fits
from tests.world import table_of, take_in

__all__ = ["browser"]

pytestmark = in_a_browser
LINES = 30
KEYS_IN_FOUR_MINUTES = 4 * 40 * 5
"""Forty words a minute, five signs a word."""
GTIN = "4601234567893"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(all_databases: dict[str, Databases], tmp_path: Path) -> Iterator[Site]:
    """A pharmacy whose product has its trade item number."""
    made = Site(moved_url(all_databases["sqlite"]), tmp_path)
    made.app.config["WTF_CSRF_ENABLED"] = True
    with made.app.app_context():
        rows = table_of(
            "code,name,form,unit,gtin,name_ky",
            f"MOR10,Morphine sulfate 10 mg tablets,tablet,piece,{GTIN},Морфин сульфаты 10 мг таблетка",
        )
        assert take_in(db.session(), "products", rows).written
    yield made
    made.close()


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serving(site.app) as served:
        yield served


def journal_of(browser: Browser, address: str, name: str, *, width: int = 1280) -> tuple[Page, list[str]]:
    """Sign in, choose Kyrgyz and open the page; what the browser complains of is collected."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/profile")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(GOOD)
    follow(page.locator("main button[type=submit]:not([aria-controls])"))
    page.goto(f"{address}/language/ky?next=/stock/journal", wait_until="load")
    page.wait_for_selector("input[name=product]:focus")
    assert page.locator("html").get_attribute("lang") == "ky"
    return page, faults


def recorded(site: Site, like: str) -> list[tuple[str, int]]:
    with site.app.app_context():
        found = (
            db.session()
            .connection()
            .exec_driver_sql(
                f"SELECT b.label, m.units FROM movement m JOIN batch b ON b.id = m.batch_id WHERE m.reference LIKE '{like}' ORDER BY m.reference"
            )
        )
        return [(label, units) for label, units in found]


def test_a_month_of_thirty_lines_is_recorded_without_a_mouse_in_time(site, browser, address):
    page, faults = journal_of(browser, address, site.account("pharmacy", "E-PH1"))
    page.evaluate(
        "window.pointed = 0; for (const one of ['mousedown', 'pointerdown', 'click'])"
        " addEventListener(one, (event) => { if (event.isTrusted && event.detail) window.pointed++; }, true)"
    )
    keys = 0
    for line in range(LINES):
        for word in ("морф", "\t", str(line % 9 + 1), "\t\t", f"R-{line:02d}", "\n"):
            for sign in word:
                page.keyboard.press(
                    {"\t": "Tab", "\n": "Enter"}.get(sign, sign)
                ) if sign in "\t\n" else page.keyboard.type(sign)
                keys += 1
        page.wait_for_selector(f"#cell-{line + 2}-product:focus")
    keys += 1
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert "30 кыймыл катталды" in page.get_by_role("status").first.inner_text(), page.locator("main").inner_text()
    assert page.evaluate("window.pointed ?? 0") == 0
    assert keys <= KEYS_IN_FOUR_MINUTES
    assert [units for _, units in recorded(site, "E-PH1-2026%")] == [line % 9 + 1 for line in range(LINES)]
    assert faults == []
    page.context.close()


def test_on_a_phone_a_block_is_pasted_a_pack_is_scanned_and_errors_stand_at_their_cells(site, browser, address):
    page, faults = journal_of(browser, address, site.account("importer", "E-IMP"), width=360)
    assert fits(page, 360)
    block = "Продукт\tСаны\tКүнү\tЭскертүү\nMOR10\t1,5\t22.11.2026\t\nMOR10\t20\t31.11.2026\t"
    page.evaluate(
        "(text) => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }",
        block,
    )
    assert page.locator("#cell-1-quantity").input_value() == "1,5"
    assert page.locator("#cell-2-quantity").input_value() == "20"
    # A wedge scanner under the Russian layout, its separator typed as Ctrl and ], and Enter behind it.
    page.locator("#cell-3-product").focus()
    page.keyboard.type(f"ъв2010{GTIN}1731013110Ф1")
    page.keyboard.press("Control+]")
    page.keyboard.type("21S123")
    page.keyboard.press("Enter")
    page.wait_for_selector("#cell-3-quantity:focus")
    assert page.locator("#cell-3-product").input_value() == "MOR10"
    assert page.locator("#cell-3-batch").input_value() == "A1"
    assert fits(page, 360)
    follow(page.get_by_role("button", name="Баракты каттоо"))
    assert page.locator("#cell-1-quantity-error").is_visible()
    assert page.locator("#cell-2-occurred_on-error").is_visible()
    assert page.locator("#cell-3-quantity-error").is_visible()
    assert fits(page, 360)
    assert [fault for fault in faults if "422" not in fault] == []
    page.context.close()


def test_what_was_typed_is_not_lost_when_the_session_has_ended(site, browser, address):
    page, _ = journal_of(browser, address, site.account("pharmacy", "E-PH1"))
    for name, text in {"product": "MOR10", "quantity": "2", "batch": "A1", "prescription": "R-1"}.items():
        page.locator(f"#cell-1-{name}").fill(text)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".registry-paper__said")).not_to_be_empty()
    assert page.locator("#cell-1-prescription").input_value() == "R-1"
    assert recorded(site, "E-PH1-2026%") == []
    page.context.add_cookies(cookies)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert recorded(site, "E-PH1-2026%") == [("A1", 2)]
    page.context.close()
