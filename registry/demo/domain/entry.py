"""One movement of the demo country, as a row of the contract's file."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """The cells of one movement as text, in the order of the columns; empty cells are empty text."""

    reference: str
    occurred_on: str
    kind: str
    site: str
    product: str
    quantity: str
    counterparty: str = ""
    batch: str = ""
    expires_on: str = ""
    permit: str = ""
    country: str = ""
    document: str = ""
    prescription: str = ""
    note: str = ""
