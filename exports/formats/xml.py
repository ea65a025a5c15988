"""XML in our own plain words: sheets, tables, rows, cells. It is not a schema of the Board.

The Board takes XML by e-mail, but its schema was not found. This file carries the same
content as the others, for a ministry's own systems.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from exports.document import Cell, Day, Document, Quantity, Table, Text, Whole
from exports.format import Format

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters no XML document may hold, not even escaped."""


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)


def _cell(parent: ET.Element, cell: Cell) -> None:
    if isinstance(cell, Text):
        ET.SubElement(parent, "text").text = _clean(cell.text)
    elif isinstance(cell, Quantity):
        attributes = {"unit": _clean(cell.unit)} if cell.unit else {}
        ET.SubElement(parent, "quantity", attributes).text = cell.digits
    elif isinstance(cell, Whole):
        ET.SubElement(parent, "integer").text = str(cell.value)
    elif isinstance(cell, Day):
        ET.SubElement(parent, "day").text = cell.day.isoformat()
    else:
        ET.SubElement(parent, "blank")


def _table(parent: ET.Element, table: Table) -> None:
    element = ET.SubElement(parent, "table", {"title": _clean(table.title)})
    columns = ET.SubElement(element, "columns")
    for column in table.columns:
        attributes = {"kind": column.kind.value, "unit": _clean(column.unit)}
        ET.SubElement(columns, "column", attributes).text = _clean(column.caption)
    for row in table.rows:
        target = ET.SubElement(element, "row")
        for cell in row:
            _cell(target, cell)
    if table.totals is not None:
        target = ET.SubElement(element, "totals")
        for cell in table.totals:
            _cell(target, cell)


def render(document: Document) -> bytes:
    """Return the document as XML in UTF-8, indented; characters XML cannot hold become U+FFFD."""
    root = ET.Element("document", {"language": document.language, "dated": document.dated.isoformat()})
    ET.SubElement(root, "title").text = _clean(document.title)
    ET.SubElement(root, "subtitle").text = _clean(document.subtitle)
    cover = ET.SubElement(root, "cover")
    for line in document.cover:
        ET.SubElement(cover, "field", {"label": _clean(line.label)}).text = _clean(line.value)
    for note in document.notes:
        ET.SubElement(root, "note").text = _clean(note)
    for sheet in document.sheets:
        element = ET.SubElement(root, "sheet", {"name": _clean(sheet.name), "heading": _clean(sheet.heading)})
        for table in sheet.tables:
            _table(element, table)
        for note in sheet.notes:
            ET.SubElement(element, "note").text = _clean(note)
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


FORMAT = Format("xml", ".xml", "application/xml", render)
