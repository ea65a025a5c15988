"""The shell in a real browser: fits narrow screens, breaks no policy, needs no script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import browser, follow, in_a_browser, serving
from tests.web.gallery import Officer, make_app

__all__ = ["browser"]

pytestmark = in_a_browser
LANGUAGES = ("ky", "ru", "en")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(make_app(person=Officer(), banner="Practice country")) as served:
        yield served


def visit(
    browser: Browser, address: str, *, language: str = "en", width: int = 1280, script: bool = True
) -> tuple[Page, list[str]]:
    """Open the gallery; return the page and everything that went wrong on it."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
    context.add_cookies([{"name": "registry_language", "value": language, "url": address}])
    page, faults = context.new_page(), []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    # A request broken off because the reader went on to another page is no fault.
    page.on(
        "requestfailed",
        lambda request: None if request.failure == "net::ERR_ABORTED" else faults.append(f"failed {request.url}"),
    )
    page.on(
        "response",
        lambda response: faults.append(f"{response.status} {response.url}") if response.status >= 400 else None,
    )
    page.on(
        "request",
        lambda request: faults.append(request.url) if not request.url.startswith((address, "data:")) else None,
    )
    page.goto(address + "/", wait_until="networkidle")
    return page, faults


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1280, 360, 320])
def test_fits_and_breaks_no_policy(browser, address, tmp_path, language, width):
    page, faults = visit(browser, address, language=language, width=width)
    picture = page.screenshot(path=tmp_path / "gallery.png", full_page=True)
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == language
    assert len(picture) > 50_000
    page.context.close()


def test_our_font_has_every_kyrgyz_letter(browser, address):
    page, _ = visit(browser, address, language="ky")
    loaded = page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family + f.weight + f.unicodeRange))"
    )
    assert all("PT Sans" in face for face in loaded)
    for code in ("U+460-52F", "U+301"):
        assert any(code in face for face in loaded), loaded
    page.context.close()


def test_without_script_the_language_switch_and_the_form_work(browser, address):
    page, faults = visit(browser, address, script=False)
    page.goto(address + "/stock?year=2026")
    follow(page.get_by_role("link", name="Кыргызча"))
    assert page.url == address + "/stock?year=2026"
    assert page.locator("html").get_attribute("lang") == "ky"
    follow(page.get_by_role("link", name="English"))
    page.goto(address + "/")
    follow(page.get_by_role("button", name="Send"))
    assert page.get_by_role("alert").get_by_role("link").count() == 3
    assert faults == []
    page.context.close()


def test_the_keyboard_reaches_the_content_first_and_the_focus_shows(browser, address):
    page, _ = visit(browser, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main-content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().height") > 20
    page.keyboard.press("Tab")
    assert (
        page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).backgroundColor"
        )
        != "nonergba(0, 0, 0, 0)"
    )
    page.context.close()


def test_targets_are_large_enough(browser, address):
    page, _ = visit(browser, address, width=360)
    small = page.evaluate(
        "[...document.querySelectorAll('header a, header button, .registry-menu a, .registry-menu button, main button')]"
        ".filter(e => { const r = e.getBoundingClientRect(); return r.height > 0 && (r.height < 24 || r.width < 24) }).map(e => e.outerHTML)"
    )
    assert small == []
    page.context.close()


def test_text_has_contrast(browser, address):
    """WCAG 1.4.3: 4.5 to 1, or 3 to 1 for large text, measured on every element that holds text."""
    page, _ = visit(browser, address)
    poor = page.evaluate(
        """() => {
        const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
        const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
        const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0.99) return c } return [255, 255, 255] };
        const faults = [];
        for (const e of document.querySelectorAll('body *')) {
          const text = [...e.childNodes].filter(n => n.nodeType === 3 && n.data.trim()).map(n => n.data.trim()).join(' ');
          if (!text || e.closest('script,svg') || !e.checkVisibility()) continue;
          const style = getComputedStyle(e), a = light(parse(style.color)), b = light(ground(e));
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size = parseFloat(style.fontSize);
          const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
          if (ratio < (large ? 3 : 4.5)) faults.push(text.slice(0, 30) + ' ' + ratio.toFixed(2));
        }
        return faults }"""
    )
    assert poor == []
    page.context.close()


def test_print_leaves_out_what_paper_cannot_use(browser, address):
    page, _ = visit(browser, address)
    page.emulate_media(media="print")
    for gone in (".registry-menu", ".registry-filters", ".registry-downloads", ".govuk-button", ".govuk-pagination"):
        assert not page.locator(gone).first.is_visible(), gone
    for kept in (".registry-table", ".registry-bar", ".registry-header__name", ".registry-finding"):
        assert page.locator(kept).first.is_visible(), kept
    page.context.close()
