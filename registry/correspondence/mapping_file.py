"""The file of a mapping: read, and everything wrong in it said with its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from registry.correspondence.domain.permit_file import PERMIT
from registry.correspondence.domain.tree import Group, Many, Node
from registry.correspondence.mapping import LEAVES, LISTS, MEDIA_TYPES, Entry, OfficialSchema, outer_list

FOLDER = Path(__file__).parent / "mappings"
ENDING = ".toml"
TOP = {"name", "title", "format", "root", "namespace", "days", "field", "fixed", "list"}
KEYS = {"field": {"ours", "theirs", "codes", "times"}, "fixed": {"ours", "theirs", "value"}, "list": {"ours", "theirs"}}
NEEDED = {"field": {"ours", "theirs"}, "fixed": {"value"}, "list": {"ours", "theirs"}}
_TABLE = re.compile(r"\s*\[\[\s*([a-z]+)\s*\]\]")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_AT_LINE = re.compile(r"at line ([0-9]+)")


class BadMapping(ValueError):
    """A file of a mapping that cannot be used; the text names the file and the line of every fault."""


def load_mapping(path: Path) -> OfficialSchema:
    """Return the mapping of a file. Raises `BadMapping` with every fault and its line."""
    text = path.read_text(encoding="utf-8")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        raise BadMapping(f"{path.name}:{at[1] if at else 1}: {error}") from None
    loader = _Loader(text, told)
    schema = loader.schema()
    if loader.faults:
        raise BadMapping("\n".join(f"{path.name}:{line}: {said}" for line, said in sorted(loader.faults)))
    return schema


class _Loader:
    """Reads what a file says and collects its faults with their lines."""

    def __init__(self, text: str, told: Mapping[str, Any]) -> None:
        self.lines = text.splitlines()
        self.told = told
        self.faults: list[tuple[int, str]] = []
        starts: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines, 1):
            table = _TABLE.match(line)
            if table:
                starts.setdefault(table[1], []).append(number)
        self.starts = starts

    def fault(self, line: int, said: str) -> None:
        """Note a fault."""
        self.faults.append((line, said))

    def line_of(self, key: str, start: int = 0) -> int:
        """Return the line on which `key` is given, from a table's first line on; the first line where it is not."""
        for number, line in enumerate(self.lines[start:], start + 1):
            if start and _TABLE.match(line):
                break
            if re.match(rf"\s*{re.escape(key)}\s*=", line):
                return number
        return max(start, 1)

    def schema(self) -> OfficialSchema:
        """Return what the file says; worthless where there are faults."""
        for key in self.told.keys() - TOP:
            self.fault(self.line_of(key), f"“{key}” is not known here; known are: {', '.join(sorted(TOP))}")
        name, chosen = self._text("name"), self._text("format")
        if not _NAME.fullmatch(name):
            self.fault(self.line_of("name"), "“name” is needed: small letters, digits and hyphens")
        if chosen not in MEDIA_TYPES:
            self.fault(self.line_of("format"), f"“format” is one of: {', '.join(MEDIA_TYPES)}")
        if not self._text("root") and chosen == "xml":
            self.fault(self.line_of("root"), "“root” is needed: the name of the first element")
        entries = sorted((entry for kind in KEYS for entry in self._entries(kind)), key=lambda entry: entry.line)
        self._judge(entries, chosen)
        days = self._text("days") or "%Y-%m-%d"
        return OfficialSchema(
            name, self._text("title") or name, chosen, self._text("root"), self._text("namespace"), days, tuple(entries)
        )

    def _text(self, key: str) -> str:
        value = self.told.get(key, "")
        if isinstance(value, str):
            return value
        self.fault(self.line_of(key), f"“{key}” is a text")
        return ""

    def _entries(self, kind: str) -> Iterator[Entry]:
        tables = self.told.get(kind, [])
        lines = self.starts.get(kind, [])
        if (
            not isinstance(tables, list)
            or len(lines) != len(tables)
            or not all(isinstance(one, dict) for one in tables)
        ):
            header = next((n for n, line in enumerate(self.lines, 1) if re.match(rf"\s*\[?{kind}\b", line)), 1)
            self.fault(header, f"each {kind} is a table of its own: [[{kind}]]")
            return
        for line, table in zip(lines, tables, strict=True):
            yield self._entry(kind, line, table)

    def _entry(self, kind: str, line: int, table: Mapping[str, Any]) -> Entry:
        for key in table.keys() - KEYS[kind]:
            self.fault(
                self.line_of(key, line), f"“{key}” is not known here; known are: {', '.join(sorted(KEYS[kind]))}"
            )
        for key in sorted(NEEDED[kind] - table.keys()):
            self.fault(line, f"“{key}” is missing")
        texts = {}
        for key in ("ours", "theirs", "value"):
            texts[key] = table.get(key, "")
            if not isinstance(texts[key], str):
                self.fault(self.line_of(key, line), f"“{key}” is a text")
                texts[key] = ""
        if kind == "fixed" and bool(texts["ours"]) == bool(texts["theirs"]):
            self.fault(line, "a fixed value is given either for “ours” or for “theirs”")
        return Entry(kind, line, **texts, codes=self._codes(line, table), times=self._times(line, table))

    def _codes(self, line: int, table: Mapping[str, Any]) -> Mapping[str, str]:
        codes = table.get("codes", {})
        if not isinstance(codes, dict) or not all(isinstance(one, str) for one in codes.values()):
            self.fault(self.line_of("codes", line), '“codes” is a table of texts: { import = "IMP" }')
            return {}
        if len(set(codes.values())) != len(codes):
            self.fault(self.line_of("codes", line), "two of our words have one of theirs: it could not be read back")
        return codes

    def _times(self, line: int, table: Mapping[str, Any]) -> Fraction | None:
        if "times" not in table:
            return None
        try:
            times = Fraction(str(table["times"]))
        except (ValueError, ZeroDivisionError):
            times = Fraction(0)
        if times <= 0:
            self.fault(self.line_of("times", line), "“times” is a number above zero: ours = theirs times it")
        return times

    def _judge(self, entries: Sequence[Entry], chosen: str) -> None:
        """Find what is wrong between the entries and with the places they name."""
        taken: dict[str, int] = {}
        lists = {entry.ours: entry.theirs for entry in entries if entry.kind == "list"}
        for entry in entries:
            known = LISTS if entry.kind == "list" else LEAVES.keys()
            if entry.ours and entry.ours not in known:
                near = difflib.get_close_matches(entry.ours, list(known), 2)
                hint = f"; near to it: {', '.join(near)}" if near else ""
                self.fault(self.line_of("ours", entry.line), f"there is no “{entry.ours}” in a permit{hint}")
            elif entry.ours:
                self._judge_ours(entry, lists)
            for side in (f"ours {entry.ours}" if entry.ours else "", f"theirs {entry.theirs}" if entry.theirs else ""):
                if side and side in taken:
                    self.fault(entry.line, f"“{side.partition(' ')[2]}” is given on line {taken[side]} already")
                elif side:
                    taken[side] = entry.line
            if chosen == "json" and "@" in entry.theirs:
                self.fault(self.line_of("theirs", entry.line), "JSON has no attributes: “@” is for XML")
        self._judge_needed({entry.ours for entry in entries})

    def _judge_ours(self, entry: Entry, lists: Mapping[str, str]) -> None:
        around = outer_list(lists, entry.ours)
        if entry.theirs and around and not entry.theirs.startswith(f"{lists[around]}/"):
            said = f"“{entry.theirs}” does not stand below “{lists[around]}”, where “{around}” is repeated"
            self.fault(self.line_of("theirs", entry.line), said)
        if entry.kind == "list":
            return
        leaf = LEAVES[entry.ours]
        for word in (*entry.codes, *([entry.value] if entry.kind == "fixed" else [])):
            if not leaf.kind.is_good(word):
                at = self.line_of("codes" if entry.codes else "value", entry.line)
                self.fault(at, f"“{word}” is not right for “{entry.ours}”: {leaf.kind.about}")

    def _judge_needed(self, given: set[str]) -> None:
        """Find what a permit must have and the mapping does not give, where it gives anything beside it."""
        for path, leaf in LEAVES.items():
            group = path.rpartition("/")[0]
            used = _is_always(group) or any(each.startswith(f"{group}/") for each in given)
            if leaf.required and used and path not in given:
                self.fault(1, f"nothing gives “{path}” ({leaf.about}): a permit must have it")


def _is_always(group: str) -> bool:
    """Say whether every permit has this group."""
    node: Node = PERMIT
    for name in group.split("/"):
        if isinstance(node, Many):
            node = node.each
            continue
        found = node.member(name) if isinstance(node, Group) else None
        if found is None or not found.required:
            return False
        node = found
    return True


def official_schemas(*folders: Path) -> dict[str, OfficialSchema]:
    """Return every mapping in the folders by its name. Raises `BadMapping`; also for a name that two files bear."""
    found: dict[str, OfficialSchema] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else ():
            schema = load_mapping(path)
            if schema.name in found:
                raise BadMapping(f"{path.name}:1: another file is named “{schema.name}” already")
            found[schema.name] = schema
    return found
