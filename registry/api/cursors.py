"""Lists by cursor: the key of the last row shown, packed so that nobody builds on what stands in it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from registry.kernel.fields import BadCell, Column, as_code, as_day
from registry.kernel.text import N_, Message

Row = TypeVar("Row")
Item = TypeVar("Item")
SIZE, LARGEST_SIZE = 100, 500
LARGEST_NUMBER = 2**62


@dataclass(frozen=True, slots=True)
class Listed(Generic[Item]):
    """One page of a list; `next` is the cursor of the page that follows, None on the last."""

    items: Sequence[Item]
    next: str | None


def paging(*kinds: type) -> tuple[Column, Column]:
    """Return the two parameters of a list whose rows are ordered by a key of these kinds (str, int, date)."""
    return (
        Column("cursor", cursor_reader(*kinds), required=False, note="`next` of the page before"),
        Column("limit", _as_size, required=False, note=f"rows on a page: {SIZE} unless told, at most {LARGEST_SIZE}"),
    )


def size_of(query: dict[str, Any]) -> int:
    """Return how many rows a page shall have."""
    return int(query.get("limit") or SIZE)


def page_of(rows: Sequence[Row], size: int, key: Callable[[Row], tuple[object, ...]]) -> Listed[Row]:
    """Return a page of `rows`, of which one more than `size` was read to know whether others follow."""
    following = pack(*key(rows[size - 1])) if len(rows) > size else None
    return Listed(rows[:size], following)


def pack(*key: object) -> str:
    """Return the cursor behind the row of `key`."""
    plain = [part.isoformat() if isinstance(part, date) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def cursor_reader(*kinds: type) -> Callable[[str], tuple[Any, ...]]:
    """Return a reader of cursors whose parts are of these kinds; anything else is no cursor."""

    def read(cell: str) -> tuple[Any, ...]:
        try:
            padded = cell.encode("ascii") + b"=" * (-len(cell) % 4)
            parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if not isinstance(parts, list):
                raise _bad()
            return tuple(_part(part, kind) for part, kind in zip(parts, kinds, strict=True))
        except (ValueError, binascii.Error, RecursionError):
            raise _bad() from None

    return read


def _part(part: object, kind: type) -> object:
    if kind is int and isinstance(part, int) and not isinstance(part, bool) and abs(part) < LARGEST_NUMBER:
        return part
    if kind is date and isinstance(part, str):
        return as_day(part)
    if kind is str and isinstance(part, str):
        return as_code(part)
    raise _bad()


def _bad() -> BadCell:
    return BadCell("not-a-cursor", Message(N_("this is no cursor of this list: take “next” of the page before")))


def _as_size(cell: str) -> int:
    text = cell.strip()
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST_SIZE):
        raise BadCell("not-a-size", Message(N_("a page has 1 to %(most)s rows"), {"most": LARGEST_SIZE}))
    return int(text)
