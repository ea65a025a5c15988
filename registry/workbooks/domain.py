"""What a workbook of a site is made of, how it is sealed, and how a row gets a reference that nobody has to invent. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from registry.stock.domain.lines import COLUMNS as MOVEMENT_COLUMNS

VERSION = 1
"""The form of the workbook. One more whenever a workbook given out before could no longer be read as it was meant."""

SITE_COLUMN = "site"
COLUMNS = tuple(column for column in MOVEMENT_COLUMNS if column.name != SITE_COLUMN)
"""The columns people fill in: those of a file of movements but for the site, which the workbook itself names."""

KEY_ROW, HEAD_ROW, FIRST_ROW = 1, 2, 3
"""Row of the stable names (hidden), row of the captions people read, first row to fill in."""

SEAL_SHEET = "registry"
SIZES = (200, 1_000, 5_000, 10_000)
"""How many rows a workbook may have; the first where nobody says."""

BETWEEN = " · "
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NAME_LENGTH = 8
_CODE_LENGTH = 40


class Offered(StrEnum):
    """The lists a workbook brings along."""

    KINDS = "kinds"
    PRODUCTS = "products"
    BATCHES = "batches"
    PARTNERS = "partners"


LIST_OF = {
    "kind": Offered.KINDS,
    "product": Offered.PRODUCTS,
    "counterparty": Offered.PARTNERS,
    "batch": Offered.BATCHES,
}
"""Column -> the list its cells are chosen from. The first column of a list is what is chosen, the second the code it stands for."""

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Label:
    """What a workbook says of itself: its form, its own name, site, day of the balances, rows, and the digest of its lists."""

    version: int
    book: str
    site: str
    day: str
    rows: int
    lists: str

    def seal(self, key: bytes) -> str:
        """Return what only this registry can write beside the label."""
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()
        return hmac.digest(b"workbook:" + key, said, hashlib.sha256).hex()

    def is_sealed_by(self, key: bytes, seal: str) -> bool:
        """Say whether `seal` is that of this registry."""
        return hmac.compare_digest(self.seal(key).encode(), seal.encode())

    def reference(self, number: int) -> str:
        """Return the reference of the `number`-th row to fill in, counted from 1."""
        return f"{self.book}-{number}"

    def row_of(self, reference: str) -> int | None:
        """Return the row of the sheet a reference was given out in, None for one that is not of this workbook."""
        found = re.fullmatch(re.escape(self.book) + r"-([1-9][0-9]{0,6})", reference, re.ASCII)
        return int(found[1]) + FIRST_ROW - 1 if found and int(found[1]) <= self.rows else None


def new_book(site_code: str) -> str:
    """Return a name for a workbook that no other of the site bears: the site's code, W, and eight letters."""
    return f"{site_code[:_CODE_LENGTH]}-W{''.join(secrets.choice(_LETTERS) for _ in range(_NAME_LENGTH))}"


def digest_of(lists: Mapping[str, Rows]) -> str:
    """Return the digest of the lists as text; blanks at the ends, empty cells and rows at the end count for nothing."""
    said = {name: _trimmed(rows) for name, rows in lists.items()}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _trimmed(rows: Rows) -> list[list[str]]:
    kept = []
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        kept.append(cells)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def choices_of(rows: Rows) -> dict[str, str]:
    """Return what may be chosen from a list -> the code it stands for; the first row is the head."""
    return {" ".join(row[0].split()): row[1].strip() for row in rows[1:] if len(row) > 1 and row[0].strip()}


def label_day(label: Label) -> date:
    """Return the day of the balances. Raises ValueError for a label nobody of us wrote."""
    return date.fromisoformat(label.day)
