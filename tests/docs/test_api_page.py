"""The requests of the page for programs, run with curl against a server, answer what the page shows."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from registry.web.errors import REFUSALS, STATUSES
from tests.api.programs import token_of
from tests.browsing import serving
from tests.docs.console import agrees, commands
from tests.pages import Office, cheap_hashes, office

__all__ = ["cheap_hashes", "office"]

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_requests_of_the_page_answer_what_it_shows(office: Office, tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TOKEN": token_of(office, "imran"),
        "OFFICER": token_of(office, "asel"),
    }
    wrong, seen = [], 0
    with serving(office.app) as address:
        for command in commands(PAGE):
            done = subprocess.run(
                ["bash", "-c", command.text], cwd=tmp_path, env=environment | {"REGISTRY": address}, capture_output=True
            )
            seen += 1
            printed = done.stdout.decode().strip()
            if not agrees(command.shown, printed):
                wrong.append(f"$ {command.text}\n--- on the page\n{command.shown}\n--- printed\n{printed}")
    assert seen > 8
    assert wrong == [], "\n\n".join(wrong)


def test_the_codes_of_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| ([0-9, ]+) \| (`[^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    told = {
        (int(status), word)
        for statuses, words in rows
        for status in statuses.split(", ")
        for word in re.findall(r"`([a-z-]+)`", words)
    }
    known = {(answer.status, answer.code) for answer in (*STATUSES.values(), *(answer for _, answer in REFUSALS))}
    assert {word for _, word in told} <= {word for _, word in known}
    assert {401, 403, 404, 409, 412, 413, 415, 422, 428, 429} == {status for status, _ in told}
