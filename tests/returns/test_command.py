"""What `flask returns` prints for people: nothing of it is cut, however narrow the place it is printed to."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from registry.returns.cli import _print_whole
from tests import world
from tests.databases import engine_for
from tests.pages import build, close

EXPLAIN = ("returns", "explain", "C", "--year", "2024", "--substance", "NM 009", "--column", "consumed")
CELLS = ("2024-03-31", "E-WHO-2024-000001", "a very long name of a product")


@pytest.fixture
def year(stocked_url: str, tmp_path):
    engine = engine_for(stocked_url)
    with Session(engine) as session:
        world.take_file(session, "07-movements")
    engine.dispose()
    app = build(stocked_url, tmp_path)
    yield app
    close(app)


@pytest.mark.parametrize("columns", ["40", "80"])
def test_days_and_figures_of_an_explanation_are_whole_in_a_file(
    year: Flask, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    answer = year.test_cli_runner().invoke(args=[*EXPLAIN])
    assert answer.exit_code == 0, answer.output
    told = year.test_cli_runner().invoke(args=[*EXPLAIN, "--json"]).stdout
    days = {part for part in told.split('"') if part.startswith("2024-") and len(part) == 10}
    assert days
    assert all(day in answer.stdout for day in days)
    assert "…" not in answer.stdout
    lines = answer.stdout.splitlines()
    assert len({len(line) for line in lines}) == 1


def table() -> Table:
    made = Table()
    for head in ("day", "reference", "product"):
        made.add_column(head, overflow="fold")
    made.add_row(*CELLS)
    return made


def test_a_file_takes_a_table_as_wide_as_it_is() -> None:
    out = io.StringIO()
    _print_whole(Console(file=out, width=20), table())
    assert all(cell in out.getvalue() for cell in CELLS)


def test_a_narrow_terminal_folds_and_loses_no_letter() -> None:
    out = io.StringIO()
    _print_whole(Console(file=out, width=24, force_terminal=True, color_system=None), table())
    shown = out.getvalue()
    assert max(map(len, shown.splitlines())) <= 24
    columns = zip(*(line.strip("│").split("│") for line in shown.splitlines() if line.startswith("│")), strict=True)
    assert ["".join("".join(cells).split()) for cells in columns] == ["".join(cell.split()) for cell in CELLS]
