"""Both catalogues hold every sentence of the source, and nothing that is no longer said."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).parents[2]
BLANK = re.compile(r"%\((\w+)\)[sd]")
EXTRACT = "-q extract -F babel.cfg -k N_ -k NP_:1,2 -k _l -k lazy_gettext --omit-header".split()


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> dict[str, polib.POEntry]:
    target = tmp_path_factory.mktemp("extracted") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", *EXTRACT, "-o", str(target), "."]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return {entry.msgid: entry for entry in polib.pofile(str(target))}


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_nothing_is_untranslated(sentences: dict[str, polib.POEntry], language: str) -> None:
    catalogue = polib.pofile(str(ROOT / "registry" / "translations" / language / "LC_MESSAGES" / "messages.po"))
    told = {entry.msgid for entry in catalogue if entry.translated()}
    assert len(sentences) > 1000
    assert sentences.keys() - told == set(), "run `make translations`, then translate"
    assert told - sentences.keys() == set(), "no longer said anywhere"


@pytest.mark.parametrize("language", ["en", "ky", "ru"])
def test_a_sign_of_per_cent_is_doubled_where_a_template_fills_blanks(
    sentences: dict[str, polib.POEntry], language: str
) -> None:
    """Templates fill the blanks of every sentence: one single sign of per cent, and the page is a fault."""
    of_templates = {
        msgid for msgid, one in sentences.items() if any(place.endswith(".html") for place, _ in one.occurrences)
    }
    assert len(of_templates) > 500
    path = ROOT / "registry" / "translations" / language / "LC_MESSAGES" / "messages.po"
    said = sentences.values() if language == "en" else polib.pofile(str(path))
    for entry in said:
        texts = (entry.msgid, entry.msgid_plural, entry.msgstr, *entry.msgstr_plural.values())
        for text in texts if entry.msgid in of_templates else ():
            assert "%" not in BLANK.sub("", text.replace("%%", "")), entry.msgid


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_blanks_are_kept(language: str) -> None:
    catalogue = polib.pofile(str(ROOT / "registry" / "translations" / language / "LC_MESSAGES" / "messages.po"))
    for entry in catalogue:
        said = [entry.msgstr] if entry.msgstr else [text for text in entry.msgstr_plural.values() if text]
        for text in said:
            wanted = set(BLANK.findall(entry.msgid_plural or entry.msgid))
            assert set(BLANK.findall(text)) <= wanted, entry.msgid
            assert entry.msgid_plural or set(BLANK.findall(text)) == wanted, entry.msgid
