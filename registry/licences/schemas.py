"""Bodies of licences."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal


class LicenceSchema(marshmallow.Schema):
    """A licence as its newest revision says."""

    number = fields.String()
    organisation = fields.String()
    site = fields.String(allow_none=True, metadata={"description": "null: every site of the organisation"})
    acts = fields.List(fields.String())
    substances = fields.List(fields.String(), metadata={"description": "codes, classes or schedules"})
    valid_from = Date()
    valid_to = Date()
    authority = fields.String(allow_none=True)
    limit_g = Decimal(allow_none=True)
    conditions = fields.String(allow_none=True)
    effective_on = Date(metadata={"description": "day of this revision"})
