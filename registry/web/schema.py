"""Fields of single documents (JSON bodies) that read as strictly as files do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields

from registry.kernel.errors import Invalid, Problem
from registry.kernel.fields import BadCell, Column, as_day, scaled_quantity
from registry.kernel.text import N_, Message
from registry.web.foreign_messages import MARSHMALLOW
from registry.web.forms import GRAM_PLACES, scaled_text

CODE = "invalid"


class Refused(ValidationError):
    """A `ValidationError` that keeps the sentence untranslated and its stable code."""

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(str(message))
        self.messages = [(code, message)]


class Quantity(fields.Field[int]):
    """A decimal string on the wire, the whole number of its `places`-th decimal inside.

    Takes strings and whole JSON numbers; a JSON number with decimals is refused, since it
    has passed through a float before we see it.
    """

    def __init__(self, *, places: int = GRAM_PLACES, positive: bool = True, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        self.places = places
        self.positive = positive

    def _serialize(self, value: int | None, attr: str | None, obj: object, **_: object) -> str | None:  # noqa: ARG002
        return None if value is None else scaled_text(value, self.places)

    def _deserialize(self, value: object, attr: str | None, data: object, **_: object) -> int:  # noqa: ARG002
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise Refused("not-a-quantity", Message(N_('write the quantity as text, such as "12.5"')))
        try:
            return scaled_quantity(value, self.places, positive=self.positive)
        except BadCell as error:
            raise Refused(error.code, error.message) from None


class Day(fields.Field[date]):
    """A day: ``2026-03-31`` or ``31.03.2026`` in, ``2026-03-31`` out."""

    def _serialize(self, value: date | None, attr: str | None, obj: object, **_: object) -> str | None:  # noqa: ARG002
        return None if value is None else value.isoformat()

    def _deserialize(self, value: object, attr: str | None, data: object, **_: object) -> date:  # noqa: ARG002
        if not isinstance(value, str):
            raise Refused("not-a-date", Message(N_('write the date as text, such as "2026-03-31"')))
        try:
            return as_day(value)
        except BadCell as error:
            raise Refused(error.code, error.message) from None


class Cell(fields.Field[Any]):
    """A member of a JSON body that is read exactly as the column of a file is (`registry.kernel.fields`).

    Takes text, whole numbers and true or false; an empty optional cell is None.
    """

    def __init__(self, column: Column, **options: Any) -> None:  # noqa: ANN401
        super().__init__(
            required=column.required,
            allow_none=not column.required,
            load_default=marshmallow.missing if column.required else None,
            metadata={"description": column.note, "enum": list(column.choices)}
            if column.choices
            else {"description": column.note},
            **options,
        )
        self.column = column

    def _deserialize(self, value: object, attr: str | None, data: object, **_: object) -> object:  # noqa: ARG002
        if isinstance(value, float) or not isinstance(value, str | int):
            raise Refused("not-text", Message(N_("write the value as text")))
        text = str(value)
        if not text.strip():
            if self.column.required:
                raise Refused("missing", Message(N_("this value is missing")))
            return None
        try:
            return self.column.read(text)
        except BadCell as error:
            raise Refused(error.code, error.message) from None


def schema_of(columns: Iterable[Column]) -> marshmallow.Schema:
    """Return the schema of one document with the members `columns` declare for a file."""
    members: dict[str, fields.Field[Any]] = {column.name: Cell(column) for column in columns}
    return marshmallow.Schema.from_dict(members)()


def load(schema: marshmallow.Schema, body: object) -> Any:  # noqa: ANN401 - whatever the schema makes of it
    """Read `body` with `schema`; raise `Invalid` with every problem and its path (``lines.0.quantity``)."""
    if not isinstance(body, Mapping) and not (schema.many and isinstance(body, list)):
        raise Invalid(Message(N_("The body must be a JSON object")), [])
    try:
        return schema.load(body)
    except ValidationError as error:
        raise Invalid(Message(N_("Some values cannot be taken as they are")), _problems(error.messages, "")) from None


def _problems(messages: object, path: str) -> list[Problem]:
    if isinstance(messages, Mapping):
        return [
            problem
            for name, inner in messages.items()
            for problem in _problems(inner, path if name == "_schema" else f"{path}.{name}".lstrip("."))
        ]
    if isinstance(messages, list):
        return [_problem(item, path) for item in messages]
    return [_problem(messages, path)]


def _problem(item: object, path: str) -> Problem:
    if isinstance(item, tuple):
        code, message = item
        return Problem(path, str(code), message)
    if isinstance(item, Message):
        return Problem(path, CODE, item)
    return Problem(path, MARSHMALLOW.get(str(item), CODE), Message(str(item)))
