"""CSV: the one table of a document, UTF-8 with a byte order mark, as RFC 4180 writes it.

A spreadsheet runs a text cell that begins like a formula. Such texts get an apostrophe in
front; numbers are left alone, also negative ones.
"""

from __future__ import annotations

import csv
import io

from exports.document import Cell, Day, Document, Quantity, Text, Whole, heading_of
from exports.format import Format

BYTE_ORDER_MARK = "\ufeff"
DANGEROUS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a spreadsheet may take for the start of a formula, the full-width forms of the signs included."""


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet computes it: an apostrophe in front where it begins like a formula.

    Blanks before the sign are no protection, since spreadsheets trim them. A dash alone computes nothing.
    """
    dangerous = text != "-" and (text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS))
    return f"'{text}" if dangerous else text


def _written(cell: Cell) -> str:
    if isinstance(cell, Text):
        return harmless(cell.text)
    if isinstance(cell, Quantity):
        return cell.digits
    if isinstance(cell, Whole):
        return str(cell.value)
    return cell.day.isoformat() if isinstance(cell, Day) else ""


def render(document: Document) -> bytes:
    """Return the document's single table: a head row, the rows, the totals. The unit of a cell is not written."""
    table = document.single_table
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([harmless(heading_of(column)) for column in table.columns])
    writer.writerows([_written(cell) for cell in row] for row in table.rows)
    if table.totals is not None:
        writer.writerow([_written(cell) for cell in table.totals])
    return (BYTE_ORDER_MARK + target.getvalue()).encode()


FORMAT = Format("csv", ".csv", "text/csv; charset=utf-8", render)
