"""Bodies of returns (contract, section 3)."""

from __future__ import annotations

import marshmallow
from marshmallow import fields

from registry.api.shapes import Decimal


class PeriodSchema(marshmallow.Schema):
    """The year or quarter of a return."""

    year = fields.Integer()
    quarter = fields.Integer(metadata={"left_out": True})


class FigureSchema(marshmallow.Schema):
    """One figure: rounded as the edition asks, and exact in grams."""

    part = fields.String()
    substance = fields.String()
    name = fields.String()
    column = fields.String()
    partner = fields.String(allow_none=True)
    quantity = Decimal()
    exact_g = Decimal()


class ReturnCheckSchema(marshmallow.Schema):
    """One check of a return."""

    code = fields.String()
    status = fields.String(metadata={"description": "pass, fail, warn or not_applicable"})
    substance = fields.String(allow_none=True)
    difference = Decimal(allow_none=True)
    message = fields.String()


class ReturnSchema(marshmallow.Schema):
    """A draft of a return, made from the ledger."""

    form = fields.String()
    edition = fields.String()
    period = fields.Nested(PeriodSchema())
    unit = fields.String()
    as_of = fields.String()
    status = fields.String()
    figures = fields.List(fields.Nested(FigureSchema()))
    checks = fields.List(fields.Nested(ReturnCheckSchema()))
    notes = fields.List(fields.String())
