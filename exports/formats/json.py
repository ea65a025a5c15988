"""JSON: the document's own plain form, else its sheets and tables. Quantities are strings, exact."""

from __future__ import annotations

import json

from exports.document import Cell, Day, Document, Quantity, Sheet, Table, Text, Whole
from exports.format import Format


def _cell(cell: Cell) -> object:
    if isinstance(cell, Text):
        return cell.text
    if isinstance(cell, Quantity):
        return {"quantity": cell.digits, "unit": cell.unit} if cell.unit else cell.digits
    if isinstance(cell, Whole):
        return cell.value
    return cell.day.isoformat() if isinstance(cell, Day) else None


def _table(table: Table) -> dict[str, object]:
    return {
        "title": table.title,
        "columns": [
            {"caption": column.caption, "kind": column.kind.value, "unit": column.unit} for column in table.columns
        ],
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
        "totals": None if table.totals is None else [_cell(cell) for cell in table.totals],
    }


def _sheet(sheet: Sheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "heading": sheet.heading,
        "tables": [_table(table) for table in sheet.tables],
        "notes": list(sheet.notes),
    }


def render(document: Document) -> bytes:
    """Return one JSON document in UTF-8, ended by a newline; `plain` wins over the tables."""
    body: object = document.plain
    if body is None:
        body = {
            "title": document.title,
            "subtitle": document.subtitle,
            "dated": document.dated.isoformat(),
            "language": document.language,
            "cover": [{"label": line.label, "value": line.value} for line in document.cover],
            "notes": list(document.notes),
            "sheets": [_sheet(sheet) for sheet in document.sheets],
        }
    return (json.dumps(body, ensure_ascii=False, indent=1) + "\n").encode()


FORMAT = Format("json", ".json", "application/json", render)
