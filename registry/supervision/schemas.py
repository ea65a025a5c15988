"""Bodies of the quota position (contract, section 4)."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Decimal


class PositionSchema(marshmallow.Schema):
    """How much of one substance may still be granted in a year, in exact grams of anhydrous base."""

    substance = fields.String()
    name = fields.String()
    treaty = fields.String()
    estimate_total_g = Decimal()
    state_quota_g = Decimal(allow_none=True)
    exported_g = Decimal()
    manufactured_g = Decimal()
    imported_g = Decimal()
    reserved_g = Decimal()
    headroom_g = Decimal(metadata={"description": "may be negative"})
    bound_by = fields.String(metadata={"description": "estimate, assessment or state_quota"})


class PositionsSchema(marshmallow.Schema):
    """The positions of one year."""

    year = fields.Integer()
    positions = fields.List(fields.Nested(PositionSchema()))
