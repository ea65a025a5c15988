"""Bodies of substances and products."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Date, Decimal


class SubstanceSchema(marshmallow.Schema):
    """A listed substance, with its schedules on the day asked for."""

    code = fields.String()
    name = fields.String()
    treaty = fields.String(metadata={"description": "1961, 1971, 1988 or national"})
    cas = fields.String()
    schedules = fields.List(fields.String(), metadata={"description": "such as 1961:I"})
    national_classes = fields.List(fields.String())


class ComponentSchema(marshmallow.Schema):
    """One controlled substance of a product."""

    substance = fields.String()
    name = fields.String()
    salt = fields.String()
    amount_mg = Decimal(metadata={"description": "of the salt, in one unit of the product"})
    base_percent = Decimal(metadata={"description": "factor of the list"})


class ProductSchema(marshmallow.Schema):
    """A product as its revision in force says."""

    code = fields.String()
    name = fields.String()
    name_ru = fields.String()
    name_ky = fields.String()
    form = fields.String()
    unit = fields.String(metadata={"description": "unit of every quantity of the product"})
    control = fields.String()
    schedule_iii = fields.Boolean(allow_none=True, metadata={"description": "null: undecided"})
    other_ingredients = fields.String()
    gtin = fields.String()
    manufacturer = fields.String()
    country = fields.String()
    revision = fields.Integer()
    valid_from = Date()
    schedules = fields.List(fields.String())
    merged_into = fields.String(
        allow_none=True, metadata={"description": "new entries that name it are recorded there"}
    )
    components = fields.List(fields.Nested(ComponentSchema()))
