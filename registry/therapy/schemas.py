"""Bodies of daily sheets and of totals."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal, Moment


class SheetSchema(marshmallow.Schema):
    """One daily sheet as it stands; quantities in the unit of the product."""

    site = fields.String()
    product = fields.String()
    sheet_on = Date()
    version = fields.Integer()
    observed_doses = fields.Integer()
    observed_quantity = Decimal()
    home_handouts = fields.Integer()
    home_doses = fields.Integer(metadata={"description": "days in all"})
    home_quantity = Decimal()
    home_longest = fields.Integer(metadata={"description": "the most days at once"})
    largest_dose = Decimal(allow_none=True)
    spill = Decimal()
    residue = Decimal(allow_none=True)
    closing = Decimal(metadata={"description": "what is left at the close of the day, as written"})
    ledger = Decimal(metadata={"description": "what the ledger holds at the close of the day"})
    batch = fields.String(allow_none=True)
    concentrate = fields.String(allow_none=True)
    concentrate_batch = fields.String(allow_none=True)
    concentrate_quantity = Decimal(allow_none=True)
    obtained = Decimal(allow_none=True)
    prepared_batch = fields.String(allow_none=True)
    prepared_expires_on = Date(allow_none=True)
    note = fields.String(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "why it was corrected"})
    recorded_at = Moment()


class TotalSchema(marshmallow.Schema):
    """A substance in a region and month; null figures are hidden."""

    substance = fields.String()
    region = fields.String(allow_none=True, metadata={"description": "null: the whole country"})
    sites = fields.Integer()
    doses = fields.Integer(allow_none=True)
    home_doses = fields.Integer(allow_none=True)
    given_g = Decimal(allow_none=True)
    spilt_g = Decimal(allow_none=True)
    hidden = fields.Boolean()
