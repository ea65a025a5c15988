"""The cycle in a real browser without script: a need worked out, picked, proposed, approved, published; in three languages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser, follow, in_a_browser, serving
from tests.databases import Databases
from tests.pages import MID_JUNE, PASSWORD, Office, build, cheap_hashes, close
from tests.world import take_file

__all__ = ["browser", "cheap_hashes"]

SHOTS = os.environ.get("REGISTRY_TEST_SCREENSHOTS")
"""A folder to keep pictures in, for people who look at the pages."""
pytestmark = in_a_browser


@pytest.fixture
def address(all_databases: dict[str, Databases], tmp_path: Path, cheap_hashes: None) -> Iterator[str]:
    databases = all_databases["sqlite"]
    app = build(databases.copy_of(databases.stocked()), tmp_path)
    office = Office(app, MID_JUNE.replace(year=2025))
    office.hire("asel", "bakyt")
    with office.rows() as session:
        take_file(session, "07-movements", office.clock)
    with serving(app) as served:
        yield served
    close(app)


def sign_in(browser: Browser, address: str, username: str, width: int) -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    follow(page.locator("main button[type=submit]"))
    return page


def look(page: Page, name: str) -> None:
    """Check that the page fits its screen; keep a picture if asked."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)
    assert wide <= 0, f"{name} is {wide} pixels too wide"


def press(page: Page, text: str) -> None:
    follow(page.locator(f"main button:visible:has-text('{text}'):not(.govuk-visually-hidden)").first)


@pytest.mark.parametrize("width", [1280, 360])
def test_from_a_need_to_a_published_quota(browser: Browser, address: str, width: int) -> None:
    officer = sign_in(browser, address, "asel", width)
    officer.goto(f"{address}/quotas/needs/2026/NM 009")
    officer.locator("details:has(#morbidity-patients_1) summary").click()
    for name, value in (("name_1", "severe pain"), ("patients_1", "2800"), ("mg_per_day_1", "66.7"), ("days_1", "90")):
        officer.fill(f"#morbidity-{name}", value)
    follow(officer.locator("form:has(#morbidity-patients_1) button"))
    officer.locator("details:has(#trend-note) summary").click()
    follow(officer.locator("form:has(#trend-note) button"))
    assert "16,808.4 g" in officer.inner_text("main").replace("\u00a0", " ")
    officer.locator("label:has-text('Trend of consumption')").click()
    officer.fill("#quantity_g", "700")
    officer.fill("#justification", "one ward is closed")
    look(officer, "need")
    press(officer, "Pick the figure and draft the lines")
    assert "QTA-11" in officer.inner_text("main")
    look(officer, "need-picked")
    for language in ("ru", "ky", "en"):
        officer.goto(f"{address}/language/{language}?next=/quotas/needs/2026/NM 009")
        look(officer, f"need-{language}")

    officer.goto(f"{address}/quotas/proposals")
    look(officer, "proposals")
    follow(officer.locator("main tr:has-text('state quota') a").first)
    press(officer, "Propose")
    line = officer.url
    look(officer, "line-proposed")

    approver = sign_in(browser, address, "bakyt", width)
    approver.goto(line)
    press(approver, "Approve")
    assert "a state quota rests on an act" in approver.inner_text("main")
    look(approver, "line-refused")
    approver.fill("#act", "612")
    approver.fill("#act_date", "20.12.2025")
    press(approver, "Approve")
    assert "The line was approved" in approver.inner_text("main")
    for language in ("ru", "ky", "en"):
        approver.goto(f"{address}/language/{language}?next={line.removeprefix(address)}")
        look(approver, f"line-{language}")
    press(approver, "Publish")
    approver.goto(f"{address}/quotas/published/2026")
    assert "612" in approver.inner_text("main")
    look(approver, "published")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_every_page_of_the_cycle_fits_its_screen(browser: Browser, address: str, language: str, width: int) -> None:
    officer = sign_in(browser, address, "asel", width)
    officer.goto(f"{address}/language/{language}")
    for place in (
        "/quotas/needs/2026", "/quotas/estimates/2024/NM 009", "/quotas/estimates/2025/NM 009",
        "/quotas/estimates/2025/PD 006", "/positions/NM 009/2025", "/positions/NM 009/2024/allocations",
        "/quotas/published/2024", "/quotas/new?kind=supplement&substance=NM 009", "/quotas/2024/NM 009",
        "/returns/B/2024", "/returns/BP/2025", "/returns/B/2024/explain?substance=NM 009&column=total", "/returns/",
    ):  # fmt: skip
        assert officer.goto(f"{address}{place}").status == 200, place
        name = place.strip("/").partition("&")[0].replace("/", "-").replace(" ", "").replace("?", "-")
        look(officer, f"{name}-{language}")
