"""What a personal number looks like.

A Kyrgyz personal number is fourteen digits: 1 or 2, the day of birth as DDMMYYYY, five more. Written on end any fourteen
that begin so may be one; those that hold a day of birth are one, also with a blank or a dash between two digits.
"""

from __future__ import annotations

import re
import unicodedata

DIGITS = 14
_APART = r"[\s\-\u2010-\u2015]?"
_DAYS = ("0[1-9]", "[12][0-9]", "3[01]")
_MONTHS = ("0[1-9]", "1[0-2]")
_CENTURIES = ("19", "20")


def _spaced(*choices: str) -> str:
    """Return a pattern of two digits with perhaps something between them, one of `choices`."""
    pairs = [re.findall(r"\[[^]]*\]|[0-9]", choice) for choice in choices]
    return f"(?:{'|'.join(_APART.join(pair) for pair in pairs)})"


_BORN = _APART.join(["[12]", _spaced(*_DAYS), _spaced(*_MONTHS), _spaced(*_CENTURIES), *["[0-9]"] * 7])
_CERTAIN = re.compile(f"(?<![0-9]){_BORN}(?![0-9])")
_LIKELY = re.compile(f"(?<![0-9])(?:[12][0-9]{{13}}|{_BORN})(?![0-9])")


def is_certain_in(text: str) -> bool:
    """Say whether a number that holds a day of birth stands in a text."""
    return len(text) >= DIGITS and _CERTAIN.search(unicodedata.normalize("NFKC", text)) is not None


def is_likely_in(text: str) -> bool:
    """Say whether fourteen digits that may be a personal number stand in a text."""
    return len(text) >= DIGITS and _LIKELY.search(unicodedata.normalize("NFKC", text)) is not None


def masked(text: str, mask: str) -> str:
    """Return a text with `mask` in place of every number that may be one; a text with one in odd digits in plain signs."""
    hidden = _LIKELY.sub(mask, text)
    return _LIKELY.sub(mask, unicodedata.normalize("NFKC", hidden)) if is_likely_in(hidden) else hidden
