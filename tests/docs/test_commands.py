"""The commands of the tutorial and of the reference do what the pages show, on a fresh database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import Command, Reader, agrees, commands

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("tutorial.md", "reference.md")


def test_the_commands_of_the_pages_print_what_the_pages_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader(tmp_path)
    wrong = []
    seen = 0
    for name in PAGES:
        for command in commands(DOCS / name):
            seen += 1
            printed = reader.run(command)
            if not agrees(command.shown, printed):
                wrong.append(f"{name}\n$ {command.text}\n--- on the page\n{command.shown}\n--- printed\n{printed}")
    assert seen > 20
    assert wrong == [], "\n\n".join(wrong)


def test_a_figure_that_differs_is_found() -> None:
    assert agrees("headroom... 400 g", "headroom        400 g")
    assert not agrees("headroom... 400 g", "headroom        401 g")
    assert agrees('{"a": "...", "b": ["..."], "c": [{"d": "1"}]}', '{"a": 7, "b": [1, 2], "c": [{"d": "1"}]}')
    assert not agrees('{"c": [{"d": "1"}]}', '{"c": [{"d": "2"}]}')
    assert not agrees('{"c": [1]}', '{"c": [1, 2]}')


def test_a_command_may_go_over_several_lines(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one \\\n  two\none two\n$ true\n```\n```sh\n$ not this\n```\n")
    assert list(commands(page)) == [Command("echo one \\\n  two", "one two"), Command("true", "")]
