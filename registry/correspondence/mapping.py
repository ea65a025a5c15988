"""An official schema as one file: which of its places holds which field of ours, its fixed values, its words.

A mapping is TOML (`docs/permit-exchange.md` says how to write one). It is checked when it is loaded:
everything wrong in it is said with the line. Files lie in the folder `mappings` of this room or of the
instance. What their schema holds beyond the mapped places is passed over; the file itself is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from registry.correspondence.domain.bounds import faults
from registry.correspondence.domain.facts import exact_text, pruned
from registry.correspondence.domain.permit_file import PERMIT
from registry.correspondence.domain.tree import DAY, EXACT, Data, Group, Leaf, Many, Node, leaves
from registry.correspondence.places import Places, place_of, source_of
from registry.correspondence.reading import decoded, refusal, require_good
from registry.kernel.errors import Problem
from registry.kernel.text import N_

MEDIA_TYPES = {"xml": "application/xml", "json": "application/json"}
SEVERAL = N_("their schema holds one “%(name)s”, the permit has %(count)s: it cannot be written so")
NO_WORD = N_("their schema has no word for “%(text)s” of “%(name)s”")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a mapping. `kind`: field, fixed or list; `line`: where it begins in the file."""

    kind: str
    line: int
    ours: str = ""
    theirs: str = ""
    value: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    times: Fraction | None = None


@dataclass(frozen=True, slots=True)
class OfficialSchema:
    """A schema of somebody else that permits are read from and written in."""

    name: str
    title: str
    format: str
    root: str
    namespace: str
    days: str
    entries: tuple[Entry, ...]

    @property
    def media_type(self) -> str:
        """Return the media type of its files."""
        return MEDIA_TYPES[self.format]

    @property
    def ending(self) -> str:
        """Return how the names of its files end."""
        return f"-{self.name}.{self.format}"

    def write(self, data: Data) -> bytes:
        """Return a permit in their schema. Raises `Invalid` for what it cannot hold."""
        places = Places()
        self._fill(places, "", data)
        return places.written(self.format, self.root, self.namespace)

    def _fill(self, target: Places, scope: str, data: Data) -> None:
        for entry in self.entries:
            if entry.kind == "list":
                if outer_list(self._lists, entry.ours) == scope:
                    self._fill_list(target, entry, scope, data)
            elif entry.theirs and _scope(self._lists, entry) == scope:
                told = entry.value if entry.kind == "fixed" else self._theirs(entry, scope, data)
                if told:
                    target.put(_below(self._place(scope), entry.theirs), told)

    def _fill_list(self, target: Places, entry: Entry, scope: str, data: Data) -> None:
        name = entry.ours.rpartition("/")[0]
        for one in _ours_at(data, _below(scope, name)) or ():
            inner = Places(text=one if isinstance(one, str) else "")
            if isinstance(one, dict):
                self._fill(inner, entry.ours, one)
            target.add(_below(self._place(scope), entry.theirs), inner)

    def _theirs(self, entry: Entry, scope: str, data: Data) -> str:
        found = _ours_at(data, _below(scope, entry.ours))
        if not isinstance(found, str) or not found:
            return ""
        if entry.codes:
            if found not in entry.codes:
                raise refusal("no-word", NO_WORD, text=found, name=entry.ours)
            return entry.codes[found]
        if entry.times is not None:
            return exact_text(Fraction(found) / entry.times)
        leaf = LEAVES[entry.ours]
        return datetime.strptime(found, "%Y-%m-%d").strftime(self.days) if leaf.kind is DAY else found  # noqa: DTZ007

    def read(self, content: bytes) -> Data:
        """Return the data of a file in their schema. Raises `Invalid` with every problem, at their places."""
        source = source_of(self.format, decoded(content), self.root, self.namespace)
        data = self._value(PERMIT, "", source, "")
        kept: Data = pruned(data) if isinstance(data, dict) else {}
        theirs = {entry.ours: entry.theirs for entry in self.entries}
        problems = []
        for one in faults(kept):
            place = theirs.get(re.sub(r"\[[0-9]+\]", "", one.column).removeprefix(f"/{PERMIT.name}/"))
            problems.append(Problem(f"{place} ({one.column})" if place else one.column, one.code, one.message))
        require_good(problems)
        return kept

    def _value(self, node: Node, path: str, source: Any, scope: str) -> object:  # noqa: ANN401 - theirs may be anything
        if isinstance(node, Leaf):
            return self._ours(path, source, scope)
        if isinstance(node, Group):
            return {
                each.name: self._value(each, f"{path}/{each.name}".lstrip("/"), source, scope) for each in node.members
            }
        below = f"{path}/{node.each.name}"
        if below in self._lists:
            found = place_of(source, _below(self._place(scope), self._lists[below]))
            if isinstance(node.each, Leaf):
                return [one.text.strip() for one in found]
            return [self._value(node.each, below, one, below) for one in found]
        return [self._value(node.each, below, source, scope)] if self._mentions(below) else []

    def _ours(self, path: str, source: Any, scope: str) -> str:  # noqa: ANN401
        for entry in self.entries:
            if entry.ours != path or entry.kind == "list":
                continue
            if entry.kind == "fixed":
                return entry.value
            found = place_of(source, _below(self._place(scope), entry.theirs))
            return self._as_ours(entry, found[0].text.strip()) if found else ""
        return ""

    def _as_ours(self, entry: Entry, text: str) -> str:
        """Return their text in our spelling; what cannot be read stays as it is, so that the check names it."""
        if entry.codes:
            return next((ours for ours, theirs in entry.codes.items() if theirs == text), text)
        try:
            if entry.times is not None:
                # Only a number as we write them: `1e999999999` is short and takes all memory there is.
                return exact_text(Fraction(text) * entry.times) if EXACT.is_good(text) else text
            if LEAVES[entry.ours].kind is DAY:
                return datetime.strptime(text, self.days).date().isoformat()  # noqa: DTZ007
        except ValueError:
            pass
        return text

    def _mentions(self, path: str) -> bool:
        return any(entry.ours == path or entry.ours.startswith(f"{path}/") for entry in self.entries)

    @property
    def _lists(self) -> dict[str, str]:
        return {entry.ours: entry.theirs for entry in self.entries if entry.kind == "list"}

    def _place(self, scope: str) -> str:
        return self._lists.get(scope, "")


LEAVES: Mapping[str, Leaf] = {path.removeprefix(f"{PERMIT.name}/"): leaf for path, leaf in leaves(PERMIT)}


def _many(node: Node, path: str = "") -> Iterator[str]:
    """Yield the path of the entries of every list."""
    if isinstance(node, Many):
        yield f"{path}/{node.each.name}"
        yield from _many(node.each, f"{path}/{node.each.name}")
    elif isinstance(node, Group):
        for member in node.members:
            yield from _many(member, f"{path}/{member.name}".lstrip("/"))


LISTS = frozenset(_many(PERMIT))


def outer_list(lists: Mapping[str, str], path: str) -> str:
    """Return the list an entry of `path` stands in, empty for none."""
    around = (each for each in lists if path != each and path.startswith(f"{each}/"))
    return max(around, key=len, default="")


def _scope(lists: Mapping[str, str], entry: Entry) -> str:
    """Return the list a field or fixed value is written in, empty for none."""
    if entry.ours:
        return entry.ours if entry.ours in lists else outer_list(lists, entry.ours)
    inside = (ours for ours, theirs in lists.items() if entry.theirs.startswith(f"{theirs}/"))
    return max(inside, key=len, default="")


def _below(scope: str, path: str) -> str:
    """Return the part of `path` behind `scope`."""
    return path.removeprefix(scope).lstrip("/") if scope else path


def _ours_at(data: Data, path: str) -> Any:  # noqa: ANN401
    """Return what stands at a path of ours; the one entry of a list that the mapping does not repeat."""
    found: Any = data
    for name in path.split("/") if path else [""]:
        if isinstance(found, list):
            if len(found) > 1:
                raise refusal("several", SEVERAL, name=name, count=len(found))
            found = found[0]
            continue
        found = found.get(name) if isinstance(found, dict) else None
        if found is None:
            return None
    return found
