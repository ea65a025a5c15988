"""Pages of long lists: by offset where people jump about, by key where lists grow without end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flask import request, url_for

Row = TypeVar("Row")
SIZE = 50
LARGEST_SIZE = 500
NEIGHBOURS = 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of `total` rows, numbered from 1."""

    rows: Sequence[Row]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """Return the number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Return the number of the first row shown, 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """Return the number of the last row shown."""
        return (self.number - 1) * self.size + len(self.rows)

    @property
    def numbers(self) -> list[int | None]:
        """Return the page numbers to offer: ends and neighbours; None stands for a gap."""
        wanted = sorted(
            number
            for number in {1, self.last, *range(self.number - NEIGHBOURS, self.number + NEIGHBOURS + 1)}
            if 1 <= number <= self.last
        )
        shown: list[int | None] = []
        for number in wanted:
            previous = shown[-1] if shown else None
            if previous is not None and number - previous > 1:
                shown.append(None)
            shown.append(number)
        return shown


@dataclass(frozen=True, slots=True)
class KeyPage(Generic[Row]):
    """One page of a list without a count: `after` is the key to ask for the next page with, None on the last."""

    rows: Sequence[Row]
    after: str | None
    extra: Mapping[str, Any] = field(default_factory=dict)


def asked_page(name: str = "page") -> int:
    """Return the page number of the query string, 1 when missing or not a number."""
    text = request.args.get(name, "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1  # noqa: PLR2004 - a bigint offset


def asked_size(name: str = "size") -> int:
    """Return the page size of the query string between 1 and `LARGEST_SIZE`."""
    text = request.args.get(name, "")
    return min(LARGEST_SIZE, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 10 else SIZE  # noqa: PLR2004


def asked_count(name: str) -> int | None:
    """Return a count the query string tells, such as how many were just done; None for anything else."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004


def offset(number: int, size: int) -> int:
    """Return how many rows come before page `number`."""
    return (number - 1) * size


def page_href(**changes: object) -> str:
    """Return the address of the page shown with `changes` in its query string; None drops a parameter."""
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **kept})
