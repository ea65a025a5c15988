"""Entry of a movement in a real browser, in Russian, with and without script, on a wide and a narrow screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser, follow, in_a_browser, serving
from tests.databases import Databases
from tests.stock.page_site import GOOD, Site, moved_url, use_cheap_hashes

__all__ = ["browser"]

pytestmark = in_a_browser


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(all_databases: dict[str, Databases], tmp_path: Path) -> Iterator[Site]:
    """One kind of database is enough here: the other tests of pages run on both."""
    made = Site(moved_url(all_databases["sqlite"]), tmp_path)
    made.app.config["WTF_CSRF_ENABLED"] = True
    yield made
    made.close()


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serving(site.app) as served:
        yield served


def signed_in(browser: Browser, address: str, name: str, *, width: int = 1280, script: bool = True) -> Page:
    """Sign in and choose Russian, by what is on the screen."""
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{address}/profile")
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(GOOD)
    follow(page.locator("main button[type=submit]:not([aria-controls])"))
    follow(page.get_by_role("link", name="Русский"))
    assert page.locator("html").get_attribute("lang") == "ru"
    return page


def fits(page: Page, width: int) -> bool:
    """Say whether nothing sticks out at the side."""
    return int(page.evaluate("document.documentElement.scrollWidth")) <= width


@pytest.mark.parametrize(("width", "script"), [(1280, True), (360, True), (1280, False)])
def test_a_movement_is_entered_in_russian_wrong_first_and_then_right(site, browser, address, width, script, tmp_path):
    page = signed_in(browser, address, site.account("importer", "E-IMP"), width=width, script=script)
    page.goto(f"{address}/stock/enter")
    page.locator("#kind").select_option("supply")
    page.locator("#product").fill("MOR10")
    follow(page.locator("main form button"))

    # Half a tablet, a day that is none, nobody to receive it.
    page.locator("#quantity").fill("12,5")
    page.locator("#occurred_on").fill("31.11.2026")
    page.locator("#batch").fill("A1")
    follow(page.locator("main form button"))
    summary = page.locator(".govuk-error-summary")
    assert summary.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))") == [
        "#occurred_on",
        "#quantity",
        "#counterparty",
    ]
    assert page.locator("#quantity").input_value() == "12,5"
    assert page.locator("#quantity-error").is_visible()
    if script:
        assert fits(page, width)

    # More than the shelf holds.
    page.locator("#quantity").fill("20 001")
    page.locator("#occurred_on").fill("22.11.2026")
    page.locator("#counterparty").fill("E-WHO")
    follow(page.locator("main form button"))
    panel = page.locator(".registry-panel")
    assert "STK-03" in panel.inner_text()
    assert "20\u00a0000" in panel.inner_text()

    # What fits.
    page.locator("#quantity").fill("20 000")
    follow(page.locator("main form button"))
    assert page.locator(".govuk-panel").is_visible()
    assert page.locator("h1.registry-code").inner_text() == "E-IMP-20261122-001"
    if script:
        assert fits(page, width)
    page.goto(f"{address}/stock/?q=MOR10")
    assert "20\u00a0000" in page.locator("main").inner_text()
    assert "A1" not in page.locator("main").inner_text()
    page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_sticks_out_and_none_breaks_the_policy(site, browser, address, width):
    faults: list[str] = []
    page = signed_in(browser, address, site.account("importer", "E-IMP"), width=width)
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    for path in (
        "/stock/",
        "/stock/movements",
        "/stock/movements/M-002",
        "/stock/month?month=2024-02",
        "/stock/enter",
        "/stock/enter?kind=import&site=E-IMP&product=MOR10",
        "/stock/reverse?document=M-001",
    ):
        page.goto(address + path, wait_until="networkidle")
        assert fits(page, width), path
    officer = signed_in(browser, address, site.account("officer"), width=width)
    officer.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    for path in ("/returns/", "/returns/C/2024", "/returns/A/2024/Q1", "/returns/C/2024/explain?substance=NM+009&column=consumed"):  # fmt: skip
        officer.goto(address + path, wait_until="networkidle")
        assert fits(officer, width), path
    assert faults == []
    page.context.close()
    officer.context.close()


@pytest.mark.parametrize(("width", "script"), [(1280, True), (360, False)])
def test_what_was_sent_is_confirmed_in_one_press_and_a_difference_is_told(
    site, browser, address, width, script, tmp_path
):
    page = signed_in(browser, address, site.account("pharmacy", "E-PH1"), width=width, script=script)
    page.goto(f"{address}/stock/arriving")
    assert fits(page, width)
    page.locator("main tbody input[type=checkbox]").first.check(force=True)
    follow(page.get_by_role("button", name="Подтвердить отмеченное как отправлено"))
    assert "Подтвержден" in page.get_by_role("status").inner_text()
    page.goto(f"{address}/stock/arriving?show=all")
    follow(page.locator("main tbody a").first)
    page.get_by_text("Сообщить иное").click()
    page.get_by_label("не хватает").fill("1")
    follow(page.get_by_role("button", name="Отправить расхождение"))
    assert "не хватает: 1" in page.locator("main").inner_text().replace("\u00a0", " ")
    assert fits(page, width)
