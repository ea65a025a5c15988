"""Cells of a workbook: where one stands, and its value as the text a person would have typed."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

SIGNIFICANT = 15
LARGEST_EXACT = 10**SIGNIFICANT
_FIRST_SURE_MONTH = (1900, 3)
"""Spreadsheets know a 29 February 1900: two of their days before this month are read as the same."""


def column_number(letters: str) -> int:
    """Return the number of a spreadsheet column: A -> 1, AA -> 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a spreadsheet column: 1 -> A, 27 -> AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_text(cell: object) -> str:
    """Return a value of a workbook as the text a person would have typed."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (int, float)):
        return number_text(cell)
    if isinstance(cell, date) and (cell.year, cell.month) < _FIRST_SURE_MONTH:
        return f"{cell}?"
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def number_text(number: float) -> str:
    """Print a number of a workbook as stated: spreadsheets keep 15 digits, the rest is noise.

    0.1 + 0.2 is stored as 0.30000000000000004 and was shown, and meant, as 0.3.
    """
    exact = Decimal(repr(number))
    if not exact.is_finite():
        return str(number)
    if len(exact.as_tuple().digits) > SIGNIFICANT:
        exact = Decimal(f"{exact:.{SIGNIFICANT - 1}e}")
    return f"{exact.normalize():f}"
