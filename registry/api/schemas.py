"""Shapes many rooms answer with: a page of a list, the report of a file."""

from __future__ import annotations

from typing import Any

import marshmallow
from marshmallow import fields

from registry.api.shapes import Decimal


def listed(item: marshmallow.Schema) -> marshmallow.Schema:
    """Return the schema of a page of `item`, see `cursors.Listed`."""
    members: dict[str, fields.Field[Any]] = {
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(allow_none=True, metadata={"description": "cursor of the page that follows"}),
    }
    return marshmallow.Schema.from_dict(members)()


class ReportError(marshmallow.Schema):
    """One bad value; `row` counts as a spreadsheet does."""

    row = fields.Integer(allow_none=True)
    column = fields.String()
    code = fields.String()
    message = fields.String()


class ReportFinding(marshmallow.Schema):
    """One rule that one line broke."""

    row = fields.Integer(allow_none=True)
    rule = fields.String()
    severity = fields.String()
    message = fields.String()
    observed = fields.String(allow_none=True)
    limit = fields.String(allow_none=True)
    largest_g = Decimal(metadata={"left_out": True})
    largest_quantity = Decimal(metadata={"left_out": True})


class ReportSchema(marshmallow.Schema):
    """The answer to a file or batch."""

    kind = fields.String()
    rows = fields.Integer()
    accepted = fields.Integer()
    duplicates = fields.Integer()
    written = fields.Boolean()
    errors = fields.List(fields.Nested(ReportError()))
    findings = fields.List(fields.Nested(ReportFinding()))
