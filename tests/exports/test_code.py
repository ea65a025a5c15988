"""The code on a paper is, module by module, the one that segno makes of the same text."""

from __future__ import annotations

import re

import pytest
import segno

from exports.papers.code import modules, squares

LONGEST = 2331
"""Bytes that the largest code holds with error correction of level M."""


def text_of(length: int) -> str:
    return "".join(chr(33 + (number * 7 + length) % 90) for number in range(length))


@pytest.mark.parametrize("length", [1, 14, 15, 26, 100, 180, 181, 213, 294, 331, 332, 700, 1500, LONGEST])
def test_modules_are_those_of_the_library(length: int) -> None:
    """With the least and the most that versions hold, with and without the remainder bits, with short and long counts."""
    text = text_of(length)
    library = segno.make_qr(text, error="m", boost_error=False, mask=0, mode="byte")
    assert modules(text) == ["".join(map(str, row)) for row in library.matrix]


def test_what_is_too_long_is_told() -> None:
    with pytest.raises(ValueError, match="too long"):
        modules("x" * (LONGEST + 1))


def test_squares_cover_the_dark_modules_and_no_other() -> None:
    rows = modules("https://registry.example/verify/abc")
    drawn = [["0"] * len(rows) for _ in rows]
    found = re.findall(r"(\d+) (\d+) (\d+) 1 re", squares(rows))
    for begin, height, width in (map(int, each) for each in found):
        for place in range(begin, begin + width):
            assert drawn[-1 - height][place] == "0"
            drawn[-1 - height][place] = "1"
    assert ["".join(row) for row in drawn] == rows
