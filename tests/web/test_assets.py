"""The committed style sheet, script and fonts: whole, ours to use, and small enough for a slow line."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

import registry.web

HERE = Path(registry.web.__file__).parent
STATIC = HERE / "static"
MANIFEST = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
STYLE = (STATIC / MANIFEST["registry.css"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "hashed"), MANIFEST.items())
def test_names_carry_the_hash_of_the_content(name, hashed):
    digest = hashlib.sha256((STATIC / hashed).read_bytes()).hexdigest()[:10]
    stem, ending = name.rsplit(".", 1)
    assert hashed == f"{stem}.{digest}.{ending}"


def test_nothing_is_left_over_or_missing():
    present = {path.name for path in STATIC.iterdir() if path.is_file()} - {"manifest.json"}
    assert present == set(MANIFEST.values())
    asked = {name for name in re.findall(r"url\(\"?([^\")]+)\"?\)", STYLE) if not name.startswith("data:")}
    assert asked <= present


def test_crown_crest_and_typeface_of_others_stay_out():
    for word in ("GDS Transport", "crest", "crown", "opengraph"):
        assert word not in STYLE
    assert not [path.name for path in STATIC.iterdir() if "crest" in path.name or "govuk-icon" in path.name]


def test_licences_stand_beside_what_they_cover():
    texts = {path.name: path.read_text(encoding="utf-8") for path in (STATIC / "licences").iterdir()}
    assert "SIL Open Font License" in texts["pt-sans-OFL.txt"].replace("OPEN FONT LICENSE", "Open Font License")
    assert "MIT License" in texts["govuk-frontend-MIT.txt"]


def test_the_lock_names_no_host():
    lock = (HERE / "assets" / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert json.loads(lock)["packages"]["node_modules/govuk-frontend"]["version"].startswith("6.")


def test_a_first_visit_fits_a_slow_line():
    """At most 200 kB for the first view: style, script, and the fonts a Kyrgyz page asks for in two weights."""
    text = sum(
        len(gzip.compress((STATIC / MANIFEST[name]).read_bytes())) for name in ("registry.css", "govuk-frontend.js")
    )
    assert text < 40_000
    needed = [f"pt-sans-{subset}-400-normal.woff2" for subset in ("latin", "cyrillic", "cyrillic-ext")]
    assert text + sum((STATIC / MANIFEST[name]).stat().st_size for name in needed) < 200_000
