"""Kinds of names a substance may be found by."""

from __future__ import annotations

from enum import StrEnum


class NameKind(StrEnum):
    """What a name is: of the list itself, or only an aid to find it."""

    LISTED = "listed"
    ALIAS = "alias"
    TRADE = "trade"
    CAS = "cas"
    CODE = "code"


SUGGESTIONS = frozenset({NameKind.TRADE})
"""Kinds that only suggest a substance: the list prints trade names without claiming completeness."""
