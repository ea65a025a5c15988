"""What no page of this registry takes, refused before any room is asked.

A null character is text nowhere: PostgreSQL cannot store it, and a page that passes one on
fails instead of answering. A number in an address that no row can bear is no number.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter

NULL = "\x00"


class RowNumber(IntegerConverter):
    """Numbers of rows and years in addresses: ASCII digits, few enough for a column of the database."""

    regex = "[0-9]{1,12}"


def init_app(app: Flask) -> None:
    """Take both rules up; call it before any route is added, since routes take their converters then."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(refuse_null_characters)


def refuse_null_characters() -> None:
    """Answer 400 to a request whose address, query or form holds a null character."""
    if any(NULL in text for text in _texts()):
        raise BadRequest


def _texts() -> Iterator[str]:
    yield request.path
    for values in (request.args, request.form):
        for name, texts in values.lists():
            yield name
            yield from texts
    for file in request.files.values():
        yield file.filename or ""
