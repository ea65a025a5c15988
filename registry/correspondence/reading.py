"""Bytes of a permit's file -> data, or every problem with its line or path. The sender may be hostile.

XML is read as UTF-8 whatever it declares; a document type declaration is refused before any parser sees
it, so that there are no entities to expand and nothing outside to fetch. lxml keeps its own limits on
depth and size (`huge_tree` off). What the tree finds wrong is said in our words; the XSD has the last one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lxml import etree

from registry.correspondence.domain.bounds import faults
from registry.correspondence.domain.facts import pruned
from registry.correspondence.domain.permit_file import NAMESPACE, NAMESPACES, PERMIT, VERSION
from registry.correspondence.domain.tree import SHOWN, Data, Group, Leaf, Many, Node
from registry.correspondence.writing import FORMAT_MEMBER, xml_bytes
from registry.kernel.errors import Invalid, Problem
from registry.kernel.text import N_, Message

LARGEST = 2**20
"""Bytes of one file: a permit with a thousand lines has less."""
MOST_SAID = 50
MOST_STEPS = 20
"""Last steps of the way to a problem that are told: our own files have fewer."""
XSDS = {version: Path(__file__).parent / "published" / f"permit-{version}.xsd" for version in NAMESPACES}
XSD = XSDS[VERSION]
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_VERSION_OF = {namespace: version for version, namespace in NAMESPACES.items()}
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)")
_LINE = re.compile(r", line [0-9]+, column [0-9]+.*$")
_JSON_START = b"{"

REFUSED = N_("the file is not taken: what is wrong with it stands below")
TOO_LARGE = N_("the file has more than %(most)s kB: a permit has far less")
NOT_UTF_8 = N_("the file is not text in UTF-8: save it so and send it again")
DOCTYPE = N_("the file has a document type declaration (DOCTYPE): take it out, such files are not read")
NOT_XML = N_("the file is not well-formed XML: %(why)s")
NOT_JSON = N_("the file is not JSON: %(why)s")
WRONG_ROOT = N_("the file begins with “%(found)s”: a permit begins with “%(right)s”")
TEXT_BETWEEN = N_("text stands between the members of “%(name)s”: “%(text)s”")
REPEATED = N_("“%(name)s” stands more than once")
WRONG_ORDER = N_("“%(name)s” stands too late: it belongs before “%(other)s”")
ATTRIBUTE = N_("“%(name)s” has an attribute “%(attribute)s”: members have none")
NOT_AS_SCHEMA = N_("the file does not fit the schema: %(why)s")
HALF = N_("“%(name)s” holds half a character, a surrogate without its other half: write whole characters")
NOT_AN_ENTRY = N_("“%(name)s” is not known here; known are: %(known)s")


def read_file(content: bytes) -> Data:
    """Return the data of a file of our own format, whatever its version; see `read_versioned`."""
    return read_versioned(content)[1]


def read_versioned(content: bytes) -> tuple[str, Data]:
    """Return version and data of a file of our own format, XML or JSON by its first sign. Raises `Invalid` with every problem."""
    text = decoded(content)
    if text.lstrip()[:1] == _JSON_START.decode():
        return _read_json(text)
    return _read_xml(text)


def decoded(content: bytes) -> str:
    """Return the text of a file. Raises `Invalid` for one that is too large or not UTF-8."""
    if len(content) > LARGEST:
        raise refusal("too-large", TOO_LARGE, most=LARGEST // 1024)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refusal("not-utf-8", NOT_UTF_8) from None


def refusal(code: str, msgid: str, row: int | None = None, **params: object) -> Invalid:
    """Return the refusal of a whole file."""
    message = Message(msgid, MappingProxyType(params))
    return Invalid(message, [Problem("", code, message, row)])


def require_good(problems: Sequence[Problem]) -> None:
    """Raise `Invalid` where there are problems."""
    if problems:
        raise Invalid(Message(REFUSED), problems[:MOST_SAID])


def parse_xml(text: str) -> etree._Element:
    """Return the root of a file, read as a hostile one. Raises `Invalid`."""
    if _DOCTYPE.search(text):
        raise refusal("doctype", DOCTYPE)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        why = _LINE.sub("", error.msg or "")
        raise refusal("not-xml", NOT_XML, error.lineno, why=f"{why} ({error.lineno}:{error.offset})") from None


def parse_json(text: str, *, numbers_as_text: bool = False) -> object:
    """Return the value of a file. Raises `Invalid`; a member that stands twice is no JSON of ours.

    `numbers_as_text`: numbers with decimals stay as they are written, so that they stay exact.
    """
    number = str if numbers_as_text else None
    try:
        told = json.loads(text, object_pairs_hook=_members, parse_constant=_constant, parse_float=number)
    except (ValueError, RecursionError) as error:
        raise refusal("not-json", NOT_JSON, getattr(error, "lineno", None), why=str(error)[:200]) from None
    require_good([*islice(_halves(told), MOST_SAID)])
    return told


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of the way into a file; whole ways are written for problems only: a hostile file has many long ones."""

    name: str = ""
    before: _Step | None = None

    def __str__(self) -> str:
        names = []
        step: _Step | None = self
        while step is not None:
            names.append(step.name)
            step = step.before
        return "".join(reversed(names[:MOST_STEPS]))


def _halves(told: object) -> Iterator[Problem]:
    """Yield where half a character stands, in a name or a text: escapes can write one, no answer can hold it."""
    waiting: list[tuple[_Step, object]] = [(_Step(), told)]
    while waiting:
        step, value = waiting.pop()
        if isinstance(value, dict):
            for name, below in value.items():
                inner = _Step(f"/{_whole(name)[:SHOWN]}", step)
                if _whole(name) != name:
                    yield _half(inner)
                waiting.append((inner, below))
        elif isinstance(value, list):
            waiting += [(_Step(f"[{number}]", step), below) for number, below in enumerate(value, 1)]
        elif isinstance(value, str) and _whole(value) != value:
            yield _half(step)


def _whole(text: str) -> str:
    return text.encode(errors="replace").decode()


def _half(step: _Step) -> Problem:
    place = str(step)
    return Problem(place, "half-character", Message(HALF, MappingProxyType({"name": place.rpartition("/")[2]})))


def _members(pairs: Sequence[tuple[str, object]]) -> Data:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice in one object")
    return found


def _constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _read_json(text: str) -> tuple[str, Data]:
    told = parse_json(text)
    begins = told.get(FORMAT_MEMBER) if isinstance(told, dict) else None
    version = _VERSION_OF.get(begins) if isinstance(begins, str) else None
    if not isinstance(told, dict) or version is None or told.keys() != {FORMAT_MEMBER, PERMIT.name}:
        right = f'{{"{FORMAT_MEMBER}": "{NAMESPACE}", "{PERMIT.name}": ...'
        raise refusal("wrong-root", WRONG_ROOT, 1, found=text.lstrip()[: len(right)], right=right)
    require_good(faults(told[PERMIT.name]))
    data = pruned(told[PERMIT.name])
    # What the tree allows, the XSD allows as well: one net below both formats.
    _require_schema(parse_xml(xml_bytes(data, NAMESPACES[version]).decode()), version)
    return version, data


def _read_xml(text: str) -> tuple[str, Data]:
    root = parse_xml(text)
    right = f"{{{NAMESPACE}}}{PERMIT.name}"
    name = etree.QName(root)
    version = _VERSION_OF.get(name.namespace or "")
    if version is None or name.localname != PERMIT.name:
        raise refusal("wrong-root", WRONG_ROOT, root.sourceline, found=str(root.tag), right=right)
    reader = _Reader(NAMESPACES[version])
    data: Any = reader.value(PERMIT, root, f"/{PERMIT.name}")
    # Below a member of the wrong shape nothing can be judged.
    broken = tuple(problem.column for problem in reader.problems)
    found = [one for one in faults(data) if one.column not in broken]
    lines = [Problem(one.column, one.code, one.message, reader.line_of(one.column)) for one in found]
    require_good(sorted([*reader.problems, *lines], key=lambda problem: problem.row or 0))
    _require_schema(root, version)
    return version, pruned(data)


class _Reader:
    """Turns elements into data; notes what XML can get wrong and JSON cannot, and on which line each path stands."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}

    def line_of(self, path: str) -> int | None:
        """Return the line of a path, that of what holds it where it is missing."""
        while path and path not in self.lines:
            path = path.rpartition("/")[0]
        return self.lines.get(path)

    def value(self, node: Node, element: etree._Element, path: str) -> object:
        """Return the data of an element that stands for `node`."""
        self.lines[path] = element.sourceline
        for attribute in element.attrib:
            if not str(attribute).startswith(XSI):
                self._say(path, "attribute", ATTRIBUTE, name=node.name, attribute=str(attribute))
        if isinstance(node, Leaf):
            # Members inside a leaf: `check` says that it holds a text.
            return (element.text or "") if not len(element) else {}
        between = (element.text or "") + "".join(child.tail or "" for child in element)
        if between.strip():
            self._say(path, "text", TEXT_BETWEEN, name=node.name, text=between.strip()[:40])
        if isinstance(node, Many):
            return self._entries(node, element, path)
        return self._members(node, element, path)

    def _entries(self, node: Many, element: etree._Element, path: str) -> list[object]:
        entries: list[object] = []
        for child in self._few(element):
            name = self._name(child)
            place = f"{path}/{node.each.name}[{len(entries) + 1}]"
            if name == node.each.name:
                entries.append(self.value(node.each, child, place))
            else:
                self.lines[f"{path}/{name}"] = child.sourceline
                self._say(f"{path}/{name}", "unknown-member", NOT_AN_ENTRY, name=name, known=node.each.name)
        return entries

    def _members(self, node: Group, element: etree._Element, path: str) -> Data:
        order = {member.name: place for place, member in enumerate(node.members)}
        found: Data = {}
        last = ""
        for child in self._few(element):
            name = self._name(child)
            here = f"{path}/{name}"
            member = node.member(name)
            if member is None:
                self.lines[here] = child.sourceline
                found[name] = ""
            elif name in found:
                self.problems.append(
                    Problem(here, "repeated", Message(REPEATED, MappingProxyType({"name": name})), child.sourceline)
                )
            else:
                found[name] = self.value(member, child, here)
                if last and order[name] < order[last]:
                    self._say(here, "wrong-order", WRONG_ORDER, name=name, other=last)
                else:
                    last = name
        return found

    def _few(self, element: etree._Element) -> Iterator[etree._Element]:
        """Yield what stands below an element until enough is wrong: a file of nothing but faults costs no more than a bad one."""
        for child in element:
            if len(self.problems) >= MOST_SAID:
                return
            yield child

    def _say(self, path: str, code: str, msgid: str, **params: object) -> None:
        self.problems.append(Problem(path, code, Message(msgid, MappingProxyType(params)), self.line_of(path)))

    def _name(self, element: etree._Element) -> str:
        """Return the name of a member; one of another namespace, or of none, bears it in braces, so that nobody knows it."""
        name = etree.QName(element)
        return (
            str(name.localname) if name.namespace == self.namespace else f"{{{name.namespace or ''}}}{name.localname}"
        )


@cache
def _schema_document(version: str) -> bytes:
    return XSDS[version].read_bytes()


def _require_schema(root: etree._Element, version: str) -> None:
    # Made anew each time: its log of errors belongs to one reader.
    schema = etree.XMLSchema(etree.fromstring(_schema_document(version), etree.XMLParser(no_network=True)))
    if not schema.validate(root):
        log = [
            Problem("", "schema", Message(NOT_AS_SCHEMA, MappingProxyType({"why": one.message})), one.line)
            for one in schema.error_log
        ]
        require_good(log)
