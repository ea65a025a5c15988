"""The paper of our endorsement: signed like every other, of those that we sent and of no others."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documents.conftest import key_file, with_key
from tests.endorsements.acting import arrive, asked, certify, leave, stated
from tests.pages import Office, cheap_hashes, office, text_of

__all__ = ["cheap_hashes", "key_file", "office"]

PAPER = "/documents/endorsement/ru-en/file/END-1"


@pytest.fixture
def endorsed(office: Office) -> Office:
    with office.rows() as session:
        arrive(session, 119_000)
        certify(session, asked("END-1", stated(119_000, "other", "kept as samples")))
        leave(session, 1500)
        certify(session, asked("KZ-1", stated(1500), permit="X-1"))
    return office


def test_without_a_key_there_is_no_paper(endorsed: Office) -> None:
    client = endorsed.browser("asel")
    assert "No document can be made now" in text_of(client.get("/documents/endorsement/END-1"))
    assert client.get(PAPER).status_code == 503


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="no poppler-utils here: no second reader")
def test_a_signed_paper_says_what_was_certified(endorsed: Office, key_file: Path, tmp_path: Path) -> None:
    endorsed.app.extensions["registry.settings"] = with_key(endorsed.app.extensions["registry.settings"], key_file)
    client = endorsed.browser("asel")
    made = client.get(PAPER)
    assert made.status_code == 200
    assert client.get(PAPER).data == made.data
    path = tmp_path / "paper.pdf"
    path.write_bytes(made.data)
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    words = " ".join(told.split())
    for part in ("END-1", "IN-P-6", "P-6", "India", "kept as samples", "12.06.2024", "119"):
        assert part in words, part
    signature = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True).stdout
    assert "Signature is Valid" in signature
    assert endorsed.browser("imran").get(PAPER).status_code == 200
    assert endorsed.browser("maksat").get(PAPER).status_code == 404
    # What another country certified is its paper, not ours.
    assert client.get(PAPER.replace("END-1", "KZ-1")).status_code == 404
