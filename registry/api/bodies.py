"""What an endpoint takes: one document, many lines, or a file. Each reads strictly and describes itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import marshmallow
from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from registry.api.shapes import described, object_of
from registry.intake.check import Checked, check_table
from registry.intake.reader import FIRST_ROW, Table
from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import Column
from registry.kernel.text import N_, Message
from registry.web.schema import load, schema_of

JSON = "application/json"


class Body(Protocol):
    """What stands in the body of a request."""

    def read(self) -> Any:  # noqa: ANN401 - whatever the endpoint works on
        """Return what was sent, read; raises `Invalid` with every problem."""

    def content(self) -> dict[str, Any]:
        """Return the member ``content`` of OpenAPI's request body."""


@dataclass(frozen=True, slots=True)
class One:
    """One JSON object. Members nobody knows are errors."""

    schema: marshmallow.Schema

    def read(self) -> Any:  # noqa: ANN401
        """Return what the schema makes of the object."""
        return load(self.schema, read_json())

    def content(self) -> dict[str, Any]:
        """Describe the object."""
        return {JSON: {"schema": described(self.schema, incoming=True)}}


@dataclass(frozen=True, slots=True)
class Many:
    """An object with one member that lists the lines of a file as objects.

    They are read column by column, as a file is, so that 10,000 lines cost what a file of
    10,000 rows costs. Rows are counted as in the file: the first line is row 2.
    """

    member: str
    columns: tuple[Column, ...]
    most: int

    def read(self) -> Checked:
        """Return the lines as checked columns, with every problem in them."""
        body = read_json()
        lines = body.get(self.member) if isinstance(body, Mapping) else None
        if not isinstance(body, Mapping) or body.keys() - {self.member} or not isinstance(lines, list) or not lines:
            wrong = Message(
                N_("the body must be an object with the one member “%(name)s”, a list"), {"name": self.member}
            )
            raise Invalid(wrong, [Problem(self.member, "not-a-list", wrong)])
        if len(lines) > self.most:
            many = Message(N_("at most %(most)s lines are taken at once"), {"most": self.most})
            raise Invalid(many, [Problem(self.member, "too-many-rows", many)])
        return check_lines(lines, self.columns)

    def content(self) -> dict[str, Any]:
        """Describe the list."""
        line = described(schema_of(self.columns), incoming=True)
        lines = {"type": "array", "minItems": 1, "maxItems": self.most, "items": line}
        return {JSON: {"schema": object_of({self.member: lines})}}


@dataclass(frozen=True, slots=True)
class Bytes:
    """A file as it is, of one of these media types."""

    types: tuple[str, ...]

    def read(self) -> bytes:
        """Return the bytes."""
        if request.mimetype not in self.types:
            raise UnsupportedMediaType
        return request.get_data()

    def content(self) -> dict[str, Any]:
        """Describe the file."""
        return {media: {} for media in self.types}


def read_json() -> object:
    """Return the JSON of the body. Raises `Invalid` for anything that is not one clear document."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType
    try:
        return json.loads(
            request.get_data().decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_members
        )
    except (ValueError, RecursionError) as bad:
        message = Message(N_("the body is not JSON in UTF-8: %(why)s"), {"why": str(bad)[:200]})
        raise Invalid(message, [Problem("", "not-json", message)]) from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _members(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice in one object")
    return found


def check_lines(lines: Sequence[object], columns: Sequence[Column]) -> Checked:
    """Read objects as the rows of a file; what is no object, no text and no whole number is a problem of its row."""
    problems: list[Problem] = []
    header: dict[str, None] = {}
    for number, line in enumerate(lines, FIRST_ROW):
        if isinstance(line, Mapping):
            header.update(dict.fromkeys(line))
        else:
            problems.append(Problem("", "not-an-object", Message(N_("the line must be an object")), number))
    # A member left out by every line must read as an empty cell, not as a missing column.
    header.update(dict.fromkeys(column.name for column in columns))
    names = tuple(header)
    rows: list[list[str]] = []
    for number, line in enumerate(lines, FIRST_ROW):
        cells = []
        for name in names:
            value = line.get(name) if isinstance(line, Mapping) else None
            text = _text(value)
            if text is None:
                problems.append(Problem(name, "not-text", Message(N_("write the value as text")), number))
            cells.append(text or "")
        rows.append(cells)
    checked = check_table(Table(names, rows, list(range(FIRST_ROW, FIRST_ROW + len(lines)))), columns)
    # A cell reported as no text would be reported as missing as well.
    known = {(problem.row, problem.column) for problem in problems}
    whole = {problem.row for problem in problems if not problem.column}
    kept = [one for one in checked.problems if (one.row, one.column) not in known and one.row not in whole]
    checked.problems = problems + kept
    return checked


def _text(value: object) -> str | None:
    """Return a value as the text of a cell, None where it has no one spelling."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int) else None
