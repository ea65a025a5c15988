"""The committed style sheet, script and fonts, under names that carry a hash of their content."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, url_for

HERE = Path(__file__).resolve().parent
ENDPOINT = "web.static"

blueprint = Blueprint("web", __name__, static_folder="static", static_url_path="/assets", template_folder="templates")


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads((HERE / "static" / "manifest.json").read_text(encoding="utf-8"))
    return names


def asset(name: str) -> str:
    """Return the address of an asset by its plain name; raise KeyError for one that was not built."""
    return url_for(ENDPOINT, filename=_names()[name])


def asset_text(name: str) -> str:
    """Return an asset by its plain name as text, for a room that answers with it under an address of its own."""
    return (HERE / "static" / _names()[name]).read_text(encoding="utf-8")
