"""Checks of single values of products and components, and what might have been meant instead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import ean

from registry.kernel.codes import COUNTRIES, nearest, search_key
from registry.kernel.errors import Problem
from registry.kernel.mass import Unit
from registry.kernel.text import N_, Message
from registry.substances.domain.facts import Control
from registry.substances.models import Product
from registry.substances.queries import substances_on

MOST_SUGGESTED_FOR = 50
"""Different unknown words of one file that get near matches; a file of wrong words needs no more."""


def field_problems(row: Mapping[str, object]) -> list[Problem]:
    """Return what is wrong with single values of a product row: every one, not the first."""
    problems = []
    for column, (check, code, msgid) in _FIELD_CHECKS.items():
        text = cell_text(row, column)
        if not check(text):
            problems.append(Problem(column, code, Message(msgid, {"text": text}), row_number(row)))
    return problems


def is_gtin(text: str) -> bool:
    """Say whether `text` is a GTIN of 8, 12, 13 or 14 digits with a right check digit."""
    return text.isascii() and text.isdigit() and bool(ean.is_valid(text))


_FIELD_CHECKS: dict[str, tuple[Callable[[str], bool], str, str]] = {
    "code": (bool, "missing", N_("a product needs a code")),
    "name": (bool, "missing", N_("a product needs a name")),
    "form": (bool, "missing", N_("a product needs a form, such as tablet or substance")),
    "unit": (
        lambda text: text in {unit.value for unit in Unit},
        "unknown-value",
        N_("“%(text)s” is no unit: piece, ml, l, g or kg"),
    ),
    "control": (
        lambda text: not text or text in {control.value for control in Control},
        "unknown-value",
        N_("“%(text)s” is no way to decide the control of a product"),
    ),
    "gtin": (
        lambda text: not text or is_gtin(text),
        "not-a-gtin",
        N_("“%(text)s” is no GTIN: it has 8, 12, 13 or 14 digits, and its last digit must check"),
    ),
    "country": (
        lambda text: not text or text in COUNTRIES,
        "unknown-country",
        N_("“%(text)s” is not a country code: write two letters of ISO 3166, such as DE or IN"),
    ),
}


def unknown_substances(
    session: Session, rows: Sequence[Mapping[str, object]], known: Collection[str], today: date
) -> list[Problem]:
    """Return a problem for every row whose substance is in no list, with near matches by code and name."""
    wrong = {cell_text(row, "substance") for row in rows} - set(known)
    if not wrong:
        return []
    meant: dict[str, str] = {}
    for fact in substances_on(session, today):
        meant[search_key(fact.code)] = meant[search_key(fact.name)] = f"{fact.code} ({fact.name})"
    return _unknown(rows, "substance", wrong, meant, _SUBSTANCE_MESSAGES)


def unknown_products(session: Session, rows: Sequence[Mapping[str, object]], known: Collection[str]) -> list[Problem]:
    """Return a problem for every row whose product is not recorded, with near matches by code."""
    wrong = {cell_text(row, "product") for row in rows} - set(known)
    if not wrong:
        return []
    meant = {search_key(code): code for code in session.scalars(select(Product.code))}
    return _unknown(rows, "product", wrong, meant, _PRODUCT_MESSAGES)


_SUBSTANCE_MESSAGES = (
    N_("“%(text)s” is in no list that is loaded"),
    N_("“%(text)s” is in no list that is loaded. Near to it: %(near)s"),
)
_PRODUCT_MESSAGES = (
    N_("product “%(text)s” is not recorded: bring the products first"),
    N_("product “%(text)s” is not recorded. Near to it: %(near)s"),
)


def _unknown(
    rows: Sequence[Mapping[str, object]],
    column: str,
    wrong: set[str],
    meant: Mapping[str, str],
    messages: tuple[str, str],
) -> list[Problem]:
    found: dict[str, Message] = {}
    for text in sorted(wrong):
        near = nearest(text, meant) if len(found) < MOST_SUGGESTED_FOR else ()
        values = {"text": text, "near": ", ".join(near)} if near else {"text": text}
        found[text] = Message(messages[1] if near else messages[0], values)
    return [
        Problem(column, f"unknown-{column}", found[cell_text(row, column)], row_number(row))
        for row in rows
        if cell_text(row, column) in found
    ]


def cell_text(row: Mapping[str, object], name: str) -> str:
    """Return a cell as trimmed text; an empty cell is an empty text."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def row_number(row: Mapping[str, object]) -> int | None:
    """Return the spreadsheet row, None for a single document."""
    value = row.get("row")
    return value if isinstance(value, int) else None
