"""Tables of a page: how they are written, and where on the page they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

BLOCK = re.compile(r"(<!-- table: (?P<name>[a-z0-9_-]+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def code(text: object) -> str:
    """Return `text` set as code; nothing for nothing."""
    return f"`{text}`" if text not in {None, ""} else ""


def codes(texts: Iterable[object]) -> str:
    """Return several words set as code, separated by commas."""
    return ", ".join(code(text) for text in texts)


def yes(*, said: bool) -> str:
    """Return a word for what is true, nothing for what is not."""
    return "yes" if said else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table of the page. Bars and line breaks inside a cell are taken care of."""
    lines = [" | ".join(heads), " | ".join("---" for _ in heads)]
    lines += [" | ".join(_cell(cell) for cell in row) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)


def _cell(cell: object) -> str:
    return " ".join(str(cell).split()).replace("|", "\\|")


def blocks(page: str) -> dict[str, str]:
    """Return what stands between the marks of a page, by the name of the block."""
    return {match["name"]: match["body"] for match in BLOCK.finditer(page)}


def filled(page: str, tables: Mapping[str, str]) -> str:
    """Return the page with every block written anew. Raises KeyError for a block nobody makes."""
    return BLOCK.sub(lambda match: f"{match[1]}{tables[match['name']]}{match[4]}", page)
