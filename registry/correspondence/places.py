"""Places in files of somebody else's schema: found by a path such as ``Goods/Item/@no``, and written by one."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any

from registry.correspondence.reading import WRONG_ROOT, parse_json, parse_xml, refusal

XML = "xml"


@dataclass(frozen=True, slots=True)
class XmlPlace:
    """An element, or an attribute of one."""

    element: Any
    namespace: str
    attribute: str = ""

    @property
    def text(self) -> str:
        """Return the text that stands here."""
        return str(self.element.get(self.attribute) if self.attribute else self.element.text or "")

    def below(self, name: str) -> list[XmlPlace]:
        """Return the places of one name directly below."""
        if name.startswith("@"):
            return [XmlPlace(self.element, self.namespace, name[1:])] if self.element.get(name[1:]) is not None else []
        tag = f"{{{self.namespace}}}{name}" if self.namespace else name
        return [XmlPlace(each, self.namespace) for each in self.element if each.tag == tag]


@dataclass(frozen=True, slots=True)
class JsonPlace:
    """A value of JSON."""

    value: object

    @property
    def text(self) -> str:
        """Return the text that stands here; a group has none."""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value) if isinstance(self.value, str | int) else ""

    def below(self, name: str) -> list[JsonPlace]:
        """Return the places of one name directly below."""
        found = self.value.get(name) if isinstance(self.value, dict) else None
        several = found if isinstance(found, list) else [found]
        return [JsonPlace(each) for each in several if each is not None]


Place = XmlPlace | JsonPlace


def source_of(chosen: str, text: str, root: str, namespace: str) -> Place:
    """Return where a file begins. Raises `Invalid` for one of another schema."""
    if chosen != XML:
        place = JsonPlace(parse_json(text, numbers_as_text=True))
        found = place.below(root) if root else [place]
        if not found:
            raise refusal("wrong-root", WRONG_ROOT, found=text.lstrip()[:40], right=root)
        return found[0]
    element = parse_xml(text)
    right = f"{{{namespace}}}{root}" if namespace else root
    if element.tag != right:
        raise refusal("wrong-root", WRONG_ROOT, element.sourceline, found=str(element.tag), right=right)
    return XmlPlace(element, namespace)


def place_of(source: Place, path: str) -> list[Place]:
    """Return the places a path leads to; an empty path stays where it is."""
    found: list[Place] = [source]
    for name in path.split("/") if path else ():
        found = [below for place in found for below in place.below(name)]
    return found


@dataclass(slots=True)
class Places:
    """A file under way: text, attributes and what stands below, in the order it was put."""

    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    below: list[tuple[str, Places]] = field(default_factory=list)
    lists: set[str] = field(default_factory=set)

    def put(self, path: str, text: str) -> None:
        """Write `text` at a path; what leads there is made where it is not."""
        names = path.split("/") if path else []
        if names and names[-1].startswith("@"):
            self._reach(names[:-1]).attributes[names[-1][1:]] = text
        else:
            self._reach(names).text = text

    def add(self, path: str, entry: Places) -> None:
        """Add one more entry of a list at a path."""
        *before, name = path.split("/")
        holder = self._reach(before)
        holder.below.append((name, entry))
        holder.lists.add(name)

    def _reach(self, names: list[str]) -> Places:
        here = self
        for name in names:
            known = next((each for known, each in here.below if known == name), None)
            if known is None:
                known = Places()
                here.below.append((name, known))
            here = known
        return here

    def written(self, chosen: str, root: str, namespace: str) -> bytes:
        """Return the file."""
        if chosen == XML:
            element = self._element(root)
            if namespace:
                element.set("xmlns", namespace)
            ET.indent(element, " ")
            body: bytes = ET.tostring(element, encoding="utf-8", xml_declaration=True)
            return body + b"\n"
        value = {root: self._json()} if root else self._json()
        return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"

    def _element(self, name: str) -> ET.Element:
        element = ET.Element(name, self.attributes)
        element.text = self.text or None
        element.extend(each._element(known) for known, each in self.below)
        return element

    def _json(self) -> object:
        if not self.below:
            return self.text
        told: dict[str, Any] = {}
        for name, each in self.below:
            if name in self.lists:
                told.setdefault(name, []).append(each._json())
            else:
                told[name] = each._json()
        return told
