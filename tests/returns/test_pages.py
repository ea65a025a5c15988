"""Pages of the returns: what is due, one return, the explanation of a figure, the files."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from registry.accounts import policy
from registry.accounts.domain import FIRM_ROLES, Role
from registry.db import db
from registry.returns.setup import init_app
from tests.databases import Databases
from tests.stock.page_site import Site, counted_statements, moved_url, use_cheap_hashes
from tests.world import move


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from use_cheap_hashes(monkeypatch)


@pytest.fixture
def site(databases: Databases, tmp_path: Path) -> Iterator[Site]:
    made = Site(moved_url(databases), tmp_path)
    if "returns" not in made.app.blueprints:
        init_app(made.app)
    yield made
    made.close()


def text_of(answer) -> str:
    plain = html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").replace("\u202f", " ")
    return " ".join(plain.split())


def test_the_list_names_every_period_with_the_day_it_is_due(site: Site) -> None:
    answer = site.browser("officer").get("/returns/")
    page = text_of(answer)
    assert "year 2025 30 Jun 2026" in page
    assert "quarter 4 of 2026 (not over yet) 31 Jan 2027" in page
    assert "quarter 3 of 2026 31 Oct 2026 (the day has passed)" in page
    for path in ("/returns/C/2025", "/returns/A/2026/Q4", "/returns/A/2025/Q1"):
        assert f'href="{path}"' in answer.text


def test_only_those_who_may_read_returns_do(site: Site) -> None:
    paths = ("/returns/", "/returns/C/2024", "/returns/C/2024.json", "/returns/C/2024/explain?substance=NM+009&column=consumed")  # fmt: skip
    for role in set(Role) - {Role.SYSTEM}:
        client = site.browser(role.value, "E-IMP" if role in FIRM_ROLES else None)
        expected = 200 if role.value in policy.roles_for("returns.read") else 403
        assert {client.get(path).status_code for path in paths} == {expected}, role


def test_form_c_shows_rounded_figures_with_the_exact_ones_behind(site: Site) -> None:
    answer = site.browser("officer").get("/returns/C/2024")
    assert "printed grid of this edition is not known" in text_of(answer)
    assert "C-05" in answer.text
    assert 'data-code="fail"' in answer.text
    assert re.search(r'title="Exact: 896\.25\u00a0g">896</a>', answer.text)


def test_every_figure_of_the_page_is_explained_and_adds_up(site: Site) -> None:
    client = site.browser("officer")
    links = set()
    for path in ("/returns/C/2024", "/returns/A/2024/Q1"):
        links |= set(re.findall(r'href="([^"]*/explain\?[^"]*)" title="Exact: ([^"]*)"', client.get(path).text))
    assert len(links) > 15
    for href, exact in links:
        page = text_of(client.get(html.unescape(href)))
        assert f"Exact {exact.replace(chr(0xA0), ' ')}" in page, href


def test_the_steps_of_the_limit_are_shown(site: Site) -> None:
    page = text_of(site.browser("officer").get("/returns/C/2024/explain?substance=NM+009&column=limit"))
    assert "How it is worked out" in page
    assert "Result 1,400 g" in page


def test_the_statistician_sees_sums_and_no_single_entry(site: Site) -> None:
    path = "/returns/C/2024/explain?substance=NM+009&column=consumed"
    entries = site.browser("officer").get(path)
    sums = site.browser("statistician").get(path)
    assert "M-004" in entries.text
    assert "M-004" not in sums.text
    assert "/stock/movements/" not in sums.text
    assert "All entries together: 750 g" in text_of(entries)
    assert "MOR10 supply to another organisation 2 750 g" in text_of(sums)


@pytest.mark.parametrize(
    "path",
    ["/returns/C/2024/Q1", "/returns/A/2024", "/returns/A/2024/Q5", "/returns/Z/2024", "/returns/C/1000", "/returns/C/2024.exe", "/returns/C/2024?as_of=never", "/returns/C/2024/explain?substance=NM+009&column=nothing", "/returns/C/2024/explain?substance=XX+999&column=consumed"],
)  # fmt: skip
def test_what_there_is_not_is_not_found(site: Site, path: str) -> None:
    assert site.browser("officer").get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "media_type", "name", "magic"),
    [
        ("/returns/C/2024.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "form-C-2024.xlsx", b"PK"),
        ("/returns/C/2024.pdf", "application/pdf", "form-C-2024.pdf", b"%PDF"),
        ("/returns/A/2024/Q1.csv", "text/csv; charset=utf-8", "form-A-2024-Q1.csv", b""),
        ("/returns/C/2024.json", "application/json", "form-C-2024.json", b"{"),
    ],
)  # fmt: skip
def test_files_carry_their_type_and_name(site: Site, path: str, media_type: str, name: str, magic: bytes) -> None:
    answer = site.browser("officer").get(path)
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert answer.data.startswith(magic)


def test_the_workbook_and_the_json_hold_the_figures_of_the_page(site: Site) -> None:
    client = site.browser("officer")
    figures = json.loads(client.get("/returns/C/2024.json").data)["figures"]
    page = client.get("/returns/C/2024").text
    shown = re.findall(r'title="Exact: ([^"]*)\u00a0g"', page)
    assert sorted(Fraction(figure["exact_g"]) for figure in figures) == sorted(Fraction(text.replace(",", "")) for text in shown)  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(client.get("/returns/C/2024.xlsx").data))
    values = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert 896 in values


def test_a_draft_of_an_earlier_day_says_so_and_is_not_explained_by_todays_ledger(site: Site) -> None:
    page = site.browser("officer").get("/returns/C/2024?as_of=2026-11-21")
    assert "Figures as known on 21 Nov 2026" in text_of(page)
    # Everything was recorded on 22 November.
    assert "/explain?" not in page.text
    assert "Nothing to report in this part." in text_of(page)


def test_the_chooser_leads_there_without_script(site: Site) -> None:
    client = site.browser("officer")
    for query, target in (
        ("form=C&year=2023&quarter=2", "/returns/C/2023"),
        ("form=A&year=2023&quarter=2", "/returns/A/2023/Q2"),
    ):
        assert client.get(f"/returns/choose?{query}").headers["Location"].endswith(target)
    assert client.get("/returns/choose?form=A&year=&quarter=2").status_code == 404


@pytest.mark.parametrize("path", ["/returns/", "/returns/C/2026", "/returns/A/2026/Q4", "/returns/C/2026/explain?substance=NM+009&column=seized_released"])  # fmt: skip
def test_the_number_of_statements_does_not_grow_with_the_entries(site: Site, path: str) -> None:
    client = site.browser("officer")
    counts = []
    for first, last in ((0, 10), (10, 500)):
        with site.app.app_context():
            rows = [f"N-{n},2026-11-20,seized_release,E-IMP,,MOR10,B{n},10,,,,," for n in range(first, last)]
            assert move(db.session(), *rows).written
        client.get(path)
        with counted_statements() as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_pages_answer_in_every_language(site: Site, language: str) -> None:
    client = site.browser("approver", language=language)
    for path in ("/returns/", "/returns/C/2024", "/returns/A/2024/Q1", "/returns/C/2024/explain?substance=NM+009&column=consumed"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200
        assert f'lang="{language}"' in answer.text
