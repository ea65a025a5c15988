"""The XSD and the JSON Schema of a permit's file and the table of its members, made from the tree that reads and writes it.

`make reference` writes them; a test holds the kept files against the tree.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.correspondence.domain.permit_file import NAMESPACE, PERMIT, VERSION
from registry.correspondence.domain.tree import Kind, Leaf, Many, Node, leaves
from registry.correspondence.reading import XSD
from registry.correspondence.writing import FORMAT_MEMBER
from tests.docs.markdown import code, codes, filled, table, yes

XS = "{http://www.w3.org/2001/XMLSchema}"
JSON_SCHEMA = XSD.with_name(f"permit-{VERSION}.schema.json")


def xsd() -> str:
    """Return the XSD."""
    ET.register_namespace("xs", XS.strip("{}"))
    head = {"targetNamespace": NAMESPACE, "elementFormDefault": "qualified", "version": VERSION}
    root = ET.Element(f"{XS}schema", head)
    root.set("xmlns:p", NAMESPACE)
    root.append(_element(PERMIT, once=True))
    for kind in _kinds():
        simple = ET.SubElement(root, f"{XS}simpleType", {"name": kind.code})
        limit = ET.SubElement(simple, f"{XS}restriction", {"base": "xs:date" if kind.code == "day" else "xs:string"})
        # In a pattern of XSD the dot leaves out line breaks, as it does in Python.
        ET.SubElement(limit, f"{XS}pattern", {"value": kind.pattern})
        if kind.code != "day":
            ET.SubElement(limit, f"{XS}maxLength", {"value": str(kind.longest)})
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _kinds() -> list[Kind]:
    found = {leaf.kind.code: leaf.kind for _, leaf in leaves(PERMIT) if leaf.kind.code != "word"}
    return [found[code] for code in sorted(found)]


def _element(node: Node, *, once: bool = False) -> ET.Element:
    least = {} if once or node.required else {"minOccurs": "0"}
    element = ET.Element(f"{XS}element", {"name": node.name} | least)
    note = ET.SubElement(ET.SubElement(element, f"{XS}annotation"), f"{XS}documentation")
    note.text = node.about
    if isinstance(node, Leaf):
        _leaf(element, node)
        return element
    sequence = ET.SubElement(ET.SubElement(element, f"{XS}complexType"), f"{XS}sequence")
    if isinstance(node, Many):
        each = _element(node.each, once=True)
        each.set("maxOccurs", "1000")
        sequence.append(each)
        return element
    sequence.extend(_element(member) for member in node.members)
    return element


def _leaf(element: ET.Element, leaf: Leaf) -> None:
    if leaf.kind.code != "word":
        element.set("type", f"p:{leaf.kind.code}")
        return
    simple = ET.SubElement(element, f"{XS}simpleType")
    limit = ET.SubElement(simple, f"{XS}restriction", {"base": "xs:string"})
    for word in leaf.kind.pattern.split("|"):
        ET.SubElement(limit, f"{XS}enumeration", {"value": word})


def json_schema() -> str:
    """Return the JSON Schema."""
    permit = _shape(PERMIT)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": NAMESPACE,
        **_object({FORMAT_MEMBER: {"const": NAMESPACE}, PERMIT.name: permit}, [FORMAT_MEMBER, PERMIT.name]),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _object(members: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "object", "properties": dict(members), "additionalProperties": False}
    return shape | ({"required": required} if required else {})


def _shape(node: Node) -> dict[str, Any]:
    about = {"description": node.about}
    if isinstance(node, Leaf):
        shape = {"type": "string", "pattern": f"^(?:{node.kind.pattern})$", "maxLength": node.kind.longest}
        return about | (shape | {"format": "date"} if node.kind.code == "day" else shape)
    if isinstance(node, Many):
        return about | {"type": "array", "minItems": 1, "maxItems": 1000, "items": _shape(node.each)}
    required = [member.name for member in node.members if member.required]
    return about | _object({member.name: _shape(member) for member in node.members}, required)


KEPT: Mapping[Path, Any] = {XSD: xsd, JSON_SCHEMA: json_schema}
"""The kept files and what makes them."""


GUIDE = Path(__file__).parents[2] / "docs" / "permit-exchange.md"


def fields_table() -> str:
    """Return the table of every member for the guide."""
    rows = []
    for path, leaf in leaves(PERMIT):
        is_word = leaf.kind.code == "word"
        said = codes(leaf.kind.pattern.split("|")) if is_word else leaf.kind.about
        rows.append((code(path.removeprefix(f"{PERMIT.name}/")), leaf.about, said, yes(said=leaf.required)))
    return table(("member", "what it is", "written as", "needed in its group"), rows)


def write() -> None:
    """Write both files and the table of the guide."""
    for path, make in KEPT.items():
        path.write_text(make(), encoding="utf-8")
    page = filled(GUIDE.read_text(encoding="utf-8"), {"permit-file": fields_table()})
    GUIDE.write_text(page, encoding="utf-8")
