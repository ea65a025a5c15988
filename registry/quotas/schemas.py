"""Bodies of quota lines."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal


class QuotaLineSchema(marshmallow.Schema):
    """One decided or prepared quantity: an estimate, a supplement, an assessment, a state quota, a share."""

    year = fields.Integer()
    substance = fields.String()
    kind = fields.String()
    item = fields.String(allow_none=True)
    organisation = fields.String(allow_none=True)
    quantity_g = Decimal()
    state = fields.String()
    act = fields.String(allow_none=True)
    act_date = Date(allow_none=True)
    effective_on = Date()
    note = fields.String(allow_none=True)
