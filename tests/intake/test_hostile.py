"""Hostile workbooks: none is accepted wrongly, each has its answer, and the reader's memory is bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake.hostile import BOMBS, CORPUS, GOOD, MEANT, OTHERS, answered

ROOT = Path(__file__).parents[2]
MEGABYTES = 256
"""What reading one workbook may take beside the program itself (security-and-comfort B.6)."""


@pytest.mark.parametrize("name", OTHERS)
def test_each_has_the_answer_that_is_right(name: str) -> None:
    wanted, make = OTHERS[name]
    code, columns = answered(make())
    assert code == wanted
    if name in MEANT:
        column, value = MEANT[name]
        assert columns[column] == [value]
    elif code == GOOD:
        assert columns["quantity"] == ["5"]


def test_there_are_enough_and_most_are_refused() -> None:
    assert len(CORPUS) >= 40
    assert sum(wanted != GOOD for wanted, _ in CORPUS.values()) >= 40


def test_those_that_want_memory_get_little_and_their_answer(tmp_path: Path) -> None:
    for name, (_, make) in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    command = (sys.executable, "-m", "tests.intake.hostile", str(tmp_path), str(MEGABYTES))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert {name: code for name, (code, _) in answers.items()} == {name: code for name, (code, _) in BOMBS.items()}
    print({name: seconds for name, (_, seconds) in answers.items()})
