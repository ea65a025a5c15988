"""A large file sent in a real browser, with and without script: checked, written, receipt, by the page alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Browser, Page

from registry.exchange import service
from tests.accounts.conftest import GOOD, Site, build, close
from tests.browsing import browser, follow, in_a_browser, serving
from tests.databases import Databases

__all__ = ["browser"]

pytestmark = in_a_browser
ROWS = 4_000
RUSSIAN = "ru"
LONG = 30


@pytest.fixture
def site(all_databases: dict[str, Databases], tmp_path: Path) -> Iterator[Site]:
    """One kind of database is enough here: the other tests of pages run on both. Forms need their token."""
    app = build(all_databases["sqlite"].fresh(), tmp_path)
    app.config["WTF_CSRF_ENABLED"] = True
    made = Site(app)
    made.create("admin", "administrator", language=RUSSIAN)
    yield made
    close(app)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serving(site.app) as served:
        yield served


def signed_in(browser: Browser, address: str, *, width: int, script: bool) -> tuple[Page, list[str]]:
    """Sign in; return the page and everything the browser complains of."""
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
    page, faults = context.new_page(), []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/files/organisations")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill(GOOD)
    follow(page.locator("main button[type=submit]:not([aria-controls])"))
    return page, faults


def many(folder: Path, kind: str = "pharmacy") -> Path:
    path = folder / "many.csv"
    rows = "".join(f"A{n},Аптека № {n},{kind}\n" for n in range(ROWS))
    path.write_text(f"code,name,kind\n{rows}", encoding="utf-8")
    return path


@pytest.mark.parametrize(("width", "script"), [(1280, True), (360, True), (1280, False)])
def test_a_large_file_is_checked_and_written_by_the_page_alone(site, browser, address, width, script, tmp_path):
    page, faults = signed_in(browser, address, width=width, script=script)
    page.locator("input[type=file]").set_input_files(many(tmp_path))
    follow(page.get_by_role("button", name="Проверить файл"))

    # The result stands at the end of the same page; what led to it makes room.
    write = page.get_by_role("button", name="Записать в реестр")
    write.wait_for()
    assert page.locator(".registry-result").is_visible()
    assert not page.locator(".registry-progress").is_visible()
    assert page.locator(".registry-progress__step").first.text_content() == "Чтение файла"
    assert page.locator("footer").is_visible()
    page.screenshot(path=tmp_path / "judged.png", full_page=True)
    place = page.url

    write.click()
    page.locator(".govuk-panel").wait_for()
    assert page.url == place
    assert "Записано в реестр" in page.locator("main").inner_text()
    assert faults == []
    page.context.close()


def test_while_the_work_goes_on_the_page_shows_its_last_step(site, browser, address, tmp_path, monkeypatch):
    page, faults = signed_in(browser, address, width=360, script=False)
    page.locator("input[type=file]").set_input_files(many(tmp_path))
    judge, looked_at = service.judge, Event()

    def held(*arguments):
        report = judge(*arguments)
        assert looked_at.wait(LONG)
        return report

    monkeypatch.setattr(service, "judge", held)
    page.get_by_role("button", name="Проверить файл").click(no_wait_after=True)
    last = page.get_by_text("Сверка с тем, что уже записано")
    last.wait_for()
    last.locator("~ .registry-progress__tick").wait_for()
    assert page.locator("progress:visible").count() == 1
    assert page.locator(".registry-progress__step:visible").count() == 3
    assert "закрыть эту страницу" in page.locator("main").inner_text()
    page.screenshot(path=tmp_path / "working.png", full_page=True)
    looked_at.set()
    page.get_by_role("button", name="Записать в реестр").wait_for()
    assert faults == []
    page.context.close()


def test_a_refused_file_shows_its_errors_at_the_end(site, browser, address, tmp_path):
    page, faults = signed_in(browser, address, width=1280, script=False)
    page.locator("input[type=file]").set_input_files(many(tmp_path, kind="shop"))
    follow(page.get_by_role("button", name="Проверить файл"))
    page.get_by_role("alert").wait_for()
    page.locator("footer").wait_for()
    assert page.get_by_role("button", name="Записать в реестр").count() == 0
    assert faults == []
    page.context.close()
