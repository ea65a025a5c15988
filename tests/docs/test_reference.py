"""The reference says what the code does, and no link of a page leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from registry.exchange.catalogue import file_kinds
from registry.stock.domain.kinds import ENTERED_KINDS
from tests.docs.generate import PAGE, ROOT, commands, rules, tables
from tests.docs.markdown import blocks, filled

PAGES = sorted({ROOT / "README.md", *(ROOT / "docs").rglob("*.md")})
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
PICTURE = re.compile(r'<img[^>]*\bsrc="(?P<target>[^"]+)"')
OUTSIDE = ("http://", "https://", "mailto:")


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return tables()


def test_the_tables_of_the_page_are_those_of_the_code(made: dict[str, str]) -> None:
    written = blocks(PAGE.read_text("utf-8"))
    assert set(written) == set(made)
    old = [name for name in made if written[name] != made[name]]
    assert old == [], "run python -m tests.docs.generate"


def test_the_page_is_found_old_when_a_word_of_a_table_differs(made: dict[str, str]) -> None:
    page = PAGE.read_text("utf-8")
    changed = page.replace("| `opening_stock` | opening stock | rises |", "| `opening_stock` | opening stock | falls |")
    assert changed != page
    assert blocks(changed)["movements"] != made["movements"]
    assert filled(changed, made) == page


def test_every_command_is_named_on_the_page() -> None:
    page = PAGE.read_text("utf-8")
    missing = [name for name, _ in commands() if f"`flask {name}" not in page]
    assert missing == []
    assert {"import", "returns build", "quota position", "backup create"} <= {name for name, _ in commands()}


def test_every_kind_rule_and_file_has_its_row() -> None:
    page = PAGE.read_text("utf-8")
    wanted = [*ENTERED_KINDS, *(rule.code for rule in rules())]
    assert [code for code in wanted if f"\n| `{code}` |" not in page] == []
    assert [name for name in file_kinds() if f"\n#### `{name}`\n" not in page] == []


def anchors(page: Path) -> set[str]:
    """Return the anchors that the headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_ends(page: Path) -> list[str]:
    """Return the relative links and pictures of a page that lead nowhere."""
    text = page.read_text("utf-8")
    found = []
    for target in [match["target"] for pattern in (LINK, PICTURE) for match in pattern.finditer(text)]:
        if target.startswith(OUTSIDE):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
            found.append(f"{page.relative_to(ROOT)}: {target}")
    return found


def test_no_link_and_no_picture_leads_nowhere() -> None:
    assert PAGES
    assert [end for page in PAGES for end in dead_ends(page)] == []


def test_a_dead_link_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.test_reference.ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("# One place\n[a](#one-place) [b](#other) [c](page.md) ![d](none.png) [e](https://example.org)")
    assert dead_ends(page) == ["page.md: #other", "page.md: none.png"]
