"""The same workbook with a note in each wrong cell: bytes and notes in, bytes out. Knows no database.

The cells themselves are not touched, not even read: a note is a part of its own, and the colour is a conditional format
laid over the cells, so that whatever the sender wrote and however it looks stays as it is. The notes of an
earlier answer are taken out; those of the sender stay, ours below them where both stand in one cell.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from registry.intake.cells import column_number
from registry.intake.limits import bad_file
from registry.intake.workbook import Book
from registry.kernel.errors import Invalid
from registry.kernel.text import N_

SIGN = "⚑ "
"""Every note of ours begins with it; by it they are found again."""

MOST_NOTES = 2_000
LONGEST_NOTE = 2_000
MOST_XML = 8 * 2**20
AREAS = 300
COLOUR = "FFFFC3C7"
TEST = 'LEN("registry")>0'

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_VML, _OFFICE, _EXCEL = "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:office", "urn:schemas-microsoft-com:office:excel"  # fmt: skip
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_TABLE = re.compile(rb"<((?:\w{1,8}:)?)sheetData(?:\s[^<>]*)?(?<!/)>")
_EMPTY_TABLE = re.compile(rb"<((?:\w{1,8}:)?sheetData)((?:\s[^<>]*)?)/>")
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
# What follows in a sheet, and in the styles, the place where something of ours goes.
_AFTER_FORMATS = (
    "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing",
)  # fmt: skip
_AFTER_NOTES = (
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
_AFTER_LOOKS = ("tableStyles", "colors", "extLst")

Element: TypeAlias = etree._Element


def marked(data: bytes, notes: Mapping[str, Sequence[str]]) -> bytes:
    """Return the workbook with `notes` (cell ``B5`` -> texts) on its first sheet and without those of an earlier answer.

    Raises `Invalid` for a workbook that is not harmless, or is put together as no office program does.
    """
    package = _Package(data)
    sheet = package.sheet()
    _colour(sheet.root, _red(package), notes)
    _write_notes(package, sheet, {cell: _text(texts) for cell, texts in _first(notes)})
    package.put(sheet.name, sheet.written())
    return package.written()


def _first(notes: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, Sequence[str]]]:
    return sorted(notes.items(), key=lambda item: place_of(item[0]))[:MOST_NOTES]


def _text(texts: Sequence[str]) -> str:
    return (SIGN + "\n".join(texts))[:LONGEST_NOTE]


def bears_notes(data: bytes) -> bool:
    """Say whether a workbook that was found harmless bears notes of an earlier answer."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [name for name in archive.namelist() if "comments" in name.lower() and name.endswith(".xml")]
        return any(SIGN.strip().encode() in archive.read(name) for name in parts)


def place_of(cell: str) -> tuple[int, int]:
    """Return row and column of a cell: ``B5`` -> (5, 2); (0, 0) for what is none."""
    found = _PLACE.fullmatch(cell)
    return (int(found[2]), column_number(found[1])) if found else (0, 0)


class _Package:
    """The parts of the workbook, found by their names whatever their case, written back in their order."""

    def __init__(self, data: bytes) -> None:
        self._first = Book(data).sheets[0]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self._parts = {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
        self._names = {name.lower(): name for name in self._parts}

    def read(self, name: str) -> Element | None:
        """Return the XML of a part, None where there is none."""
        content = self.raw(name)
        return None if content is None else _parsed(content)

    def put(self, name: str, content: bytes | Element) -> None:
        """Keep what a part is from now on."""
        written = content if isinstance(content, bytes) else _bytes(content)
        self._parts[self._names.setdefault(name.lower(), name)] = written

    def raw(self, name: str) -> bytes | None:
        """Return the bytes of a part, None where there is none."""
        return self._parts.get(self._names.get(name.lower(), ""))

    def sheet(self) -> _Sheet:
        """Return the first sheet."""
        name = self._names[self._first.path]
        return _Sheet(name, self._parts[name])

    def free(self, folder: str, stem: str, ending: str) -> str:
        """Return a name no part bears."""
        number = 1
        while f"{folder}/{stem}{number}{ending}".lower() in self._names:
            number += 1
        return f"{folder}/{stem}{number}{ending}"

    def written(self) -> bytes:
        """Return the bytes of the workbook."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as result:
            for name, content in self._parts.items():
                result.writestr(name, content)
        return target.getvalue()


class _Sheet:
    """A sheet without its cells, which are put back byte for byte."""

    def __init__(self, name: str, xml: bytes) -> None:
        self.name = name
        self._cells = b""
        opened = _TABLE.search(xml)
        if opened:
            closed = xml.rfind(b"</" + opened[1] + b"sheetData")
            if closed < opened.end():
                raise _cannot()
            self._cells = xml[opened.end() : closed]
            xml = xml[: opened.end()] + xml[closed:]
        self.root = _parsed(xml)
        if self.root.tag != f"{{{_MAIN}}}worksheet":
            raise _cannot()

    def written(self) -> bytes:
        """Return the XML with its cells."""
        head, *rest = _EMPTY_TABLE.split(_bytes(self.root), maxsplit=1)
        if not rest:
            raise _cannot()
        name, attributes, tail = rest
        return b"".join((head, b"<", name, attributes, b">", self._cells, b"</", name, b">", tail))


def _cannot() -> Invalid:
    return bad_file("cannot-be-marked", N_("no notes can be written into this workbook: correct it by the list of errors"))  # fmt: skip


def _parsed(xml: bytes, *, loose: bool = False) -> Element:
    """Read XML that anybody may have made: no entities, no document type, nothing from outside, not large."""
    if len(xml) > MOST_XML:
        raise _cannot()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=loose)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise _cannot() from None
    if root is None or root.getroottree().docinfo.doctype:
        raise _cannot()
    return root


def _bytes(root: Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _main(tag: str) -> str:
    return f"{{{_MAIN}}}{tag}"


def _insert(root: Element, element: Element, after: Sequence[str]) -> None:
    """Put `element` before the first child whose tag is one of `after`: the order of the children is prescribed."""
    wanted = {_main(tag) for tag in after}
    place = next((number for number, child in enumerate(root) if child.tag in wanted), len(root))
    root.insert(place, element)


def _red(package: _Package) -> int:
    """Return the number of the look of a wrong cell among the conditional ones, adding it where it is not."""
    styles = package.read("xl/styles.xml")
    if styles is None:
        raise _cannot()
    looks = styles.find(_main("dxfs"))
    if looks is None:
        looks = etree.Element(_main("dxfs"))
        _insert(styles, looks, _AFTER_LOOKS)
    for number, look in enumerate(looks):
        colour = look.find(f"{_main('fill')}/{_main('patternFill')}/{_main('bgColor')}")
        if colour is not None and colour.get("rgb") == COLOUR:
            return number
    fill = etree.SubElement(etree.SubElement(looks, _main("dxf")), _main("fill"))
    pattern = etree.SubElement(fill, _main("patternFill"), patternType="solid")
    for ground in ("fgColor", "bgColor"):
        etree.SubElement(pattern, _main(ground), rgb=COLOUR)
    looks.set("count", str(len(looks)))
    package.put("xl/styles.xml", styles)
    return len(looks) - 1


def _colour(sheet: Element, look: int, cells: Iterable[str]) -> None:
    """Lay the look over `cells`, and take it off all others."""
    for formats in sheet.findall(_main("conditionalFormatting")):
        for rule in formats.findall(_main("cfRule")):
            if '"registry"' in "".join(map(str, rule.itertext())):
                formats.remove(rule)
        if not len(formats):
            sheet.remove(formats)
    used = [int(rule.get("priority") or 0) for rule in sheet.iter(_main("cfRule"))]
    places = sorted((cell for cell in cells if _PLACE.fullmatch(cell)), key=place_of)
    for number, start in enumerate(range(0, len(places), AREAS), start=1):
        formats = etree.Element(_main("conditionalFormatting"), sqref=" ".join(places[start : start + AREAS]))
        rule = etree.SubElement(formats, _main("cfRule"), type="expression", dxfId=str(look))
        rule.set("priority", str(max(used, default=0) + number))
        etree.SubElement(rule, _main("formula")).text = TEST
        _insert(sheet, formats, (*_AFTER_FORMATS, "legacyDrawing", *_AFTER_NOTES))


@dataclass(frozen=True, slots=True)
class _Links:
    """What a sheet refers to."""

    name: str
    folder: str
    root: Element

    def target(self, kind: str) -> str | None:
        """Return the part of a kind the sheet refers to."""
        for link in self.root:
            if str(link.get("Type", "")).endswith(f"/{kind}") and link.get("TargetMode") != "External":
                target = str(link.get("Target", ""))
                return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{self.folder}/{target}")
        return None

    def number(self, part: str) -> str:
        """Return the id under which the sheet refers to a part."""
        for link in self.root:
            target = str(link.get("Target", ""))
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{self.folder}/{target}")
            if path == part:
                return str(link.get("Id"))
        raise _cannot()

    def add(self, kind: str, part: str) -> None:
        """Let the sheet refer to a part."""
        taken = {link.get("Id") for link in self.root}
        number = next(f"rIdR{n}" for n in range(1, len(taken) + 2) if f"rIdR{n}" not in taken)
        etree.SubElement(self.root, f"{{{_PACKAGE}}}Relationship", Id=number, Type=f"{_LINKS}/{kind}", Target=f"/{part}")  # fmt: skip


def _write_notes(package: _Package, sheet: _Sheet, texts: Mapping[str, str]) -> None:
    """Take the notes of an earlier answer out of the sheet's notes and put `texts` in."""
    folder, base = posixpath.split(sheet.name)
    name = f"{folder}/_rels/{base}.rels"
    links = _Links(name, folder, _or(package.read(name), f"{{{_PACKAGE}}}Relationships"))
    part, drawing = links.target("comments"), links.target("vmlDrawing")
    comments = package.read(part) if part else None
    if comments is None and not texts:
        return
    comments = _or(comments, _main("comments"))
    held = _renewed(comments, texts)
    types = package.read("[Content_Types].xml")
    if types is None:
        raise _cannot()
    if part is None:
        part = package.free("xl", "comments", ".xml")
        links.add("comments", part)
        etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=f"/{part}", ContentType=_COMMENTS_TYPE)
    if drawing is None:
        drawing = package.free("xl/drawings", "vmlDrawing", ".vml")
        links.add("vmlDrawing", drawing)
    if not any(str(one.get("Extension", "")).lower() == "vml" for one in types):
        types.insert(0, etree.Element(f"{{{_TYPES}}}Default", Extension="vml", ContentType=_VML_TYPE))
    if sheet.root.find(_main("legacyDrawing")) is None:
        _insert(
            sheet.root, etree.Element(_main("legacyDrawing"), {f"{{{_LINKS}}}id": links.number(drawing)}), _AFTER_NOTES
        )
    package.put(part, comments)
    package.put(drawing, _shapes(package, drawing, held))
    package.put(links.name, links.root)
    package.put("[Content_Types].xml", types)


def _or(found: Element | None, tag: str) -> Element:
    return etree.Element(tag, nsmap={None: tag[1:].partition("}")[0]}) if found is None else found


def _renewed(comments: Element, texts: Mapping[str, str]) -> set[tuple[int, int]]:
    """Bring the notes to what they say now; return the places that bear one."""
    authors = comments.find(_main("authors"))
    if authors is None:
        authors = etree.Element(_main("authors"))
        comments.insert(0, authors)
    if not len(authors):
        etree.SubElement(authors, _main("author"))
    notes = comments.find(_main("commentList"))
    if notes is None:
        notes = etree.SubElement(comments, _main("commentList"))
    kept: dict[str, Element] = {}
    for note in notes.findall(_main("comment")):
        if _without_ours(note):
            kept[str(note.get("ref"))] = note
        notes.remove(note)
    for cell, text in texts.items():
        note = kept.get(cell)
        if note is None:
            note = kept[cell] = etree.Element(_main("comment"), ref=cell, authorId="0")
            etree.SubElement(note, _main("text"))
        held = note.find(_main("text"))
        if held is None:
            held = etree.SubElement(note, _main("text"))
        run = etree.SubElement(etree.SubElement(held, _main("r")), _main("t"))
        run.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.text = ("\n" if len(held) > 1 else "") + _printable(text)
    notes.extend(sorted(kept.values(), key=lambda note: place_of(str(note.get("ref")))))
    return {place_of(cell) for cell in kept}


def _printable(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


def _without_ours(note: Element) -> bool:
    """Cut what an earlier answer wrote; say whether anything of the sender's is left."""
    left = False
    cut = False
    for piece in list(note.iter(_main("t"))):
        text = piece.text or ""
        before, sign, _ = ("", "", "") if cut else text.partition(SIGN.strip())
        if sign or cut:
            cut = True
            piece.text = before.rstrip("\n")
        left = left or bool((piece.text or "").strip())
    for run in list(note.iter(_main("r"))):
        holder = run.getparent()
        if cut and holder is not None and not "".join(map(str, run.itertext())):
            holder.remove(run)
    return left


def _shapes(package: _Package, name: str, held: set[tuple[int, int]]) -> Element:
    """Return the drawing with one box for each note: those there are, and new ones for what is new."""
    content = package.raw(name)
    root = _parsed(content, loose=True) if content else None
    if root is None:
        root = etree.Element("xml", nsmap={"v": _VML, "o": _OFFICE, "x": _EXCEL})
    missing = set(held)
    for shape in list(root):
        data = shape.find(f"{{{_EXCEL}}}ClientData")
        if data is None or data.get("ObjectType") != "Note":
            continue
        place = tuple(int(data.findtext(f"{{{_EXCEL}}}{word}") or -1) + 1 for word in ("Row", "Column"))
        if place in missing:
            missing.remove(place)
        else:
            root.remove(shape)
    for number, (row, column) in enumerate(sorted(missing)):
        root.append(_shape(5_000 + number, row, column))
    return root


def _shape(number: int, row: int, column: int) -> Element:
    shape = etree.Element(f"{{{_VML}}}shape", id=f"_x0000_s{number}", type="#_x0000_t202", fillcolor="#ffe1e3")
    shape.set("style", "position:absolute;margin-left:60pt;margin-top:2pt;width:260pt;height:90pt;z-index:1;visibility:hidden")  # fmt: skip
    shape.set(f"{{{_OFFICE}}}insetmode", "auto")
    etree.SubElement(shape, f"{{{_VML}}}fill", color2="#ffe1e3")
    etree.SubElement(shape, f"{{{_VML}}}path", {f"{{{_OFFICE}}}connecttype": "none"})
    etree.SubElement(shape, f"{{{_VML}}}textbox", style="mso-direction-alt:auto")
    data = etree.SubElement(shape, f"{{{_EXCEL}}}ClientData", ObjectType="Note")
    for word, value in (("MoveWithCells", ""), ("SizeWithCells", ""), ("AutoFill", "False"), ("Row", str(row - 1)), ("Column", str(column - 1))):  # fmt: skip
        etree.SubElement(data, f"{{{_EXCEL}}}{word}").text = value or None
    return shape
