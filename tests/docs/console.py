"""The commands of a page: what stands in its `console` blocks, run as a reader would, compared with what it prints."""

from __future__ import annotations

import doctest
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.cli import FlaskGroup

from registry.app import create_app
from registry.settings import Settings

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FLASK = re.compile(r"(?:COLUMNS=(?P<columns>\d+) )?flask (?P<words>[^|;>&]+)")
ANYTHING = "..."
COMPARE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, and what the page says it prints."""

    text: str
    shown: str


def commands(page: Path) -> Iterator[Command]:
    """Yield the commands of a page in their order. A line that begins with ``$ `` begins a command."""
    for block in BLOCK.findall(page.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            length = next(n for n, line in enumerate(lines, 1) if not line.endswith("\\"))
            yield Command("\n".join(lines[:length]), "\n".join(lines[length:]).strip())


class Reader:
    """Somebody who stands at the top of this tree, with an instance of their own, and types what a page says.

    A command of `flask` runs inside this process, for speed; everything else is given to the shell.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tests").symlink_to(ROOT / "tests")
        self.app = create_app(Settings(instance=str(folder / "instance"), secret_key="tests"))
        self.group = FlaskGroup(create_app=lambda: self.app)

    def run(self, command: Command) -> str:
        """Run a command in the folder and return everything it prints, in the order it prints it."""
        found = FLASK.fullmatch(command.text)
        if found is None:
            return self._in_shell(command.text)
        environment = {"NO_COLOR": "1", "COLUMNS": found["columns"] or "80"}
        words = shlex.split(found["words"])
        return self.app.test_cli_runner().invoke(self.group, words, env=environment).output.strip()

    def _in_shell(self, text: str) -> str:
        done = subprocess.run(
            ["bash", "-c", text], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
        )
        return done.stdout.decode("utf-8").strip()


def agrees(shown: str, printed: str) -> bool:
    """Say whether a command printed what the page shows; ``...`` on the page stands for anything."""
    if shown.startswith(("{", "[")):
        try:
            return _same(json.loads(shown), json.loads(printed))
        except json.JSONDecodeError:
            return False
    return doctest.OutputChecker().check_output(f"{shown}\n", f"{printed}\n", COMPARE)


def _same(shown: Any, real: Any) -> bool:
    if shown in (ANYTHING, [ANYTHING]):
        return True
    if isinstance(shown, dict) and isinstance(real, dict):
        return list(shown) == list(real) and all(_same(shown[key], real[key]) for key in shown)
    if isinstance(shown, list) and isinstance(real, list):
        return len(shown) == len(real) and all(_same(*pair) for pair in zip(shown, real, strict=True))
    return bool(shown == real)
