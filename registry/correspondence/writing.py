"""The data of a permit's file as bytes: XML and JSON. The same facts give the same bytes, on any day."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.correspondence.domain.permit_file import NAMESPACE, PERMIT
from registry.correspondence.domain.tree import Data, Leaf, Many, Node

FORMAT_MEMBER = "format"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One format: its name on the command line, media type, how it is written."""

    name: str
    media_type: str
    write: Callable[[Data], bytes]

    @property
    def ending(self) -> str:
        """Return how the names of its files end."""
        return f".{self.name}"


def xml_bytes(data: Data, namespace: str = NAMESPACE) -> bytes:
    """Return the file as XML in UTF-8, indented."""
    root = _element(PERMIT, data)
    root.set("xmlns", namespace)
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _element(node: Node, data: object) -> ET.Element:
    element = ET.Element(node.name)
    if isinstance(node, Leaf):
        element.text = str(data)
    elif isinstance(node, Many):
        element.extend(_element(node.each, one) for one in data)  # type: ignore[attr-defined]
    else:
        known: Data = dict(data)  # type: ignore[call-overload]
        element.extend(_element(member, known[member.name]) for member in node.members if member.name in known)
    return element


def json_bytes(data: Data) -> bytes:
    """Return the file as JSON in UTF-8, indented, members in the order of the tree."""
    told = {FORMAT_MEMBER: NAMESPACE, PERMIT.name: _ordered(PERMIT, data)}
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def _ordered(node: Node, data: object) -> object:
    if isinstance(node, Leaf):
        return data
    if isinstance(node, Many):
        return [_ordered(node.each, one) for one in data]  # type: ignore[attr-defined]
    known: Data = dict(data)  # type: ignore[call-overload]
    return {member.name: _ordered(member, known[member.name]) for member in node.members if member.name in known}


XML = FileFormat("xml", "application/xml", xml_bytes)
JSON = FileFormat("json", "application/json", json_bytes)
FILE_FORMATS: Mapping[str, FileFormat] = MappingProxyType({one.name: one for one in (XML, JSON)})
