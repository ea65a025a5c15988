"""The line that must work by hand, in a real browser without script: applied, proposed, issued."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browsing import browser, follow, in_a_browser, serving
from tests.databases import Databases
from tests.pages import PASSWORD, Office, build, cheap_hashes, close

__all__ = ["browser", "cheap_hashes"]

SHOTS = os.environ.get("REGISTRY_TEST_SCREENSHOTS")
"""A folder to keep pictures in, for people who look at the pages."""
MOST_WORDS = 200
"""Of a case with nothing unusual, folds closed: what an officer reads in a minute."""
pytestmark = in_a_browser


@pytest.fixture
def address(all_databases: dict[str, Databases], tmp_path: Path, cheap_hashes: None) -> Iterator[str]:
    databases = all_databases["sqlite"]
    app = build(databases.copy_of(databases.stocked()), tmp_path)
    Office(app).hire("asel", "bakyt", "imran")
    with serving(app) as served:
        yield served
    close(app)


def sign_in(browser: Browser, address: str, username: str, width: int) -> Page:
    """Return a page of a person's own browser."""
    page = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    follow(page.locator("main button[type=submit]"))
    return page


def presses_of(page: Page) -> list[str]:
    """Return a list that grows with every address the person asks for, where they are led to left out."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            asked.append(request.url)

    page.on("request", note)
    return asked


def look(page: Page, name: str) -> None:
    """Check that the page fits its screen; keep a picture if asked."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)
    assert wide <= 0, f"{name} is {wide} pixels too wide"


def press(page: Page, text: str) -> None:
    follow(page.locator(f"main button:visible:has-text('{text}'):not(.govuk-visually-hidden)"))


@pytest.mark.parametrize("width", [1280, 360])
def test_from_application_to_permit(browser: Browser, address: str, width: int) -> None:
    importer = sign_in(browser, address, "imran", width)
    importer.goto(f"{address}/applications/new?kind=import")
    importer.select_option("#product", "MOR10")
    importer.fill("#quantity", "60000")
    importer.select_option("#partner_country", "IN")
    importer.fill("#partner", "Supplier")
    importer.fill("#planned_on", "01.08.2024")
    importer.fill("#purpose", "medical")
    look(importer, "apply")
    press(importer, "Submit the application")
    assert "QTA-01" in importer.inner_text("main")
    assert importer.input_value("#quantity") == "60000"
    look(importer, "over-quota")
    press(importer, "Take over the largest quantity that fits")
    assert importer.input_value("#quantity") == "53333"
    look(importer, "taken-over")
    press(importer, "Submit the application")
    assert "Application submitted" in importer.inner_text("main")
    look(importer, "submitted")
    follow(importer.locator("main a:has-text('Open the application')"))
    assert "Waits for" in importer.inner_text("main")
    look(importer, "application")

    officer = sign_in(browser, address, "asel", width)
    presses = presses_of(officer)
    look(officer, "officer-home")
    follow(officer.locator("main a:has-text('Open what is due first')"))
    look(officer, "case")
    assert len(officer.inner_text("main").split()) < MOST_WORDS
    press(officer, "Take up")
    assert officer.evaluate("document.activeElement.id") == "done"
    press(officer, "Propose for issue")
    assert "The permit was proposed for issue. Now it waits for: approver" in officer.inner_text("#done")
    assert len(presses) == len(["open", "take up", "propose"])

    approver = sign_in(browser, address, "bakyt", width)
    presses = presses_of(approver)
    follow(approver.locator("main a:has-text('Open what is due first')"))
    look(approver, "case-proposed")
    assert "No check has come out otherwise" in approver.inner_text("main")
    press(approver, "Issue the permit")
    assert "The permit was issued" in approver.inner_text("#done")
    assert len(presses) == len(["open", "issue"])
    look(approver, "case-issued")

    importer.goto(f"{address}/permits?state=valid")
    look(importer, "permits")
    follow(importer.locator("main table a:has-text('KG-I-2024-000001')"))
    assert "53,333 pcs" in importer.inner_text("main").replace("\u00a0", " ")
    look(importer, "permit")


@pytest.mark.parametrize("width", [1280, 360])
def test_an_export_of_two_lines_goes_by_a_draft(browser: Browser, address: str, width: int) -> None:
    """The kind first, a line more, a draft kept and taken up again, everything that is missing told at once."""
    exporter = sign_in(browser, address, "imran", width)
    exporter.goto(f"{address}/applications/new")
    look(exporter, "kinds")
    follow(exporter.locator("main a:has-text('Export permit')").first)
    exporter.select_option("#product", "MOR10")
    exporter.fill("#quantity", "100")
    press(exporter, "Add a line")
    assert exporter.input_value("#quantity") == "100"
    exporter.select_option("#product-2", "DIA5")
    exporter.fill("#quantity-2", "50")
    look(exporter, "export-two-lines")
    press(exporter, "Save the draft")
    assert "The draft is saved" in exporter.inner_text("main")
    exporter.goto(f"{address}/applications")
    look(exporter, "drafts")
    follow(exporter.locator("main table a").first)
    assert exporter.input_value("#quantity-2") == "50"
    press(exporter, "Submit the application")
    summary = exporter.locator(".govuk-error-summary")
    for field in ("partner_country", "partner", "planned_on"):
        assert summary.locator(f"a[href='#{field}']").count() == 1, field
    look(exporter, "export-incomplete")
    exporter.select_option("#partner_country", "IN")
    exporter.fill("#partner", "Buyer")
    exporter.fill("#planned_on", "01.08.2024")
    exporter.fill("#counterpart_number", "IN-88")
    exporter.fill("#counterpart_issuer", "Narcotics Commissioner")
    exporter.fill("#counterpart_issued_on", "01.06.2024")
    exporter.fill("#counterpart_expires_on", "31.12.2024")
    exporter.fill("#consignee", "Buyer")
    exporter.select_option("#consignee_place", "premises")
    exporter.select_option("#transport", "air")
    exporter.fill("#purpose", "medical")
    press(exporter, "Check first")
    assert "Nothing is submitted yet" in exporter.inner_text("main")
    assert exporter.input_value("#consignee") == "Buyer"
    assert exporter.input_value("#transport") == "air"
    look(exporter, "export-checked")
    press(exporter, "Remove line 2")
    assert exporter.locator("#product-2").count() == 0
    assert exporter.input_value("#quantity") == "100"
    exporter.locator("button:has-text('Discard the draft')").wait_for()
    press(exporter, "Discard the draft")
    assert "Drafts" not in exporter.inner_text("main")


PLAIN_PAGES = (
    "/substances", "/substances/NM 009", "/substances/editions", "/products", "/products/MOR10", "/products/new",
    "/products/MOR10/revise", "/organisations", "/organisations/E-IMP", "/licences", "/licences/LIC-E-IMP",
    "/quotas/2024", "/quotas/2024/NM 009", "/quotas/new", "/quotas/proposals",
)  # fmt: skip


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_fits_its_screen(browser: Browser, address: str, width: int) -> None:
    officer = sign_in(browser, address, "asel", width)
    for place in PLAIN_PAGES:
        assert officer.goto(f"{address}{place}").status == 200, place
        look(officer, place.strip("/").replace("/", "-").replace(" ", ""))
