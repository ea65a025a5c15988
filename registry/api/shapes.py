"""The shape of bodies, written in the words of JSON Schema (draft 2020-12, as OpenAPI 3.1 has it)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import fields

from registry.web.schema import Cell, Day, Quantity

Shape = dict[str, Any]

DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
TYPES: tuple[tuple[type[fields.Field[Any]], Shape], ...] = (
    (Quantity, {"type": "string", "pattern": DECIMAL}),
    (Day, {"type": "string", "format": "date"}),
    (fields.Integer, {"type": "integer"}),
    (fields.Boolean, {"type": "boolean"}),
    (fields.String, {"type": "string"}),
)


class Decimal(fields.String):
    """An exact decimal, as a string: ``"400.00375"``."""


class Date(fields.Date):
    """A day: ``2026-03-31``."""


class Moment(fields.DateTime):
    """A moment with its offset from UTC: ``2026-03-31T04:00:00+00:00``."""


def object_of(members: Mapping[str, Shape], required: list[str] | None = None, *, closed: bool = True) -> Shape:
    """Return the shape of an object with these members, all of them required unless told."""
    shape: Shape = {
        "type": "object",
        "properties": dict(members),
        "required": sorted(members) if required is None else required,
    }
    return shape | {"additionalProperties": False} if closed else shape


def described(schema: marshmallow.Schema, *, incoming: bool = False) -> Shape:
    """Return the shape of what `schema` reads (`incoming`) or writes.

    What is written holds every member; what is read holds the required ones.
    """
    members = {name: _field(field, incoming=incoming) for name, field in schema.fields.items()}
    required = sorted(name for name, field in schema.fields.items() if field.required or not incoming)
    optional = {name for name, field in schema.fields.items() if field.metadata.get("left_out")}
    shape = object_of(members, [name for name in required if name not in optional])
    about = (type(schema).__doc__ or "").strip().split("\n")[0]
    if about and not incoming and type(schema).__module__.startswith("registry."):
        shape["description"] = about
    return {"type": "array", "items": shape} if schema.many else shape


def _field(field: fields.Field[Any], *, incoming: bool) -> Shape:
    if isinstance(field, fields.Nested):
        shape = described(field.schema, incoming=incoming)
        if field.many and not field.schema.many:
            shape = {"type": "array", "items": shape}
    elif isinstance(field, fields.List):
        shape = {"type": "array", "items": _field(field.inner, incoming=incoming)}
    elif isinstance(field, Cell):
        shape = _cell(field)
    else:
        shape = _simple(field)
    about = field.metadata.get("description")
    if about:
        shape["description"] = about
    if field.allow_none and not incoming:
        shape = _or_null(shape)
    return shape


def _cell(field: Cell) -> Shape:
    shape: Shape = {"type": ["string", "integer", "boolean"] if field.column.required else
                    ["string", "integer", "boolean", "null"]}  # fmt: skip
    if field.column.choices and not field.column.several:
        shape = {"type": "string", "enum": list(field.column.choices)}
        if not field.column.required:
            shape = {"type": ["string", "null"], "enum": [*field.column.choices, "", None]}
    return shape


def _simple(field: fields.Field[Any]) -> Shape:
    if isinstance(field, Decimal):
        return {"type": "string", "pattern": DECIMAL}
    if isinstance(field, Date):
        return {"type": "string", "format": "date"}
    if isinstance(field, Moment):
        return {"type": "string", "format": "date-time"}
    for kind, shape in TYPES:
        if isinstance(field, kind):
            return dict(shape)
    raise TypeError(f"nobody has said how {type(field).__name__} is described")


def _or_null(shape: Shape) -> Shape:
    if isinstance(shape.get("type"), str) and "enum" not in shape:
        return shape | {"type": [shape["type"], "null"]}
    return {"anyOf": [shape, {"type": "null"}]}


__all__ = ["Date", "Decimal", "Moment", "Shape", "described", "object_of"]
