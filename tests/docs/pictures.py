"""The pictures of `docs/pictures`, taken from the running demo country in three languages.

`make run` in one window, `python -m tests.docs.pictures` in another. Nothing is written to the
registry but the language of the demo accounts and a preview that is thrown away.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from registry.demo.domain.accounts import PASSWORD
from registry.web.locale import LANGUAGES

OUT = Path(__file__).parents[2] / "docs" / "pictures"
CHROMIUM = os.environ.get("REGISTRY_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
WIDTH, TALLEST, MARGIN = 1280, 1400, 20
COLOURS = 128
"""Enough for pages of few colours, and a third of the size."""
ROWS = """reference,occurred_on,kind,site,product,batch,quantity,prescription
P-1,2026-02-30,dispense,PH-01,MOR-T10,MOR-T10-261,20,R-1001
P-2,2026-11-02,dispense,PH-01,MOR-T10,MOR-T10-261,1O,R-1002
P-3,2026-11-02,dispensed,PH-01,MOR-T10,MOR-T10-261,10,R-1003
P-4,2026-11-03,dispense,PH-01,MOR-T1O,MOR-T10-261,10,R-1004
P-5,2026-11-03,dispense,PH-01,MOR-T10,MOR-T10-261,1200,R-1005
P-6,2026-11-03,dispense,PH-01,MOR-T10,MOR-T10-261,10,
"""
"""A day that does not exist, a letter for a digit, a kind nobody knows, a product nobody knows, too much."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as one person sees it. `reach` goes there; the picture begins at `top`, a selector, or at the very top."""

    name: str
    username: str
    reach: Callable[[Page, str], None]
    top: str | None = None


def _at(path: str) -> Callable[[Page, str], None]:
    def reach(page: Page, address: str) -> None:
        page.goto(address + path)

    return reach


def _case(page: Page, address: str) -> None:
    page.goto(f"{address}/cases")
    page.click("main table a:has-text('DEMO-A-02')")


def _movement(page: Page, address: str) -> None:
    page.goto(f"{address}/stock/enter?kind=dispense&site=PH-01&product=MOR-T10")
    offered = page.locator("datalist option").first.get_attribute("value")
    for field, typed in (("quantity", "20"), ("batch", offered), ("prescription", "R-1001"), ("reference", "P-1")):
        page.fill(f"#{field}", typed or "")


def _upload(page: Page, address: str) -> None:
    page.goto(f"{address}/files/movements")
    page.set_input_files("#file", {"name": "movements-november.csv", "mimeType": "text/csv", "buffer": ROWS.encode()})
    page.locator("main form button[type=submit]:visible").last.click()
    page.wait_for_load_state()


PICTURES = (
    Picture("home", "officer", _at("/")),
    Picture("positions", "officer", _at("/positions")),
    Picture("position", "officer", _at("/positions/NM 009/2026")),
    Picture("case", "officer", _case),
    Picture("enter-movement", "pharmacy", _movement),
    Picture("upload-errors", "pharmacy", _upload),
    Picture("form-c", "officer", _at("/returns/C/2025")),
    Picture("checks", "officer", _at("/returns/C/2025"), "main h2 >> nth=-2"),
    Picture("explain", "officer", _at("/returns/C/2025/explain?substance=NS 001&column=consumed")),
)


def signed_in(browser: Browser, address: str, username: str) -> Page:
    """Return a page of a demo account."""
    page = browser.new_context(viewport={"width": WIDTH, "height": 900}, java_script_enabled=False).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    return page


def taken(page: Page, top: str | None = None) -> bytes:
    """Return the page from `top` on, as far as a picture goes, as a small PNG."""
    first = int(page.locator(top).first.evaluate("e => e.getBoundingClientRect().top + scrollY")) - MARGIN if top else 0
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    part = shot.crop((0, first, shot.width, min(shot.height, first + TALLEST)))
    small = io.BytesIO()
    part.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def pictures(browser: Browser, address: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every picture. Raises RuntimeError for a page that is a fault."""
    pages = {one.username: signed_in(browser, address, one.username) for one in PICTURES}
    for language, own_name in LANGUAGES.items():
        for page in pages.values():
            page.goto(address)
            page.click(f"header >> text={own_name}")
        for one in PICTURES:
            page = pages[one.username]
            one.reach(page, address)
            if page.locator("html").get_attribute("lang") != language or not page.locator("main h1").count():
                raise RuntimeError(f"{one.name} in {language}: not the page it should be: {page.url}")
            yield f"{one.name}-{language}.png", taken(page, one.top)


def main() -> None:
    """Take every picture anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, content in pictures(browser, chosen.address):
            (chosen.out / name).write_bytes(content)
            print(f"{name}: {len(content) // 1024} kB")
        browser.close()


if __name__ == "__main__":
    main()
