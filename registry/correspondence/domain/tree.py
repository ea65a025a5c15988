"""A file as a tree: leaves that hold text, groups of members, lists. One declaration from which the rest follows.

The readers and writers of XML and JSON, the XSD, the JSON Schema, mappings of official schemas and the
table of the guide all walk the same tree. A file as data: a leaf is text, a group a dict, a list a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from types import MappingProxyType
from typing import Any

from registry.kernel.codes import COUNTRIES
from registry.kernel.errors import Problem
from registry.kernel.fields import CODE_LENGTH, NAME_LENGTH, TEXT_LENGTH, BadCell, as_day, as_text
from registry.kernel.text import N_, Message

Data = dict[str, Any]
SHOWN = 40
LONGEST_TEXT = 2000
_NUMBER = "[0-9]{1,30}"
_TRIMMED = r"\S|\S[\s\S]*\S"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: `pattern` of its spelling, `longest`, what it is in words (a msgid), what no pattern can say."""

    code: str
    pattern: str
    longest: int
    about: str
    holds: Callable[[str], object] = as_text

    def is_good(self, text: str) -> bool:
        """Say whether `text` is a value of this kind."""
        if len(text) > self.longest or not re.fullmatch(self.pattern, text, re.ASCII):
            return False
        try:
            self.holds(text)
        except (BadCell, ValueError, ZeroDivisionError):
            return False
        return True


def _country(text: str) -> str:
    if text not in COUNTRIES:
        raise ValueError(text)
    return text


TEXT = Kind("text", _TRIMMED, TEXT_LENGTH, N_("text of at most 1000 characters without blanks around it"))
LONG = Kind(
    "long_text",
    _TRIMMED,
    LONGEST_TEXT,
    N_("text of at most 2000 characters without blanks around it"),
    lambda text: as_text(text, LONGEST_TEXT),
)
NAME = Kind("name", r"\S|\S.*\S", NAME_LENGTH, N_("a name on one line, of at most 300 characters"))
CODE = Kind("code", r"\S|\S.*\S", CODE_LENGTH, N_("a code or number on one line, of at most 64 characters"))
DAY = Kind("day", "[0-9]{4}-[0-9]{2}-[0-9]{2}", 10, N_("a day such as 2026-03-31"), as_day)
COUNTRY = Kind("country", "[A-Z]{2}", 2, N_("two letters of ISO 3166, such as DE or IN"), _country)
QUANTITY = Kind("quantity", rf"{_NUMBER}(\.{_NUMBER})?", 61, N_("a number such as 12.5, with a dot and without blanks"))
FRACTION = Kind("fraction", f"{_NUMBER}/[1-9][0-9]{{0,29}}", 61, N_("a fraction such as 3/4"), Fraction)
EXACT = Kind(
    "exact", f"{QUANTITY.pattern}|{FRACTION.pattern}", 61, N_("a number such as 12.5, or a fraction such as 1/3")
)


def words(table: Iterable[str]) -> Kind:
    """Return the kind of value that is one word of a closed list."""
    known = tuple(table)
    return Kind("word", "|".join(known), CODE_LENGTH, ", ".join(known))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `about`: what it is, in English; the guide prints it."""

    name: str
    kind: Kind
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Members in a fixed order, each at most once."""

    name: str
    about: str
    members: tuple[Node, ...]
    required: bool = False

    def member(self, name: str) -> Node | None:
        """Return a member by its name."""
        return next((each for each in self.members if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one or more of the same; in XML each stands under the name of `each`."""

    name: str
    about: str
    each: Leaf | Group
    required: bool = False


Node = Leaf | Group | Many
MOST = 1000
"""Entries of one list, and unknown members told of one group: far more than any permit has."""


def leaves(node: Node, before: str = "") -> Iterator[tuple[str, Leaf]]:
    """Yield path and leaf of every value below `node`; a list adds the name of its entries: ``lines/line/unit``."""
    path = f"{before}/{node.name}" if before else node.name
    if isinstance(node, Leaf):
        yield path, node
    elif isinstance(node, Many):
        yield from leaves(node.each, path)
    else:
        for member in node.members:
            yield from leaves(member, path)


UNKNOWN = N_("“%(name)s” is not known here; known are: %(known)s")
MISSING = N_("“%(name)s” is missing")
EMPTY = N_("“%(name)s” is empty: fill it in or leave it out")
NOT_TEXT = N_("“%(name)s” holds one text and nothing else")
NOT_GROUP = N_("“%(name)s” holds named members, no text of its own")
NOT_LIST = N_("“%(name)s” holds a list of at most %(most)s entries")
BAD_VALUE = N_("“%(text)s” is not right for “%(name)s”: write %(right)s")


def check(node: Node, data: object, place: str = "") -> list[Problem]:
    """Return every problem of data meant to be `node`; `Problem.column` is the path, entries of lists counted from 1.

    A group without members says nothing and is no problem.
    """
    here = f"{place}/{node.name}"
    if isinstance(node, Leaf):
        return _check_leaf(node, data, here)
    if isinstance(node, Many):
        if not isinstance(data, list) or len(data) > MOST:
            return [_problem(here, "not-a-list", NOT_LIST, name=node.name, most=MOST)]
        if not data:
            return [_problem(here, "empty", EMPTY, name=node.name)]
        found = (check(node.each, one, here) for one in data)
        return [
            Problem(
                f"{here}/{node.each.name}[{number}]{one.column[len(f'{here}/{node.each.name}') :]}",
                one.code,
                one.message,
            )
            for number, several in enumerate(found, 1)
            for one in several
        ]
    return _check_group(node, data, here)


def _check_leaf(leaf: Leaf, data: object, here: str) -> list[Problem]:
    if not isinstance(data, str):
        return [_problem(here, "not-text", NOT_TEXT, name=leaf.name)]
    if not data:
        return [_problem(here, "empty", EMPTY, name=leaf.name)]
    if leaf.kind.is_good(data):
        return []
    right = Message(leaf.kind.about)
    return [_problem(here, "bad-value", BAD_VALUE, text=data[:SHOWN], name=leaf.name, right=right)]


def _check_group(group: Group, data: object, here: str) -> list[Problem]:
    if not isinstance(data, dict):
        return [_problem(here, "not-a-group", NOT_GROUP, name=group.name)]
    known = ", ".join(each.name for each in group.members)
    problems = [
        _problem(f"{here}/{name[:SHOWN]}", "unknown-member", UNKNOWN, name=name[:SHOWN], known=known)
        for name in islice((each for each in data if group.member(each) is None), MOST)
    ]
    for member in group.members:
        if member.name in data:
            problems += check(member, data[member.name], here)
        elif member.required:
            problems.append(_problem(f"{here}/{member.name}", "missing", MISSING, name=member.name))
    return problems


def _problem(place: str, code: str, msgid: str, **params: object) -> Problem:
    return Problem(place, code, Message(msgid, MappingProxyType(params)))
